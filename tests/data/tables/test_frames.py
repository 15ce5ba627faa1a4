import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import keras_rgan as kr
from keras_rgan.data.tables.frames import to_pandas
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def test_pandas_stays():
    frame = pd.DataFrame({"a": [1]})
    assert to_pandas(frame)[0] is frame
    assert to_pandas(frame)[1] is None


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_dataframes_of_others_come_and_go(library):
    columns = {
        "shop": ["b", "b", "a", "a"],
        "day": pd.date_range("2024-01-01", periods=2).tolist() * 2,
        "sales": [5, 6, 7, None],
        "price": [1.25, 2.5, 3.0, 4.75],
        "sky": ["rain", None, "sun", "rain"],
    }
    if library == "polars":
        frame = pytest.importorskip("polars").DataFrame(columns)
    else:
        frame = pa.table({name: pa.array(values) for name, values in columns.items()})
    table = kr.data.from_frame(frame, id="shop", time="day", missing=True)
    assert table.layout.names == ["sales", "price", "sky=rain", "sky=sun"]
    np.testing.assert_array_equal(table.sequences[..., 0], [[5.0, 6.0], [7.0, np.nan]])
    back = table.to_frame()
    assert type(back) is type(frame)
    assert back.to_pandas().equals(frame.to_pandas())
    made = table.to_frame(np.ones((3, 2, 4)))
    assert type(made) is type(frame)
    names = frame.columns if library == "polars" else frame.column_names
    for name in names:
        if library == "polars":
            assert made.schema[name] == frame.schema[name]
        else:
            assert made.schema.field(name).type == frame.schema.field(name).type


def test_what_is_no_dataframe():
    for wrong in ({"a": 1}, np.ones((3, 2)), None):
        with pytest.raises(
            ValueError, match="dataframe of pandas, or of polars, .* Received: (builtins|numpy)"
        ):
            to_pandas(wrong)


def test_enums_of_polars_stay_and_what_arrow_lacks_is_named():
    pl = pytest.importorskip("polars")
    sky = pl.Series(["rain", "sun", "rain"], dtype=pl.Enum(["sun", "fog", "rain"]))
    frame = pl.DataFrame({"day": [1, 2, 3], "sky": sky, "sales": [5, 6, 7]})
    table = kr.data.from_frame(frame, time="day")
    assert table.to_frame().equals(frame)
    assert table.to_frame().schema == frame.schema
    made = table.to_frame(np.ones((2, 3, len(table.layout.names))))
    assert made.schema["sky"] == frame.schema["sky"]
    large = frame.with_columns(pl.col("sales").cast(pl.Int128))
    with pytest.raises(ValueError, match=r"Received: \{'sales': 'Int128'\}. Cast"):
        kr.data.from_frame(large, time="day")

import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from keras_rgan.data.tables.column_schema import ColumnSchema
from keras_rgan.data.tables.feature_layout import FeatureLayout
from tests.data.frames import weather


@pytest.mark.parametrize("missing", [False, True])
def test_categories_are_one_hot_and_come_back(missing):
    frame = weather(missing)
    table = kr.data.from_frame(frame, id="place", time="hour", length=6, stride=6, missing=missing)
    assert table.num_columns == 2 + 1 + 3 + 1 + 1
    assert table.categories == {"sky": ["sun", "rain"], "wind": ["north", "south", "west"]}
    flags = table.sequences[..., [0, 1, 3, 4, 5]]
    known = ~np.isnan(flags)
    assert np.isin(flags[known], [0.0, 1.0]).all()
    assert (np.nansum(flags[..., :2], axis=-1) == known[..., 0]).all()
    assert (~known).sum() == (5 if missing else 0)
    pd.testing.assert_frame_equal(table.to_frame(), frame)
    shifted = table.to_frame(np.nan_to_num(table.sequences) + 0.2, start=100)
    assert shifted.dtypes.equals(frame.dtypes)
    whole = ~frame["sky"].isna()
    assert (shifted["wind"][whole] == frame["wind"][whole]).all()


def test_categories_that_did_not_occur():
    frame = pd.DataFrame({"t": range(4), "sky": pd.Categorical(["sun", "rain"] * 2)})
    table = kr.data.from_frame(frame, time="t", schema={"sky": ["sun", "snow", "rain"]})
    back = table.to_frame(np.eye(3)[None])["sky"]
    assert back.tolist() == ["sun", "snow", "rain"]
    assert list(back.cat.categories) == ["rain", "sun", "snow"]
    codes = pd.DataFrame({"t": [0, 1, 4], "code": [1, 7, 7]})
    table = kr.data.from_frame(
        codes, time="t", resample=1, missing=True, schema={"code": "categorical"}
    )
    found = table.to_frame()["code"]
    assert found.isna().tolist() == [False, False, True, True, False]
    assert found.dropna().tolist() == [1, 7, 7]


def test_features_and_their_columns():
    frame = pd.DataFrame({"n": [4, 5], "sky": ["sun", None], "code": [7, 3], "x": [0.5, 1.5]})
    layout = FeatureLayout.of(frame, ["x", "sky", "code"], {"code": ColumnSchema(True, [7, 3, 9])})
    assert layout.num_columns == 5
    assert layout.names == ["x", "sky=sun", "code=7", "code=3", "code=9"]
    assert layout.slices() == {"x": slice(0, 1), "sky": slice(1, 2), "code": slice(2, 5)}
    rows = layout.rows(frame)
    np.testing.assert_array_equal(rows, [[0.5, 1, 1, 0, 0], [1.5, np.nan, 0, 1, 0]])
    named = layout.named(rows)
    assert {name: values.tolist() for name, values in named.items()} == {
        "x": [0.5, 1.5],
        "sky": ["sun", None],
        "code": [7, 3],
    }


def test_numbers_become_rows_of_one_type():
    frame = pd.DataFrame({"n": np.array([1, 2], "int16"), "m": pd.array([3, 4], "Int32")})
    layout = FeatureLayout.of(frame, ["n", "m"], {})
    assert layout.rows(frame).dtype == "int32"
    frame.loc[0, "m"] = pd.NA
    rows = layout.rows(frame)
    assert rows.dtype == "float64"
    np.testing.assert_array_equal(rows, [[1, np.nan], [2, 4]])

import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from keras_rgan.data.tables import column_types


@pytest.mark.parametrize("dtype", ["boolean", "bool"])
def test_missing_flags_stay_missing(dtype):
    frame = pd.DataFrame({"t": [0, 1, 3], "open": pd.array([True, False, True], dtype)})
    table = kr.data.from_frame(frame, time="t", resample=1, missing=True)
    back = table.to_frame()["open"]
    assert back.isna().tolist() == [False, False, True, False]
    assert back.dropna().tolist() == [True, False, True]
    assert table.to_frame(np.ones((1, 4, 1)))["open"].dtype == dtype


def test_gaps_of_generated_integers_stay_gaps():
    frame = pd.DataFrame({"t": range(6), "n": range(6)})
    table = kr.data.from_frame(frame, time="t", length=3)
    made = np.array([1.2, np.nan, 3.0]).reshape(1, 3, 1)
    column = table.to_frame(made)["n"]
    assert column.isna().tolist() == [False, True, False]
    assert column[0] == 1.0


def test_columns_return_to_their_types():
    values = pd.Series([1.6, -0.4, 300.0])
    assert column_types.in_type(values, np.dtype("uint8")).tolist() == [2, 0, 255]
    assert column_types.in_type(values, pd.Int16Dtype()).tolist() == [2, 0, 300]
    assert column_types.in_type(values, np.dtype("bool")).tolist() == [True, False, True]
    assert column_types.in_type(values, np.dtype("float32")).dtype == "float32"
    assert column_types.in_type(values, None) is values
    codes = pd.CategoricalDtype([1, 2])
    assert column_types.in_type(pd.Series(["2", "1"]), codes).tolist() == [2, 1]


def test_columns_become_rows_of_one_type():
    frame = pd.DataFrame({"n": np.array([1, 2], "int16"), "m": pd.array([3, 4], "Int32")})
    assert column_types.to_rows(frame).dtype == "int32"
    frame.loc[0, "m"] = pd.NA
    rows = column_types.to_rows(frame)
    assert rows.dtype == "float64"
    np.testing.assert_array_equal(rows, [[1, np.nan], [2, 4]])


def test_types_of_categories_and_ids():
    colours = pd.CategoricalDtype(["red", "blue"], ordered=True)
    more = column_types.with_categories(colours, ["blue", "green"])
    assert more == pd.CategoricalDtype(["red", "blue", "green"], ordered=True)
    assert column_types.with_categories(np.dtype("int64"), [1]) == "int64"
    assert column_types.generated_ids(2, colours) == ["generated_0", "generated_1"]
    assert column_types.generated_ids(2, np.dtype("int8")).tolist() == [0, 1]
    assert column_types.generated_ids(2, None).tolist() == [0, 1]

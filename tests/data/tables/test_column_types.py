import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import keras_rgan as kr
from keras_rgan.data.tables.column_types import ColumnType, decimals_of, with_categories
from keras_rgan.data.tables.plain_columns import plain
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def arrow(kind):
    return pd.ArrowDtype(kind)


def kind_of(values, dtype=None):
    column = pd.Series(values, dtype=dtype)
    return ColumnType.of(column, plain(column))


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


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("uint8", [2, 0, 255]),
        ("Int16", [2, 0, 300]),
        (arrow(pa.int8()), [2, 0, 127]),
        ("bool", [True, False, True]),
        ("float32", [np.float32(1.6), np.float32(-0.4), 300.0]),
    ],
)
def test_numbers_return_to_their_types(dtype, expected):
    column = ColumnType(pd.api.types.pandas_dtype(dtype)).written([1.6, -0.4, 300.0])
    assert column.dtype == dtype
    assert column.tolist() == expected


def test_the_ends_of_64_bits():
    for dtype, low, high in (("int64", -(2**63), 2**63 - 1), ("uint64", 0, 2**64 - 1)):
        column = kind_of([low, high], dtype).written([-1e30, 1e30, float(low), float(high)])
        assert column.tolist() == [low, high, low, high]
        nullable = kind_of([low, high], dtype.replace("i", "I").replace("u", "U")).written(
            [1e30, np.nan]
        )
        assert nullable[0] == high
        assert nullable[1] is pd.NA


def test_decimals():
    assert decimals_of(np.array([21.6, 20.0])) == 1
    assert decimals_of(np.array([21.6], "float32")) == 1
    assert decimals_of(np.array([3.0, np.nan])) == 0
    assert decimals_of(np.array([1 / 3])) is None
    assert decimals_of(np.array([1e300])) == 0
    made = np.array([21.600000381469727, 0.25, np.nan])
    assert kind_of([21.6, 0.1]).written(made).tolist()[:2] == [21.6, 0.2]
    assert str(kind_of([1.25, 7.0], "float32").written(made)[0]) == "21.6"
    exact = decimal.Decimal("21.60")
    for column in (
        kind_of([decimal.Decimal("0.25")], object).written(made),
        kind_of([decimal.Decimal("0.25")], arrow(pa.decimal128(9, 2))).written(made),
    ):
        assert column[0] == exact
        assert str(column[0]) == str(exact)
        assert pd.isna(column[2])


def test_objects_come_back():
    for values, made, expected in (
        ([3, 7], [3.6, np.nan], [4, None]),
        ([True, False], [0.6, 0.1], [True, False]),
        ([1.25, None], [0.333, 1.0], [0.33, 1.0]),
    ):
        column = kind_of(values, object).written(made)
        assert column.dtype == object
        assert column.tolist() == expected
        assert [type(x) for x in column] == [type(x) for x in expected]


def test_bounds_hold_in_the_columns_own_precision():
    low, high = 0.1, 0.7
    column = kind_of([0.3, 1 / 3], "float32").written([-1.0, 0.5, 9.0], low, high)
    values = column.astype("float64")
    assert low <= values.min()
    assert values.max() <= high
    assert values.max() > 0.6999999
    frame = pd.DataFrame({"t": range(4), "x": np.array([0.1, 0.2, 1 / 3, 0.3], "float32")})
    schema = {"x": (0.1, 0.7)}
    frame.loc[0, "x"] = np.nextafter(np.float32(0.1), np.float32(1))
    table = kr.data.from_frame(frame, time="t", schema=schema)
    written = table.to_frame(np.array([[[-1.0], [0.5], [9.0]]]))
    kr.data.from_frame(written, time="t", schema=schema)  # which takes what it wrote


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("int8", "int64"),
        ("uint8", "int64"),
        ("Int8", "Int64"),
        (arrow(pa.int8()), arrow(pa.int64())),
        ("bool", "int64"),
        ("float16", "float64"),
        ("int32", "int32"),
    ],
)
def test_more_ids_than_a_type_holds(dtype, expected):
    kind = ColumnType(pd.api.types.pandas_dtype(dtype))
    ids = kind.generated_ids(3000)
    assert ids.dtype == expected
    assert ids.tolist() == list(range(3000))
    if dtype != "bool":
        assert kind.generated_ids(100).dtype == dtype


def test_ids_of_other_kinds():
    assert kind_of(["a", "b"]).generated_ids(2).tolist() == ["generated_0", "generated_1"]
    assert kind_of(["a", "b"], "string").generated_ids(2).dtype == "string"
    colours = pd.CategoricalDtype(["red", "blue"], ordered=True)
    ids = kind_of(["red"], colours).generated_ids(2)
    assert ids.tolist() == ["generated_0", "generated_1"]
    assert ids.cat.ordered
    assert kind_of([7, 8], pd.CategoricalDtype([7, 8])).generated_ids(2).tolist() == [0, 1]
    start = pd.Timestamp("2024-01-01", tz="Europe/Paris")
    times = kind_of([start]).generated_ids(3)
    assert times.tolist() == [start + pd.Timedelta(seconds=i) for i in range(3)]
    days = kind_of([datetime.date(2024, 12, 31)], object).generated_ids(2)
    assert days.tolist() == [datetime.date(2024, 12, 31), datetime.date(2025, 1, 1)]
    assert kind_of([pd.Timedelta("1h")]).generated_ids(2)[1] == pd.Timedelta("1h 1s")
    assert kind_of([pd.Period("2024", "Y")]).generated_ids(2)[1] == pd.Period("2025", "Y")
    exact = kind_of([decimal.Decimal("1.5")], object).generated_ids(2)
    assert exact.tolist() == [decimal.Decimal("0.0"), decimal.Decimal("1.0")]


def test_types_of_categories():
    colours = pd.CategoricalDtype(["red", "blue"], ordered=True)
    more = with_categories(colours, ["blue", "green"])
    assert more == pd.CategoricalDtype(["red", "blue", "green"], ordered=True)
    assert with_categories(np.dtype("int64"), [1]) == "int64"
    codes = pd.CategoricalDtype([1, 2])
    assert kind_of([2, 1], codes).written(["2", "1"]).tolist() == [2, 1]


def test_means_of_whole_numbers_are_real():
    frame = pd.DataFrame({"t": range(8), "n": [1, 0, 0, 0, 2, 1, 0, 0], "flag": [True, False] * 4})
    for dtype, expected in (
        ("int64", "float64"),
        ("Int64", "Float64"),
        (arrow(pa.int64()), arrow(pa.float64())),
    ):
        table = kr.data.from_frame(frame.astype({"n": dtype}), time="t", resample=4)
        back = table.to_frame()
        assert back["n"].tolist() == [0.25, 0.75]
        assert back["n"].dtype == expected
        assert back["flag"].tolist() == [0.5, 0.5]
    same = kr.data.from_frame(frame, time="t", resample=1).to_frame()
    pd.testing.assert_frame_equal(same, frame)


def test_numbers_beyond_a_type():
    assert np.isfinite(kind_of([60000.0, 65000.0], "float16").written([66144.0])).all()
    wide = kind_of([decimal.Decimal("1.25")], arrow(pa.decimal128(3, 2))).written([123.456, 1.0])
    assert wide.tolist() == [decimal.Decimal("123.46"), decimal.Decimal("1.00")]


def test_entries_that_are_written_alike():
    frame = pd.DataFrame({"v": pd.Series([1, "1"] * 4, dtype=object), "y": np.arange(8.0)})
    with pytest.raises(ValueError, match="different names in the column 'v'"):
        kr.data.from_frame(frame)

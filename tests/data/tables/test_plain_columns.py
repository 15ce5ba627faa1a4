import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from keras_rgan.data.tables.column_schema import ColumnSchema
from keras_rgan.data.tables.plain_columns import (
    is_missing,
    is_number,
    is_time,
    plain,
    to_array,
    to_condition,
)
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def arrow(kind):
    return pd.ArrowDtype(kind)


def test_what_objects_hold():
    day = datetime.date(2024, 5, 1)
    for values, kind in (
        ([1, None], "Int64"),
        ([2**63, 1], "UInt64"),
        ([1.5, None], "float64"),
        ([1, 1.5], "float64"),
        ([decimal.Decimal("1.5"), None], "float64"),
        ([True, None], "boolean"),
        ([None, None], "float64"),
        (["a", None], "object"),
        ([pd.Period("2024-05", "M")], "period[M]"),
    ):
        assert plain(pd.Series(values, dtype=object)).dtype == kind, values
    assert plain(pd.Series([day], dtype=object)).tolist() == [pd.Timestamp(day)]
    assert plain(pd.Series([day], dtype=arrow(pa.date32()))).tolist() == [pd.Timestamp(day)]
    assert plain(pd.Series(pd.arrays.SparseArray([0.0, 1.0]))).dtype == "float64"
    with pytest.raises(
        ValueError, match=r"within 64 bits in the column 'n'. Received: 18446744073709551616"
    ):
        plain(pd.Series([2**64], dtype=object, name="n"))
    with pytest.raises(ValueError, match=r"one value a row in the column 'l'. Received: dtype list"):
        plain(pd.Series([[1]], dtype=arrow(pa.list_(pa.int64())), name="l"))


def test_numbers_and_times_are_told_apart():
    for values in (
        [1, 2],
        [0.5],
        [True],
        pd.array([1, None], "Int8"),
    ):
        assert is_number(pd.Series(values))
        assert not is_time(pd.Series(values))
    for values in (
        pd.date_range("2024", periods=2),
        pd.timedelta_range("1h", periods=2),
        pd.period_range("2024", periods=2, freq="D"),
    ):
        assert is_time(pd.Series(values))
        assert not is_number(pd.Series(values))
    assert is_number(plain(pd.Series([True, None], dtype=arrow(pa.bool_()))))
    assert not is_number(pd.Series(["a"]))


def test_missing_values_and_arrays():
    floats = pd.Series(pd.array([0.0, None, 2.0], "Float64")) / pd.Series(
        pd.array([0.0, 1.0, 1.0], "Float64")
    )
    assert is_missing(floats).tolist() == [True, True, False]  # 0 / 0 is NaN to pandas, and no NA
    assert np.isnan(to_array(floats)).tolist() == [True, True, False]
    assert is_missing(pd.Series(["a", None])).tolist() == [False, True]
    assert to_array(pd.Series([1, 2], dtype="int16")).dtype == "int16"
    assert to_array(pd.Series([1, None], dtype="Int16")).dtype == "float32"


def test_conditions():
    assert to_condition(pd.Series([True, False]), None).tolist() == [True, False]
    assert to_condition(pd.Series([3, 5], dtype="Int8"), None).dtype == "int8"
    assert to_condition(pd.Series([1.0, 2.0]), ColumnSchema(True)).tolist() == [1, 2]
    assert to_condition(pd.Series([1.5, 2.0]), ColumnSchema(True)).tolist() == ["1.5", "2.0"]
    assert to_condition(pd.Series([1, 2]), ColumnSchema()).dtype == "float64"
    assert to_condition(pd.Series(pd.to_datetime(["2024-01-01"])), None).tolist() == [
        "2024-01-01 00:00:00"
    ]


def test_datetimes_of_mixed_zones():
    paris, utc = (datetime.timezone(datetime.timedelta(hours=h)) for h in (1, 0))
    mixed = [datetime.datetime(2024, 1, 1, tzinfo=zone) for zone in (paris, utc)]
    with pytest.raises(ValueError, match=r"column 't'.*zones \['UTC', 'UTC\+01:00'\].*utc=True"):
        plain(pd.Series(mixed, name="t", dtype=object))

import datetime
import decimal

import numpy as np
import pyarrow
import pytest

from keras_rgan.data import parquet_types
from tests.testing import ON_TORCH

pytestmark = ON_TORCH

NAN = np.nan


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        ([True], None, "flags"),
        ([1], "uint8", "whole numbers"),
        ([1.0], "float16", "real numbers"),
        ([decimal.Decimal("1.5")], None, "real numbers"),
        (["a"], None, "text"),
        (["a"], "large_string", "text"),
        ([datetime.datetime(2024, 1, 1)], None, "times"),
        ([datetime.date(2024, 1, 1)], None, "times"),
        ([datetime.timedelta(1)], None, "times"),
        ([None], None, "nothing"),
        ([[1, 2]], None, "list<item: int64>"),
    ],
)
def test_what_a_column_holds(values, kind, words):
    column = pyarrow.array(values, kind)
    assert parquet_types.kind_of(column.type) == words
    if words in ("text", "whole numbers"):
        written = column.dictionary_encode().type
        assert parquet_types.kind_of(written) == words
        assert parquet_types.is_category(written)
    assert parquet_types.is_category(column.type) == (words == "text")


@pytest.mark.parametrize(
    ("column", "expected", "dtype"),
    [
        (pyarrow.array([True, None]), [1, NAN], "bool"),
        (pyarrow.array([3, None], "int16"), [3, NAN], "int16"),
        (pyarrow.array([decimal.Decimal("0.25"), None]), [0.25, NAN], "float64"),
        (pyarrow.array([7, 7, None]).dictionary_encode(), [7, 7, NAN], "int64"),
        (pyarrow.nulls(2), [NAN, NAN], "bool"),
    ],
)
def test_numbers_of_a_column(column, expected, dtype):
    np.testing.assert_array_equal(parquet_types.numbers_of(column), expected)
    assert parquet_types.numpy_type(column.type) == dtype


@pytest.mark.parametrize("dictionary", [False, True])
def test_equal_values_have_equal_codes_over_chunks(dictionary):
    chunks = [pyarrow.array(part) for part in (["b", None], ["a", "b"])]
    if dictionary:
        chunks = [chunk.dictionary_encode() for chunk in chunks]
    codes, values = parquet_types.encoded(pyarrow.chunked_array(chunks))
    assert [None if code < 0 else values[int(code)].as_py() for code in codes] == ["b", None, "a", "b"]


def test_times_as_numpy_has_them():
    stamps = pyarrow.array([0, None], pyarrow.timestamp("ms", tz="Europe/Berlin"))
    assert parquet_types.times_of(stamps).dtype == "datetime64[ms]"
    assert np.isnat(parquet_types.times_of(stamps)).tolist() == [False, True]
    assert parquet_types.times_of(pyarrow.array([1, 2], "uint8")).dtype == "int64"
    np.testing.assert_array_equal(parquet_types.times_of(pyarrow.array([1, None])), [1, NAN])
    np.testing.assert_array_equal(
        parquet_types.times_of(pyarrow.array([decimal.Decimal("0.5")])), [0.5]
    )

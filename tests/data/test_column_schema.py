import numpy as np
import pandas as pd
import pytest

from keras_rgan.data.column_schema import ColumnSchema, check_schema

FRAME = pd.DataFrame(
    {"ward": [3, 3, 8, 8], "beds": [2.0, np.nan, 4.5, 5.0], "name": ["a", "b", "b", None]}
)


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("categorical", ColumnSchema(True)),
        ([3, 8, 9], ColumnSchema(True, [3, 8, 9])),
        (np.array([3, 8]), ColumnSchema(True, [3, 8])),
        ("continuous", ColumnSchema()),
        ("integer", ColumnSchema(whole=True)),
        ((0, None), ColumnSchema(low=0.0)),
        ((np.int64(0), np.float32(9)), ColumnSchema(low=0.0, high=9.0)),
        (("integer", None, 9), ColumnSchema(whole=True, high=9.0)),
    ],
)
def test_what_is_declared(declared, expected):
    assert check_schema(FRAME, {"ward": declared}, ["ward"]) == {"ward": expected}


def test_restores():
    values = np.array([-3.4, 2.6, np.nan, 11.0])
    np.testing.assert_array_equal(ColumnSchema(whole=True, low=0.0).restore(values), [0, 3, np.nan, 11])
    np.testing.assert_array_equal(ColumnSchema(high=9.5).restore(values), [-3.4, 2.6, np.nan, 9.5])
    np.testing.assert_array_equal(ColumnSchema().restore(values), values)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            {"wards": "categorical"},
            r"schema of the features and static columns \[.*Received: \['wards'\]",
        ),
        (["ward"], r"schema by name, as \{'code': 'categorical'\}. Received: \['ward'\]"),
        (
            {"ward": "category"},
            "schema of 'ward' must be 'categorical', 'continuous', 'integer', a list",
        ),
        ({"name": ("a", "b")}, r"must be .*a list of categories.*Received: \('a', 'b'\)"),
        ({"ward": (0, float("nan"))}, r"bounds \(low, high\).*Received: \(0, nan\)"),
        ({"ward": (50, 0)}, r"low < high. Received: \(50, 0\)"),
        ({"ward": [3, 3, 8]}, "each once and none of them missing"),
        ({"name": ["a", "b", None]}, "each once and none of them missing"),
        ({"name": ["a", "b", float("nan")]}, "each once and none of them missing"),
        ({"ward": []}, "each once and none of them missing"),
        (
            {"ward": [3, 4]},
            r"categories \[3, 4\] in the column 'ward'.*Received: 8 .*first of 2 values",
        ),
        ({"beds": (3, None)}, "numbers from 3 to inf in the column 'beds'.*2.0 .*first of 1 values"),
        ({"beds": "integer"}, "whole numbers from -inf to inf in the column 'beds'.*Received: 4.5"),
        ({"name": "continuous"}, "Expected numbers in the column 'name'"),
    ],
)
def test_refuses(schema, message):
    with pytest.raises(ValueError, match=message):
        check_schema(FRAME, schema, ["ward", "beds", "name"])

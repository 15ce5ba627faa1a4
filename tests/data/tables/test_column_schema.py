import numpy as np
import pandas as pd
import pytest

import keras_rgan as kr
from keras_rgan.data.tables.column_schema import ColumnSchema, check_schema
from tests.data.frames import SCHEMA, read_visits, visits

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


def test_bounds():
    assert ColumnSchema(whole=True, low=0.5, high=7.2).bounds == (1.0, 7.0)
    assert ColumnSchema(low=0.5).bounds == (0.5, np.inf)
    assert ColumnSchema().is_continuous
    assert not ColumnSchema(whole=True).is_continuous
    assert ColumnSchema.of("x", ColumnSchema(whole=True)) == ColumnSchema(whole=True)


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


def test_a_declared_schema():
    table = read_visits()
    assert table.categories == {"ward": [3, 8]}
    assert table.sequences.shape == (3, 4, 4)
    assert table.conditions["age"].dtype == np.float64  # a number, not 3 categories
    assert table.conditions["grade"].dtype == np.int64
    pd.testing.assert_frame_equal(table.to_frame(), visits())
    made = np.array([[[0.2, 0.8, 2.6, 104.0], [0.9, 0.1, np.nan, -3.0]]])
    back = table.to_frame(made, {"age": [50.4], "grade": [2]})
    assert back["ward"].tolist() == [8, 3]
    assert back["ward"].dtype == visits()["ward"].dtype
    assert back["beds"].tolist()[0] == 3.0
    assert np.isnan(back["beds"].iloc[1])
    assert back["humidity"].tolist() == [100.0, 0.0]
    assert back["age"].tolist() == [50, 50]
    assert back["grade"].tolist() == [2.0, 2.0]
    more = read_visits({**SCHEMA, "ward": [8, 3, 5]})
    assert more.sequences.shape == (3, 4, 5)
    np.testing.assert_array_equal(more.sequences[0, :, :3], [[0, 1, 0]] * 2 + [[1, 0, 0]] * 2)


def test_static_columns_keep_to_their_schema():
    frame = visits().assign(score=np.repeat([0.1, 0.7, 0.3], 4))
    static = {"static": ["age", "grade", "score"]}
    schema = {**SCHEMA, "age": ("integer", 0, 120), "score": (0, 1)}
    table = read_visits(schema, frame, **static)
    pd.testing.assert_frame_equal(table.to_frame(), frame)  # to the last digit
    made = {"age": [49.6, 130.2], "grade": [1, 2], "score": [-0.1, 0.25]}
    back = table.to_frame(np.zeros((2, 1, 4)), made)
    assert back["age"].tolist() == [50, 120]
    assert back["score"].tolist() == [0.0, 0.2]  # in tenths, as the data is
    nullable = read_visits(schema, frame.assign(age=frame["age"].astype("Int64")), **static)
    assert nullable.to_frame(np.zeros((2, 1, 4)), made)["age"].tolist() == [50, 120]
    numbered = pd.DataFrame({0: [1, 1], 1: [2.0, 3.0], 2: [7, 7]})
    assert (
        kr.data.from_frame(numbered, id=0, static=[2], schema={2: "continuous"})
        .to_frame()
        .equals(numbered)
    )


def test_a_model_knows_static_categories_that_did_not_occur():
    frame = visits().assign(owner=np.repeat(["Ada", "Bob", "Bob"], 4))
    schema = {"grade": [1.0, 2.0, 3.0], "owner": ["Ada", "Bob", "Cy"]}
    table = kr.data.from_frame(
        frame[["patient", "hour", "humidity", "grade", "owner"]],
        id="patient",
        time="hour",
        static=["grade", "owner"],
        schema=schema,
    )
    assert table.static_categories == {"grade": [1, 2, 3], "owner": ["Ada", "Bob", "Cy"]}
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.adapt(table)
    wanted = {"grade": [3, 1], "owner": ["Cy", "Ada"]}
    made = table.to_frame(gan.generate(conditions=wanted, seed=0), wanted)
    assert made["grade"].tolist() == [3.0] * 4 + [1.0] * 4
    assert made["owner"].tolist() == ["Cy"] * 4 + ["Ada"] * 4

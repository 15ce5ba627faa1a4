"""What a file may say of conditions; whole files are in `tests/loading`."""

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.sequences import known_conditions
from tests.testing import refuses

LENGTH = {"name": "length", "kind": "length", "width": 1, "temporal": True, "max": 9}
KIND = {"name": "kind", "kind": "categorical", "width": 1, "temporal": False, "categories": ["a", "b"]}
AGE = {"name": "age", "kind": "continuous", "width": 1, "temporal": False}
AGE |= {"mean": [40.0], "deviation": [9.0], "low": [1.0], "high": [99.0]}
SEEN = {"name": "observed", "kind": "observed", "width": 2, "temporal": True}


def test_what_adapt_learns_is_known():
    random = np.random.default_rng(0)
    encoder = kr.layers.ConditionEncoder()
    rows = {
        "length": random.integers(1, 6, 9),
        "observed": random.random((9, 5, 2)) < 0.5,
        "code": random.integers(-3, 3, 9),
        "flag": random.random(9) < 0.5,
        "text": random.choice(["a", "b"], (9, 5, 1)),
        "level": random.normal(size=(9, 3)) + 1e9,
    }
    encoder.adapt(rows)
    known_conditions.check(encoder.conditions)
    known_conditions.check_rows(encoder.conditions, encoder.rows)
    known_conditions.check([])


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ("text", "a list of dicts.*text"),
        ([{**KIND, "width": 2}], "categories of the condition 'kind'"),
        ([{**KIND, "categories": ["b", "a"]}], "each once and in order"),
        ([{**KIND, "categories": ["a", 1]}], "all text or all whole numbers"),
        ([{**KIND, "name": 3}], "name and temporal.*text and a flag"),
        ([{**AGE, "mean": ["x"]}], r"mean of the condition 'age'.*1 finite numbers.*'x'"),
        ([{**AGE, "low": [1.0, 2.0]}], "low of the condition 'age'.*1 finite numbers"),
        ([{**AGE, "centre": [0.0], "unit": [0.0]}], "unit of the condition 'age'.*above zero"),
        ([{**LENGTH, "width": 0}], "width of the condition 'length'"),
        ([{**LENGTH, "max": 2.5}], "max of the condition 'length'"),
        ([AGE, AGE], "each condition once.*'age', 'age'"),
    ],
)
def test_what_no_data_has_is_refused(conditions, message):
    refuses(lambda: known_conditions.check(conditions), message)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"age": np.zeros((3, 1)), "kind": np.zeros((2, 1), int)}, "as many rows"),
        ({"kind": np.zeros((3, 1))}, "rows of the condition 'kind' to be of rank 2 and int.*float64"),
        ({"kind": np.full((3, 1), 2)}, r"of the categories \[0, 1\].*2"),
        ({"length": np.array([[3], [10]])}, "lengths between 1 and 9"),
        ({"observed": np.ones((3, 2), bool)}, "rank 3 and bool"),
        ({"age": np.zeros((3, 2))}, "rank 2 and float"),
    ],
)
def test_rows_that_are_not_of_what_is_known_are_refused(rows, message):
    refuses(lambda: known_conditions.check_rows([LENGTH, KIND, AGE, SEEN], rows), message)

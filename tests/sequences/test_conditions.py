import decimal

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.sequences import conditions
from tests.testing import refuses, to_numpy

LABEL = {"name": "k", "kind": "categorical", "width": 1, "temporal": False, "categories": ["a", "b"]}
CODES = {**LABEL, "temporal": True, "categories": [3, 5, 7]}
DOSE = {
    "name": "d",
    "kind": "continuous",
    "width": 2,
    "temporal": False,
    "mean": [1.0, 2.0],
    "deviation": [2.0, 4.0],
    "low": [0.0, 0.0],
    "high": [3.0, 9.0],
}
LENGTH = {"name": "length", "kind": "length", "width": 1, "temporal": True, "max": 4}
OBSERVED = {"name": "observed", "kind": "observed", "width": 3, "temporal": True}

VALUES = {
    "k": np.array(["b", "a", "b"]),
    "codes": np.array([[3, 3, 7, 5]] * 3)[..., None],
    "d": np.array([[0.0, 1.0], [1.5, 8.0], [3.0, 9.0]], "float32"),
    "length": np.array([4, 1, 3]),
}
KNOWN = {"k": LABEL, "codes": CODES, "d": DOSE, "length": LENGTH}


def test_columns_and_ranks():
    known = (LABEL, CODES, DOSE, LENGTH, OBSERVED)
    assert [conditions.num_columns(c) for c in known] == [2, 3, 2, 2, 0]
    assert [conditions.rank_of(c) for c in known] == [2, 3, 2, 2, 3]


@pytest.mark.parametrize("name", VALUES)
def test_to_columns_and_back(name):
    condition, values = KNOWN[name], VALUES[name]
    encoded = conditions.encode(condition, values)
    columns = to_numpy(conditions.to_columns(condition, encoded, 4))
    assert columns.shape == (3, 4, conditions.num_columns(condition))
    for back in (
        conditions.from_columns(condition, columns, within=True),
        conditions.restore(condition, encoded),
    ):
        assert back.shape == values.shape
        assert (back == values).all()


def test_columns_are_what_they_should_be():
    columns = to_numpy(conditions.to_columns(LENGTH, np.array([[3]]), 4))
    np.testing.assert_allclose(columns[0].T, [[1, 1, 1, 0], [0.75, 0.5, 0.25, 0.0]])
    columns = to_numpy(conditions.to_columns(DOSE, np.float32([[3.0, 0.0]]), 2))
    np.testing.assert_allclose(columns, [[[1.0, -0.5]] * 2])
    outside = 10.0 * columns
    assert conditions.from_columns(DOSE, outside, within=True).tolist() == [[3.0, 0.0]]
    assert conditions.from_columns(DOSE, outside, within=False).tolist() == [[21.0, -18.0]]


def test_arrays_and_categories():
    arrays = conditions.as_arrays({"x": [1, 2], 3: [0.5, 0.1]})
    assert set(arrays) == {"x", "3"}
    assert conditions.as_categories(np.array([b"a", "b", 3], object)).tolist() == ["a", "b", "3"]
    assert conditions.as_categories(np.array([True, False])).tolist() == [1, 0]


def test_refuses():
    refuses(lambda: conditions.as_arrays([1]), "Received: list")
    refuses(lambda: conditions.as_arrays({"x": []}), "one at least")
    refuses(lambda: conditions.check_lengths(np.array([1.5])), "dtype float64, smallest 1.5")
    refuses(lambda: conditions.check_observed(np.full((1, 2, 3), 2)), "True where a value")
    refuses(lambda: conditions.check_finite("x", np.array([0.0, np.inf])), r"inf at index \(1,\)")
    refuses(lambda: conditions.encode(LABEL, np.array(["z"])), r"'a', 'b'. Received: \['z'\]")
    refuses(lambda: conditions.encode(CODES, np.array([3, 5])), r"\(samples, time, 1\)")
    refuses(lambda: conditions.encode(DOSE, np.array([["x", "y"]])), "real numbers")


def test_objects_that_are_numbers():
    given = {
        "whole": np.array([1, 2], dtype=object),
        "real": np.array([0.5, decimal.Decimal("1.5")], dtype=object),
        "flag": np.array([True, False], dtype=object),
        "text": np.array([1, "1"], dtype=object),
    }
    kinds = {name: values.dtype.kind for name, values in conditions.as_arrays(given).items()}
    assert kinds == {"whole": "i", "real": "f", "flag": "b", "text": "O"}
    encoder = kr.layers.ConditionEncoder()
    for wrong in (np.array([2**64 - 1], "uint64"), np.array([-(2**62)])):
        with pytest.raises(ValueError, match=r"within 32 bits.* Received: -?\d{19}"):
            encoder.adapt({"code": wrong})

import numpy as np
import pytest

from keras_rgan.sequences.statistics import chunks
from keras_rgan.sequences.statistics.one_condition import OneCondition
from tests.testing import refuses


def summary(name, *parts):
    condition = OneCondition(name, parts[0])
    for part in parts:
        condition.update(part)
    return condition.summary()


@pytest.mark.parametrize("shape", [(40,), (40, 2), (40, 6, 2)])
def test_real_numbers(monkeypatch, shape):
    monkeypatch.setattr(chunks, "CHUNK", 30)
    values = np.random.default_rng(0).normal(size=shape) * 10.0 + 1.7e9
    found = summary("x", values[:11], values[11:])
    rows = values.reshape(-1, shape[-1] if len(shape) > 1 else 1)
    assert (found["kind"], found["width"]) == ("continuous", rows.shape[1])
    assert found["temporal"] is (len(shape) == 3)
    np.testing.assert_allclose(found["mean"], rows.mean(axis=0))
    np.testing.assert_allclose(found["deviation"], (rows - 1.7e9).std(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(found["low"], rows.min(axis=0))
    np.testing.assert_array_equal(found["high"], rows.max(axis=0))


def test_constants_are_those_that_never_change():
    assert summary("x", np.full(7, 0.1))["deviation"] == [1.0]
    small = 1e-9 * np.arange(7.0)
    np.testing.assert_allclose(summary("x", small)["deviation"], [small.std()])


def test_categories_lengths_and_what_is_observed():
    assert summary("k", np.array(["b", "a"]), np.array(["b"]))["categories"] == ["a", "b"]
    assert summary("k", np.array([True]))["categories"] == [1]
    assert summary("length", np.array([3, 5]), np.array([4])) == {
        "name": "length",
        "kind": "length",
        "width": 1,
        "temporal": True,
        "max": 5,
    }
    observed = summary("observed", np.ones((2, 3, 4), bool))
    assert observed == {"name": "observed", "kind": "observed", "width": 4, "temporal": True}


def test_refuses():
    refuses(lambda: OneCondition("x", np.ones((2, 2, 2, 2))), r"'x' of shape \(samples,\)")
    refuses(lambda: OneCondition("x", np.ones((2, 2), int)), "one category a sample or step")
    refuses(lambda: OneCondition("x", np.array([1j])), "an array of dtype complex128")
    refuses(lambda: OneCondition("length", np.array([0])), "smallest 0")
    refuses(lambda: OneCondition("observed", np.ones((2, 3))), r"'observed' of shape")
    refuses(lambda: summary("x", np.array([1.0, np.nan])), r"nan at index \(1,\)")
    refuses(lambda: summary("x", np.arange(1001)), "at most 1,000 categories")
    refuses(lambda: summary("x", np.array([2**31])), "within 32 bits .* 2147483648")

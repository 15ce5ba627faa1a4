import keras
import numpy as np
import pytest

from keras_rgan.sequences import reading

X = np.arange(20.0).reshape(10, 2)


def test_arrays_come_in_chunks(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 4)
    assert [len(b) for b in reading.iterate(X)] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(list(reading.iterate(X))), X)


def test_targets_are_left_out_and_the_limit_holds():
    pairs = [(X, "y"), [X, "y"], X]
    assert all(b is X for b in reading.iterate(pairs))
    assert len(list(reading.iterate(pairs, limit=2))) == 2


def test_a_dataset_without_end_needs_a_limit():
    class Endless(keras.utils.PyDataset):
        num_batches = None

        def __getitem__(self, i):
            return X

    assert len(list(reading.iterate(Endless(), limit=3))) == 3
    with pytest.raises(ValueError, match=r"without end cannot be read whole.*steps_per_epoch"):
        list(reading.iterate(Endless()))


def test_non_finite_values_are_described():
    values = np.zeros((2, 3, 8))
    assert reading.describe_non_finite(values) is None
    assert reading.describe_non_finite(values.astype("int32")) is None
    values[1, 2] = np.nan
    described = reading.describe_non_finite(values)
    assert described.startswith("feature 0: 1 NaN; feature 1: 1 NaN")
    assert described.endswith("and 3 more features; the first at index (1, 2, 0)")


def test_what_is_known_to_end():
    class Endless(keras.utils.PyDataset):
        num_batches = None

        def __getitem__(self, i):
            return X

    assert reading.is_finite(X)
    assert reading.is_finite([X])
    assert not reading.is_finite(Endless())
    assert not reading.is_finite(iter([X]))


def test_sums_over_batches_in_double_precision():
    parts = [X[:3].astype("float32"), X[3:].astype("float32")]
    count, total = reading.summed(parts, None, lambda rows: [np.asarray(len(rows)), rows.sum(axis=0)])
    assert count == 10
    assert total.dtype == "float64"
    np.testing.assert_array_equal(total, X.sum(axis=0))
    with pytest.raises(ValueError, match="at least one sample. Received: none"):
        reading.summed([], None, lambda rows: [rows])

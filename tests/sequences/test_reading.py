import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.sequences import reading

X = np.arange(20.0).reshape(10, 2)


def sequences_of(data, limit=None):
    return [sequences for sequences, _ in reading.iterate_with_gaps(data, limit)]


def test_arrays_come_in_chunks(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 4)
    assert [len(b) for b in sequences_of(X)] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(sequences_of(X)), X)


def test_targets_are_left_out_and_the_limit_holds():
    pairs = [(X, "y"), [X, "y"], X]
    assert all(b is X for b in sequences_of(pairs))
    assert len(sequences_of(pairs, limit=2)) == 2


def test_a_dataset_without_end_needs_a_limit():
    class Endless(keras.utils.PyDataset):
        num_batches = None

        def __getitem__(self, i):
            return X

    assert len(sequences_of(Endless(), limit=3)) == 3
    with pytest.raises(ValueError, match=r"without end cannot be read whole.*steps_per_epoch"):
        sequences_of(Endless())


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


def test_long_samples_come_fewer_at_a_time(monkeypatch):
    monkeypatch.setattr(reading, "NUM_NUMBERS", 6)
    assert [len(b) for b in sequences_of(X)] == [3, 3, 3, 1]
    assert [len(b) for b in sequences_of(X.reshape(2, 10))] == [1, 1]
    assert [len(b) for b in sequences_of(X.reshape(20))] == [6, 6, 6, 2]


def test_masked_arrays_are_nan_where_they_are_masked():
    values = np.ma.masked_array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]])
    np.testing.assert_array_equal(reading.to_numpy(values), [[1.0, np.nan], [3.0, 4.0]])
    assert reading.to_numpy(np.ma.masked_array([1.5, 2.5])).tolist() == [1.5, 2.5]
    assert reading.to_numpy(np.ma.masked_array([1, 2])).dtype.kind == "i"
    gan_data = np.ma.masked_array(np.ones((4, 3, 2), "float32"), mask=False)
    gan_data[0, 1, 0] = np.ma.masked
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, completion=True, seed=0)
    gan.adapt(gan_data)
    assert gan.has_gaps
    assert float(gan.scaler.get_weights()[3].max()) == 1.0  # no fill value was learned
    with pytest.raises(ValueError, match="numbers where entries are masked. Received: .* dtype bool"):
        reading.to_numpy(np.ma.masked_array([True, False], mask=[0, 1]))

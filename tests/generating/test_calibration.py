"""The data's marginal distributions for what is generated."""

import functools

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    assert_close,
    dense_gan,
    windows,
)


def test_calibration_gives_generated_values_the_data_s_distribution(tmp_path):
    x = windows(200)
    gan = dense_gan()
    gan.compile()
    gan.fit(x, batch_size=20, epochs=1, verbose=0)
    distance = functools.partial(kr.metrics.marginal_wasserstein_distance, x)
    free = {"without": ("calibration", "range", "lattice")}
    before = np.concatenate(list(gan.sampler.batches(300, 256, seed=1, **free)))
    gan.calibrate(x)
    after = gan.generate(300, seed=1)
    assert distance(after) < 0.2 * distance(before)
    order = np.argsort(before[..., 0].ravel())
    assert (np.diff(after[..., 0].ravel()[order]) >= -1e-4).all()  # float32 of 110

    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert_close(loaded.generate(10, seed=1), gan.generate(10, seed=1), 1e-5)

    gan.fit(x, batch_size=20, epochs=1, verbose=0)  # what was measured is of other weights
    again = gan.generate(300, seed=1)
    plain = np.concatenate(list(gan.sampler.batches(300, 256, seed=1, **free)))
    assert_close(again, np.clip(plain, x.min(axis=(0, 1)), x.max(axis=(0, 1))), 1e-5)


def test_calibration_needs_a_scaler_and_data():
    with pytest.raises(ValueError, match="this model has none"):
        dense_gan(scaler=None).calibrate(windows())
    gan = dense_gan()
    with pytest.raises(ValueError, match="never adapted"):
        gan.calibrate(windows())
    gan.adapt(windows())
    with pytest.raises(ValueError, match="Received"):
        gan.calibrate(windows(num_features=3))


class Batches(keras.utils.PyDataset):
    """A data set of two batches."""

    def __init__(self, samples):
        super().__init__()
        self.halves = np.split(samples, 2)

    def __len__(self):
        return len(self.halves)

    def __getitem__(self, index):
        return self.halves[index]


def test_a_limit_is_of_the_data_alone():
    sines = kr.datasets.make_sines(64, length=8, num_features=2)
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.adapt(sines)
    gan.calibrate(Batches(sines), num_samples=600, limit=1)
    limited = [np.array(w) for w in gan.scaler.get_weights()]
    gan.calibrate(sines[:32], num_samples=600)
    for a, b in zip(limited, gan.scaler.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)

"""One look at the data, by which everything adapts."""

import warnings

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    assert_close,
    autoregression,
    dense_gan,
    slow_but_on_torch,
    slow_on_jax,
    to_numpy,
    windows,
)


def test_validation_split_adapts_to_the_training_part():
    data = windows(40)
    data[30:] += 1000.0
    gan = dense_gan()
    gan.compile()
    history = gan.fit(data, batch_size=10, validation_split=0.25, verbose=0, epochs=1).history
    assert "val_mmd" in history
    scaled = to_numpy(gan.scaler(data[:30]))
    assert scaled.max() == pytest.approx(1.0, abs=1e-5)


def test_the_scaler_sees_all_of_a_finite_dataset():
    """Whatever `steps_per_epoch` says."""

    class Growing(keras.utils.PyDataset):
        num_batches = 4

        def __getitem__(self, index):
            return windows(8) + 1000.0 * index

    gan = dense_gan(scaler="standard")
    gan.compile()
    gan.fit(Growing(), steps_per_epoch=2, epochs=2, verbose=0)
    assert to_numpy(gan.scaler.offset.value).mean() > 1500.0


@slow_but_on_torch
def test_the_networks_adapt_to_the_scaled_data(tmp_path):
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, smoothing=True, seed=1)
    discriminator = kr.networks.RecurrentDiscriminator(4, increments=1, seed=2)
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    data = windows()
    gan.compile()
    gan.adapt(data)
    scaled = to_numpy(gan.scaler(data))
    view = discriminator.view
    np.testing.assert_allclose(to_numpy(view.mean.value), scaled.mean(axis=(0, 1)), atol=1e-5)
    steps = np.abs(np.diff(scaled, axis=1)).mean(axis=(0, 1))
    np.testing.assert_allclose(to_numpy(view.increment.value)[0], steps, rtol=1e-4)
    within = scaled.var(axis=1).mean(axis=0)
    pace = 0.5 * np.square(np.diff(scaled, axis=1)).mean(axis=(0, 1)) / within
    logits = to_numpy(generator.smoother.logits.value)
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), np.clip(pace, 0.02, 0.98), rtol=1e-3)
    noise = gan.sample_noise(2, seed=0)
    raw = to_numpy(gan.scaler.restore(generator(noise)))
    np.testing.assert_allclose(to_numpy(gan(noise)), raw, rtol=1e-4)  # the average knows it too
    gan.fit(data, batch_size=20, verbose=0, epochs=1)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    loaded.fit(data, batch_size=20, verbose=0, epochs=1)
    assert_close(loaded.discriminator.view.get_weights(), view.get_weights(), 0.0)


def test_increments_of_any_order_are_learned():
    gan = kr.RecurrentGAN({"units": 2}, {"units": 2, "increments": 3}, seed=0)
    gan.adapt(windows())
    assert gan.discriminator.view.increment.shape == (3, 2)
    assert not np.allclose(to_numpy(gan.discriminator.view.increment), 1.0)


def test_networks_made_for_an_adapted_scaler_adapt_too():
    data = windows()
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(data)
    gan = kr.RecurrentGAN(scaler=scaler, seed=0)
    gan.adapt(data)
    assert not to_numpy(gan.generator.smoother.gates.value).any()  # sines never hold
    other = kr.RecurrentGAN(gan.generator, gan.discriminator, scaler=scaler, seed=0)
    gan.generator.smoother.logits.assign([1.5, -1.5])
    other.adapt(data)
    assert_close(gan.generator.smoother.logits.value, np.array([1.5, -1.5]))  # as it was learned


class Batches(keras.utils.PyDataset):
    """A data set of given batches."""

    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


def test_conditions_that_end_are_refused_before_anything_changes():
    sines = kr.datasets.make_sines(64, length=8, num_features=2)
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.compile()
    batches = Batches([(sines[:32], {"label": np.arange(32) % 2}), sines[32:]])
    with pytest.raises(
        ValueError, match=r"the same conditions in every batch: \['label'\]. Received: none"
    ):
        gan.fit(batches, verbose=0, epochs=1)
    assert not gan.built
    assert not gan.scaler.adapted


def test_outliers_are_told_of():
    x = np.random.default_rng(0).normal(20.0, 5.0, (60, 10, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0).adapt(x)
    x[3, 4, 1] = 1e6
    with pytest.warns(
        UserWarning, match=r"Feature 1 reaches from .* to 1e\+06 with it.*scaler='robust'"
    ):
        kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0).adapt(x)
    robust = kr.RecurrentGAN({"units": 4}, {"units": 4}, scaler="robust", seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        robust.adapt(x)
    counts = np.zeros((60, 10, 1))
    counts[0, 0] = 500.0  # where nearly all are zero there is no scale to speak of
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0).adapt(counts)


@slow_on_jax
def test_a_generator_begins_as_a_process_where_that_fits():
    linear = autoregression(1500, 12)
    random = np.random.default_rng(0)
    flips = random.random((1500, 24, 2)) < 0.15
    start = random.integers(2, size=(1500, 1, 2))
    jumps = (flips.cumsum(axis=1) + start) % 2 + 0.01 * autoregression(1500, 24)

    def steps(data, *args, **options):
        gan = kr.RecurrentGAN(*args, seed=0, **options)
        gan.adapt(data)
        return gan.generator.linear_process

    assert steps(linear) == 12
    assert steps(jumps) == 0
    assert steps(linear, {"linear_process": 0}) == 0
    assert steps(jumps, {"linear_process": 4}) == 4
    assert steps(linear, completion=True) == 0
    labels = np.arange(1500) % 2
    assert steps((linear + 0.5 * labels[:, None, None], {"label": labels})) == 12
    assert steps((np.where(labels[:, None, None] > 0, linear, jumps[:, :12]), {"label": labels})) == 0
    assert steps([x[: 3 + i % 3] for i, x in enumerate(linear)]) == 5
    assert steps(np.eye(2)[(linear[..., 0] > 0.0).astype(int)]) == 0

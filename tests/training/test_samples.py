"""Real and generated batches of a step, alike but for who made them."""

import keras
import numpy as np

import keras_rgan as kr
from keras_rgan.training.judge import Judge
from keras_rgan.training.samples import beside
from tests.testing import (
    assert_close,
    dense_gan,
    recurrent_networks,
    refuses,
    slow_on_jax,
    to_numpy,
    windows,
)


def test_samples_keep_to_the_values_of_the_data():
    """Counts come out as counts, and a feature that is another's copy as its copy."""
    rng = np.random.default_rng(0)
    level = rng.normal(size=(40, 6))
    data = np.stack([5.0 * rng.poisson(2.0, (40, 6)), level, level], axis=-1).astype("float32")
    gan = kr.RecurrentGAN(*recurrent_networks(num_features=3), seed=0)
    gan.compile()
    gan.fit(data, batch_size=20, verbose=0, epochs=1)
    for samples in (gan.generate(30, seed=0), to_numpy(gan(gan.sample_noise(5)))):
        counts = samples[..., 0] / 5.0
        np.testing.assert_allclose(counts, np.round(counts), atol=1e-5)
        np.testing.assert_array_equal(samples[..., 1], samples[..., 2])


@slow_on_jax
def test_the_discriminator_sees_copies_as_copies(monkeypatch):
    level = windows(num_features=1)
    seen = []
    look = Judge.look
    monkeypatch.setattr(
        Judge, "look", lambda self, batch: seen.append(batch.sequences) or look(self, batch)
    )
    gan = kr.RecurrentGAN(*recurrent_networks(), seed=0)
    gan.compile(run_eagerly=True)
    gan.fit(np.concatenate([level, level], axis=-1), batch_size=20, verbose=0, epochs=1)
    for samples in map(to_numpy, seen[:2]):  # real and generated
        np.testing.assert_array_equal(samples[..., 0], samples[..., 1])


@slow_on_jax
def test_copies_are_draws_of_the_same_conditions():
    gan = kr.RecurrentGAN({"units": 2}, {"units": 2}, seed=0)
    labels = np.arange(40) % 3
    gan.adapt((windows(), {"label": labels}))
    seed = keras.random.SeedGenerator(0)
    real = gan.samples.real((windows(5), {"label": labels[:5, None]}), seed)
    draws = gan.samples.draw(real, seed, copies=3)
    sets = gan.samples.averaged(real, draws, restored=False)
    assert [x.sequences.shape for x in sets] == [(5, 6, 2)] * 3
    assert np.abs(to_numpy(sets[0].sequences) - to_numpy(sets[1].sequences)).max() > 1e-3
    for batch in sets:
        assert_close(batch.columns, real.columns, 0.0)


def test_real_batches_are_scaled_and_come_with_their_columns():
    gan = dense_gan()
    gan.adapt(windows())
    real = gan.samples.real(windows(4), keras.random.SeedGenerator(0))
    assert_close(real.sequences, gan.scaler(windows(4)), 1e-6)
    assert real.columns is real.observed is None
    refuses(lambda: gan.samples.real(windows(4, 5), keras.random.SeedGenerator(0)), "batch of shape")


def test_restored_samples_keep_to_the_range_and_others_need_not():
    gan = dense_gan()
    gan.adapt(windows())
    for variable in gan.ema_weights:
        variable.assign(4.0 * variable)
    seed = keras.random.SeedGenerator(0)
    real = gan.samples.real(windows(), seed)
    draws = gan.samples.draw(real, seed)
    ((free,), (held,)) = (gan.samples.averaged(real, draws, restored=r) for r in (False, True))
    assert np.abs(to_numpy(free.sequences)).max() > 1.0
    assert_close(held.sequences, np.clip(to_numpy(free.sequences), -1.0, 1.0), 1e-4)


def test_conditions_stand_beside_noise():
    assert beside("noise", None) == "noise"
    assert beside({"noise": 1}, 2) == {"noise": 1, "conditions": 2}

"""The score of draws, and a model that trains on sequences of which part is hidden."""

import keras
import numpy as np
import pytest
import scipy.integrate
import scipy.stats

import keras_rgan as kr
from keras_rgan.conditioning import completion
from keras_rgan.conditioning.completion import Completion
from tests.testing import (
    assert_close,
    completing_gan,
    slow_but_on_tensorflow,
    slow_on_jax,
    state_of,
    to_numpy,
    windows,
    with_gaps,
)

COUNT, LENGTH = 48, 8
DATA = windows(COUNT, LENGTH)
_, GAPS = with_gaps(DATA)


def test_the_score_is_that_of_the_distribution():
    """E |X - y| - E |X - X'| / 2 of N(0, 1), integrated by SciPy."""
    rng = np.random.default_rng(0)
    y = 0.7
    shape = (4000, 10, 1)
    first, second = (rng.normal(size=shape).astype("float32") for _ in range(2))

    def integrand(x):
        return (scipy.stats.norm.cdf(x) - (x >= y)) ** 2

    expected = scipy.integrate.quad(integrand, -9, y)[0] + scipy.integrate.quad(integrand, y, 9)[0]
    real = np.full(shape, y, "float32")
    found = completion.score(real, first, second, np.ones(shape, "float32"))
    assert float(found) == pytest.approx(expected, abs=0.02)
    halved = completion.score(real, first, second, np.full(shape, 2.0, "float32"))
    assert float(halved) == pytest.approx(0.5 * float(found), rel=1e-5)


def test_the_score_is_least_for_the_truth():
    rng = np.random.default_rng(0)
    real, *draws = (rng.normal(size=(20_000, 1, 1)).astype("float32") for _ in range(3))
    scale = np.ones_like(real)
    scores = {
        (shift, spread): float(completion.score(real, *(shift + spread * x for x in draws), scale))
        for shift in (-0.5, 0.0, 0.5)
        for spread in (0.2, 1.0, 2.0)
    }
    assert min(scores, key=scores.get) == (0.0, 1.0)


def test_only_what_is_hidden_and_known_is_scored():
    real = np.zeros((1, 3, 1), "float32")
    first = np.array([1.0, 2.0, 4.0], "float32").reshape(1, 3, 1)
    scale = np.array([0.0, 1.0, 1.0], "float32").reshape(1, 3, 1)
    known = np.array([1.0, 1.0, 0.0]).reshape(1, 3, 1)
    assert float(completion.score(real, first, first, scale)) == pytest.approx(3.0)
    assert float(completion.score(real, first, first, scale, known)) == pytest.approx(2.0)
    assert float(completion.score(real, first, first, 0 * scale)) == 0.0


def test_trains_evaluates_and_saves(tmp_path):
    gan = completing_gan()
    history = gan.fit(DATA, batch_size=16, epochs=2, verbose=0, validation_data=DATA[:20]).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert {"completion_loss", "val_completion_loss", "val_mmd"} <= set(history)
    assert gan.evaluate(DATA[:20], verbose=0) == gan.evaluate(DATA[:20], verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert_close(loaded.impute(GAPS[:3], seed=1), gan.impute(GAPS[:3], seed=1))
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    further = [
        m.fit(DATA, batch_size=16, shuffle=False, verbose=0, epochs=1).history for m in (loaded, gan)
    ]
    assert further[0] == further[1]


@slow_but_on_tensorflow
def test_a_model_made_of_known_parts_knows_the_spreads():
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(DATA)
    gan = completing_gan(scaler=scaler)
    gan.adapt(DATA)
    expected = to_numpy(scaler(DATA)).std(axis=(0, 1))
    assert_close(gan.gap_features.deviation, expected, 1e-4)
    bare = completing_gan(scaler=None)
    bare.build((None, LENGTH, 2))
    bare.adapt(to_numpy(scaler(DATA)))
    assert_close(bare.gap_features.deviation, expected, 1e-4)


@slow_but_on_tensorflow
def test_networks_are_made_for_it():
    gan = kr.RecurrentGAN(completion=True, seed=0)
    gan.adapt((DATA, {"label": np.arange(COUNT) % 3}))
    assert gan.generator.completion
    assert gan.generator.temporal_conditions == gan.discriminator.temporal_conditions == 6
    assert gan.impute(GAPS[:2], conditions={"label": [0, 2]}).shape == (2, LENGTH, 2)
    copy = kr.RecurrentGAN.from_config(gan.get_config())
    assert copy.completion


@slow_but_on_tensorflow
def test_learns_to_go_on():
    """Ramps at two speeds: the future follows from two steps, the speed is not known without them."""
    rng = np.random.default_rng(0)
    speed, start = rng.choice([-1.0, 1.0], (256, 1, 1)), rng.normal(size=(256, 1, 1))
    ramps = (start + speed * np.arange(6)[None, :, None]).astype("float32")
    generator = kr.networks.RecurrentGenerator(
        1,
        12,
        latent_dim=2,
        noise_dim=2,
        temporal_conditions=3,
        completion=True,
        context_units=4,
        seed=1,
    )
    discriminator = kr.networks.RecurrentDiscriminator(6, temporal_conditions=3, seed=2)
    gan = kr.RecurrentGAN(generator, discriminator, completion=True, seed=0)
    gan.compile(generator_optimizer=keras.optimizers.Adam(3e-3, beta_1=0.0), completion_weight=2.0)
    gan.fit(ramps, batch_size=64, epochs=100, verbose=0)
    known, future = ramps[:, :2], ramps[:, 2:]
    paths = gan.forecast(known, steps=4, num_samples=8, seed=0)
    error = np.abs(np.median(paths, axis=1) - future).mean()
    naive = np.abs(known[:, -1:] - future).mean()
    assert error < 0.5 * naive


@slow_on_jax
def test_what_is_padded_is_never_shown_or_scored():
    sequences = [x[: 4 + i % (LENGTH - 3)] for i, x in enumerate(DATA)]
    uneven = kr.RecurrentGAN({"units": 2}, {"units": 2}, completion=True, seed=0)
    uneven.adapt(sequences)
    padded, lengths = kr.data.pad_sequences(sequences)
    beyond = np.arange(LENGTH) >= lengths[:, None]
    seen, scores = [], []
    own = next(c for c in uneven.capabilities if isinstance(c, Completion))
    for junk in (0.0, 1e3):
        padded[beyond] = junk
        seed = keras.random.SeedGenerator(0)
        real = uneven.samples.real((padded, {"length": lengths[:, None]}), seed)
        _, spread = own.shown_of(real.columns)
        assert (to_numpy(spread)[beyond] > 0).all()  # nothing is observed there
        assert (to_numpy(spread)[~beyond] == 0).any()
        seen.append(to_numpy(real.columns))
        made = [np.where(beyond[..., None], junk, 0.1 * (i + 1)).astype("float32") for i in range(2)]
        made = [keras.ops.convert_to_tensor(x) for x in made]
        scores.append(float(own.generator_term(real, made)))
    np.testing.assert_array_equal(*seen)
    assert scores[0] == scores[1] > 0

"""Endless sequences: parts that join without a seam."""

import itertools

import numpy as np
import pytest
import scipy.stats

import keras_rgan as kr
from keras_rgan.generating.streaming import in_parts
from tests.testing import (
    SLOW_ON_JAX,
    assert_close,
    dense_gan,
    recurrent_gan,
    slow_but_on_torch,
    slow_on_jax,
    to_numpy,
    windows,
)


def gan_of(data=None, conditions=None, **options):
    generator = kr.networks.RecurrentGenerator(
        2,
        4,
        latent_dim=3,
        noise_dim=2,
        smoothing=True,
        static_conditions=2 if conditions else 0,
        seed=1,
        **options,
    )
    discriminator = kr.networks.RecurrentDiscriminator(
        4, bidirectional=False, static_conditions=2 if conditions else 0, seed=2
    )
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    data = windows() if data is None else data
    gan.adapt(data if conditions is None else (data, conditions))
    return gan


def whole(gan, num_samples, steps, count, seed, conditions=None):
    """Return `count` parts of a stream made of their noise in one piece."""
    spec, _ = gan.sampler.sizes(steps)
    streams = spec.streams([seed])
    parts = [spec.draw_numpy(num_samples, steps, streams) for _ in range(count)]
    noise = {
        "latent": parts[0]["latent"],
        "noise": np.concatenate([part["noise"] for part in parts], axis=1),
    }
    if conditions is not None:
        columns = to_numpy(gan.conditions(gan.conditions.encode(conditions), length=steps * count))
        noise["conditions"] = columns
    return to_numpy(gan(noise))


@pytest.mark.parametrize(
    "options",
    [{}, {"emission_steps": 2, "convolution_units": 3, "cell": "lstm"}],
    ids=["gru", "blocks"],
)
def test_joined_parts_are_one_piece(options):
    gan = gan_of(**options)
    joined = np.concatenate(list(itertools.islice(gan.stream(3, steps=8, seed=5), 4)), axis=1)
    assert joined.shape == (3, 32, 2)
    assert_close(joined, whole(gan, 3, 8, 4, 5), 1e-4)


@slow_on_jax
def test_conditions_hold_throughout():
    gan = gan_of(conditions={"label": np.arange(40) % 2})
    given = {"label": [1, 0]}
    joined = np.concatenate(
        list(itertools.islice(gan.stream(steps=5, seed=5, conditions=given), 3)), axis=1
    )
    assert_close(joined, whole(gan, 2, 5, 3, 5, given), 1e-4)


@slow_but_on_torch
def test_the_average_of_today_is_used():
    """A stream begun after more training is that of the new weights; one seed, one stream."""
    gan = recurrent_gan()
    gan.compile()
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    first = next(gan.stream(2, steps=6, seed=3))
    np.testing.assert_array_equal(next(gan.stream(2, steps=6, seed=3)), first)
    assert np.abs(next(gan.stream(2, steps=6)) - next(gan.stream(2, steps=6))).max() > 0
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    later = next(gan.stream(2, steps=6, seed=3))
    assert np.abs(later - first).max() > 0
    assert_close(later, whole(gan, 2, 6, 1, 3), 1e-4)


def test_seams_do_not_show():
    gan = gan_of()
    parts = list(itertools.islice(gan.stream(20, steps=10, seed=1), 40))
    steps = np.diff(np.concatenate(parts, axis=1), axis=1)
    at = np.arange(steps.shape[1]) % 10 == 9
    for feature in range(2):
        found = scipy.stats.ks_2samp(steps[:, at, feature].ravel(), steps[:, ~at, feature].ravel())
        assert found.pvalue > 0.01


class TestRefuses:
    pytestmark = SLOW_ON_JAX

    def test_models_that_cannot_go_on(self):
        gan = dense_gan()
        gan.adapt(windows())
        with pytest.raises(ValueError, match="one with a method continue_from.* Received: Sequential"):
            gan.stream()
        with pytest.raises(ValueError, match=r"multiple of the generator's emission_steps=2"):
            gan_of(emission_steps=2).stream(steps=5)
        gan = kr.RecurrentGAN(seed=0)
        gan.adapt((windows(), {"load": windows(num_features=1)}))
        with pytest.raises(ValueError, match="sequences with conditions at each step"):
            gan.stream()
        with pytest.raises(ValueError, match="Call fit"):
            kr.RecurrentGAN().stream()


def test_parts_of_pieces():
    pieces = (np.arange(n, n + 6)[None, :, None] for n in range(0, 10**9, 6))
    for steps in (4, 6, 15):
        parts = [next(part) for part in [in_parts(pieces, steps)] for _ in range(7)]
        assert [x.shape for x in parts] == [(1, steps, 1)] * 7
        np.testing.assert_array_equal(np.diff(np.concatenate(parts, axis=1)[0, :, 0]), 1)

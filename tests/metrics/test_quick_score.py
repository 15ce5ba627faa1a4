"""What the quick judge sees, and what it does not see where there is nothing."""

import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import all_on_torch, refuses, slow_but_on_torch

COUNT, LENGTH = 1200, 24


def smooth(seed, count=COUNT):
    """Walks of two features, one of which lags the other."""
    steps = np.random.default_rng(seed).normal(size=(count, LENGTH + 1))
    walk = steps.cumsum(axis=1)
    return np.stack([walk[:, 1:], walk[:, :-1]], axis=-1)


def of_random_phase(samples, seed):
    """The same power in each frequency of each sequence, with other phases for either feature."""
    rng = np.random.default_rng(seed)
    spectra = np.fft.rfft(samples, axis=1)
    turned = spectra * np.exp(2j * np.pi * rng.random(spectra.shape))
    turned[:, [0, -1]] = spectra[:, [0, -1]]
    return np.fft.irfft(turned, LENGTH, axis=1)


def clusters(seed):
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(8, LENGTH, 1))
    return centres[rng.integers(8, size=COUNT)] + 0.3 * rng.normal(size=(COUNT, LENGTH, 1))


def gaussian_of(samples, seed):
    """Sequences of the same means and covariances."""
    flat = samples.reshape(len(samples), -1)
    drawn = np.random.default_rng(seed).multivariate_normal(flat.mean(0), np.cov(flat.T), len(flat))
    return drawn.reshape(samples.shape)


FAULTS = {
    "shuffled steps": lambda: (smooth(0), np.random.default_rng(1).permuted(smooth(1), axis=1)),
    "phases": lambda: (smooth(0), of_random_phase(smooth(1), 2)),
    "features that do not belong together": lambda: (
        smooth(0),
        np.stack([smooth(1)[..., 0], smooth(2)[..., 1]], axis=-1),
    ),
    "clusters": lambda: (clusters(1), gaussian_of(clusters(2), 3)),
    "tails": lambda: (
        np.random.default_rng(0).standard_t(2, size=(COUNT, LENGTH, 2)),
        np.random.default_rng(1).normal(size=(COUNT, LENGTH, 2)),
    ),
    "a mode less": lambda: (
        np.concatenate([smooth(0), smooth(1) + 40.0]),
        smooth(2),
    ),
    "time reversed": lambda: (smooth(0), smooth(1)[:, ::-1]),
}


@pytest.mark.parametrize("fault", all_on_torch(FAULTS, ["clusters"]))
def test_it_sees(fault):
    real, generated = FAULTS[fault]()
    # Of two modes the one that is there cannot be told: at the best 0.25.
    assert kr.metrics.quick_score(real, generated) > (0.1 if fault == "a mode less" else 0.2)


@slow_but_on_torch
@pytest.mark.parametrize("law", [smooth, clusters])
def test_two_sets_of_one_law_are_one(law):
    """480 answers are right by chance with a deviation of .023."""
    assert kr.metrics.quick_score(law(4), law(5)) < 0.07


@slow_but_on_torch
def test_it_repeats_and_is_seeded():
    real, generated = smooth(0, 100), smooth(1, 120) * 1.3
    first = kr.metrics.quick_score(real, generated, steps=20)
    assert first == kr.metrics.quick_score(real, generated, steps=20)
    scores = {kr.metrics.quick_score(real, generated, steps=20, seed=seed) for seed in range(4)}
    assert len(scores) > 1


def test_long_sequences_are_judged_by_parts():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(200, 3000, 1))
    assert kr.metrics.quick_score(real, real + 1.0, steps=30) > 0.2


def test_constants_and_single_steps():
    ones = np.ones((20, 4, 2))
    assert kr.metrics.quick_score(ones, ones, steps=2) == 0.0
    assert kr.metrics.quick_score(ones[:, :1], 2.0 * ones[:, :1], steps=50) > 0.4


def test_bad_input():
    x = smooth(0, 20)
    refuses(lambda: kr.metrics.quick_score(x, x[:, :-1]), r"\(20, 24, 2\)")
    refuses(lambda: kr.metrics.quick_score(x[:5], x), "at least 10")
    refuses(lambda: kr.metrics.quick_score(x, np.where(x > 3.0, np.nan, x)), "finite")
    refuses(lambda: kr.metrics.quick_score(x, x, steps=0), "steps")
    refuses(lambda: kr.metrics.discriminative_score(x, x, steps=0), "steps")
    refuses(lambda: kr.metrics.discriminative_score(x, x, units=0), "units")

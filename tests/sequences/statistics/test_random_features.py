"""What a judge is shown, and one in closed form."""

import numpy as np
import pytest

from keras_rgan.sequences.statistics.random_features import (
    random_feature_score,
    standardized_views,
    views,
)
from tests.testing import ON_TORCH, autoregression

pytestmark = ON_TORCH


def test_views_are_levels_increments_and_spectra():
    wave = np.sin(2.0 * np.pi * np.arange(8) / 4.0)
    x = np.stack([wave, np.ones(8)], axis=-1)[None]
    seen = views(x, np.array([2.0, 1.0]))[0]
    np.testing.assert_allclose(seen[:16], x.ravel())
    np.testing.assert_allclose(seen[16:30:2], np.arcsinh(np.diff(wave) / 2.0))
    power = np.exp(seen[30:].reshape(4, 2)) - 1e-3
    np.testing.assert_allclose(
        power[:, 0], [0.0, 4.0, 0.0, 0.0], atol=1e-9
    )  # two periods of eight steps
    np.testing.assert_allclose(power[:, 1], 0.0, atol=1e-9)


def test_they_are_standardized_by_the_real_set():
    real, other = autoregression(500, 6), 3.0 * autoregression(400, 6, seed=1)
    a, b = standardized_views(real, other)
    np.testing.assert_allclose(a.mean(axis=0), 0.0, atol=1e-3)
    np.testing.assert_allclose(a.std(axis=0), 1.0, atol=1e-2)
    assert a.shape[1] == b.shape[1]
    assert b.std() > 1.5


@pytest.mark.parametrize(
    ("other", "low", "high"),
    [
        (autoregression(2000, 8, seed=1), 0.0, 0.05),
        (autoregression(2000, 8, seed=1) + 1.0, 0.15, 0.5),
        (np.random.default_rng(1).permuted(autoregression(2000, 8, seed=1), axis=1), 0.1, 0.5),
    ],
    ids=["of the same law", "shifted", "shuffled"],
)
def test_the_judge_in_closed_form(other, low, high):
    """Of 2,000 answers half are right by chance, with a deviation of .011."""
    score = random_feature_score(autoregression(2000, 8), other, np.random.default_rng(0))
    assert low <= score <= high


def test_sets_of_different_size_count_alike_and_constants_do_no_harm():
    x = np.concatenate([autoregression(900, 8), np.ones((900, 8, 1))], axis=-1)
    score = random_feature_score(x[:100], x[100:], np.random.default_rng(0))
    assert score < 0.2
    assert random_feature_score(x[:50, :, 2:], x[50:, :, 2:], np.random.default_rng(0)) == 0.0

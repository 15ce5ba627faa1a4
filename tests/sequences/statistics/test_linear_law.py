import numpy as np
import pytest

from keras_rgan.sequences.statistics.linear_law import (
    REACH,
    linear_law,
    values_at,
    without_effect,
)
from keras_rgan.sequences.statistics.normal_scores import NormalScores
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def test_the_law_of_an_autoregression():
    """x[t] = 0.8 x[t - 1] + 0.6 e[t], of the second of two features; the first has no scores."""
    random = np.random.default_rng(0)
    scores = random.normal(size=(20_000, 5, 1))
    for i in range(1, 5):
        scores[:, i] = 0.8 * scores[:, i - 1] + 0.6 * scores[:, i]
    law = linear_law(scores, [1], 2, 3)
    own = np.arange(3) * 2 + 1
    covariance = (law["first"].T @ law["first"])[np.ix_(own, own)]
    lags = np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    np.testing.assert_allclose(covariance, 0.8**lags, atol=0.03)
    np.testing.assert_allclose(law["step"][:, 1], [0.0, 0.0, 0.0, 0.8], atol=0.03)
    np.testing.assert_allclose(law["new"], [[0.0, 0.0], [0.0, 0.6]], atol=0.02)
    assert not law["first"][::2].any()


def test_what_follows_from_columns_is_taken_out():
    random = np.random.default_rng(0)
    columns = random.normal(size=(500, 4, 1)) + 3.0
    noise = 0.1 * random.normal(size=(500, 4, 1))
    left, law = without_effect(2.0 * (columns - 3.0) + noise, columns, [0], 1, 2)
    np.testing.assert_allclose(law["effect"], np.full((2, 1, 1), 2.0), atol=0.02)
    assert law["centre"] == pytest.approx(3.0, abs=0.05)
    assert np.abs(left - noise).max() < 0.2


def test_values_at_scores_are_quantiles():
    data = np.random.default_rng(0).gamma(2.0, size=(20_000, 1))
    drawn = np.array([[[-1.2816], [0.0], [1.2816], [REACH + 1.0]]])
    found = values_at(NormalScores(data), drawn)[0, :, 0]
    np.testing.assert_allclose(found[:3], np.quantile(data, [0.1, 0.5, 0.9]), rtol=0.03)
    assert np.quantile(data, 0.9999) < found[3] <= data.max()

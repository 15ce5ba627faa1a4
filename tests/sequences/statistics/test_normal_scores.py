import numpy as np

from keras_rgan.sequences.statistics.normal_scores import NormalScores
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def test_scores_are_normal_and_come_back():
    rows = np.random.default_rng(0).lognormal(size=(1000, 2))
    scores = NormalScores(rows)
    entered = scores.enter(rows)
    assert np.abs(entered.mean(axis=0)).max() < 1e-6
    np.testing.assert_allclose(entered.std(axis=0), 1.0, atol=1e-2)
    order = np.argsort(rows[:, 0])
    assert (np.diff(entered[order, 0]) > 0).all()
    np.testing.assert_allclose(scores.leave(entered), rows, rtol=2e-3)


def test_scores_at_known_levels():
    """The quartiles of a standard normal are at 0.6745."""
    scores = NormalScores(np.arange(100_000.0)[:, None])
    entered = scores.enter(np.array([[25_000.0], [50_000.0], [75_000.0]]))[:, 0]
    np.testing.assert_allclose(entered, [-0.6745, 0.0, 0.6745], atol=1e-3)

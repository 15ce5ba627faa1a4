import numpy as np

from keras_rgan.sequences.statistics.mixture_law import mixture_law, most_pieces
from keras_rgan.sequences.statistics.normal_scores import Deviations
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def test_the_law_of_two_levels():
    """A level of -1 or 1 that stays; the second of two features is a copy and has no scores."""
    random = np.random.default_rng(0)
    levels = np.where(random.random((1_000, 1, 1)) < 0.25, -1.0, 1.0)
    data = levels + 0.05 * random.normal(size=(1_000, 4, 1))
    rows = np.concatenate([data, data], axis=-1).reshape(-1, 2)
    scores = Deviations(rows)
    entered = scores.enter(rows)[:, : len(scores.kept)].reshape(1_000, 4, -1)
    assert scores.kept == [0]
    weights = mixture_law(scores, entered, 2, 1, 2)
    middles = np.sort(weights["means"][:, 0] * weights["gain"][0] + weights["shift"][0])
    np.testing.assert_allclose(middles, [-1.0, 1.0], atol=0.02)
    assert not weights["means"][:, 1].any()


def test_more_laws_learn_of_more_pieces():
    assert most_pieces(1) == most_pieces(100) == 8_000
    assert most_pieces(200) == 16_000

import numpy as np
import pytest

from keras_rgan.sequences.statistics import chunks
from keras_rgan.sequences.statistics.smoothing_statistics import SmoothingStatistics

WALKS = np.random.default_rng(0).normal(size=(60, 8, 3)).cumsum(axis=1)


def weights_of(*parts, scale=None):
    statistics = SmoothingStatistics()
    for part in parts:
        statistics.update(part)
    return statistics.weights(scale)


@pytest.mark.parametrize("gaps", [False, True])
def test_paces_and_gates(monkeypatch, gaps):
    monkeypatch.setattr(chunks, "CHUNK", 50)
    x = WALKS * [1e-9, 1.0, 1e6]
    x[:, 1::2, 1] = x[:, ::2, 1]  # holds at every second step
    if gaps:
        x[np.random.default_rng(1).random(x.shape) < 0.2] = np.nan
    squares = np.nanmean(np.square(np.diff(x, axis=1)), axis=(0, 1))
    variances = np.nanmean(np.square(x - np.nanmean(x, axis=1, keepdims=True)), axis=(0, 1))
    weights = weights_of(x[:20], x[20:])
    np.testing.assert_allclose(weights["pace"], 0.5 * squares / variances, rtol=1e-9)
    np.testing.assert_array_equal(weights["gates"], [0.0, 1.0, 0.0])


def test_what_is_constant_or_short_says_nothing():
    levels = np.broadcast_to(0.1 * np.arange(60)[:, None, None], (60, 7, 2))  # of each sequence
    assert weights_of(levels) == weights_of(WALKS[:, :1]) == {}
    assert weights_of(WALKS, scale=np.zeros(3)) == {}
    mixed = np.concatenate([WALKS[:, :7, :1], levels[..., :1]], axis=-1)
    weights = weights_of(mixed, mixed[:, :1])
    assert weights["pace"][1] == 0.02
    np.testing.assert_array_equal(weights["gates"], [0.0, 1.0])
    hidden = weights_of(WALKS, scale=np.array([1.0, 0.0, 1.0]))  # which is seen as 0
    assert hidden["pace"][1] == 0.02
    np.testing.assert_array_equal(hidden["gates"], [0.0, 1.0, 0.0])
    np.testing.assert_array_equal(hidden["pace"][[0, 2]], weights_of(WALKS)["pace"][[0, 2]])


def test_a_step_holds_where_there_is_none_wherever_the_level():
    x = 1000.0 + 1e-6 * WALKS
    np.testing.assert_array_equal(weights_of(x)["gates"], 0.0)
    np.testing.assert_array_equal(weights_of(x - 1000.0)["gates"], 0.0)

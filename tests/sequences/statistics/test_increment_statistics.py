import numpy as np
import pytest

from keras_rgan.sequences.statistics import chunks
from keras_rgan.sequences.statistics.increment_statistics import IncrementStatistics

WALKS = np.random.default_rng(0).normal(size=(60, 8, 2)).cumsum(axis=1) * [1e-9, 10.0] + [0.0, 1.7e9]


def statistics_of(*parts, order=1):
    statistics = IncrementStatistics(order)
    for part in parts:
        statistics.update(part)
    return statistics


def test_means_deviations_and_increments_of_every_order(monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 50)
    statistics = statistics_of(WALKS[:17], WALKS[17:], order=2)
    steps = [np.abs(np.diff(WALKS, n, axis=1)).mean(axis=(0, 1)) for n in (1, 2)]
    np.testing.assert_allclose(statistics.increments(), steps, rtol=1e-9)
    for order in (1, 2):
        weights = statistics.weights(order, 1e-3)
        np.testing.assert_allclose(weights["mean"], WALKS.mean(axis=(0, 1)), rtol=1e-9)
        np.testing.assert_allclose(weights["deviation"], WALKS.std(axis=(0, 1)), rtol=1e-6)
        np.testing.assert_allclose(weights["increment"], steps[:order], rtol=1e-9)


def test_constants_and_the_floor():
    still = np.concatenate([WALKS, np.full((60, 8, 1), 0.1)], axis=-1)
    weights = statistics_of(still).weights(1, 2.0)
    np.testing.assert_allclose(weights["increment"], [2.0 * weights["deviation"]])
    assert weights["deviation"][2] == 1.0


def test_refuses_a_higher_order():
    with pytest.raises(ValueError, match=r"up to order 2. Received: up to order 1. Make them with"):
        statistics_of(WALKS).weights(2, 1e-3)

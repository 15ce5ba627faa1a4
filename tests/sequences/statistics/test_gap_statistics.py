import numpy as np

from keras_rgan.sequences.statistics import chunks
from keras_rgan.sequences.statistics.gap_statistics import GapStatistics

RANDOM = np.random.default_rng(0)
WALKS = RANDOM.normal(size=(60, 8, 2)).cumsum(axis=1) * [1e-9, 10.0] + [0.0, 1.7e9]


def test_deviations_of_what_is_observed(monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 50)
    gaps = np.where(RANDOM.random(WALKS.shape) < 0.3, np.nan, WALKS)
    statistics = GapStatistics()
    for part in np.array_split(gaps, 3):
        statistics.update(part)
    steps = np.sqrt(np.nanmean(np.square(np.diff(gaps, axis=1)), axis=(0, 1)))
    for scale, factor in ((None, 1.0), (np.array([2.0, 0.5]), np.array([0.5, 2.0]))):
        weights = statistics.weights(scale)
        expected = np.nanstd(gaps - [0.0, 1.7e9], axis=(0, 1)) * factor
        np.testing.assert_allclose(weights["deviation"], expected, rtol=1e-6)
        np.testing.assert_allclose(weights["increment"], steps * factor, rtol=1e-9)


def test_what_does_not_move():
    still = WALKS.copy()
    still[..., 0] = 0.1
    still[..., 1] = 1e-6 * np.arange(60)[:, None]  # from sequence to sequence alone
    statistics = GapStatistics()
    statistics.update(still)
    weights = statistics.weights()
    deviation = still[..., 1].std()
    np.testing.assert_allclose(weights["deviation"], [1.0, deviation])
    np.testing.assert_allclose(weights["increment"], [1.0, deviation])
    weights = statistics.weights(np.array([1.0, 0.0]))  # where all is seen as 0
    np.testing.assert_array_equal(weights["deviation"], 1.0)

import numpy as np
import pytest

from keras_rgan.sequences.statistics import chunks, reservoir
from keras_rgan.sequences.statistics.per_sample_statistics import PerSampleStatistics


def unit_of(*parts):
    statistics = PerSampleStatistics()
    for part in parts:
        statistics.update(part)
    return statistics.unit()


def test_the_unit_is_a_small_quantile_of_half_ranges(monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 5, 2)) * 10.0 ** rng.uniform(0.0, 4.0, (400, 1, 2))
    x[::3, :, 1] = 7.0  # in which sequences there is no range
    half = 0.5 * np.ptp(x, axis=1)
    expected = [np.quantile(h[h > 0.0], 0.01) for h in half.T]
    np.testing.assert_array_equal(unit_of(x), expected)
    monkeypatch.setattr(chunks, "CHUNK", 40)
    np.testing.assert_array_equal(unit_of(*np.array_split(x, 7)), expected)


def test_a_range_that_is_rare_is_known_all_the_same(monkeypatch):
    monkeypatch.setattr(reservoir, "NUM_ROWS", 20)
    x = np.ones((1000, 4, 2))
    x[:, 0, 0] = 0.0
    lone = PerSampleStatistics()
    lone.update(x)
    np.testing.assert_array_equal(lone.unit(), [0.5, 1.0])
    for i in range(5):  # in one sequence of a thousand; whether it is kept or not
        moved = x.copy()
        moved[i, 0, 1] = 7.0
        np.testing.assert_array_equal(unit_of(moved), [0.5, 3.0])


def test_refuses():
    statistics = PerSampleStatistics()
    with pytest.raises(ValueError, match=r"whole sequences, .* Received: shape \(4, 3\)"):
        statistics.update(np.zeros((4, 3)))
    with pytest.raises(ValueError, match="sequences with gaps"):
        statistics.update(np.zeros((4, 3, 1)), gaps=True)
    with pytest.raises(ValueError, match="1 NaN"):
        statistics.update(np.array([[[np.nan]]]))
    assert statistics.is_empty

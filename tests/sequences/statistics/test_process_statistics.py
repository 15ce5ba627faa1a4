import numpy as np
import pytest

from keras_rgan.sequences.statistics import process_statistics
from keras_rgan.sequences.statistics.linear_law import KNOTS, REACH
from keras_rgan.sequences.statistics.process_statistics import ProcessStatistics
from tests.testing import ON_TORCH, autoregression

pytestmark = ON_TORCH


def test_batches_are_as_good_as_the_whole_and_lengths_may_differ():
    data = autoregression(300, 6)
    whole, parts = ProcessStatistics(), ProcessStatistics()
    whole.update(data)
    for part in (data[:100], data[100:]):
        parts.update(part)
    for name, value in whole.weights(4).items():
        np.testing.assert_allclose(value, parts.weights(4)[name], atol=1e-12, err_msg=name)
    parts.update(autoregression(300, 3, seed=1))
    weights = parts.weights(4)
    assert all(np.isfinite(value).all() for value in weights.values())
    expected = 0.8 * np.array([1.0, np.sqrt(0.75)])
    np.testing.assert_allclose(weights["first"][:2, 2:4].diagonal(), expected, atol=0.05)


def test_first_steps_follow_from_earlier_ones_alone():
    first = ProcessStatistics()
    first.update(autoregression(500, 4))
    weights = first.weights(4)
    assert np.allclose(np.tril(weights["first"], -1), 0.0)
    assert (np.diag(weights["first"]) > 0.0).all()


def test_values_are_the_quantiles_of_the_data():
    statistics = ProcessStatistics()
    statistics.update(np.random.default_rng(0).gamma(2.0, size=(2000, 5, 1)))
    weights = statistics.weights(2, np.array([1.0]), np.array([2.0]))
    middle = KNOTS // 2
    np.testing.assert_allclose(weights["values"][middle], (1.678 - 1.0) / 2.0, atol=0.03)  # the median
    knot = round((1.2816 + REACH) * KNOTS / (2.0 * REACH))
    np.testing.assert_allclose(weights["values"][knot], (3.89 - 1.0) / 2.0, atol=0.06)  # 90 %


def test_a_sample_is_kept_of_many(monkeypatch):
    monkeypatch.setattr(process_statistics, "MAX_NUMBERS", 120)
    statistics = ProcessStatistics()
    for seed in range(5):
        statistics.update(autoregression(100, 3, seed=seed))
    assert statistics.weights(2)["first"].shape == (4, 4)
    assert len(statistics._kept) == 20


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_few_sequences_with_gaps_beside_conditions(share):
    """Where no step is whole, or too few are, nothing follows from conditions."""
    random = np.random.default_rng(0)
    data = random.normal(size=(6, 5, 3))
    data[random.random(data.shape) < share] = np.nan
    data[0, 0, 0] = data[1, 1, 1] = data[2, 2, 2] = 1.0
    rows = {"x": random.normal(size=(6, 5, 2))}
    statistics = ProcessStatistics()
    statistics.update(data, True, rows)
    statistics.encode(lambda given, lengths, steps: given["x"])
    weights = statistics.weights(5)
    assert all(np.isfinite(value).all() for value in weights.values())
    assert weights["effect"].any() == (share == 0.0)

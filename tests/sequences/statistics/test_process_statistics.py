import numpy as np
import pytest

from keras_rgan.layers import LinearProcess, MixtureProcess
from keras_rgan.sequences.statistics import process_statistics
from keras_rgan.sequences.statistics.process_statistics import KNOTS, REACH, ProcessStatistics
from keras_rgan.sequences.statistics.random_features import random_feature_score
from tests.testing import ON_TORCH, autoregression, to_numpy

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


def test_the_misfit_is_that_of_samples_of_the_layer():
    """A judge of real sequences and of what `LinearProcess` makes of noise says about the same."""
    rng = np.random.default_rng(3)
    skew = np.exp(0.5 * autoregression(1500, 6, seed=2))
    levels = np.where(rng.random((1500, 6, 2)) < 0.1, 1.0, 0.0).cumsum(axis=1) % 2.0
    jumps = levels + 0.05 * rng.normal(size=levels.shape)
    for data, low, high in ((skew, 0.0, 0.07), (jumps, 0.2, 0.5)):
        statistics = ProcessStatistics()
        statistics.update(data)
        told = statistics.misfit(6)
        assert low <= told <= high
        layer = LinearProcess(6)
        layer.adopt(statistics)
        _, values, _ = layer(rng.normal(size=data.shape).astype("float32"))
        other = random_feature_score(data, to_numpy(values).astype("float64"), rng)
        assert abs(told - other) < 0.07


def test_nothing_is_said_of_few_sequences_nor_of_categories_alone():
    few = ProcessStatistics()
    few.update(autoregression(60, 6) ** 3)
    assert few.misfit(6) == 0.0
    ragged = ProcessStatistics()
    ragged.update(np.where(np.arange(6)[:, None] < 4, autoregression(300, 6), np.nan))
    assert ragged.misfit(6) == 0.0
    categories = ProcessStatistics()
    categories.update(np.eye(3)[np.random.default_rng(0).integers(3, size=(200, 5))])
    assert categories.misfit(5) == 0.0
    assert not any(value.any() for value in categories.weights(5).values())


def test_clusters_are_those_of_sequences_that_were_not_seen():
    """Of clusters that come again there are some; means of a series that never comes back fit nothing."""
    random = np.random.default_rng(0)
    centres = 5.0 * random.normal(size=(6, 8, 1))
    again = centres[random.integers(6, size=3000)] + random.normal(size=(3000, 8, 1))
    statistics = ProcessStatistics()
    statistics.update(again)
    misfit, clusters = statistics.best_fit(8, 0.1)
    assert clusters == 16
    assert misfit < 0.1 < 0.3 < statistics.misfit(8)
    assert statistics.weights(8, clusters=16)["shifts"].shape == (16, 8, 1)
    series = np.sin(np.linspace(0.0, 9.0, 3008) ** 2)[:, None] + np.linspace(0.0, 20.0, 3008)[:, None]
    windows = np.stack([series[i : i + 8] for i in range(3000)])
    never = ProcessStatistics()
    never.update(windows)
    assert never.best_fit(8, 0.1)[1] == 1


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


def test_a_judge_is_shown_of_what_is_kept(monkeypatch):
    """More than there is room for was taken in when it is asked first."""
    monkeypatch.setattr(process_statistics, "MAX_NUMBERS", 6 * 2 * 1200)
    statistics = ProcessStatistics()
    statistics.update(autoregression(2000, 6))
    misfit, _ = statistics.best_fit(6, 0.1)
    assert misfit < 0.1
    assert len(statistics._kept) == 1200
    assert statistics.best_mixture(6, 0.5, MixtureProcess.values_of)[0] < 0.1


@pytest.mark.parametrize(("promising", "components"), [(0.5, 24), (0.0, 2)])
def test_many_laws_are_tried_where_fewer_of_them_promise(promising, components, monkeypatch):
    """Four levels, of which each may follow each: two laws are too few."""
    monkeypatch.setattr(process_statistics, "MIXTURES", ((1, 2), (1, 24)))
    monkeypatch.setattr(process_statistics, "MANY", 2)
    monkeypatch.setattr(process_statistics, "PROMISING", promising)
    random = np.random.default_rng(0)
    states = random.integers(4, size=(2400, 6, 1))
    for i in range(1, 6):
        stays = random.random((2400, 1)) < 0.7
        states[:, i] = np.where(stays, states[:, i - 1], states[:, i])
    statistics = ProcessStatistics()
    statistics.update(states**1.5 + 0.02 * random.normal(size=states.shape))
    assert statistics.best_mixture(6, 0.5, MixtureProcess.values_of)[2] == components

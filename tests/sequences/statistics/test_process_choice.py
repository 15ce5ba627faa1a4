import numpy as np
import pytest

from keras_rgan.layers import LinearProcess, MixtureProcess
from keras_rgan.sequences.statistics import process_choice, process_statistics
from keras_rgan.sequences.statistics.process_statistics import ProcessStatistics
from keras_rgan.sequences.statistics.random_features import random_feature_score
from tests.testing import ON_TORCH, autoregression, to_numpy

pytestmark = ON_TORCH


def test_the_misfit_is_that_of_samples_of_the_layer():
    """A judge of real sequences and of what `LinearProcess` makes of noise says about the same."""
    rng = np.random.default_rng(3)
    skew = np.exp(0.5 * autoregression(1500, 6, seed=2))
    levels = np.where(rng.random((1500, 6, 2)) < 0.1, 1.0, 0.0).cumsum(axis=1) % 2.0
    jumps = levels + 0.05 * rng.normal(size=levels.shape)
    for data, low, high in ((skew, 0.0, 0.07), (jumps, 0.2, 0.5)):
        statistics = ProcessStatistics()
        statistics.update(data)
        told = process_choice.misfit(statistics, 6)
        assert low <= told <= high
        layer = LinearProcess(6)
        layer.adopt(statistics)
        _, values, _ = layer(rng.normal(size=data.shape).astype("float32"))
        other = random_feature_score(data, to_numpy(values).astype("float64"), rng)
        assert abs(told - other) < 0.07


def test_nothing_is_said_of_few_sequences_nor_of_categories_alone():
    few = ProcessStatistics()
    few.update(autoregression(60, 6) ** 3)
    assert process_choice.misfit(few, 6) == 0.0
    ragged = ProcessStatistics()
    ragged.update(np.where(np.arange(6)[:, None] < 4, autoregression(300, 6), np.nan))
    assert process_choice.misfit(ragged, 6) == 0.0
    categories = ProcessStatistics()
    categories.update(np.eye(3)[np.random.default_rng(0).integers(3, size=(200, 5))])
    assert process_choice.misfit(categories, 5) == 0.0
    assert not any(value.any() for value in categories.weights(5).values())


def test_clusters_are_those_of_sequences_that_were_not_seen():
    """Of clusters that come again there are some; means of a series that never comes back fit nothing."""
    random = np.random.default_rng(0)
    centres = 5.0 * random.normal(size=(6, 8, 1))
    again = centres[random.integers(6, size=3000)] + random.normal(size=(3000, 8, 1))
    statistics = ProcessStatistics()
    statistics.update(again)
    misfit, clusters = process_choice.best_fit(statistics, 8, 0.1)
    assert clusters == 16
    assert misfit < 0.1 < 0.3 < process_choice.misfit(statistics, 8)
    assert statistics.weights(8, clusters=16)["shifts"].shape == (16, 8, 1)
    series = np.sin(np.linspace(0.0, 9.0, 3008) ** 2)[:, None] + np.linspace(0.0, 20.0, 3008)[:, None]
    windows = np.stack([series[i : i + 8] for i in range(3000)])
    never = ProcessStatistics()
    never.update(windows)
    assert process_choice.best_fit(never, 8, 0.1)[1] == 1


def test_a_judge_is_shown_of_what_is_kept(monkeypatch):
    """More than there is room for was taken in when it is asked first."""
    monkeypatch.setattr(process_statistics, "MAX_NUMBERS", 6 * 2 * 1200)
    statistics = ProcessStatistics()
    statistics.update(autoregression(2000, 6))
    misfit, _ = process_choice.best_fit(statistics, 6, 0.1)
    assert misfit < 0.1
    assert len(statistics._kept) == 1200
    assert process_choice.best_mixture(statistics, 6, 0.5, MixtureProcess.values_of)[0] < 0.1


@pytest.mark.parametrize(("promising", "components"), [(0.5, 24), (0.0, 2)])
def test_many_laws_are_tried_where_fewer_of_them_promise(promising, components, monkeypatch):
    """Four levels, of which each may follow each: two laws are too few."""
    monkeypatch.setattr(process_choice, "MIXTURES", ((1, 2), (1, 24)))
    monkeypatch.setattr(process_choice, "MANY", 2)
    monkeypatch.setattr(process_choice, "PROMISING", promising)
    random = np.random.default_rng(0)
    states = random.integers(4, size=(2400, 6, 1))
    for i in range(1, 6):
        stays = random.random((2400, 1)) < 0.7
        states[:, i] = np.where(stays, states[:, i - 1], states[:, i])
    statistics = ProcessStatistics()
    statistics.update(states**1.5 + 0.02 * random.normal(size=states.shape))
    assert process_choice.best_mixture(statistics, 6, 0.5, MixtureProcess.values_of)[2] == components

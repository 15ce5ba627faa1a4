"""Intervals are those of SciPy, and chance is that of labels."""

import numpy as np
import pytest

from keras_rgan.metrics import resampling
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (10, 10), (3, 10), (37, 2_000)])
def test_clopper_pearson_is_that_of_scipy(successes, trials):
    stats = pytest.importorskip("scipy.stats")
    wanted = stats.binomtest(successes, trials).proportion_ci(0.95, method="exact")
    assert resampling.clopper_pearson(successes, trials) == pytest.approx(tuple(wanted), abs=1e-9)


def test_p_values_count_the_ways():
    labels = np.arange(20) < 10
    values = labels.astype("float64")
    random = np.random.default_rng(0)
    observed, by_chance = resampling.of_labels(labels, lambda ways: ways @ values, random)
    assert observed == 10.0
    assert len(by_chance) == resampling.PERMUTATIONS
    assert resampling.p_value(observed, by_chance) == pytest.approx(1e-3)
    assert resampling.p_value(0.0, by_chance) == 1.0
    assert resampling.least_p_value(np.array([True, True, False, False])) == pytest.approx(1.0 / 6.0)
    assert resampling.least_p_value(labels) == pytest.approx(1e-3)


def test_hits_of_one_group_are_worth_one_trial():
    hits = np.repeat([True, False, True, False], 25)
    alone = resampling.share_interval(hits, np.arange(100))
    assert alone == pytest.approx(resampling.clopper_pearson(50, 100))
    low, high = resampling.share_interval(hits, np.repeat(np.arange(4), 25))
    assert (low, high) == pytest.approx(resampling.clopper_pearson(2, 4))
    assert resampling.share_interval(np.zeros(100, bool), np.repeat(np.arange(4), 25))[1] > 0.5
    even = resampling.share_interval(hits, np.tile(np.arange(25), 4))
    assert even == pytest.approx(alone), "groups that are all alike are worth no more than their hits"

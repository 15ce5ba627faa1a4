"""Figures of an attack are those of scikit-learn, and its p-values those of chance."""

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.metrics import attack_score
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH


def attacked(seed=0, count=300, gain=1.0, rounded=None):
    rng = np.random.default_rng(seed)
    members = np.arange(count) < count // 2
    scores = rng.normal(size=count) + gain * members
    return (scores if rounded is None else scores.round(rounded)), members


@pytest.mark.parametrize("rounded", [None, 0, 1])
def test_area_and_rate_are_those_of_scikit_learn(rounded):
    metrics = pytest.importorskip("sklearn.metrics")
    scores, members = attacked(rounded=rounded)
    told = kr.metrics.AttackScore.of(scores, members)
    assert told.auc == pytest.approx(metrics.roc_auc_score(members, scores))
    assert told.auc_interval[0] < told.auc < told.auc_interval[1]
    false, true, _ = metrics.roc_curve(members, scores, drop_intermediate=False)
    assert told.true_positive_rate == pytest.approx(true[false <= 0.01 + 1e-9].max())
    low, high = told.true_positive_interval
    assert low <= told.true_positive_rate <= high
    assert (told.members, told.others) == (150, 150)
    assert attack_score.area(scores, members) == told.auc


def test_of_no_knowledge_p_values_are_even():
    chances = [kr.metrics.AttackScore.of(*attacked(seed, 80, 0.0)).p_value for seed in range(40)]
    assert 0 <= sum(p < 0.1 for p in chances) <= 9
    assert kr.metrics.AttackScore.of(*attacked()).p_value < 0.01


def test_members_of_a_group_are_no_evidence_of_their_own():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(8), 50)
    members = groups < 4
    scores = -rng.normal(size=8)[groups] + 0.01 * rng.normal(size=400)
    alone, grouped = (kr.metrics.AttackScore.of(scores, members, g) for g in (None, groups))
    assert alone.auc == grouped.auc
    assert np.ptp(grouped.auc_interval) > 2.0 * np.ptp(alone.auc_interval)
    assert grouped.p_value > 0.05 > alone.p_value
    wide, narrow = (np.ptp(x.true_positive_interval) for x in (grouped, alone))
    assert wide > narrow
    assert "at 1 % false positives" in str(grouped)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scores": np.arange(5.0)}, r"a score for each record.*shapes \(5,\), \(4,\) and \(5,\)"),
        ({"groups": [0, 0, 1]}, r"shapes \(4,\), \(4,\) and \(3,\)"),
        ({"scores": [0.0, np.nan, 1.0, 2.0]}, "NaN for 1 of 4"),
        ({"members": np.ones(4)}, "and others. Received: 4 and 0"),
        ({"scores": [], "members": []}, "and others. Received: 0 and 0"),
        ({"groups": ["a", "b", "b", "c"]}, "1 that are both, such as b"),
    ],
)
def test_what_it_refuses(change, message):
    given = {"scores": np.arange(4.0), "members": [True, True, False, False], **change}
    refuses(lambda: kr.metrics.AttackScore.of(**given), message)

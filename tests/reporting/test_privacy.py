"""Who copies is caught, and who does not is passed; what cannot be told is said."""

import json

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.reporting.privacy import _least_area
from tests.metrics.test_closest_record_distance import copier, sines
from tests.metrics.test_records import blocks
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


@pytest.fixture(scope="module")
def sets():
    return sines(500, 1), sines(400, 2)


def test_copiers_slight_copiers_and_overtrained_models_are_caught(sets):
    train, holdout = sets
    rng = np.random.default_rng(0)
    overtrained = train[rng.integers(500, size=500)] + 0.01 * rng.normal(size=(500, 12, 2))
    for made, names in (
        (train, {"nearest records", "near copies", "exact copies", "attribute inference", "outliers"}),
        (copier(train, 0.05)[0], {"near copies"}),
        (overtrained, {"nearest records", "membership by distance", "membership by density ratio"}),
    ):
        found = kr.privacy_report(made, train, holdout)
        assert found.level == "alarm"
        assert names <= {test.name for test in found.tests if test.alarm}
        assert "do not pass them on" in found.verdict
        assert "arXiv 2505.01524" in str(found)


def test_fresh_sets_and_a_copula_are_passed(sets):
    train, holdout = sets
    copula = kr.baselines.GaussianCopula().fit(train)
    found = [kr.privacy_report(sines(400, seed), train, holdout).level for seed in (3, 4, 5)]
    assert [*found, kr.privacy_report(copula, train, holdout, max_samples=400).level] == 4 * ["passed"]


def test_blocks_of_a_series_are_found_and_too_few_are_said(tmp_path):
    parts = blocks(range(20), 30)
    train, holdout, fresh = (np.concatenate(parts[i::3]) for i in range(3))
    found = kr.privacy_report(fresh, train, holdout, path=tmp_path / "out" / "privacy.json")
    assert found.closest.groups == (7, 7)
    assert found.level == "passed"
    assert "Of 7 groups that were trained on and 7" in found.verdict
    assert kr.privacy_report(train, train, holdout).level == "alarm"
    known = json.loads((tmp_path / "out" / "privacy.json").read_text())
    assert known["level"] == "passed"
    assert known["closest"]["share"] == pytest.approx(found.closest.share)
    few = kr.privacy_report(parts[0], np.concatenate(parts[2:4]), np.concatenate(parts[5:9]))
    assert few.level == "unknown"
    assert "2 groups that were trained on and 4" in few.verdict
    few.save(tmp_path / "few.txt")
    assert (tmp_path / "few.txt").read_text() == f"{few}\n"


def test_of_three_held_out_groups_little_is_known(sets):
    train, holdout = sets[0][:60], sets[1][:3]
    found = kr.privacy_report(sines(40, 3), train, holdout)
    assert found.level == "unknown"
    assert found.attacks == {}
    assert "60 groups that were trained on and 3" in found.verdict
    assert kr.privacy_report(train, train, holdout).level == "alarm"


def test_the_least_area_that_is_told_from_chance():
    """Areas of scores that say nothing exceed it as often as the risk says."""
    rng = np.random.default_rng(0)
    ranks = rng.permuted(np.tile(np.arange(35), (20_000, 1)), axis=1)
    areas = (ranks[:, :20].sum(axis=1) - 20 * 19 / 2) / (20 * 15)
    assert (areas >= _least_area(20, 15, 0.05)).mean() == pytest.approx(0.05, abs=0.006)
    assert _least_area(2, 2, 0.001) == 1.0

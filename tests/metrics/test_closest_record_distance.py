"""Copies are counted and named, whoever else is near; and what is new is passed."""

import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def sines(count, seed):
    return kr.datasets.make_sines(count, 12, 2, seed=seed)


def copier(train, share, seed=0):
    """Fresh samples, of which a share are training rows but for a tiny noise."""
    rng = np.random.default_rng(seed)
    made = sines(500, seed + 90)
    count = int(share * len(made))
    rows = rng.permutation(len(train))[:count]
    made[:count] = train[rows] + 1e-3 * rng.normal(size=made[:count].shape)
    return made, rows


@pytest.mark.parametrize("share", [1.0, 0.05])
def test_copies_are_named(share):
    train, holdout = sines(500, 1), sines(250, 2)
    made, rows = copier(train, share)
    found = kr.metrics.closest_record_distance(made, train, holdout)
    told = {pair.generated: pair.train for pair in found.near}
    assert {i: told.get(i) for i in range(len(rows))} == dict(enumerate(rows))
    assert found.near_p_value < 0.005
    assert found.exact == []
    assert found.near[0].distance < 0.01 < found.holdout_distance
    if share == 1.0:
        assert found.share > 0.99
        assert found.p_value < 0.005
        assert found.interval[0] > 0.9
        assert found.distance < 0.01
    exact = kr.metrics.closest_record_distance(np.concatenate([made, train[:9]]), train, holdout)
    assert [(pair.generated, pair.train) for pair in exact.exact] == [(500 + i, i) for i in range(9)]
    assert exact.exact_p_value < 0.05
    assert "9 of 509 generated sequences are exact copies" in str(exact)


def test_a_fresh_set_is_passed_whatever_the_sizes():
    for train, holdout in ((sines(600, 1), sines(200, 2)), (sines(200, 3), sines(600, 4))):
        found = kr.metrics.closest_record_distance(sines(500, 5), train, holdout)
        assert found.interval[0] < 0.5 < found.interval[1]
        assert min(found.p_value, found.near_p_value, found.exact_p_value) > 0.01
        assert found.generated == 500


def test_chance_is_counted_by_entity_and_by_block():
    rng = np.random.default_rng(0)
    # Twelve entities, of which each has sequences all alike: one that happens to be near is no copying.
    kinds = rng.normal(size=(24, 8, 2))
    rows = np.repeat(np.arange(24), 30)
    data = kinds[rows] + 0.05 * rng.normal(size=(720, 8, 2))
    made = kinds[[0, 1, 2, 3, 13]][np.arange(300) % 5] + 0.05 * rng.normal(size=(300, 8, 2))
    sets = made, data[:360], data[360:]
    grouped = kr.metrics.closest_record_distance(*sets, rows[:360], rows[360:])
    assert grouped.groups == (12, 12)
    assert grouped.p_value > 0.05
    assert np.ptp(grouped.interval) > 0.4
    alone = kr.metrics.closest_record_distance(*sets)
    assert alone.p_value < 0.01
    assert grouped.share == pytest.approx(0.8, abs=0.01)


def test_few_groups_say_so():
    train, holdout = sines(40, 1), sines(20, 2)
    found = kr.metrics.closest_record_distance(
        train, train, holdout, np.arange(40) % 2, 2 + np.arange(20) % 2
    )
    assert found.least_p_value == pytest.approx(1 / 6)


def test_sequences_come_in_all_forms():
    rng = np.random.default_rng(0)
    lists = [
        [x[:n] for x, n in zip(sines(60, s), rng.integers(4, 12, 60), strict=True)] for s in range(3)
    ]
    labels = [{"who": np.array(["a", "b"])[rng.integers(2, size=60)]} for _ in range(3)]
    pairs = [(x, y) for x, y in zip(lists, labels, strict=True)]
    assert kr.metrics.closest_record_distance(pairs[0], pairs[1], pairs[2]).p_value > 0.01
    copied = kr.metrics.closest_record_distance(pairs[1], pairs[1], pairs[2])
    assert len(copied.exact) == 60
    gaps = sines(60, 1)
    gaps[::2, 3] = np.nan
    assert kr.metrics.closest_record_distance(sines(60, 0), gaps, sines(60, 2)).p_value > 0.01

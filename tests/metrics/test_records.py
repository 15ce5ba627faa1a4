"""Groups are whole, and of the sizes of those held out."""

import numpy as np

import keras_rgan as kr
from keras_rgan.metrics import records
from tests.testing import ON_TORCH, refuses, windows

pytestmark = ON_TORCH


def series(count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 2)).cumsum(axis=0)


def blocks(numbers, length=60, size=12):
    """Return windows of blocks of one series, block by block."""
    whole = series(20 * length)
    parts = [whole[length * i : length * i + length] for i in numbers]
    return [kr.data.sliding_windows(part, size) for part in parts]


def test_large_blocks_are_cut_to_the_size_of_those_held_out():
    train = np.concatenate(blocks([0, 1], 120) + blocks([10], 60))
    held = np.concatenate(blocks([14, 16], 60))
    known = records.records_of(train[:20], train, held)
    sizes = np.bincount(known.groups)
    assert known.is_train.sum() == 5
    assert len(sizes) == 7
    assert sizes.max() <= 1.5 * sizes[-1]


def test_draws_keep_whole_groups(monkeypatch):
    monkeypatch.setattr(records, "MOST_REAL", 100)
    train, held = windows(200), windows(40, seed=1)
    groups, held_groups = np.arange(200) // 10, -1 - np.arange(40) // 10
    known = records.records_of(windows(9, seed=2), train, held, groups, held_groups, max_samples=5)
    assert len(known.real) <= 100
    assert (~known.of_train).sum() == 40
    assert set(np.bincount(known.groups)) == {10}
    rows = known.rows[known.of_train]
    assert len(set(groups[rows])) * 10 == len(rows)
    assert len(known.generated) == 5
    np.testing.assert_allclose(known.space.points(train[rows]), known.real[known.of_train])


def test_what_it_refuses():
    parts = blocks([0])[0]
    refuses(lambda: records.records_of(parts, parts[:20], parts[20:]), "overlap none.*29 of 29")
    data = windows(20)
    refuses(lambda: records.records_of(data, data, data, np.zeros(20)), "`groups` alone")
    refuses(lambda: records.records_of(data, data, data, np.zeros(3), np.zeros(20)), r"shape \(3,\)")
    refuses(lambda: records.records_of(data, data, data, np.zeros(20), np.zeros(20)), "1 that are both")

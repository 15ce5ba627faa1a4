"""Windows of one series are found to be one group, of as many steps as that has."""

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.metrics.overlaps import Overlaps
from tests.metrics.test_records import blocks, series
from tests.testing import ON_TORCH, windows

pytestmark = ON_TORCH


def test_windows_of_a_block_are_one_group_in_any_order():
    parts = blocks(range(4))
    together = np.concatenate(parts)
    order = np.random.default_rng(0).permutation(len(together))
    found = Overlaps.of(together[order])
    truth = np.repeat(np.arange(4), len(parts[0]))[order]
    assert len(set(zip(found.groups, truth, strict=True))) == len(set(found.groups)) == 4
    np.testing.assert_array_equal(np.bincount(truth, found.new), 60)
    assert found.apart == 4 * 60 // 12


ALONE = {
    "sines": windows(50),
    "zeros": np.zeros((50, 8, 1)),
    "one category": np.eye(4)[np.zeros((50, 8), int)],
    "flags": np.random.default_rng(0).random((50, 8, 1)) < 0.1,
    "coins": np.random.default_rng(0).integers(2, size=(500, 8, 1)),
    "counts": np.random.default_rng(0).poisson(5.0, (500, 12, 1)),
    "three steps": kr.data.sliding_windows(series(50), 3),
    "one": series(8)[None],
}


@pytest.mark.parametrize("data", ALONE.values(), ids=ALONE.keys())
def test_what_is_alike_by_chance_is_no_block(data):
    found = Overlaps.of(data)
    assert len(set(found.groups)) == found.apart == len(data)


@pytest.mark.parametrize(("stride", "apart"), [(1, 41), (5, 41), (12, 41), (13, 76), (24, 41)])
def test_as_many_apart_as_the_series_has_steps_for(stride, apart):
    """Below half a window of shared steps each is one of its own."""
    assert Overlaps.of(kr.data.sliding_windows(series(1000), 24, stride=stride)).apart == apart


def test_of_few_distinct_values_windows_are_found_where_they_follow_one_another():
    """Such as degrees, to one decimal: many times as many windows as values."""
    random = np.random.default_rng(0)
    degrees = np.round(10.0 + 5.0 * np.sin(np.arange(2000) / 20) + random.normal(size=2000), 1)
    rain = np.where(random.random(2000) < 0.7, 0, random.poisson(3.0, 2000))
    for values in (degrees, rain):
        assert len(np.unique(values)) < 200
        found = Overlaps.of(kr.data.sliding_windows(values[:, None], 24))
        assert set(found.groups) == {0}
        assert found.new.sum() == 2000


def test_what_follows_the_last_one_trained_on_is_not_held_out():
    degrees = np.round(np.random.default_rng(0).normal(size=600).cumsum(), 0)[:, None]
    data = kr.data.sliding_windows(degrees, 12)
    with pytest.raises(ValueError, match="overlap none of those trained on"):
        kr.privacy_report(data[:50], data[:400], data[400:])

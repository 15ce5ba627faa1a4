"""Which parts of sequences are hidden: as a model will be asked for them."""

import keras
import numpy as np
import pytest

from keras_rgan.sequences import hiding
from tests.testing import to_numpy

SHAPE = (2000, 9, 3)


@pytest.fixture(scope="module")
def observed():
    return to_numpy(hiding.draw_observed(SHAPE, keras.random.SeedGenerator(0)))


def test_every_kind_of_gap_is_drawn(observed):
    """Shares by chance: a kind's is a fifth, 400 of 2,000 with a deviation of 18."""
    assert set(np.unique(observed)) == {0.0, 1.0}
    nothing = (observed == 0).all(axis=(1, 2))
    steps = (observed == observed[..., :1]).all(axis=2)
    falls = (np.diff(observed, axis=1) <= 0).all(axis=(1, 2))
    beginning = steps.all(axis=1) & falls & ~nothing
    one_gap = ((np.diff(observed, axis=1) < 0).sum(axis=1) + (observed[:, 0] == 0) <= 1).all(axis=1)
    assert 330 <= nothing.sum() <= 600  # and values and steps at low rates
    assert 330 <= beginning.sum() <= 700
    single = ~steps.all(axis=1) & ~one_gap
    assert 200 <= single.sum() <= 470
    whole = steps.all(axis=1) & ~falls
    assert 200 <= whole.sum() <= 500
    gaps = ~steps.all(axis=1) & one_gap
    assert 150 <= gaps.sum() <= 600
    prefix = observed[beginning][..., 0].sum(axis=1)
    assert set(prefix) == set(range(1, 10))


def test_what_is_not_known_is_never_shown():
    known = np.random.default_rng(0).random(SHAPE) < 0.5
    shown = to_numpy(hiding.draw_observed(SHAPE, keras.random.SeedGenerator(0), known))
    assert not shown[~known].any()
    assert shown[known].any()


def test_beginnings_and_gaps_lie_within_sequences_of_any_length():
    shape, ends = (4000, 24, 1), np.where(np.arange(4000) % 2, 24, 4)
    counts = (np.arange(24) < ends[:, None])[..., None].astype("float32")
    shown = to_numpy(hiding.draw_observed(shape, keras.random.SeedGenerator(0), counts=counts))
    assert not shown[counts == 0].any()
    share = shown.sum(axis=(1, 2)) / ends
    parts = (share > 0) & (share < 1)
    assert parts[::2].mean() > 0.5  # of four steps: all but nothing and, sometimes, everything
    assert abs(share[::2].mean() - share[1::2].mean()) < 0.05

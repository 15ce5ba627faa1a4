"""What is hidden in training, the score of draws, and futures in parts."""

import keras
import numpy as np
import pytest
import scipy.integrate
import scipy.stats

from keras_rgan.conditioning import completion
from tests.testing import to_numpy

SHAPE = (2000, 9, 3)


@pytest.fixture(scope="module")
def observed():
    return to_numpy(completion.draw_observed(SHAPE, keras.random.SeedGenerator(0)))


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
    shown = to_numpy(completion.draw_observed(SHAPE, keras.random.SeedGenerator(0), known))
    assert not shown[~known].any()
    assert shown[known].any()


def test_beginnings_and_gaps_lie_within_sequences_of_any_length():
    shape, ends = (4000, 24, 1), np.where(np.arange(4000) % 2, 24, 4)
    counts = (np.arange(24) < ends[:, None])[..., None].astype("float32")
    shown = to_numpy(completion.draw_observed(shape, keras.random.SeedGenerator(0), counts=counts))
    assert not shown[counts == 0].any()
    share = shown.sum(axis=(1, 2)) / ends
    parts = (share > 0) & (share < 1)
    assert parts[::2].mean() > 0.5  # of four steps: all but nothing and, sometimes, everything
    assert abs(share[::2].mean() - share[1::2].mean()) < 0.05


def test_the_score_is_that_of_the_distribution():
    """E |X - y| - E |X - X'| / 2 of N(0, 1), integrated by SciPy."""
    rng = np.random.default_rng(0)
    y = 0.7
    shape = (4000, 10, 1)
    first, second = (rng.normal(size=shape).astype("float32") for _ in range(2))

    def integrand(x):
        return (scipy.stats.norm.cdf(x) - (x >= y)) ** 2

    expected = scipy.integrate.quad(integrand, -9, y)[0] + scipy.integrate.quad(integrand, y, 9)[0]
    real = np.full(shape, y, "float32")
    found = completion.score(real, first, second, np.ones(shape, "float32"))
    assert float(found) == pytest.approx(expected, abs=0.02)
    halved = completion.score(real, first, second, np.full(shape, 2.0, "float32"))
    assert float(halved) == pytest.approx(0.5 * float(found), rel=1e-5)


def test_the_score_is_least_for_the_truth():
    rng = np.random.default_rng(0)
    real, *draws = (rng.normal(size=(20_000, 1, 1)).astype("float32") for _ in range(3))
    scale = np.ones_like(real)
    scores = {
        (shift, spread): float(completion.score(real, *(shift + spread * x for x in draws), scale))
        for shift in (-0.5, 0.0, 0.5)
        for spread in (0.2, 1.0, 2.0)
    }
    assert min(scores, key=scores.get) == (0.0, 1.0)


def test_only_what_is_hidden_and_known_is_scored():
    real = np.zeros((1, 3, 1), "float32")
    first = np.array([1.0, 2.0, 4.0], "float32").reshape(1, 3, 1)
    scale = np.array([0.0, 1.0, 1.0], "float32").reshape(1, 3, 1)
    known = np.array([1.0, 1.0, 0.0]).reshape(1, 3, 1)
    assert float(completion.score(real, first, first, scale)) == pytest.approx(3.0)
    assert float(completion.score(real, first, first, scale, known)) == pytest.approx(2.0)
    assert float(completion.score(real, first, first, 0 * scale)) == 0.0


@pytest.mark.parametrize(("length", "steps", "window"), [(8, 4, 12), (3, 20, 8), (30, 5, 8), (2, 1, 1)])
def test_rolls_on_in_windows(length, steps, window):
    """A completion that counts on shows that every step follows the one before, in its own draw."""
    sizes = []

    def count_on(windows, start):
        if windows.ndim == 3:
            windows = np.stack([windows, windows], axis=1)
        sizes.append(windows.shape[2])
        filled = windows.copy()
        for t in range(1, windows.shape[2]):
            gap = np.isnan(filled[:, :, t])
            filled[:, :, t] = np.where(gap, filled[:, :, t - 1] + 1.0, filled[:, :, t])
        if not np.isnan(windows[..., 0, :]).any():
            assert (windows[..., 0, :] % 100 == start).all()
        return filled

    history = np.arange(length, dtype="float32")[None, :, None] + np.array([0, 100])[:, None, None]
    made = completion.roll(count_on, history, steps, window)
    expected = np.arange(length, length + steps) + np.array([0, 100])[:, None]
    np.testing.assert_array_equal(made[..., 0], np.stack([expected, expected], axis=1))
    assert max(sizes) <= max(window, 2)


def test_quantiles_are_numpys():
    paths = np.random.default_rng(0).normal(size=(2, 50, 3, 4)).astype("float32")
    found = completion.summarize(paths, np.array([0.1, 0.5]))
    assert found.shape == (2, 2, 3, 4)
    np.testing.assert_array_equal(found[:, 1], np.sort(paths, axis=1)[:, 24])
    assert completion.summarize(paths, None) is paths


def test_parts_of_pieces():
    pieces = (np.arange(n, n + 6)[None, :, None] for n in range(0, 10**9, 6))
    for steps in (4, 6, 15):
        parts = [next(part) for part in [completion.in_parts(pieces, steps)] for _ in range(7)]
        assert [x.shape for x in parts] == [(1, steps, 1)] * 7
        np.testing.assert_array_equal(np.diff(np.concatenate(parts, axis=1)[0, :, 0]), 1)


def test_the_most_frequent_category_stands_for_all_quantiles():
    """Of three, none of which most draws have, the median of each would be 0."""
    drawn = np.repeat([0, 1, 2], [4, 3, 3])
    paths = np.concatenate([np.arange(10.0)[:, None], np.eye(3)[drawn]], axis=-1)[None, :, None]
    found = completion.summarize(paths, np.array([0.5, 0.9]), [(1, 4)])
    np.testing.assert_array_equal(found[0, :, 0], [[4, 1, 0, 0], [8, 1, 0, 0]])

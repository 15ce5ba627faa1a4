"""Futures in windows, and quantiles of draws."""

import numpy as np
import pytest

from keras_rgan.generating import windows


@pytest.mark.parametrize(("length", "steps", "window"), [(8, 4, 12), (3, 20, 8), (30, 5, 8), (2, 1, 1)])
def test_rolls_on_in_windows(length, steps, window):
    """A completion that counts on shows that every step follows the one before, in its own draw."""
    sizes = []

    def count_on(window_values, start):
        if window_values.ndim == 3:
            window_values = np.stack([window_values, window_values], axis=1)
        sizes.append(window_values.shape[2])
        filled = window_values.copy()
        for t in range(1, window_values.shape[2]):
            gap = np.isnan(filled[:, :, t])
            filled[:, :, t] = np.where(gap, filled[:, :, t - 1] + 1.0, filled[:, :, t])
        if not np.isnan(window_values[..., 0, :]).any():
            assert (window_values[..., 0, :] % 100 == start).all()
        return filled

    history = np.arange(length, dtype="float32")[None, :, None] + np.array([0, 100])[:, None, None]
    made = windows.roll(count_on, history, steps, window)
    expected = np.arange(length, length + steps) + np.array([0, 100])[:, None]
    np.testing.assert_array_equal(made[..., 0], np.stack([expected, expected], axis=1))
    assert max(sizes) <= max(window, 2)


def test_quantiles_are_numpys():
    paths = np.random.default_rng(0).normal(size=(2, 50, 3, 4)).astype("float32")
    found = windows.summarize(paths, np.array([0.1, 0.5]))
    assert found.shape == (2, 2, 3, 4)
    np.testing.assert_array_equal(found[:, 1], np.sort(paths, axis=1)[:, 24])
    assert windows.summarize(paths, None) is paths


def test_the_most_frequent_category_stands_for_all_quantiles():
    """Of three, none of which most draws have, the median of each would be 0."""
    drawn = np.repeat([0, 1, 2], [4, 3, 3])
    paths = np.concatenate([np.arange(10.0)[:, None], np.eye(3)[drawn]], axis=-1)[None, :, None]
    found = windows.summarize(paths, np.array([0.5, 0.9]), [(1, 4)])
    np.testing.assert_array_equal(found[0, :, 0], [[4, 1, 0, 0], [8, 1, 0, 0]])

import numpy as np
import pytest

import keras_rgan as kr


@pytest.mark.parametrize(("length", "stride"), [(3, 1), (3, 2), (10, 1), (1, 4)])
def test_windows_are_slices_in_the_order_of_time(length, stride):
    series = np.random.default_rng(0).normal(size=(10, 2)).astype("float32")
    windows = kr.data.sliding_windows(series, length, stride)
    expected = [series[i : i + length] for i in range(0, 10 - length + 1, stride)]
    np.testing.assert_array_equal(windows, expected)
    assert windows.dtype == series.dtype
    assert windows.flags.writeable


def test_one_feature_may_come_flat():
    assert kr.data.sliding_windows([1.0, 2.0, 3.0], 2).shape == (2, 2, 1)


def test_the_energy_windows():
    series, _ = kr.datasets.load_energy()
    windows = kr.data.sliding_windows(series, 24)
    assert windows.shape == (19711, 24, 28)
    np.testing.assert_array_equal(windows[0, 1:], windows[1, :-1])


def test_bad_input():
    with pytest.raises(
        ValueError, match="needs at least 24 steps for windows of that length. Received: 10"
    ):
        kr.data.sliding_windows(np.ones((10, 2)), 24)
    with pytest.raises(ValueError, match=r"Received: shape \(2, 3, 4\)"):
        kr.data.sliding_windows(np.ones((2, 3, 4)), 2)
    with pytest.raises(ValueError, match="`stride` must be an integer of at least 1"):
        kr.data.sliding_windows(np.ones(5), 2, stride=0)

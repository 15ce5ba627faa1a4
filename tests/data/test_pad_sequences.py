import numpy as np
import pytest

import keras_rgan as kr


def test_repeats_the_last_step():
    a, b = np.arange(6.0).reshape(3, 2), np.arange(2.0).reshape(1, 2)
    padded, lengths = kr.data.pad_sequences([a, b])
    np.testing.assert_array_equal(lengths, [3, 1])
    np.testing.assert_array_equal(padded[0], a)
    np.testing.assert_array_equal(padded[1], [[0, 1]] * 3)
    longer, _ = kr.data.pad_sequences([a, b], length=5)
    np.testing.assert_array_equal(longer[0], [*a, *[a[-1]] * 2])


def test_refuses():
    one = np.ones((3, 2))
    with pytest.raises(ValueError, match="Received: none"):
        kr.data.pad_sequences([])
    with pytest.raises(ValueError, match=r"shape \(0, 2\) at index 1"):
        kr.data.pad_sequences([one, np.ones((0, 2))])
    with pytest.raises(ValueError, match=r"shape \(3,\) at index 0"):
        kr.data.pad_sequences([np.ones(3)])
    with pytest.raises(ValueError, match=r"the same features. Received: \[2, 3\]"):
        kr.data.pad_sequences([one, np.ones((3, 3))])
    with pytest.raises(ValueError, match="at most 2 steps. Received: a sequence of 3"):
        kr.data.pad_sequences([one], length=2)

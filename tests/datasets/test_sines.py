import numpy as np
import pytest

import keras_rgan as kr


def test_sines_follow_their_formula():
    sines = kr.datasets.make_sines(200, seed=3).astype("float64")
    assert sines.shape == (200, 24, 5)
    assert sines.min() >= 0.0
    assert sines.max() <= 1.0
    waves = np.arcsin(np.clip(2.0 * sines - 1.0, -1.0, 1.0))
    phase, frequency = waves[:, 0], waves[:, 1] - waves[:, 0]
    assert phase.min() >= 0.0
    assert phase.max() <= 0.1 + 1e-6
    assert frequency.min() >= -1e-6
    assert frequency.max() <= 0.1 + 1e-6
    time = np.arange(24)[None, :, None]
    expected = (np.sin(frequency[:, None] * time + phase[:, None]) + 1.0) / 2.0
    np.testing.assert_allclose(sines, expected, atol=1e-4)


def test_seeds():
    np.testing.assert_array_equal(kr.datasets.make_sines(5), kr.datasets.make_sines(5))
    assert not np.array_equal(kr.datasets.make_sines(5), kr.datasets.make_sines(5, seed=1))


def test_bad_sizes():
    with pytest.raises(ValueError, match="`num_samples` must be an integer"):
        kr.datasets.make_sines(0)

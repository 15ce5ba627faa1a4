import numpy as np
import pytest
from sklearn.gaussian_process.kernels import RBF

import keras_rgan as kr


def test_covariance():
    draws = kr.datasets.make_gaussian_processes(20_000, length=8, num_features=2, length_scale=3.0)
    assert draws.shape == (20_000, 8, 2)
    flat = draws.transpose(0, 2, 1).reshape(len(draws), -1)  # feature by feature
    expected = np.zeros((16, 16))
    expected[:8, :8] = expected[8:, 8:] = RBF(3.0)(np.arange(8.0)[:, None])
    np.testing.assert_allclose(np.cov(flat.T), expected, atol=0.05)  # 7 standard errors
    np.testing.assert_allclose(flat.mean(axis=0), 0.0, atol=0.05)


def test_seeds():
    make = kr.datasets.make_gaussian_processes
    np.testing.assert_array_equal(make(5), make(5))
    assert not np.array_equal(make(5), make(5, seed=1))


def test_bad_sizes():
    with pytest.raises(ValueError, match="`length` must be an integer"):
        kr.datasets.make_gaussian_processes(length=0)
    with pytest.raises(ValueError, match="`length_scale` must be"):
        kr.datasets.make_gaussian_processes(length_scale=0.0)

import numpy as np
from sklearn.covariance import LedoitWolf

from keras_rgan.sequences.statistics.gaussian_windows import GaussianWindows, covariance_of
from tests.testing import ON_TORCH, autoregression

pytestmark = ON_TORCH


def test_covariance_is_shrunk_as_by_scikit_learn():
    windows = np.random.default_rng(0).normal(size=(60, 5, 8)).cumsum(axis=1)
    windows -= windows.mean(axis=0)
    expected = LedoitWolf(assume_centered=True).fit(windows.reshape(60, -1)).covariance_
    received = covariance_of(windows, np.ones(windows.shape, bool))
    np.testing.assert_allclose(received, expected, rtol=1e-6, atol=1e-8)


def test_how_a_window_goes_on_is_the_conditional_law():
    """Of an AR(1) the next step is the last one times the weight, with what is left as variance."""
    windows = autoregression(20_000, 4)
    gaussian = GaussianWindows(windows, np.zeros((len(windows), 0)), 100)
    expected = np.zeros((2, 6))
    expected[:, 4:] = 0.8 * np.eye(2)
    np.testing.assert_allclose(gaussian.weights, expected, atol=0.03)
    left = 0.36 * np.array([[1.0, 0.5], [0.5, 1.0]])
    np.testing.assert_allclose(gaussian.innovations @ gaussian.innovations.T, left, atol=0.02)

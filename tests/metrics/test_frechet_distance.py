import numpy as np
import pytest
import scipy.linalg

from keras_rgan.metrics import frechet_distance
from tests.testing import refuses


def test_frechet_distance_is_scipys():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 4)), rng.normal(size=(80, 4)) @ rng.normal(size=(4, 4)) + 1.0
    c1, c2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = scipy.linalg.sqrtm(c1 @ c2).real
    expected = np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(c1 + c2 - 2 * root)
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-6)


def test_it_is_zero_for_one_set_and_symmetric():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 3)), 2.0 * rng.normal(size=(40, 3))
    assert frechet_distance(x, x) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance(x, y) == pytest.approx(frechet_distance(y, x), rel=1e-9)


def test_one_feature_by_hand():
    """(m1 - m2)^2 + (s1 - s2)^2."""
    x, y = np.array([[0.0], [2.0], [4.0]]), np.array([[1.0], [2.0], [9.0]])
    expected = (x.mean() - y.mean()) ** 2 + (x.std(ddof=1) - y.std(ddof=1)) ** 2
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-9)


def test_bad_features():
    x = np.zeros((5, 2))
    refuses(lambda: frechet_distance(x, np.zeros((5, 2, 1))), r"\(samples, features\).*\(5, 2, 1\)")
    refuses(lambda: frechet_distance(x, x[:1]), "two samples at least")
    refuses(lambda: frechet_distance(x.astype(str), x), "Expected numbers.*dtype <U")
    refuses(lambda: frechet_distance(x, np.zeros((5, 3))), "2 of each real sample, 3 of each generated")
    refuses(lambda: frechet_distance(x, x * np.nan), "in 5 samples, the first 0. Drop")

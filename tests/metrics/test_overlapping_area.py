import numpy as np
import pytest
from scipy import integrate, stats
from scipy.spatial.distance import cdist, pdist

import keras_rgan as kr
from tests.testing import refuses

area = kr.metrics.overlapping_area


@pytest.mark.parametrize("width", [1, 3])
def test_against_scipy(width):
    random = np.random.default_rng(0)
    real, made = random.normal(size=(60, width)), random.normal(0.8, 1.4, size=(50, width))
    within, between = pdist(real), cdist(real, made).ravel()
    wider = max(x.std(ddof=1) * len(x) ** -0.2 for x in (within, between))
    densities = [stats.gaussian_kde(x, wider / x.std(ddof=1)) for x in (within, between)]
    expected = integrate.quad(
        lambda x: min(d(x)[0] for d in densities), -3.0, 15.0, limit=400, points=(0.0, 2.0, 5.0)
    )[0]
    assert area(real, made) == pytest.approx(expected, abs=2e-3)


def test_extremes():
    random = np.random.default_rng(0)
    real, alike, apart = random.normal(size=(3, 400))
    assert area(real, alike) > 0.95
    assert area(real, apart + 20.0) < 0.01
    assert area(real, 0.1 * apart) < 0.9  # at the same place, but too narrow
    assert area(np.ones(5), np.ones(5)) == 1.0
    assert area(np.ones(5), np.full(5, 3.0)) < 0.01


def test_dicts_and_many_samples():
    real, made = (kr.metrics.note_statistics(kr.datasets.make_melodies(40, seed=s)) for s in (0, 1))
    areas = area(real, made)
    assert set(areas) == set(real)
    assert areas["scale_consistency"] == 1.0
    assert all(0.5 < value <= 1.0 + 1e-9 for value in areas.values())
    values = np.random.default_rng(0).normal(size=2000)
    assert area(values, values, max_samples=100) == area(values, values, max_samples=100)


def test_bad_input():
    refuses(lambda: area(np.ones(4), np.ones(4), max_samples=2), "`max_samples` must be at least 3")
    refuses(lambda: area(["a"] * 3, np.ones(4)), "numbers as the statistic.*dtype <U1")
    refuses(lambda: area([1.0, 2.0], [1.0, 2.0, 3.0]), r"three samples at least.*shape \(2, 1\)")
    refuses(lambda: area([1.0, np.nan, 2.0], [1.0, 2.0, 3.0]), "NaN or infinite values")
    refuses(lambda: area(np.ones((4, 2)), np.ones((4, 3))), "Received: 2 and 3")
    refuses(lambda: area({"a": np.ones(4)}, {"b": np.ones(4)}), r"\['a'\] and \['b'\]")

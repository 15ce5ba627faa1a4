"""A score beside those of real sequences and of a copula."""

import numpy as np

import keras_rgan as kr
from tests.testing import refuses

SINES = kr.datasets.make_sines(120, length=8, num_features=2)


def means(real, generated):
    return float(abs(np.mean(real) - np.mean(generated)))


def test_what_is_compared_is_as_large_and_apart():
    asked = []

    def metric(real, generated):
        asked.append((real, generated))
        return means(real, generated)

    found = kr.metrics.with_yardsticks(metric, SINES, SINES + 5.0)
    assert found.score > 4.0 > 1.0 > max(found.floor, found.copula)
    assert {len(x) for pair in asked for x in pair} == {60}
    first, second = ({x.tobytes() for x in side} for side in asked[1])
    assert not first & second
    assert str(found).startswith("score ")


def test_groups_stay_together_and_minus_one_is_left_out():
    numbers = np.arange(120) // 10
    real = np.repeat(numbers[:, None, None], 8, axis=1) + np.zeros((1, 8, 1))
    seen = []
    numbers = np.where(numbers == 3, -1, numbers)
    kr.metrics.with_yardsticks(lambda a, b: seen.append((a, b)), real, real, groups=numbers)
    one, other = ({float(v) for v in np.unique(x)} for x in seen[1])
    assert not one & other
    assert 3.0 not in one | other


def test_what_a_copula_cannot_hold(monkeypatch):
    def fails(self, data):
        raise ValueError

    monkeypatch.setattr(kr.baselines.GaussianCopula, "fit", fails)
    found = kr.metrics.with_yardsticks(means, SINES, SINES)
    assert found.copula is None
    assert "copula" not in str(found)


def test_bad_input():
    refuses(lambda: kr.metrics.with_yardsticks(means, SINES[:12], SINES), "at least 20 real")
    refuses(lambda: kr.metrics.with_yardsticks(means, SINES, SINES, groups=[0] * 120), "two groups")

"""Causal transport, against formulas in NumPy and an assignment of SciPy."""

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from keras import ops

from keras_rgan.losses import causal_transport as transport
from tests.testing import to_numpy

RANDOM = np.random.default_rng(0)


def followed(count=4, steps=5, features=2, processes=3):
    shapes = (features, processes, processes)
    parts = [RANDOM.normal(size=(count, steps, n)).astype("float32") for n in shapes]
    return transport.Followed(*map(ops.convert_to_tensor, parts))


def sinkhorn(costs, epsilon, iterations=100):
    """Return the cost of the plan, by matrix scaling."""
    kernel = np.exp(-costs / epsilon)
    share = np.full(len(costs), 1.0 / len(costs))
    right = np.ones(len(costs))
    for _ in range(iterations):
        left = share / (kernel @ right)
        right = share / (kernel.T @ left)
    return (left[:, None] * kernel * right * costs).sum()


def test_costs_are_those_of_the_paper():
    one, other = followed(), followed()
    (x, _, m), (y, h, _) = (tuple(map(to_numpy, part)) for part in (one, other))
    expected = [
        [
            ((a - b) ** 2).sum() + (c[:-1] * np.diff(n, axis=0)).sum() / 4
            for b, c in zip(y, h, strict=True)
        ]
        for a, n in zip(x, m, strict=True)
    ]
    found = to_numpy(transport.causal_costs(one, other))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("epsilon", [0.5, 5.0])
def test_plans_are_sinkhorns(epsilon):
    costs = RANDOM.uniform(0.0, 3.0, (2, 5, 5)).astype("float32")
    found = to_numpy(transport.transport_costs(ops.convert_to_tensor(costs), epsilon, 100))
    np.testing.assert_allclose(
        found, [sinkhorn(c.astype("float64"), epsilon) for c in costs], rtol=1e-3
    )


def test_little_entropy_finds_the_best_assignment():
    costs = RANDOM.uniform(0.0, 3.0, (1, 6, 6)).astype("float32")
    rows, columns = scipy.optimize.linear_sum_assignment(costs[0])
    found = to_numpy(transport.transport_costs(ops.convert_to_tensor(costs), 0.01, 500))
    np.testing.assert_allclose(found, [costs[0][rows, columns].mean()], rtol=0.02)


def test_divergence_of_a_set_from_itself_is_nothing():
    one, other, far = followed(), followed(), followed()
    far = far._replace(sequences=far.sequences + 5.0)
    same = transport.mixed_divergence((one, other), (one, other), 10.0, 50)
    away = transport.mixed_divergence((one, other), (far, far), 10.0, 50)
    assert float(to_numpy(away)) > 100.0
    # Each to itself and twice to the other: less than nothing, since the former is free
    assert float(to_numpy(same)) < 0.0


def test_a_martingale_costs_less_than_what_drifts():
    steps = RANDOM.normal(size=(2000, 9, 3)).astype("float32")
    walk = np.cumsum(steps, axis=1)
    drift = walk + np.arange(9, dtype="float32")[None, :, None]
    penalties = [
        float(to_numpy(transport.martingale_penalty(ops.convert_to_tensor(x)))) for x in (walk, drift)
    ]
    deviation = drift.std(axis=(0, 1))
    expected = np.abs(np.diff(drift, axis=1).mean(axis=0) / deviation).sum() / 9
    np.testing.assert_allclose(penalties[1], expected, rtol=1e-3)
    assert penalties[0] < 0.1 * penalties[1]

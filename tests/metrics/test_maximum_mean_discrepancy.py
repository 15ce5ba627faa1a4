import keras
import numpy as np
import pytest
from scipy.spatial import distance

import keras_rgan as kr
from tests.testing import assert_close, run_serialization_test, slow_but_on_torch, slow_on_jax


def by_hand(real, fake, scales=(0.25, 0.5, 1.0, 2.0, 4.0), bandwidth=None):
    """The unbiased estimate with explicit loops over pairs, in double precision."""
    x, y = (a.reshape(len(a), -1).astype("float64") for a in (real, fake))
    if bandwidth is None:
        bandwidth = np.median(distance.pdist(x))

    def kernel(a, b):
        squared = ((a - b) ** 2).sum()
        return np.mean([np.exp(-squared / (2 * (s * bandwidth) ** 2)) for s in scales])

    def mean(a, b, same):
        values = [
            kernel(a[i], b[j]) for i in range(len(a)) for j in range(len(b)) if not (same and i == j)
        ]
        return np.mean(values)

    return mean(x, x, True) + mean(y, y, True) - 2.0 * mean(x, y, False)


@pytest.mark.parametrize("sizes", [(12, 12), (11, 7), (2, 3)])
@pytest.mark.parametrize("kwargs", [{}, {"bandwidth": 1.5}, {"scales": (1.0,)}])
def test_numbers(sizes, kwargs):
    rng = np.random.default_rng(0)
    real = rng.normal(size=(sizes[0], 5, 2)).astype("float32")
    fake = rng.normal(0.5, 1.5, size=(sizes[1], 5, 2)).astype("float32")
    metric = kr.metrics.MaximumMeanDiscrepancy(**kwargs)
    metric.update_state(real, fake)
    assert_close(metric.result(), np.array(by_hand(real, fake, **kwargs)), 1e-5)


@slow_on_jax
def test_streams_over_batches_weighted_by_size():
    rng = np.random.default_rng(0)
    real, fake = (rng.normal(m, 1.0, size=(25, 5, 2)).astype("float32") for m in (0.0, 0.5))
    metric = kr.metrics.MaximumMeanDiscrepancy()
    estimates, weights = [], []
    for start in (0, 10, 20):  # the last batch is a partial one
        part = slice(start, min(start + 10, 25))
        metric.update_state(real[part], fake[part])
        estimates.append(by_hand(real[part], fake[part]))
        weights.append(len(real[part]))
    assert_close(metric.result(), np.array(np.average(estimates, weights=weights)), 1e-5)
    metric.reset_state()
    assert float(metric.result()) == 0.0


@slow_but_on_torch
def test_unbiased_against_the_closed_form():
    """For N(0, 1) and N(m, 1) and one Gaussian kernel the MMD is known."""
    m, width = 1.0, 1.0
    # E k(x, y) for a difference of law N(d, 2): width / sqrt(width^2 + 2) exp(-d^2 / 2 (width^2 + 2))
    factor = width / np.sqrt(width**2 + 2.0)
    expected = 2.0 * factor * (1.0 - np.exp(-(m**2) / (2.0 * (width**2 + 2.0))))
    rng = np.random.default_rng(0)
    estimates = {"same": [], "shifted": []}
    for _ in range(300):
        for name, shift in (("same", 0.0), ("shifted", m)):
            metric = kr.metrics.MaximumMeanDiscrepancy(scales=(1.0,), bandwidth=width)
            real, fake = rng.normal(size=(8, 1)), rng.normal(shift, 1.0, size=(8, 1))
            metric.update_state(real.astype("float32"), fake.astype("float32"))
            estimates[name].append(float(metric.result()))
    for name, truth in (("same", 0.0), ("shifted", expected)):
        error = np.std(estimates[name]) / np.sqrt(300)
        assert abs(np.mean(estimates[name]) - truth) < 4 * error
    assert min(estimates["same"]) < 0.0


def test_extremes():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(200, 5, 2)).astype("float32")
    values = {}
    for name, fake in (
        ("half", real[100:]),
        ("far", real[100:] + 1000.0),
        ("collapsed", np.repeat(real[100:101], 100, axis=0)),
    ):
        metric = kr.metrics.MaximumMeanDiscrepancy()
        metric.update_state(real[:100], fake)
        values[name] = float(metric.result())
    assert abs(values["half"]) < 0.02
    assert values["collapsed"] > 0.2
    assert values["far"] > 0.9


def test_large_offsets_do_not_cancel():
    rng = np.random.default_rng(0)
    real, fake = (rng.normal(m, 1.0, size=(30, 5, 2)).astype("float32") for m in (0.0, 0.5))
    plain, moved = (kr.metrics.MaximumMeanDiscrepancy() for _ in range(2))
    plain.update_state(real, fake)
    moved.update_state(real + 1000.0, fake + 1000.0)
    assert_close(moved.result(), plain.result(), 1e-3)


def test_degenerate_batches():
    metric = kr.metrics.MaximumMeanDiscrepancy()
    metric.update_state(np.ones((1, 3), "float32"), np.ones((1, 3), "float32"))
    assert float(metric.result()) == 0.0
    metric.update_state(np.ones((4, 3), "float32"), np.ones((4, 3), "float32"))
    assert np.isfinite(float(metric.result()))


def test_is_a_keras_metric():
    copy = run_serialization_test(kr.metrics.MaximumMeanDiscrepancy((1.0, 2.0), 3.0, name="x"))
    assert (copy.scales, copy.bandwidth, copy.name) == ((1.0, 2.0), 3.0, "x")
    assert isinstance(kr.metrics.get("mmd"), keras.metrics.Metric)


def test_bad_arguments():
    with pytest.raises(ValueError, match="`metrics` must be one of 'mmd'"):
        kr.metrics.get("fid")
    with pytest.raises(ValueError, match="`bandwidth` must be a number"):
        kr.metrics.MaximumMeanDiscrepancy(bandwidth=0.0)
    metric = kr.metrics.MaximumMeanDiscrepancy()
    with pytest.raises(
        ValueError, match=r"samples of one shape. Received: real \(4, 3\), generated \(4, 2\)"
    ):
        metric.update_state(np.ones((4, 3)), np.ones((4, 2)))
    with pytest.raises(ValueError, match="takes no sample_weight"):
        metric.update_state(np.ones((4, 3)), np.ones((4, 3)), sample_weight=np.ones(4))

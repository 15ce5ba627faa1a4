"""Membership is told of copies and of an overtrained model, and not of what is new."""

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.metrics.membership_inference import kernel_density, neighbour_density
from tests.metrics.test_closest_record_distance import copier, sines
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH


def test_densities_are_those_of_scipy_and_of_neighbours():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    others, points = rng.normal(size=(200, 3)) @ rng.normal(size=(3, 3)), rng.normal(size=(300, 3))
    wanted = stats.gaussian_kde(others.T).logpdf(points.T)
    np.testing.assert_allclose(kernel_density(points, others), wanted, rtol=1e-5, atol=1e-5)
    far = np.sort(np.linalg.norm(points[:, None] - others, axis=-1), axis=1)[:, 3]
    np.testing.assert_allclose(neighbour_density(points, others, 4), -np.log(far))


@pytest.mark.parametrize(("density", "count"), [("neighbours", 300), ("kernel", 15)])
def test_an_overtrained_model_is_caught(density, count):
    rng = np.random.default_rng(0)
    train, holdout = sines(count, 1), sines(300, 2)
    rows = rng.integers(len(train), size=1_000)
    made = train[rows] + 0.01 * rng.normal(size=(1_000, 12, 2))  # kernels of a narrow bandwidth
    found = kr.metrics.membership_inference(made, train, holdout, density=density)
    assert found["distance"].auc > 0.8
    assert found["distance"].p_value < 0.005
    assert found["density ratio"].auc > 0.6
    assert found["density ratio"].p_value < 0.005
    assert found["density ratio"].auc_interval[0] > 0.5
    assert all(abs(score.control - 0.5) < 0.1 for score in found.values())


def test_a_slight_copier_is_caught_at_few_false_positives():
    train, holdout = sines(500, 1), sines(400, 2)
    found = kr.metrics.membership_inference(copier(train, 0.05)[0], train, holdout)
    assert found["distance"].auc < 0.6
    assert found["distance"].true_positive_rate > 0.04
    assert found["distance"].p_value < 0.01


def test_what_is_new_is_passed_with_a_reference_of_its_own():
    found = kr.metrics.membership_inference(
        sines(400, 3), sines(300, 1), sines(300, 2), reference=sines(200, 4)
    )
    assert found["density ratio"].others == 300
    assert all(score.p_value > 0.01 for score in found.values())
    assert all(score.auc_interval[0] < 0.5 for score in found.values())


def test_what_it_refuses():
    data = sines(20, 0), sines(20, 1), sines(20, 2)
    refuses(lambda: kr.metrics.membership_inference(*data, density="flow"), "'neighbours', 'kernel'")
    refuses(
        lambda: kr.metrics.membership_inference(*data, reference=sines(3, 4), density="kernel"),
        "four reference sequences.*: 3",
    )
    few = np.arange(20), 20 + np.arange(20) % 3
    refuses(lambda: kr.metrics.membership_inference(*data, *few), "four held-out groups.*: 3")


def test_of_samples_that_are_all_the_same_there_are_densities_too():
    points = np.random.default_rng(0).normal(size=(20, 3))
    found = kernel_density(points, np.zeros((10, 3)))
    assert np.isfinite(found).all()
    assert found.argmax() == np.linalg.norm(points, axis=1).argmin()

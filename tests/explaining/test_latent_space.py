"""Noise as vectors of N(0, 1), and arcs between them."""

import numpy as np
import pytest
from scipy import stats

from keras_rgan.explaining.latent_space import LatentSpace, slerp
from keras_rgan.sequences.noise import NoiseSpec
from tests.testing import refuses, to_numpy

SHAPES = {"latent": (3,), "noise": (None, 2)}


def space(law="normal", mean=0.0, scale=1.0, normal=None):
    return LatentSpace(NoiseSpec.from_shapes(law, mean, scale, SHAPES, normal), 4)


@pytest.mark.parametrize("law", ["normal", "uniform"])
def test_there_and_back(law):
    there = space(law, 0.5, 2.0, {"noise": 1})
    noise = there.spec.draw_numpy(2000, 4, there.spec.streams([0]))
    vectors = there.vectors(noise)
    assert vectors.shape == (2000, there.width) == (2000, 11)
    assert stats.kstest(vectors.ravel(), "norm").pvalue > 0.01
    np.testing.assert_array_equal(vectors, there.draw(2000, [0]))
    back = there.noise(vectors)
    tensors = to_numpy(there.tensors(vectors.astype("float32")))
    for name, part in noise.items():
        np.testing.assert_allclose(back[name], part, atol=1e-6)
        np.testing.assert_allclose(tensors[name], part, atol=1e-5)


def test_noise_of_one_part_and_what_is_refused():
    single = LatentSpace(NoiseSpec.from_shapes("normal", 0.0, 1.0, (5,)), None)
    assert single.noise(np.ones((2, 5))).shape == (2, 5)
    refuses(lambda: single.vectors(np.ones((2, 4))), r"Expected noise of shape \(5,\).*\(4,\)")
    refuses(lambda: space().vectors({"latent": np.ones((2, 3))}), "Expected noise of shape")


def test_an_arc_is_shoemakes():
    random = np.random.default_rng(0)
    first, last = random.normal(size=(2, 3, 50))
    shares = np.linspace(0.0, 1.0, 5)
    points = slerp(first, last, shares)
    np.testing.assert_array_equal(points[:, 0], first)
    np.testing.assert_array_equal(points[:, -1], last)
    # Lengths go evenly from the one to the other, and angles too.
    a, b = (np.linalg.norm(x, axis=1)[:, None] for x in (first, last))
    np.testing.assert_allclose(np.linalg.norm(points, axis=2), a + shares * (b - a))
    angle = np.arccos((first * last).sum(axis=1)[:, None] / (a * b))
    along = (points * first[:, None]).sum(axis=2) / (np.linalg.norm(points, axis=2) * a)
    np.testing.assert_allclose(np.arccos(np.minimum(along, 1.0)), angle * shares, atol=1e-6)
    # Of unit vectors, by the formula of the paper
    p, q = first / a, last / b
    by_hand = (np.sin(0.25 * angle) * q + np.sin(0.75 * angle) * p) / np.sin(angle)
    np.testing.assert_allclose(slerp(p, q, shares)[:, 1], by_hand)


def test_an_arc_of_what_has_no_angle():
    ones, shares = np.ones((1, 3)), np.linspace(0.0, 1.0, 3)
    np.testing.assert_allclose(slerp(ones, 3.0 * ones, shares)[0, 1], 2.0)
    np.testing.assert_allclose(slerp(0.0 * ones, ones, shares)[0, 1], 0.5)
    refuses(lambda: slerp(ones, -ones, shares), "opposite, in row 0")

"""Neighbours are those of scikit-learn."""

import numpy as np
import pytest

from keras_rgan.metrics import neighbours
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def points(count, dimensions=5, seed=0):
    return np.random.default_rng(seed).normal(size=(count, dimensions))


def test_the_nearest_are_those_of_scikit_learn(monkeypatch):
    monkeypatch.setattr(neighbours, "CHUNK", 30)
    sklearn = pytest.importorskip("sklearn.neighbors")
    x, y = points(40), points(100, seed=1)
    distance, index = sklearn.NearestNeighbors(n_neighbors=3).fit(y).kneighbors(x)
    found = neighbours.nearest(x, y)
    np.testing.assert_allclose(found[0], distance[:, 0])
    np.testing.assert_array_equal(found[1], index[:, 0])
    groups, far = neighbours.nearest_groups(x, y, np.arange(100), 3, np.random.default_rng(0))
    np.testing.assert_array_equal(groups, index)
    np.testing.assert_allclose(far, distance)
    assert np.isinf(neighbours.nearest(x, y[:0])[0]).all()


def test_groups_are_as_near_as_their_nearest(monkeypatch):
    monkeypatch.setattr(neighbours, "QUERIES", 7)
    x, y = points(40), points(100, seed=1)
    groups = np.random.default_rng(2).permutation(np.arange(100) % 9)
    between = np.linalg.norm(x[:, None] - y[None], axis=-1)
    least = np.stack([between[:, groups == i].min(axis=1) for i in range(9)], axis=1)
    found, far = neighbours.nearest_groups(x, y, groups, 20, np.random.default_rng(0))
    np.testing.assert_array_equal(found, least.argsort(axis=1))
    np.testing.assert_allclose(far, np.sort(least, axis=1))
    own = np.arange(40) % 9
    apart = neighbours.nearest_of_another_group(x, own, y, groups)
    wanted = [np.delete(row, k).min() for row, k in zip(least, own, strict=True)]
    np.testing.assert_allclose(apart, wanted)


@pytest.mark.parametrize("count", [200, 30])
def test_components_keep_what_distances_they_can(count):
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(count, 4)) @ rng.normal(size=(4, 80))
    sequences = flat.reshape(count, 40, 2) * np.array([1.0, 1e6])
    space = neighbours.Space.of(sequences, random=rng, dimensions=4)
    whole, reduced = space.whole(sequences), space.points(sequences)
    assert reduced.shape == (count, 4)
    np.testing.assert_allclose(
        neighbours.nearest(reduced[:10], reduced[10:])[0],
        neighbours.nearest(whole[:10], whole[10:])[0],
        rtol=1e-3,
    )
    np.testing.assert_allclose(space.whole(sequences).reshape(-1, 2).std(axis=0), 1.0, rtol=0.2)

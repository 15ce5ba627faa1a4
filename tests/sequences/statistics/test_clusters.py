"""Groups of windows that are alike."""

import numpy as np

from keras_rgan.sequences.statistics.clusters import cluster_means, members


def test_groups_that_lie_apart_are_found():
    random = np.random.default_rng(0)
    centres = 10.0 * random.normal(size=(5, 8))
    truth = random.choice(5, 2000, p=[0.5, 0.2, 0.15, 0.1, 0.05])
    rows = centres[truth] + 0.1 * random.normal(size=(2000, 8))
    means = cluster_means(rows, 5, random)
    found = members(rows, means)
    for group in range(5):
        assert len(set(found[truth == group])) == 1
        mean = means[found[truth == group][0]]
        np.testing.assert_allclose(mean, rows[truth == group].mean(axis=0), atol=1e-9)


def test_fewer_groups_where_rows_are_the_same():
    rows = np.repeat(np.eye(3), 20, axis=0)
    means = cluster_means(rows, 8, np.random.default_rng(0))
    np.testing.assert_array_equal(np.unique(means, axis=0), np.unique(np.eye(3), axis=0))


def test_rows_that_stand_alone_are_no_group():
    """A mean of one row would be a copy of it."""
    random = np.random.default_rng(0)
    rows = np.concatenate([random.normal(size=(300, 4)), 50.0 * np.eye(4)])
    assert np.abs(cluster_means(rows, 12, random)).max() > 49.0
    means = cluster_means(rows, 12, random, least=5)
    assert np.abs(means).max() < 5.0
    assert np.bincount(members(rows, means)).min() >= 5


def test_the_nearest_mean_is_as_scikit_learn_finds_it():
    from sklearn.metrics import pairwise_distances_argmin

    random = np.random.default_rng(1)
    rows, means = random.normal(size=(300, 6)), random.normal(size=(12, 6))
    np.testing.assert_array_equal(members(rows, means), pairwise_distances_argmin(rows, means))

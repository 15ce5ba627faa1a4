"""Some of the numbers, worked by hand."""

import numpy as np

from keras_rgan.sequences.statistics import summaries


def test_longest_run():
    flags = np.array([[1, 1, 0, 1, 1, 1, 0, 1]], bool)[..., None]
    np.testing.assert_allclose(summaries._longest(flags), [[3 / 8]])


def test_a_repetition_is_near_and_nothing_else_is():
    x = np.random.default_rng(0).random((4, 24, 2)).astype("float32")
    x[0, 15:19] = x[0, 3:7]
    near = summaries._repetition(x)
    assert near[0, 0] < -9.0 < near[1:, 0].min()


def test_values_that_come_often():
    x = np.random.default_rng(0).random((50, 24))
    x[:, ::3] = 0.25
    known = summaries._usual(x)
    np.testing.assert_allclose(known, [0.25], atol=1e-6)
    share = summaries._exactness(x[..., None].astype("float32"), [known])
    np.testing.assert_allclose(share[:, 0, 0], 1 / 3, atol=1e-6)


def test_products_at_a_lag():
    random = np.random.default_rng(0)
    x = random.normal(size=(30, 10, 2))
    counted = summaries.Summaries.of(x, x, random)
    z = (x - x.mean(axis=(0, 1))) / x.std(axis=(0, 1))
    columns = np.concatenate([z, np.abs(z) - summaries.TYPICAL], axis=-1)
    for k in (0, 1, 5, 20):
        i, j, lag = counted.pairs[k]
        by_hand = np.mean(columns[:, : 10 - lag, i] * columns[:, lag:, j], axis=1)
        np.testing.assert_allclose(counted._products(z)[:, k], by_hand, rtol=1e-4, atol=1e-5)


def test_many_features_are_mixed():
    x = np.random.default_rng(0).normal(size=(20, 6, 60))
    counted = summaries.Summaries.of(x, x, np.random.default_rng(1))
    assert counted.mixture.shape == (60, summaries.MAX_FEATURES)
    assert np.isfinite(counted(x)).all()


def test_all_products_of_six_features_are_taken():
    """A relation may be of any two, at any lag: of a draw it would be left out now and then."""
    every = summaries._pairs(6, 24, np.random.default_rng(0))
    pairs = set(map(tuple, every))
    assert len(pairs) == len(every)
    assert {(i, j, lag) for i in range(12) for j in range(12) for lag in summaries.LAGS[1:]} <= pairs

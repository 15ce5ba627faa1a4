import numpy as np
from keras import ops

from keras_rgan.networks import pooling
from tests.testing import assert_close, to_numpy

X = ops.convert_to_tensor(np.random.default_rng(0).normal(size=(3, 8, 2)).astype("float32") - 5.0)
LENGTHS = np.array([8, 1, 5])
MASK = np.arange(8) < LENGTHS[:, None]


def test_means_and_maxima_are_over_the_steps_that_count():
    for function, expected in ((pooling.mean, np.mean), (pooling.maximum, np.max)):
        assert_close(function(X, None), expected(to_numpy(X), axis=1), 1e-5)
        alone = [expected(x[:n], axis=0) for x, n in zip(to_numpy(X), LENGTHS, strict=True)]
        for mask in (MASK, MASK.astype("float32")):
            assert_close(function(X, mask), np.stack(alone), 1e-5)


def test_the_mean_over_no_step_is_zero():
    assert_close(pooling.mean(X[:1], np.zeros((1, 8))), np.zeros((1, 2)), 0.0)

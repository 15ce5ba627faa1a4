import numpy as np
import pytest
from keras import ops

from keras_rgan.networks import pooling
from tests.testing import BACKEND, assert_close, to_numpy

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


def gradients(function, x):
    """Return the gradient of the sum of what a function returns."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            total = ops.sum(function(x))
        return to_numpy(tape.gradient(total, x))
    if BACKEND == "jax":
        import jax

        return to_numpy(jax.jit(jax.grad(lambda x: ops.sum(function(x))))(x))
    x = x.clone().detach().requires_grad_(True)
    ops.sum(function(x)).backward()
    return to_numpy(x.grad)


def test_the_gradient_goes_to_the_largest_and_is_shared():
    x = np.array([[1.0, 5.0, 2.0], [-3.0, -3.0, -4.0], [0.0, 0.0, 0.0]], "float32")
    x = ops.convert_to_tensor(x[:, :, None])
    found = gradients(lambda x: 2.0 * pooling.maximum(x, None), x)[..., 0]
    expected = np.array([[0.0, 2.0, 0.0], [1.0, 1.0, 0.0], [2.0 / 3.0] * 3])
    assert_close(found, expected, 1e-6)
    assert_close(pooling.largest(X, (1, 2)), to_numpy(X).max(axis=(1, 2)), 0.0)


@pytest.mark.parametrize("seed", range(5))
def test_values_that_are_computed_anew_have_finite_gradients(seed):
    """XLA without optimizations rounds otherwise there: those of `ops.max` are infinite."""
    x = ops.convert_to_tensor(np.random.default_rng(seed).normal(size=(5, 2, 1)).astype("float32"))

    def values(x):
        return ops.tanh(x * 0.7 + 0.3) * 1.37 + x * 0.21

    found = gradients(lambda x: pooling.maximum(values(x), None), x)
    steepness = gradients(lambda x: ops.where(values(x) >= -9.0, values(x), 0.0), x)
    is_largest = to_numpy(values(x)) == to_numpy(values(x)).max(axis=1, keepdims=True)
    assert_close(found, steepness * is_largest, 1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_the_value_is_the_maximum_to_the_bit(dtype):
    values = np.random.default_rng(1).normal(size=(200, 6)).astype("float32")
    values[:, 1] = values[:, 2] = values[:, 0]
    values[0], values[1] = 40_000.0, -1e4
    x = ops.cast(ops.convert_to_tensor(values), dtype)
    found = ops.cast(pooling.largest(x, (1,)), "float32")
    np.testing.assert_array_equal(to_numpy(found), to_numpy(ops.cast(ops.max(x, axis=1), "float32")))

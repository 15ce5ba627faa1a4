import keras
import numpy as np
import pytest
from keras import ops

from keras_rgan.layers import linear_recurrence
from tests.testing import BACKEND, assert_close

RANDOM = np.random.default_rng(0)


def step_by_step(keep, add, start):
    states = []
    for t in range(keep.shape[1]):
        start = keep[:, t] * start + add[:, t]
        states.append(start)
    return np.stack(states, axis=1)


@pytest.mark.parametrize("length", [1, 2, 3, 8, 13])
def test_recurrence_step_by_step(length):
    keep, add = RANDOM.uniform(-1.0, 1.0, (2, 3, length, 4)).astype("float32")
    start = RANDOM.normal(size=(3, 4)).astype("float32")
    assert_close(linear_recurrence.solve(keep, add, start), step_by_step(keep, add, start), 1e-5)
    shared = linear_recurrence.solve(keep[:1], add, start)
    assert_close(shared, step_by_step(np.repeat(keep[:1], 3, axis=0), add, start), 1e-5)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="XLA compiles gradients on request there")
@pytest.mark.parametrize("length", [1, 2, 5, 8])
def test_gradients_that_xla_compiles(length):
    import tensorflow as tf

    given = [tf.constant(RANDOM.uniform(size=(3, length, 4)), "float32") for _ in range(2)]
    given.append(tf.ones((3, 4)))

    def gradients(*given):
        with tf.GradientTape() as tape:
            tape.watch(given)
            total = tf.reduce_sum(linear_recurrence.solve(*given) ** 2)
        return tape.gradient(total, given)

    assert_close(tf.function(gradients, jit_compile=True)(*given), gradients(*given), 1e-5)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_lengths_that_are_not_known_when_the_graph_is_made(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        check_unknown_length()
    finally:
        keras.config.set_dtype_policy(before)


def check_unknown_length():
    class Solve(keras.layers.Layer):
        def call(self, keep, add, start):
            return linear_recurrence.solve(keep, add, start)

        def compute_output_shape(self, keep_shape, add_shape, start_shape):
            return add_shape

    sequences = [keras.Input((None, 4)) for _ in range(2)]
    start = keras.Input((4,))
    model = keras.Model([*sequences, start], Solve(dtype="float32")(*sequences, start))
    keep, add = RANDOM.uniform(-1.0, 1.0, (2, 3, 7, 4)).astype("float32")
    begin = ops.ones((3, 4))
    assert_close(model.predict([keep, add, begin], verbose=0), step_by_step(keep, add, 1.0), 1e-5)

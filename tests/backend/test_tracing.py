"""The verbs of what differs where a function is traced."""

import gc
import weakref

import keras
import numpy as np
import pytest

from keras_rgan import backend
from tests.testing import BACKEND, to_numpy


def test_sizes_are_open_or_not():
    assert backend.is_open(None)
    assert not backend.is_open(3)
    if BACKEND == "jax":
        import jax

        (symbol,) = jax.export.symbolic_shape("length")
        assert backend.is_open(symbol)


def test_normal_draws():
    seed = keras.random.SeedGenerator(1)
    first, second = (to_numpy(backend.normal((4000, 2), seed)) for _ in range(2))
    assert first.dtype == np.float32
    assert (first != second).any()
    assert abs(first.mean()) < 0.05
    assert abs(first.std() - 1.0) < 0.05
    again = to_numpy(backend.normal((4000, 2), keras.random.SeedGenerator(1)))
    np.testing.assert_array_equal(again, first)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="there XLA has a generator of its own")
def test_normal_draws_where_xla_compiles():
    import tensorflow as tf

    seed = keras.random.SeedGenerator(1)
    draw = tf.function(lambda: backend.normal((4000, 2), seed), jit_compile=True)
    first, second = draw().numpy(), draw().numpy()
    assert (first != second).any()
    assert abs(first.mean()) < 0.05
    assert abs(first.std() - 1.0) < 0.05


@pytest.mark.parametrize("format", ["tf_saved_model", "onnx", "litert"])
def test_export_options(format):
    inputs = {"noise": np.zeros((1, 3)), "steps": keras.KerasTensor((None, None, 2))}
    with backend.export_options(format, inputs) as options:
        if BACKEND == "tensorflow":
            assert list(options) == (["target_spec"] if format == "litert" else [])
        elif BACKEND == "torch":
            assert options == {"opset_version": 18}
        elif format == "tf_saved_model":
            shapes = {"noise": "(batch, 3)", "steps": "(batch, length, 2)"}
            assert options == {"jax2tf_kwargs": {"polymorphic_shapes": [shapes]}}
        else:
            assert options == {}


def doubled():
    """Return a function of TensorFlow with a gradient of its own, five times what it would be."""
    import tensorflow as tf

    @tf.custom_gradient
    def double(x):
        return 2.0 * x, lambda upstream: 10.0 * upstream

    return double


def traced(scope):
    import tensorflow as tf

    double = doubled()

    @tf.function
    def function(x):
        with scope():
            looped = tf.while_loop(lambda i, _: i < 2, lambda i, x: (i + 1, double(x)), (0, x))[1]
            return tf.cond(looped[0] > 0.0, lambda: double(looped), lambda: looped)

    function(tf.ones(2))
    return function


@pytest.mark.skipif(BACKEND != "tensorflow", reason="there no graph is kept by a process")
def test_a_gradient_lives_as_long_as_its_graph():
    import tensorflow as tf
    from tensorflow.python.framework import ops as framework

    registry = framework.gradient_registry._registry
    gc.collect()
    before = len(registry)
    function = traced(backend.collectable_graphs)
    gc.collect()
    x = tf.ones(2)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    np.testing.assert_array_equal(y, [8.0, 8.0])
    np.testing.assert_array_equal(tape.gradient(y, x), [1000.0, 1000.0])
    graph = weakref.ref(function.get_concrete_function(x).graph)
    assert len(registry) > before
    del function, tape, y
    gc.collect()
    assert graph() is None
    assert len(registry) == before


@pytest.mark.skipif(BACKEND != "tensorflow", reason="there no graph is kept by a process")
def test_tensorflow_by_itself_keeps_a_graph():
    """Where this fails, `collectable_graphs` is not needed any more."""
    import contextlib

    import tensorflow as tf

    graph = weakref.ref(traced(contextlib.nullcontext).get_concrete_function(tf.ones(2)).graph)
    gc.collect()
    assert graph() is not None


def test_a_scope_of_collectable_graphs_lets_errors_through():
    with pytest.raises(KeyError), backend.collectable_graphs():
        raise KeyError

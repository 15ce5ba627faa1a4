"""The verbs of what differs where a function is traced."""

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

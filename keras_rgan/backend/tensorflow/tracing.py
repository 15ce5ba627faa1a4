"""Sizes, draws and exports where TensorFlow traces a function, and whether XLA compiles it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf
from tensorflow.python.ops import control_flow_util

from keras_rgan.utils.types import Tensor


def is_open(size: Any) -> bool:
    """Return whether the size of an axis is not known while a function is traced."""
    return size is None


@contextlib.contextmanager
def export_options(format: str, inputs: Any) -> Iterator[dict[str, Any]]:
    """Yield what Keras's `export` needs to be told: operations that every LiteRT runtime has."""
    options = {"target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}}
    yield options if format == "litert" else {}


def normal(shape: Sequence[Any], seed: keras.random.SeedGenerator) -> Tensor:
    """Return draws from N(0, 1), float32.

    The generator that XLA chooses by default on a CPU takes 25 times as long as Philox does there.
    """
    if not is_compiled():
        return keras.random.normal(shape, dtype="float32", seed=seed)
    state = tf.cast(seed.next(), "int32")
    return tf.random.stateless_normal(shape, state, dtype="float32", alg="philox")


# What TensorFlow keeps to itself


def is_compiled() -> bool:
    """Return whether XLA compiles the graph that is being made.

    `tensorflow.python.ops.control_flow_util` of TensorFlow 2.21.0, which chooses its own loops by it.
    `tf.function` says of itself what it was made with; code that it traces cannot ask publicly.
    """
    return bool(control_flow_util.GraphOrParentsInXlaContext(tf.compat.v1.get_default_graph()))


def to_float64(x: Tensor) -> Tensor:
    """Return a tensor in float64."""
    return tf.cast(x, "float64")

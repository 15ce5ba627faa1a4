"""Sizes, draws, exports and graphs where TensorFlow traces a function, and whether XLA compiles it."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf
from tensorflow.python.framework import ops as framework
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


def to_float64(x: Tensor) -> Tensor:
    """Return a tensor in float64."""
    return tf.cast(x, "float64")


# What TensorFlow keeps to itself


def is_compiled() -> bool:
    """Return whether XLA compiles the graph that is being made.

    `tensorflow.python.ops.control_flow_util` of TensorFlow 2.21.0, which chooses its own loops by it.
    `tf.function` says of itself what it was made with; code that it traces cannot ask publicly.
    """
    return bool(control_flow_util.GraphOrParentsInXlaContext(tf.compat.v1.get_default_graph()))


@contextlib.contextmanager
def collectable_graphs() -> Iterator[None]:
    """Open a scope that leaves nothing behind of what is traced in it, once that is not used any more.

    `tf.custom_gradient`, and with it `tf.nn.silu`, the sums of gradients over replicas in Keras's
    optimizers and our own loops, notes a gradient for every call in a graph. The list of these,
    `framework.ops.gradient_registry` of TensorFlow 2.21.0, holds them as long as the process runs, and
    each holds its graph. There is no public way to take one out. Here each is held by its graph, and
    by the list as long as that lives.
    """
    registry: dict[str, Any] = getattr(framework.gradient_registry, "_registry", {})
    before = set(registry)
    try:
        yield
    finally:
        for name in set(registry) - before:
            if name.startswith("CustomGradient"):
                _hold_by_graph(registry, name)


def _hold_by_graph(registry: dict[str, Any], name: str) -> None:
    """Let a graph hold a gradient that is noted in a list; what looks otherwise than it did stays."""
    try:
        entry = registry[name]
        gradient = entry["type"]
        (inner,) = (cell.cell_contents for cell in gradient.__closure__)
        known = dict(zip(inner.__code__.co_freevars, inner.__closure__, strict=True))
        graph = tf.nest.flatten(known["result"].cell_contents)[0].graph
        if not hasattr(graph, "_keras_rgan_gradients"):
            graph._keras_rgan_gradients = []
        graph._keras_rgan_gradients.append(gradient)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return
    alive = weakref.ref(gradient)

    def look_up(*args: Any) -> Any:
        return alive()(*args)  # type: ignore[misc]  # which lives as long as its graph

    entry["type"] = look_up
    weakref.finalize(gradient, registry.pop, name, None)

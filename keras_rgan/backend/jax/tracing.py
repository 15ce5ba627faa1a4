"""Sizes, draws and exports where JAX traces a function."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import keras
import numpy as np

from keras_rgan.utils.types import Tensor


def is_open(size: Any) -> bool:
    """Return whether the size of an axis is not known while a function is traced.

    `jax.export` traces with symbols in the place of sizes.
    """
    return size is None or jax.export.is_symbolic_dim(size)


@contextlib.contextmanager
def export_options(format: str, inputs: Any) -> Iterator[dict[str, Any]]:
    """Yield what Keras's `export` needs to be told: all inputs have one length."""

    def shape(x: Any) -> str:
        rest = ("length" if n is None else str(n) for n in x.shape[1:])
        return f"({', '.join(['batch', *rest])})"

    shapes = [keras.tree.map_structure(shape, inputs)]
    yield {"jax2tf_kwargs": {"polymorphic_shapes": shapes}} if format == "tf_saved_model" else {}


def normal(shape: Sequence[Any], seed: keras.random.SeedGenerator) -> Tensor:
    """Return draws from N(0, 1), float32."""
    return keras.random.normal(shape, dtype="float32", seed=seed)


def collectable_graphs() -> contextlib.AbstractContextManager[Any]:
    """Return a scope without effect: no graph outlives its function."""
    return contextlib.nullcontext()


def to_float64(x: Any) -> Any:
    """Return an array in NumPy's float64; None of what a compiled function traces, which has none."""
    return None if isinstance(x, jax.core.Tracer) else np.asarray(x, "float64")

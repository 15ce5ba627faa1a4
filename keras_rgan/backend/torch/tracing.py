"""Sizes, draws and exports on torch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import torch

from keras_rgan.utils.types import Tensor

OPSET = 18
"""The version of ONNX that is written."""


def is_open(size: Any) -> bool:
    """Return whether the size of an axis is not known while a function is traced."""
    return size is None


@contextlib.contextmanager
def export_options(format: str, inputs: Any) -> Iterator[dict[str, Any]]:
    """Yield what Keras's `export` needs to be told, while torch knows operations that Keras uses."""

    def ravel(graph: Any, x: Any) -> Any:
        return graph.op("Reshape", x, graph.op("Constant", value_t=torch.tensor([-1])))

    def layer_norm(graph: Any, x: Any, shape: Any, scale: Any, shift: Any, epsilon: Any, _: Any) -> Any:
        options = {
            "axis_i": -len(list(shape.node().inputs())),
            "epsilon_f": float(epsilon.node().t("value")),
        }
        return graph.op("LayerNormalization", x, scale, shift, **options)

    names = {"aten::ravel": ravel, "aten::layer_norm": layer_norm}
    for name, symbol in names.items():
        torch.onnx.register_custom_op_symbolic(name, symbol, OPSET)
    try:
        yield {"opset_version": OPSET}
    finally:
        for name in names:
            torch.onnx.unregister_custom_op_symbolic(name, OPSET)


def normal(shape: Sequence[Any], seed: keras.random.SeedGenerator) -> Tensor:
    """Return draws from N(0, 1), float32."""
    return keras.random.normal(shape, dtype="float32", seed=seed)


def collectable_graphs() -> contextlib.AbstractContextManager[Any]:
    """Return a scope without effect: nothing is traced."""
    return contextlib.nullcontext()


def to_float64(x: Any) -> Any:
    """Return a tensor in float64."""
    return x.to(torch.float64)

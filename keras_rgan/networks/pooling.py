"""Summaries of sequences over the steps that count."""

from __future__ import annotations

from keras import ops

from keras_rgan.utils.types import Tensor


def mean(outputs: Tensor, mask: Tensor | None) -> Tensor:
    """Return the mean over the steps, `(batch, features)`, of those that a mask marks; 0 of none."""
    if mask is None:
        return ops.mean(outputs, axis=1)
    weights = ops.cast(mask, outputs.dtype)[..., None]
    return ops.sum(outputs * weights, axis=1) / ops.maximum(ops.sum(weights, axis=1), 1.0)


def maximum(outputs: Tensor, mask: Tensor | None) -> Tensor:
    """Return the largest value over the steps, `(batch, features)`, of those that a mask marks."""
    if mask is not None:
        outputs = ops.where(ops.cast(mask, "bool")[..., None], outputs, -1e4)
    return ops.max(outputs, axis=1)

"""Summaries of sequences over the steps that count."""

from __future__ import annotations

import keras
from keras import ops

from keras_rgan.utils.types import Tensor

ROUNDING = {"float16": 2.0**-10, "bfloat16": 2.0**-7}
"""By what share of a maximum values may differ from it and be as large, by their dtype."""


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
    return largest(outputs, (1,))


def largest(values: Tensor, axis: tuple[int, ...]) -> Tensor:
    """Return the largest value over some axes, whose gradient goes to all that are as large.

    A compiler may compute values anew where the gradient of a maximum asks which of them it is, round
    otherwise and find none, and divide by their number. So what is within rounding of it counts.
    """
    most = ops.stop_gradient(ops.max(values, axis=axis, keepdims=True))
    rounding = ROUNDING.get(keras.backend.standardize_dtype(values.dtype), 1e-6)
    chosen = ops.stop_gradient(values >= most - rounding * ops.abs(most))
    count = ops.sum(ops.cast(chosen, values.dtype), axis=axis, keepdims=True)
    own = ops.sum(ops.where(chosen, values / ops.maximum(count, 1.0), 0.0), axis=axis)
    return ops.squeeze(most, axis) + (own - ops.stop_gradient(own))

"""Categories among features, one-hot, by operations that formats for export have."""

from __future__ import annotations

from keras import ops

from keras_rgan.utils.types import Tensor


def largest(scores: Tensor) -> Tensor:
    """Return 1 at the first largest entry of the last axis, 0 elsewhere, as float32."""
    is_highest = ops.cast(ops.equal(scores, ops.max(scores, axis=-1, keepdims=True)), "float32")
    return is_highest * ops.cast(ops.equal(ops.cumsum(is_highest, axis=-1), 1.0), "float32")


def put(values: Tensor, group: Tensor, first: int, behind: int) -> Tensor:
    """Return `values`, features last, with `group` in the place of features `first` … `behind`."""
    parts = [ops.cast(group, values.dtype)]
    if first:  # LiteRT takes an empty slice for a whole one
        parts.insert(0, values[..., :first])
    if behind < values.shape[-1]:
        parts.append(values[..., behind:])
    return ops.concatenate(parts, axis=-1)

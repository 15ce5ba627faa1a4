"""Small pictures, put at places of a frame that need not be whole pixels."""

from __future__ import annotations

from typing import Any

from keras import ops

from keras_rgan.utils.types import Tensor


def place(patches: Tensor, corners: Tensor, height: int, width: int) -> Tensor:
    """Put a patch into frames, once for each of its places, by linear interpolation; 0 around it.

    Args:
        patches: `(batch, rows, columns, channels)`.
        corners: The place of a patch's first pixel in each frame, `(batch, frames, 2)`: row and column
            in pixels, of any value. What of a patch lies outside the frame is cut off.
        height: Rows of a frame.
        width: Columns of a frame.

    Returns:
        `(batch, frames, height, width, channels)`.

    Reference:
        Jaderberg et al., "Spatial Transformer Networks", NeurIPS 2015 (translations alone, whose
        interpolation is a product of two matrices).
    """
    _, rows, columns, channels = patches.shape
    frames = ops.shape(corners)[1]
    down = _interpolation(corners[..., 0], rows, height)
    across = ops.transpose(_interpolation(corners[..., 1], columns, width), (0, 1, 3, 2))
    flat = ops.reshape(ops.transpose(patches, (0, 1, 3, 2)), (-1, 1, rows, channels * columns))
    placed = ops.reshape(ops.matmul(down, flat), (-1, frames, height * channels, columns))
    placed = ops.reshape(ops.matmul(placed, across), (-1, frames, height, channels, width))
    return ops.transpose(placed, (0, 1, 2, 4, 3))


def _interpolation(starts: Tensor, count: int, size: int) -> Tensor:
    """Return how much of each of `count` pixels from `starts` on each of `size` pixels gets."""
    offsets: Any = ops.arange(size)[:, None] - ops.arange(count)[None]
    distances = ops.cast(offsets, starts.dtype) - starts[..., None, None]
    return ops.relu(1.0 - ops.abs(distances))

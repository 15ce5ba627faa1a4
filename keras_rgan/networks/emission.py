"""Several steps of a sequence that one step of recurrent layers makes."""

from __future__ import annotations

from typing import Any

from keras import ops

from keras_rgan import backend
from keras_rgan.utils.types import Tensor


def fold(sequence: Tensor, length: Any, steps: int) -> Tensor:
    """Put every `steps` steps of a sequence side by side, zeros behind its end.

    Args:
        sequence: `(batch, length, width)`.
        length: Its length.
        steps: How many steps become one.

    Returns:
        `(batch, length / steps, steps * width)`, the length rounded up.
    """
    if steps == 1:
        return sequence
    count = (length + steps - 1) // steps
    sequence = ops.pad(sequence, [[0, 0], [0, steps - 1], [0, 0]])[:, : count * steps]
    return ops.reshape(sequence, (ops.shape(sequence)[0], count, steps * sequence.shape[-1]))


def unfold(outputs: Tensor, length: Any, steps: int) -> Tensor:
    """Put what `fold` put side by side behind one another again, and leave out what is behind the end.

    Args:
        outputs: `(batch, length / steps, steps * width)`.
        length: The sequence's length.
        steps: How many steps one becomes.

    Returns:
        `(batch, length, width)`.
    """
    if steps == 1:
        return outputs
    batch, count = ops.shape(outputs)[:2]
    count = -1 if backend.is_open(outputs.shape[1]) else count * steps
    return ops.reshape(outputs, (batch, count, outputs.shape[-1] // steps))[:, :length]

"""How stacks of recurrent layers read sequences, forwards and backwards, to each one's own end."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from keras_rgan.layers import recurrence
from keras_rgan.utils.types import Tensor


def run(
    layers: Sequence[keras.layers.RNN],
    sequence: Tensor,
    mask: Tensor | None,
    training: bool,
    truncation: int | None,
    lengths: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """Return the last layer's outputs in the order it read the sequence, and its last output.

    Outputs of a layer that goes backwards begin at the sequence's end: they are turned for the next.
    Masked steps repeat the output before them, so that the last output is that of the last step that
    counts, in either direction. Sequences of known lengths need no mask, for which the layers' fast
    ways have no place: either direction begins at a sequence's own end, and the last output is looked
    up.

    Args:
        layers: A stack, all of one direction.
        sequence: `(batch, time, features)`.
        mask: `(batch, time)`, True where a step counts, or None.
        training: Whether the layers train.
        truncation: After how many steps their gradients end in training; None for never.
        lengths: How many steps of each sequence count, in place of a mask, or None.
    """
    output = sequence
    if lengths is not None:
        mask = None
        if layers[0].go_backwards:
            output = shifted(output, lengths)
    for i, layer in enumerate(layers):
        if i and layer.go_backwards:
            output = ops.flip(output, axis=1)
        output, *_ = recurrence.run(layer, output, None, mask, training, truncation)
    if lengths is None:
        return output, output[:, -1]
    return output, ops.take_along_axis(output, lengths[:, None, None] - 1, axis=1)[:, 0]


def in_time(output: Tensor, lengths: Tensor | None) -> Tensor:
    """Return what `run` returned of a stack that goes backwards in the order of time."""
    output = ops.flip(output, axis=1)
    return output if lengths is None else shifted(output, -lengths)


def shifted(sequence: Tensor, shift: Tensor) -> Tensor:
    """Rotate each sequence in time so that it begins at its step `shift`, modulo its length."""
    length = ops.shape(sequence)[1]
    steps = ops.arange(length, dtype="int32")[None] + shift[:, None]
    return ops.take_along_axis(sequence, ops.mod(steps, length)[..., None], axis=1)

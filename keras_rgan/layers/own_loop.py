"""What the recurrent layers share that have a loop of their own on a CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from keras_rgan.utils.types import Tensor


def run(
    layer: keras.layers.RNN,
    loop: Callable[..., list[Tensor]],
    sequences: Tensor,
    initial_state: Any,
    mask: Any,
    training: bool,
) -> tuple[Tensor, Tensor, list[Tensor]] | None:
    """Return what a layer's `inner_loop` does, or None where only Keras's loop can.

    Args:
        layer: A GRU or an LSTM of Keras.
        loop: Takes the sequences, the states, the cell's kernel, recurrent kernel and bias, and whether
            to read from the end. Returns all outputs and the states that are not the last of these, or
            raises NotImplementedError where the backend has no such loop for these.
        sequences: As of `inner_loop`.
        initial_state: As of `inner_loop`.
        mask: As of `inner_loop`.
        training: As of `inner_loop`.
    """
    if not _is_plain(layer, mask, training):
        return None
    cell = layer.cell
    weights = cell.kernel, cell.recurrent_kernel, cell.bias
    states = keras.tree.flatten(initial_state)
    try:
        outputs, *others = loop(sequences, *states, *weights, layer.go_backwards)
    except NotImplementedError:
        return None
    last = outputs[:, -1]
    return last, outputs, [last, *others]


def _is_plain(layer: keras.layers.RNN, mask: Any, training: bool) -> bool:
    """Return whether nothing is asked for that only Keras's loop can."""
    cell = layer.cell
    return bool(
        layer.use_cudnn is not False
        and all(part is None for part in keras.tree.flatten(mask))
        and cell.use_bias
        and getattr(cell, "reset_after", True)
        and cell.activation is keras.activations.tanh
        and cell.recurrent_activation is keras.activations.sigmoid
        and not (training and (cell.dropout or cell.recurrent_dropout))
    )

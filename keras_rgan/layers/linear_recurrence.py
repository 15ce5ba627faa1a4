"""Recurrences that are linear in their state, for all steps at once.

`keras.ops.associative_scan` (Keras 3.15.1) takes 1.3 to 1.9 times as long on torch, 0.9 to 1.1 times on
TensorFlow and JAX, and XLA cannot compile it on TensorFlow where a halved length is odd: hence `_scan`.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.utils.types import Tensor


def solve(keep: Tensor, add: Tensor, start: Tensor) -> Tensor:
    """Return the states h_t = keep_t h_{t-1} + add_t of all steps, `(batch, time, units)`, in float32.

    By a parallel scan, in a number of rounds that grows with the logarithm of the length; step by step
    where the length is not known when the graph is made.

    Args:
        keep: `(batch, time, units)`, or of a batch of 1 where it is the same for all.
        add: `(batch, time, units)`.
        start: The state before the first step, `(batch, units)`.

    Reference:
        Blelloch, "Prefix Sums and Their Applications", 1990.
    """
    keep, add, start = (ops.cast(x, "float32") for x in (keep, add, start))
    if not backend.is_open(keep.shape[1]):
        first = add[:, :1] + keep[:, :1] * start[:, None]
        return _scan(keep, ops.concatenate([first, add[:, 1:]], axis=1))
    cell = _LinearCell(keep.shape[-1], dtype="float32")
    loop = keras.layers.RNN(cell, return_sequences=True, dtype="float32")
    return loop(ops.concatenate([keep, add], axis=-1), initial_state=[start])


class _LinearCell(keras.layers.Layer):
    """One step of the recurrence, of `keep` and `add` side by side."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.state_size = self.output_size = units
        self.built = True

    def call(self, inputs: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Take the step."""
        keep, add = ops.split(inputs, 2, axis=-1)
        state = keep * states[0] + add
        return state, [state]


def _scan(keep: Tensor, add: Tensor) -> Tensor:
    """Return h_t = keep h_{t-1} + add of all steps from a state of 0, `(batch, time, units)`.

    Neighbours are composed in pairs, the half as many maps scanned in the same way, and those between
    follow from them: as many products as there are steps, twice, in about two rounds a halving.
    """
    length, units = add.shape[1:]
    if length == 1:
        return add
    even = 2 * (length // 2)
    first, second = slice(0, even, 2), slice(1, even, 2)
    odds = _scan(keep[:, first] * keep[:, second], keep[:, second] * add[:, first] + add[:, second])
    evens = add[:, :1]
    if length > 2:  # of an empty slice in strides XLA makes a gradient that is too long, on TensorFlow
        later = keep[:, 2::2] * odds[:, : (length - 1) // 2] + add[:, 2::2]
        evens = ops.concatenate([evens, later], axis=1)
    rest = evens[:, length // 2 :]  # the last step of an odd number
    both = ops.stack([evens[:, : length // 2], odds], axis=2)
    return ops.concatenate([ops.reshape(both, (-1, even, units)), rest], axis=1)

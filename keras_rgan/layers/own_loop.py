"""What the recurrent layers share that have a loop of their own on a CPU."""

from __future__ import annotations

from typing import Any

import keras

from keras_rgan.utils.types import Tensor


class OwnLoop:
    """Mixed into a Keras recurrent layer, runs `own_loop` where that computes the same."""

    def own_loop(self, *args: Any) -> list[Tensor]:
        """Return all outputs and the states that are not the last of these.

        Args:
            *args: The sequences, the states, the cell's kernel, recurrent kernel and bias, and whether
                to read from the end.

        Raises:
            NotImplementedError: If the backend has no such loop for these.
        """
        raise NotImplementedError

    def is_plain(self, mask: Any, training: bool) -> bool:
        """Return whether nothing is asked for that only Keras's loop can."""
        cell = self.cell  # type: ignore[attr-defined]
        return (
            self.use_cudnn is not False  # type: ignore[attr-defined]
            and all(part is None for part in keras.tree.flatten(mask))
            and cell.use_bias
            and cell.activation is keras.activations.tanh
            and cell.recurrent_activation is keras.activations.sigmoid
            and not (training and (cell.dropout or cell.recurrent_dropout))
        )

    def inner_loop(
        self, sequences: Tensor, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Run the recurrence; Keras calls this."""
        if self.is_plain(mask, training):
            cell = self.cell  # type: ignore[attr-defined]
            weights = cell.kernel, cell.recurrent_kernel, cell.bias
            states = keras.tree.flatten(initial_state)
            backwards = self.go_backwards  # type: ignore[attr-defined]
            try:
                outputs, *others = self.own_loop(sequences, *states, *weights, backwards)
            except NotImplementedError:
                pass
            else:
                last = outputs[:, -1]
                return last, outputs, [last, *others]
        return super().inner_loop(  # type: ignore[misc]
            sequences, initial_state, mask, training
        )

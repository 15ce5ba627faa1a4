"""A recurrent layer that is evaluated for all steps at once."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.layers import linear_recurrence
from keras_rgan.layers.min_gru_cell import MinGRUCell
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class MinGRU(keras.layers.RNN):
    """A gated recurrence without products with the state, for sequences of thousands of steps.

    h_t = (1 - z_t) h_{t-1} + z_t c_t with z_t = sigmoid(W_z x_t + b_z) and c_t = W_c x_t + b_c. Being
    linear in the state it is evaluated by a parallel scan, in a number of rounds that grows with the
    logarithm of the length; a GRU takes as many as there are steps. What a step depends on of the
    state is less: stack two or more layers.

    Usable by name, `cell="min_gru"`, in `RecurrentNoiseEncoder`, `RecurrentGenerator` and
    `RecurrentDiscriminator`. Where the length is not known when the graph is made, the steps are taken
    one by one.

    Args:
        units: Width of the state and of the output.
        kernel_initializer: Initializer of the kernel.
        **kwargs: Arguments of `keras.layers.RNN`: `return_sequences`, `return_state`, `go_backwards`.

    Call arguments:
        sequences: `(batch, time, features)`.
        initial_state: State before the first step, `(batch, units)`; zeros by default.
        mask: `(batch, time)`, True where a step counts; at others the state stays.

    Output shape:
        `(batch, units)`, with `return_sequences` `(batch, time, units)`, and with `return_state` the
        last state, `(batch, units)`, as well.

    Raises:
        ValueError: If `units` is not positive.

    Example:
        >>> import keras, keras_rgan as kr
        >>> layer = kr.layers.MinGRU(8, return_sequences=True)
        >>> layer(keras.random.normal((2, 1000, 3))).shape == (2, 1000, 8)
        True

    Reference:
        Feng et al., "Were RNNs All We Needed?", 2024; Blelloch, "Prefix Sums and Their Applications",
        1990.
    """

    def __init__(self, units: int, kernel_initializer: Any = "glorot_uniform", **kwargs: Any) -> None:
        cell = MinGRUCell(units, kernel_initializer, dtype=kwargs.get("dtype"))
        super().__init__(cell, **kwargs)

    def inner_loop(
        self, sequences: Tensor, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Run the recurrence; Keras calls this."""
        mask = next((part for part in keras.tree.flatten(mask) if part is not None), None)
        if self.go_backwards:
            sequences = ops.flip(sequences, axis=1)
            mask = None if mask is None else ops.flip(mask, axis=1)
        keep, add = self.cell.maps(sequences)
        if mask is not None:
            counts = ops.cast(mask, "float32")[..., None]
            keep, add = 1.0 - counts * (1.0 - keep), counts * add
        states = linear_recurrence.solve(keep, add, keras.tree.flatten(initial_state)[0])
        outputs = ops.cast(states, self.compute_dtype)
        return outputs[:, -1], outputs, [outputs[:, -1]]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        config = super().get_config()
        del config["cell"]
        return {
            **config,
            "units": self.cell.units,
            "kernel_initializer": keras.initializers.serialize(self.cell.kernel_initializer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MinGRU:
        """Make a layer from its config."""
        return cls(**config)

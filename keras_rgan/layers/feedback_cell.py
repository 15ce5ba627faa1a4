"""The recurrent cell that reads its own last output."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class FeedbackCell(keras.layers.Layer):
    """A recurrent cell whose output, of a width of its own, is part of its next input.

    y_t = g(V h_t + c), where h_t is what another cell makes of x_t and y_{t-1}. Use it with
    `keras.layers.RNN` where each step is to know what the one before came to.

    Args:
        cell: A Keras cell; `keras.layers.StackedRNNCells` for several layers.
        output_units: Width of the output y.
        output_activation: g, a Keras activation; None is the identity.
        kernel_initializer: Initializer of V.
        **kwargs: Arguments of `keras.layers.Layer`.

    Attributes:
        input_units: Width of x_t, which the first input tells.

    Call arguments:
        inputs: x_t, `(batch, features)`; wider by `output_units`, the last of these stand for y_{t-1}
            (teacher forcing).
        states: `[y_{t-1}, …]`, `(batch, output_units)` and the states of the cell. The output leads
            because Keras repeats a cell's first state at masked steps.

    Output shape:
        y_t, `(batch, output_units)`, and `[y_t, …]`.

    Raises:
        ValueError: If the width is not a positive integer, or the cell none.

    Example:
        >>> import keras, keras_rgan as kr
        >>> cell = kr.layers.FeedbackCell(keras.layers.LSTMCell(8), output_units=3)
        >>> layer = keras.layers.RNN(cell, return_sequences=True)
        >>> layer(keras.ops.ones((2, 5, 4))).shape == (2, 5, 3)
        True

    Reference:
        Mogren, "C-RNN-GAN: Continuous recurrent neural networks with adversarial training", 2016;
        Williams and Zipser, "A Learning Algorithm for Continually Running Fully Recurrent Neural
        Networks", Neural Computation 1989 (teacher forcing).
    """

    def __init__(
        self,
        cell: Any,
        output_units: int,
        output_activation: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not (hasattr(cell, "state_size") and isinstance(cell, keras.Layer)):
            raise ValueError(
                "`cell` must be a Keras cell such as keras.layers.LSTMCell(16). Received: "
                f"cell={cell!r}"
            )
        self.cell = cell
        self.output_units = checks.positive_int("output_units", output_units)
        self.output_activation = keras.activations.get(output_activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.input_units: int | None = None

    @property
    def state_size(self) -> list[int]:
        """Widths of the output and of the cell's states."""
        return [self.output_units, *keras.tree.flatten(self.cell.state_size)]

    @property
    def output_size(self) -> int:
        """Width of the output."""
        return self.output_units

    def build(self, input_shape: Shape) -> None:
        """Build the cell, and create V and c."""
        self.input_units = int(input_shape[-1] or 0)
        self.cell.build((input_shape[0], self.input_units + self.output_units))
        width = keras.tree.flatten(self.cell.output_size)[-1]
        self.output_kernel = self.add_weight(
            shape=(width, self.output_units), initializer=self.kernel_initializer, name="output_kernel"
        )
        self.output_bias = self.add_weight(
            shape=(self.output_units,), initializer="zeros", name="output_bias"
        )

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Tensor, Any]:
        """Advance one step."""
        last, *inner = keras.tree.flatten(states)
        if inputs.shape[-1] == self.input_units:
            inputs = ops.concatenate([inputs, ops.cast(last, inputs.dtype)], axis=-1)
        packed = keras.tree.pack_sequence_as(self.cell.state_size, inner)
        hidden, packed = self.cell(
            inputs, packed if keras.tree.is_nested(packed) else [packed], training=training
        )
        output = self.output_activation(ops.matmul(hidden, self.output_kernel) + self.output_bias)
        return output, [output, *keras.tree.flatten(packed)]

    def get_initial_state(self, batch_size: Any = None) -> list[Tensor]:
        """Return zeros."""
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in self.state_size]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "cell": keras.saving.serialize_keras_object(self.cell),
            "output_units": self.output_units,
            "output_activation": keras.activations.serialize(self.output_activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> FeedbackCell:
        """Make a cell from its config."""
        config = {**config, "cell": keras.saving.deserialize_keras_object(config["cell"])}
        return cls(**config)

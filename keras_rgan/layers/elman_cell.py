"""The recurrent cell of Elman's network, with an output of its own."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class ElmanCell(keras.layers.Layer):
    """A recurrent cell whose output is a function of its state: h_t = f(W x_t + U h_{t-1} + b).

    Use it with `keras.layers.RNN` (or as the `cell` of `RecurrentNoiseEncoder`) where the plain
    network of the textbooks is wanted: the output `y_t = g(V h_t + c)` has a width and an activation
    of its own, unlike `keras.layers.SimpleRNN`, which returns its state.

    Args:
        units: Width of the state h.
        output_units: Width of the output y.
        activation: f, a Keras activation.
        output_activation: g, a Keras activation; None is the identity.
        kernel_initializer: Initializer of W and V.
        recurrent_initializer: Initializer of U.
        bias_initializer: Initializer of b and c.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: x_t, `(batch, features)`.
        states: `[y_{t-1}, h_{t-1}]`, `(batch, output_units)` and `(batch, units)`. The output leads
            the state because Keras repeats a cell's first state at masked steps.

    Output shape:
        y_t, `(batch, output_units)`, and `[y_t, h_t]`.

    Raises:
        ValueError: If a width is not a positive integer.

    Example:
        >>> import keras, keras_rgan as kr
        >>> layer = keras.layers.RNN(kr.layers.ElmanCell(8, output_units=3), return_sequences=True)
        >>> layer(keras.ops.ones((2, 5, 4))).shape == (2, 5, 3)
        True

    Reference:
        Elman, "Finding Structure in Time", Cognitive Science 14, 1990.
    """

    def __init__(
        self,
        units: int,
        output_units: int,
        activation: Any = "tanh",
        output_activation: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = checks.positive_int("units", units)
        self.output_units = checks.positive_int("output_units", output_units)
        self.activation = keras.activations.get(activation)
        self.output_activation = keras.activations.get(output_activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)

    @property
    def state_size(self) -> list[int]:
        """Widths of the states y and h."""
        return [self.output_units, self.units]

    @property
    def output_size(self) -> int:
        """Width of the output."""
        return self.output_units

    def build(self, input_shape: Shape) -> None:
        """Create W, U, b, V and c."""
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units), initializer=self.kernel_initializer, name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, self.units),
            initializer=self.recurrent_initializer,
            name="recurrent_kernel",
        )
        self.bias = self.add_weight(shape=(self.units,), initializer=self.bias_initializer, name="bias")
        self.output_kernel = self.add_weight(
            shape=(self.units, self.output_units),
            initializer=self.kernel_initializer,
            name="output_kernel",
        )
        self.output_bias = self.add_weight(
            shape=(self.output_units,), initializer=self.bias_initializer, name="output_bias"
        )

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Tensor, Any]:
        """Advance one step."""
        _, previous = states
        state = self.activation(
            ops.matmul(inputs, self.kernel) + ops.matmul(previous, self.recurrent_kernel) + self.bias
        )
        output = self.output_activation(ops.matmul(state, self.output_kernel) + self.output_bias)
        return output, [output, state]

    def get_initial_state(self, batch_size: Any = None) -> list[Tensor]:
        """Return zeros."""
        return [ops.zeros((batch_size, size), dtype=self.compute_dtype) for size in self.state_size]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "output_units": self.output_units,
            "activation": keras.activations.serialize(self.activation),
            "output_activation": keras.activations.serialize(self.output_activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "recurrent_initializer": keras.initializers.serialize(self.recurrent_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
        }

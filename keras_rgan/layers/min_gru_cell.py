"""One step of a recurrence that is linear in its state."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class MinGRUCell(keras.layers.Layer):
    """One step of a `MinGRU`.

    Args:
        units: Width of the state and of the output.
        kernel_initializer: Initializer of the kernel.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: `(batch, features)`.
        states: The state, `(batch, units)`, in a list.

    Output shape:
        `(batch, units)`, and the same in a list as the new state.

    Raises:
        ValueError: If `units` is not positive.

    Example:
        >>> import keras, keras_rgan as kr
        >>> layer = keras.layers.RNN(kr.layers.MinGRUCell(8))
        >>> layer(keras.random.normal((2, 10, 3))).shape == (2, 8)
        True

    Reference:
        Feng et al., "Were RNNs All We Needed?", 2024.
    """

    def __init__(self, units: int, kernel_initializer: Any = "glorot_uniform", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = checks.positive_int("units", units)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.state_size = self.output_size = units

    def build(self, input_shape: Shape) -> None:
        """Create kernel and bias of gate and candidate, side by side."""
        self.kernel = self.add_weight(
            shape=(input_shape[-1], 2 * self.units),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        self.bias = self.add_weight(shape=(2 * self.units,), initializer="zeros", name="bias")

    def maps(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return what a step with these inputs does to a state: h becomes keep h + add, in float32."""
        projected = ops.cast(ops.matmul(inputs, self.kernel) + self.bias, "float32")
        gate = ops.sigmoid(projected[..., : self.units])
        return 1.0 - gate, gate * projected[..., self.units :]

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Tensor, list[Tensor]]:
        """Take one step."""
        keep, add = self.maps(inputs)
        state = keep * ops.cast(keras.tree.flatten(states)[0], "float32") + add
        state = ops.cast(state, self.compute_dtype)
        return state, [state]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }

"""One step of a vector autoregression."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class ProcessCell(keras.layers.Layer):
    """A step of a vector autoregression: what follows from the steps before, and what is new.

    Args:
        steps: How many steps before count.
        **kwargs: Arguments of `keras.layers.Layer`.
    """

    def __init__(self, steps: int, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.steps = steps
        self.state_size = 0
        self.output_size = 0

    def build(self, input_shape: Shape) -> None:
        """Create the weights, of a process without memory."""
        count = input_shape[-1] or 0
        self.state_size, self.output_size = self.steps * count, count
        options = {"trainable": False, "autocast": False, "dtype": "float32"}
        self.step = self.add_weight((self.state_size, count), "zeros", name="step", **options)
        self.new = self.add_weight((count, count), "identity", name="new", **options)

    def call(self, inputs: Tensor, states: list[Tensor], training: bool = False) -> Any:
        """Return the step, and the steps before the next."""
        (past,) = states
        step = ops.matmul(past, self.step) + ops.matmul(inputs, self.new)
        past = ops.concatenate([past[:, inputs.shape[-1] :], step], axis=-1)
        return step, [past]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "steps": self.steps}

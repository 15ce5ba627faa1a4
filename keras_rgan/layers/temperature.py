"""A temperature that is set from outside."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class Temperature(keras.layers.Layer):
    """Divides logits by a number, 1 to begin with, that is set and not learned.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`; computes in float32 whatever the policy.
    """

    is_set = True
    """No average is taken of it, and no step undoes it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(autocast=False, **kwargs)
        self.value = self.add_weight((), "ones", "float32", name="value", trainable=False)
        self.built = True

    def set(self, value: Any) -> None:
        """Divide by `value` from now on."""
        self.value.assign(ops.cast(value, "float32"))

    def call(self, inputs: Tensor) -> Tensor:
        """Return what logits are at this temperature."""
        return ops.cast(inputs, "float32") / self.value

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape

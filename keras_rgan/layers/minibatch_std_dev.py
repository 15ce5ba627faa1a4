"""The spread of a batch, shown to the discriminator."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class MinibatchStdDev(keras.layers.Layer):
    """Appends the standard deviation of a group of samples as one more feature.

    Put it in a discriminator, before its last layers: a generator that collapses makes batches of
    too little spread, which this feature gives away. It adds no weights. Where replicas share a batch,
    groups are of the whole batch.

    Args:
        group_size: How many neighbouring samples of a batch form a group; the last group of a batch
            may be smaller. None makes one group of the batch.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: `(batch, features)`, `(batch, time, features)` or any shape with features last.

    Output shape:
        The input's, with one more feature: the standard deviation over the group of each feature
        (at each step), averaged over them.

    Raises:
        ValueError: If `group_size` is not a positive integer or None.

    Example:
        >>> import keras, keras_rgan as kr
        >>> kr.layers.MinibatchStdDev(group_size=4)(keras.ops.ones((8, 24, 6))).shape == (8, 24, 7)
        True

    Reference:
        Karras et al., "Progressive Growing of GANs for Improved Quality, Stability, and Variation",
        ICLR 2018, section 3.
    """

    def __init__(self, group_size: int | None = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if group_size is not None:
            checks.positive_int("group_size", group_size)
        self.group_size = group_size
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        """Create nothing."""

    def call(self, inputs: Tensor) -> Tensor:
        """Append the group's spread."""
        rows = ops.shape(inputs)[0]
        values = backend.gathered(ops.reshape(ops.cast(inputs, "float32"), (rows, -1)))
        batch = ops.shape(values)[0]
        group = ops.arange(batch) // (self.group_size or batch)
        same = ops.cast(ops.equal(group[:, None], group[None, :]), "float32")
        weights = same / ops.sum(same, axis=1, keepdims=True)
        centred = values - ops.matmul(weights, values)
        variance = ops.matmul(weights, ops.square(centred))
        spread = ops.mean(ops.sqrt(variance + 1e-8), axis=1)
        own = backend.replica_id() * rows
        spread = ops.reshape(spread[own : own + rows], (rows,) + (1,) * (len(inputs.shape) - 1))
        column = ops.ones_like(inputs[..., :1]) * ops.cast(spread, inputs.dtype)
        return ops.concatenate([inputs, column], axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape with one more feature."""
        return (*input_shape[:-1], input_shape[-1] + 1)  # type: ignore[operator]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "group_size": self.group_size}

"""Distances between the samples of a batch, shown to the discriminator."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class MinibatchDiscrimination(keras.layers.Layer):
    """Appends, for learned projections, how close each sample is to the others of its batch.

    Put it in a discriminator, after the sequence has been pooled to one vector: samples that lie too
    close together give a collapsed generator away. `MinibatchStdDev` is the cheaper relative.
    Where replicas share a batch, the others are those of the whole batch.

    Args:
        num_kernels: How many projections, and so how many features are appended.
        kernel_dim: Width of each projection.
        kernel_initializer: Initializer of the projections.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: `(batch, features)`.

    Output shape:
        `(batch, features + num_kernels)`. The appended value of sample i and kernel b is the sum
        over the other samples j of exp(-|M_ib - M_jb|_1).

    Raises:
        ValueError: If a size is not a positive integer, or the input has no rank of 2.

    Example:
        >>> import keras, keras_rgan as kr
        >>> layer = kr.layers.MinibatchDiscrimination(num_kernels=5)
        >>> layer(keras.ops.ones((8, 16))).shape == (8, 21)
        True

    Reference:
        Salimans et al., "Improved Techniques for Training GANs", NeurIPS 2016, section 3.2.
    """

    def __init__(
        self,
        num_kernels: int,
        kernel_dim: int = 3,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_kernels = checks.positive_int("num_kernels", num_kernels)
        self.kernel_dim = checks.positive_int("kernel_dim", kernel_dim)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape: Shape) -> None:
        """Create the projections."""
        if len(input_shape) != 2:
            raise ValueError(
                "`MinibatchDiscrimination` expects inputs of shape (batch, features). Received: "
                f"{tuple(input_shape)}. Pool the sequence first, for instance with "
                "keras.layers.GlobalAveragePooling1D()."
            )
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.num_kernels * self.kernel_dim),
            initializer=self.kernel_initializer,
            name="kernel",
        )

    def call(self, inputs: Tensor) -> Tensor:
        """Append the closeness to the other samples."""
        projected = ops.reshape(
            ops.matmul(inputs, self.kernel), (-1, self.num_kernels, self.kernel_dim)
        )
        distance = ops.sum(ops.abs(projected[:, None] - backend.gathered(projected)[None, :]), axis=-1)
        closeness = ops.sum(ops.exp(-distance), axis=1) - 1.0
        return ops.concatenate([inputs, ops.cast(closeness, inputs.dtype)], axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape with `num_kernels` more features."""
        return (*input_shape[:-1], input_shape[-1] + self.num_kernels)  # type: ignore[operator]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "num_kernels": self.num_kernels,
            "kernel_dim": self.kernel_dim,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }

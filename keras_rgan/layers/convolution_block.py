"""Convolution over time with a shortcut."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class ConvolutionBlock(keras.layers.Layer):
    """Two convolutions over time, added to a linear shortcut.

    Sees short patterns wherever they stand, which recurrent layers learn slowly.

    Args:
        units: Width of the output.
        kernel_size: Steps that a convolution sees.
        dilation_rate: Steps from one that it sees to the next.
        activation: Activation of both convolutions.
        causal: Whether a step sees no later one.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: Sequences, `(batch, time, features)`.
        mask: `(batch, time)`, True where a step counts.

    Output shape:
        `(batch, time, units)`.

    Raises:
        ValueError: If a number is not a positive integer.

    Example:
        >>> import keras, keras_rgan as kr
        >>> block = kr.layers.ConvolutionBlock(16)
        >>> block(keras.ops.ones((2, 24, 3))).shape == (2, 24, 16)
        True

    Reference:
        He et al., "Deep Residual Learning", CVPR 2016; over time: Bai et al., "An Empirical Evaluation
        of Generic Convolutional and Recurrent Networks for Sequence Modeling", 2018.
    """

    def __init__(
        self,
        units: int,
        kernel_size: int = 5,
        dilation_rate: int = 1,
        activation: Any = "swish",
        causal: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = checks.positive_int("units", units)
        self.kernel_size = checks.positive_int("kernel_size", kernel_size)
        self.dilation_rate = checks.positive_int("dilation_rate", dilation_rate)
        self.causal = causal
        self.activation = keras.activations.get(activation)
        self.seed = seed
        self.supports_masking = True
        self.convolutions = [
            keras.layers.Conv1D(
                units,
                kernel_size,
                padding="causal" if causal else "same",
                dilation_rate=dilation_rate,
                activation=self.activation,
                kernel_initializer=seeding.glorot(seed, f"convolution_{i}"),
                dtype=self.dtype_policy,
                name=f"convolution_{i}",
            )
            for i in range(2)
        ]
        self.shortcut = keras.layers.Dense(
            units,
            use_bias=False,
            kernel_initializer=seeding.glorot(seed, "shortcut"),
            dtype=self.dtype_policy,
            name="shortcut",
        )

    @property
    def span(self) -> int:
        """How many steps before (and, unless causal, after) it a step sees, at most."""
        return 2 * (self.kernel_size - 1) * self.dilation_rate

    def build(self, input_shape: Shape) -> None:
        """Build the convolutions and the shortcut."""
        self.convolutions[0].build((input_shape[0], None, input_shape[-1]))
        self.convolutions[1].build((input_shape[0], None, self.units))
        self.shortcut.build((input_shape[0], None, input_shape[-1]))

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Convolve; steps that do not count are zero to their neighbours."""
        outputs = inputs
        for convolution in self.convolutions:
            if mask is not None:
                outputs = outputs * ops.cast(mask, outputs.dtype)[..., None]
            outputs = _convolved(convolution, outputs)
        return outputs + self.shortcut(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return `(batch, time, units)`."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "kernel_size": self.kernel_size,
            "dilation_rate": self.dilation_rate,
            "causal": self.causal,
            "activation": keras.activations.serialize(self.activation),
            "seed": self.seed,
        }


def _convolved(convolution: keras.layers.Conv1D, inputs: Tensor) -> Tensor:
    """Return what a convolution makes of sequences.

    Of a single step torch 2.13 has no gradient in float64, nor a second one, where there is one filter:
    it gets a step of zeros more, as it is padded with anyhow.
    """
    if inputs.shape[1] != 1:
        return convolution(inputs)
    return convolution(ops.pad(inputs, [[0, 0], [0, 1], [0, 0]]))[:, :1]

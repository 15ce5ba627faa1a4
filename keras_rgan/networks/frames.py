"""Pictures by convolutions: how often they are halved, and the layers that draw and read them."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.networks import pooling
from keras_rgan.utils import seeding
from keras_rgan.utils.types import Shape, Tensor

SMALLEST = 4
"""So many pixels a side a frame has at the least."""

COARSEST = 7
"""A picture is halved until its shorter side has at most so many pixels."""

MOST_DOUBLINGS = 2
"""How often the filters double at the most, from the finest layer to the coarsest."""

WIDER = 4
"""How many times as wide as the filters the first dense layer of what draws is."""


def check_frame(shape: Any) -> tuple[int, int, int]:
    """Return the shape of a frame, (height, width, channels), or refuse it.

    Raises:
        ValueError: If it is none, or too small for a convolution.
    """
    try:
        sizes = tuple(int(n) for n in shape)
    except (TypeError, ValueError):
        sizes = ()
    if len(sizes) != 3 or min(sizes) < 1:
        raise ValueError(
            "A frame has a shape (height, width, channels) of positive integers: (20, 20, 1) where it "
            f"is grey. Received: {shape!r}. If there is no axis for the channels, add one: "
            "clips[..., None]."
        )
    if min(sizes[:2]) < SMALLEST:
        raise ValueError(
            f"Convolutions need frames of at least {SMALLEST} by {SMALLEST} pixels. Received: "
            f"{sizes[0]} by {sizes[1]}. Pass smaller ones as sequences of their pixels, "
            "clips.reshape(len(clips), clips.shape[1], -1)."
        )
    height, width, channels = sizes
    return height, width, channels


def sizes_of(height: int, width: int) -> list[tuple[int, int]]:
    """Return the sizes of a picture that is halved, from the whole one to the coarsest."""
    sizes = [(height, width)]
    while min(sizes[-1]) > COARSEST or len(sizes) == 1:
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


def filters_of(filters: int, level: int) -> int:
    """Return how many filters a layer has whose picture was halved so often."""
    return filters * 2 ** min(level, MOST_DOUBLINGS)


class Painter(keras.layers.Layer):
    """Draws pictures from vectors: two dense layers, then transposed convolutions that double the size.

    Args:
        height: Rows of a picture.
        width: Columns of a picture.
        channels: Its channels.
        filters: Filters of the layer before the last; coarser ones have up to four times as many.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.layers.Layer`.
    """

    def __init__(
        self,
        height: int,
        width: int,
        channels: int,
        filters: int,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.height, self.width, self.channels = height, width, channels
        sizes = sizes_of(height, width)
        count = len(sizes) - 1
        self.coarsest = (*sizes[-1], filters_of(filters, count - 1))
        rows, columns, depth = self.coarsest
        self.dense = [
            keras.layers.Dense(
                width,
                activation="swish",
                kernel_initializer=seeding.glorot(seed, f"dense_{i}"),
                dtype=self.dtype_policy,
                name=f"dense_{i}",
            )
            for i, width in enumerate((WIDER * filters, rows * columns * depth))
        ]
        self.convolutions = []
        for level in range(count - 1, -1, -1):
            last = level == 0
            self.convolutions.append(
                keras.layers.Conv2DTranspose(
                    channels if last else filters_of(filters, level - 1),
                    4,
                    strides=2,
                    padding="same",
                    activation=None if last else "swish",
                    kernel_initializer=seeding.glorot(seed, f"convolution_{level}"),
                    dtype=self.dtype_policy,
                    name=f"convolution_{level}",
                )
            )

    def build(self, input_shape: Shape) -> None:
        """Build the layers."""
        self.dense[0].build(input_shape)
        self.dense[1].build((None, self.dense[0].units))
        rows, columns, depth = self.coarsest
        for layer in self.convolutions:
            layer.build((None, rows, columns, depth))
            rows, columns, depth = 2 * rows, 2 * columns, layer.filters

    def call(self, inputs: Tensor) -> Tensor:
        """Draw `(batch, height, width, channels)`."""
        for layer in self.dense:
            inputs = layer(inputs)
        picture = ops.reshape(inputs, (-1, *self.coarsest))
        for layer in self.convolutions:
            picture = layer(picture)
        return picture[:, : self.height, : self.width]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return `(batch, height, width, channels)`."""
        return (input_shape[0], self.height, self.width, self.channels)


class Reader(keras.layers.Layer):
    """Reads pictures into vectors: convolutions that halve the size, then a dense layer.

    That layer sees what the last convolution says at each place, and the largest of each of its
    filters: what there is, wherever it is.

    Args:
        units: Width of a vector.
        filters: Filters of the first layer; coarser ones have up to four times as many.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.layers.Layer`.
    """

    def __init__(self, units: int, filters: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.seed = filters, seed
        self.dense = keras.layers.Dense(
            units,
            activation="swish",
            kernel_initializer=seeding.glorot(seed, "dense"),
            dtype=self.dtype_policy,
            name="dense",
        )
        self.convolutions: list[keras.layers.Layer] = []

    def build(self, input_shape: Any) -> None:
        """Build as many convolutions as the size needs."""
        _, height, width, depth = input_shape
        sizes = sizes_of(height, width)
        for level, (rows, columns) in enumerate(sizes[:-1]):
            layer = keras.layers.Conv2D(
                filters_of(self.filters, level),
                4,
                strides=2,
                padding="same",
                activation="swish",
                kernel_initializer=seeding.glorot(self.seed, f"convolution_{level}"),
                dtype=self.dtype_policy,
                name=f"convolution_{level}",
            )
            layer.build((None, rows, columns, depth))
            self.convolutions.append(layer)
            depth = layer.filters
        self.flat = sizes[-1][0] * sizes[-1][1] * depth
        self.dense.build((None, self.flat + depth))

    def call(self, inputs: Tensor) -> Tensor:
        """Return `(batch, units)`."""
        for layer in self.convolutions:
            inputs = layer(inputs)
        parts = [ops.reshape(inputs, (-1, self.flat)), pooling.largest(inputs, (1, 2))]
        return self.dense(ops.concatenate(parts, axis=-1))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return `(batch, units)`."""
        return (input_shape[0], self.dense.units)

"""Features turned into their principal components, each in units of its own spread."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import checks
from keras_rgan.data import batches
from keras_rgan.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class Whitening(keras.layers.Layer):
    """Turns correlated features into uncorrelated ones of mean 0 and deviation 1, and back.

    The features are standardized and rotated onto the principal components of their correlations,
    and each component is divided by its deviation. What features share, and the little by which
    close ones differ, stand side by side then, equally large. A feature that is a copy of another
    leaves a component that is 0 throughout: `inverse` makes exact copies again.

    Args:
        floor: The least deviation of a component that counts, in deviations of a feature, so that
            components that hardly move are not magnified without end.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: Sequences, `(batch, time, features)`, or any shape with the features last.

    Output shape:
        As the input's: components, that of the greatest deviation first.

    Raises:
        ValueError: If `floor` is not positive.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> x = np.random.default_rng(0).normal(size=(500, 4, 1))
        >>> twins = np.concatenate([x, 5 + 2 * x], axis=-1)
        >>> layer = kr.layers.Whitening()
        >>> layer.adapt(twins)
        >>> deviations = np.std(layer(twins), axis=(0, 1))
        >>> [round(float(d), 3) for d in deviations]
        [1.0, 0.0]

    Reference:
        Kessy, Lewin and Strimmer, "Optimal Whitening and Decorrelation", The American Statistician
        2018 (PCA-cor whitening).
    """

    def __init__(self, floor: float = 1e-3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.floor = checks.number("floor", floor, 1e-12)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        """Create mean and rotations, which change nothing before `adapt`."""
        count = input_shape[-1]
        options: dict[str, Any] = {"trainable": False, "autocast": False}
        self.mean = self.add_weight(shape=(count,), initializer="zeros", name="mean", **options)
        self.whiten, self.colour = (
            self.add_weight(shape=(count, count), initializer="identity", name=name, **options)
            for name in ("whiten", "colour")
        )

    def adapt(self, data: Any, limit: int | None = None) -> None:
        """Take the means and correlations of `data`, in one pass.

        Args:
            data: An array with the features last, or something that yields such batches.
            limit: The most batches to read.

        Raises:
            ValueError: If there is no data.
        """

        def measure(batch: np.ndarray) -> list[np.ndarray]:
            rows = batch.reshape(-1, batch.shape[-1])
            return [np.asarray(float(len(rows))), rows.sum(axis=0), rows.T @ rows]

        count, total, products = batches.summed(data, limit, measure)
        mean = total / count
        covariance = products / count - np.outer(mean, mean)
        deviation = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        deviation = np.where(deviation > 1e-6, deviation, 1.0)
        values, vectors = np.linalg.eigh(covariance / np.outer(deviation, deviation))
        spread = np.sqrt(np.maximum(values[::-1], 0.0))
        vectors = vectors[:, ::-1]
        # The float32 of the data leaves copies a deviation that is not quite 0.
        spread = np.where(spread > 1e-5, spread, 0.0)
        if not self.built:
            self.build((None, None, len(mean)))
        self.mean.assign(mean.astype("float32"))
        whiten = vectors / deviation[:, None] / np.maximum(spread, self.floor)
        self.whiten.assign(whiten.astype("float32"))
        colour = (vectors * np.maximum(spread, np.where(spread > 0.0, self.floor, 0.0))).T * deviation
        self.colour.assign(colour.astype("float32"))

    def call(self, inputs: Tensor) -> Tensor:
        """Return the components."""
        outputs = ops.matmul(ops.cast(inputs, "float32") - self.mean, self.whiten)
        return ops.cast(outputs, self.compute_dtype)

    def inverse(self, components: Tensor) -> Tensor:
        """Return the features of components."""
        outputs = ops.matmul(ops.cast(components, "float32"), self.colour) + self.mean
        return ops.cast(outputs, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "floor": self.floor}

"""What is known of a sequence with gaps: bridges, and how uncertain they are."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.sequences import bridges, reading
from keras_rgan.sequences.statistics.gap_statistics import GapStatistics
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class GapFeatures(keras.layers.Layer):
    """Shows a sequence with gaps as bridged values, and how uncertain each of them is.

    Every feature becomes three. Straight lines bridge what is not observed (the value beside it holds
    at either end; 0 where a feature is not observed at all). Their increments stand before them, as
    asinh(increment / deviation of increments), and behind them the spread of a random walk about them,
    as a share of the feature's own: 0 where it is observed, sqrt(d) times the ratio of an increment's
    deviation to a level's, d = 1 / (1 / l + 1 / r) for `l` and `r` steps to what is observed on either
    side, and at most 1, where nothing is known.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`; computes in float32 whatever the policy.

    Attributes:
        adapted: Whether the statistics were taken from data.

    Call arguments:
        inputs: Sequences, `(batch, time, features)`, finite where they are observed.
        observed: Of the same shape, or `(batch, time, 1)`, True or 1 where a value is observed.

    Output shape:
        `(batch, time, 3 * features)`: increments, bridged values, spreads.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> layer = kr.layers.GapFeatures()
        >>> layer.adapt(np.random.default_rng(0).normal(size=(100, 24, 1)).cumsum(axis=1))
        >>> x = np.array([1.0, 0.0, 0.0, 4.0]).reshape(1, 4, 1)
        >>> shown = layer(x, np.array([1, 0, 0, 1]).reshape(1, 4, 1))
        >>> [round(float(value), 3) for value in shown[0, :, 1]]
        [1.0, 2.0, 3.0, 4.0]
        >>> [float(spread) > 0 for spread in shown[0, :, 2]]
        [False, True, True, False]

    Reference:
        The spread is that of a Brownian bridge: Karatzas and Shreve, "Brownian Motion and Stochastic
        Calculus", 1991, section 5.6.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(autocast=False, **kwargs)
        self.adapted = False

    def build(self, input_shape: Shape) -> None:
        """Create the deviations of levels and of increments, which are 1 before `adapt`."""
        options = {"shape": (input_shape[-1],), "initializer": "ones", "trainable": False}
        self.deviation = self.add_weight(name="deviation", autocast=False, **options)
        self.increment = self.add_weight(name="increment", autocast=False, **options)
        self.adapted_flag = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="adapted", autocast=False
        )

    def adapt(self, data: Any, limit: int | None = None) -> None:
        """Take the deviations of levels and of increments of `data`, in one pass.

        Args:
            data: An array `(samples, time, features)`, NaN where nothing is observed, or something that
                yields such batches.
            limit: The most batches to read.

        Raises:
            ValueError: If there is no data.
        """
        self.adopt(reading.feed(self.new_statistics(), data, limit))

    @staticmethod
    def new_statistics() -> GapStatistics:
        """Return statistics of nothing yet: `update` them with batches, and `adopt` them."""
        return GapStatistics()

    def adopt(self, statistics: GapStatistics, offset: Any = None, scale: Any = None) -> None:
        """Take over deviations, as `adapt` does.

        Args:
            statistics: What `new_statistics` returned, updated.
            offset: What the layer will see is (x - offset) / scale, where statistics were taken of x;
                features last. None for 0.
            scale: As a `SequenceScaler`'s, 0 where the layer will see 0. None for 1.

        Raises:
            ValueError: If there was no sample.
        """
        statistics.check()
        weights = statistics.weights(scale)
        if not self.built:
            self.build((None, None, len(weights["deviation"])))
        for name, value in weights.items():
            getattr(self, name).assign(value.astype("float32"))
        self.adapted_flag.assign(1.0)
        self.adapted = True

    def call(self, inputs: Tensor, observed: Tensor) -> Tensor:
        """Return increments, bridged values and spreads."""
        increment, deviation = map(ops.convert_to_tensor, (self.increment, self.deviation))
        bridged, distance = bridges.interpolate(inputs, observed)
        steps = ops.arcsinh((bridged[:, 1:] - bridged[:, :-1]) / increment)
        steps = ops.pad(steps, [[0, 0], [1, 0], [0, 0]])
        spread = ops.minimum(increment / deviation * ops.sqrt(distance), 1.0)
        return ops.concatenate([steps, bridged, spread], axis=-1)

    @staticmethod
    def split(columns: Any) -> list[Any]:
        """Return increments, bridged values and spreads among what a call returned."""
        return ops.split(columns, 3, axis=-1)

    def of_nothing(self, shape: tuple[Any, Any]) -> Tensor:
        """Return what a call would where nothing is observed of sequences of `(batch, time)`."""
        count = self.deviation.shape[0]
        return ops.concatenate([ops.zeros((*shape, 2 * count)), ops.ones((*shape, count))], axis=-1)

    def load_own_variables(self, store: Any) -> None:
        """Load the statistics, and whether they were taken from data."""
        super().load_own_variables(store)
        self.adapted = self.built and bool(ops.convert_to_tensor(self.adapted_flag) > 0)

    def compute_output_shape(self, inputs_shape: Shape, observed_shape: Any = None) -> Shape:
        """Return `(batch, time, 3 * features)`."""
        *rest, features = inputs_shape
        return (*rest, 3 * (features or 0))

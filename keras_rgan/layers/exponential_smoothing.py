"""Features that follow their input at a pace of their own."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.layers import linear_recurrence
from keras_rgan.sequences import reading
from keras_rgan.sequences.statistics.smoothing_statistics import SmoothingStatistics
from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor

STRETCH = 0.1
"""How far beyond 0 and 1 a pace that changes is stretched before it is clipped."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class ExponentialSmoothing(keras.layers.Layer):
    """y_0 = x_0, y_t = y_{t-1} + a (x_t - y_{t-1}) with a trained pace `a` in 0 … 1 for each feature.

    Behind a generator's head it makes smooth features smooth to begin with, where the noise of each
    step would shake them, and never drifts away from what the head says, however long the sequence.

    With `changes` the pace is another at every step: 0 holds the value as it is, 1 jumps. Readings
    that stay the same for a while, and sudden moves among them, take such a gate; `adapt` lets changes
    through for these alone, features that hold in more than 3 % of the data's steps. The pace is then
    clip((1 + 2 s) sigmoid(l + changes) - s, 0, 1) with s = 0.1, which reaches both ends; l is such that
    changes of 0 leave the trained pace.

    Args:
        initial_pace: `a` before training and `adapt`, between 0 and 1.
        return_state: Whether to return the last output too, from which a sequence can be continued.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: Sequences, `(batch, time, features)`.
        initial_state: Outputs of the step before the first, `(batch, features)`; None starts at x_0.
        changes: What is added to the logits of the paces, `(batch, time, features)`; None adds nothing.

    Output shape:
        `(batch, time, features)`, and with `return_state` `(batch, features)`.

    Raises:
        ValueError: If the pace is not between 0 and 1.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> layer = kr.layers.ExponentialSmoothing(initial_pace=0.5)
        >>> step = np.array([0.0, 1.0, 1.0, 1.0]).reshape(1, 4, 1)
        >>> [round(float(y), 4) for y in layer(step)[0, :, 0]]
        [0.0, 0.5, 0.75, 0.875]

    Reference:
        Brown, "Statistical Forecasting for Inventory Control", 1959; for the stretched sigmoid
        Louizos et al., "Learning Sparse Neural Networks through L0 Regularization", 2018.
    """

    def __init__(self, initial_pace: float = 0.9, return_state: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.initial_pace = checks.number("initial_pace", initial_pace, 1e-4, 1.0 - 1e-4)
        self.return_state = return_state

    def build(self, input_shape: Shape) -> None:
        """Create the logits of the paces, and what changes are multiplied with."""
        logit = math.log(self.initial_pace / (1.0 - self.initial_pace))
        self.logits = self.add_weight(
            shape=(input_shape[-1],),
            initializer=keras.initializers.Constant(logit),
            name="logits",
        )
        self.gates = self.add_weight(
            shape=(input_shape[-1],), initializer="ones", trainable=False, name="gates"
        )

    def adapt(self, data: Any, limit: int | None = None) -> None:
        """Start at half the ratio of squared increments to the variance about a sequence's mean.

        Of long sequences that is the pace at which smoothed white noise is as rough; of short ones it
        is faster, as what a whole sequence keeps is the head's first output and needs no pace. Gates
        are opened for the features that hold. Sequences of one step, or that are constant, change
        nothing.

        Args:
            data: An array `(samples, time, features)`, or something that yields such batches.
            limit: The most batches to read.

        Raises:
            ValueError: If there is no data.
        """
        self.adopt(reading.feed(self.new_statistics(), data, limit))

    @staticmethod
    def new_statistics() -> SmoothingStatistics:
        """Return statistics of nothing yet: `update` them with batches, and `adopt` them."""
        return SmoothingStatistics()

    def adopt(self, statistics: SmoothingStatistics, offset: Any = None, scale: Any = None) -> None:
        """Start at the paces that statistics say, as `adapt` does.

        Args:
            statistics: What `new_statistics` returned, updated.
            offset: What the layer will see is (x - offset) / scale, where statistics were taken of x;
                features last. None for 0.
            scale: As a `SequenceScaler`'s, 0 where the layer will see 0. None for 1.

        Raises:
            ValueError: If there was no sample.
        """
        statistics.check()
        if not self.built:
            self.build((None, None, statistics.num_features))
        weights = statistics.weights(scale)
        if weights:
            pace = weights["pace"]
            self.logits.assign(np.log(pace / (1.0 - pace)).astype("float32"))
            self.gates.assign(weights["gates"].astype("float32"))

    def call(
        self,
        inputs: Tensor,
        initial_state: Tensor | None = None,
        changes: Tensor | None = None,
    ) -> Any:
        """Smooth."""
        dtype = inputs.dtype
        inputs = ops.cast(inputs, "float32")
        pace = ops.sigmoid(ops.cast(self.logits, "float32"))
        if changes is not None:
            logits = _logit((pace + STRETCH) / (1.0 + 2.0 * STRETCH))  # unchanged it is the same pace
            changes = ops.cast(self.gates, "float32") * ops.cast(changes, "float32")
            stretched = (1.0 + 2.0 * STRETCH) * ops.sigmoid(logits + changes) - STRETCH
            pace = ops.clip(stretched, 0.0, 1.0)
        else:  # the same for the whole batch, where the length is known
            batch = ops.shape(inputs)[0] if backend.is_open(inputs.shape[1]) else 1
            pace = ops.broadcast_to(pace, (batch, *ops.shape(inputs)[1:]))
        start = inputs[:, 0] if initial_state is None else initial_state
        outputs = ops.cast(linear_recurrence.solve(1.0 - pace, pace * inputs, start), dtype)
        return (outputs, outputs[:, -1]) if self.return_state else outputs

    def compute_output_shape(
        self, inputs_shape: Shape, initial_state_shape: Any = None, changes_shape: Any = None
    ) -> Any:
        """Return `(batch, time, features)`, and the shape of the state where it is returned."""
        if not self.return_state:
            return tuple(inputs_shape)
        return tuple(inputs_shape), (inputs_shape[0], inputs_shape[-1])

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "initial_pace": self.initial_pace,
            "return_state": self.return_state,
        }


def _logit(share: Tensor) -> Tensor:
    return ops.log(share) - ops.log1p(-share)

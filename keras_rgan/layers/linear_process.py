"""Noise that has the linear dependence of data, and its marginal distributions."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.layers import recurrence
from keras_rgan.layers.process_cell import ProcessCell
from keras_rgan.sequences import reading
from keras_rgan.sequences.statistics.linear_law import KNOTS, REACH
from keras_rgan.sequences.statistics.process_statistics import ProcessStatistics
from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class LinearProcess(keras.layers.Layer):
    """Turns independent noise into sequences of data's marginals and linear dependence.

    Features are mapped to normal scores by their ranks; the first steps of these are one Gaussian
    vector with the mean and covariance of the data's windows, stationary or not, and later ones follow
    as a vector autoregression. The scores are mapped back by quantiles. It is a Gaussian copula, as
    `baselines.GaussianCopula`, of fixed weights that `adapt` takes from data: a generator that begins
    with it needs to learn only what is not linear. One-hot features stay 0. With conditions the mean of
    the scores at a step is a linear function of the columns at it.

    Args:
        block_steps: How many steps are one vector, at least 2. Its covariance has the square of steps
            times features as entries.
        num_conditions: How many columns of conditions stand beside each step.
        clusters: Around how many means the first steps lie, each as likely as in the data: windows
            that are alike are found there, and their means.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: Noise of law N(0, 1), `(batch, time, features)`; with clusters a column wider, of which
            the first step draws one.
        past: The state that an earlier call returned, to go on from; None to begin.
        columns: Of conditions, `(batch, time, num_conditions)`, where there are some.

    Output shape:
        A tuple: scores and values, `(batch, time, features)` each, and the state after them,
        `(batch, (block_steps - 1) * features)`.

    Raises:
        ValueError: If `block_steps` is below 2, or more than the data has.

    Example:
        >>> import keras, numpy as np, keras_rgan as kr
        >>> walks = np.random.default_rng(0).normal(size=(500, 8, 2)).cumsum(axis=1)
        >>> process = kr.layers.LinearProcess(block_steps=8)
        >>> process.adapt(walks)
        >>> scores, values, state = process(keras.random.normal((1000, 8, 2), seed=0))
        >>> made = keras.ops.convert_to_numpy(values)
        >>> bool(abs(made[:, -1].std() / walks[:, -1].std() - 1.0) < 0.15)
        True

    Reference:
        Cario and Nelson, "Modeling and Generating Random Vectors with Arbitrary Marginal Distributions
        and Correlation Matrix" (NORTA), 1997; Sims, "Macroeconomics and Reality" (vector
        autoregression), 1980.
    """

    def __init__(
        self, block_steps: int, num_conditions: int = 0, clusters: int = 1, **kwargs: Any
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.clusters = checks.positive_int("clusters", clusters)
        self.num_conditions = checks.non_negative_int("num_conditions", num_conditions)
        self.block_steps = checks.positive_int("block_steps", block_steps)
        if block_steps < 2:
            raise ValueError(f"`block_steps` must be at least 2. Received: block_steps={block_steps}")
        self.cell = ProcessCell(block_steps - 1, dtype="float32", name="cell")
        self.rnn = keras.layers.RNN(
            self.cell, return_sequences=True, return_state=True, dtype="float32", name="rnn"
        )

    def build(self, input_shape: Shape) -> None:
        """Create the weights, of independent noise."""
        count = (input_shape[-1] or 0) - self.num_choices
        self.cell.build((None, count))
        self.rnn.build((None, None, count))
        options = {"trainable": False, "autocast": False, "dtype": "float32"}
        size = self.block_steps * count
        self.first = self.add_weight((size, size), "identity", name="first", **options)
        self.mean = self.add_weight((self.block_steps, count), "zeros", name="mean", **options)
        self.values = self.add_weight((KNOTS + 1, count), "zeros", name="values", **options)
        self.slopes = self.add_weight((KNOTS + 1, count), "zeros", name="slopes", **options)
        if self.clusters > 1:
            shape = (self.clusters, self.block_steps, count)
            self.shifts = self.add_weight(shape, "zeros", name="shifts", **options)
            self.bounds = self.add_weight((self.clusters - 1,), "zeros", name="bounds", **options)
        if self.num_conditions:
            shape = (self.block_steps, self.num_conditions, count)
            self.effect = self.add_weight(shape, "zeros", name="effect", **options)
            self.centre = self.add_weight((self.num_conditions,), "zeros", name="centre", **options)

    @property
    def num_choices(self) -> int:
        """How many columns of the noise are choices: one where there are clusters."""
        return int(self.clusters > 1)

    def adapt(self, data: Any, limit: int | None = None) -> None:
        """Take marginals, means and covariances from data.

        Args:
            data: An array `(samples, time, features)`, or something that yields such batches.
            limit: The most batches to read.

        Raises:
            ValueError: If there is no data, or sequences are shorter than a block.
        """
        self.adopt(reading.feed(self.new_statistics(), data, limit))

    @staticmethod
    def new_statistics() -> ProcessStatistics:
        """Return statistics of nothing yet: `update` them with batches, and `adopt` them."""
        return ProcessStatistics()

    def adopt(self, statistics: ProcessStatistics, offset: Any = None, scale: Any = None) -> None:
        """Take over what statistics say, as `adapt` does.

        Args:
            statistics: What `new_statistics` returned, updated.
            offset: The layer makes (x - offset) / scale, where statistics were taken of x, features
                last. None for 0.
            scale: As a `SequenceScaler`'s, 0 where the layer makes 0. None for 1.

        Raises:
            ValueError: If there was no sample, or sequences are shorter than a block.
        """
        statistics.check()
        weights = statistics.weights(self.block_steps, offset, scale, self.clusters)
        if not self.built:
            self.build((None, None, statistics.num_features + self.num_choices))
        if not self.num_conditions:
            weights = {name: weights[name] for name in weights if name not in ("effect", "centre")}
        for name, value in weights.items():
            holder = self.cell if name in ("step", "new") else self
            getattr(holder, name).assign(value.astype("float32"))

    def call(
        self, inputs: Tensor, past: Tensor | None = None, columns: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores, values and the state after them."""
        inputs, begins = ops.cast(inputs, "float32"), past is None
        choice = inputs[:, :1, -1] if self.num_choices else None
        inputs = inputs[..., : self.values.shape[-1]]
        if begins:
            scores, past = self._begin(inputs)
            if choice is not None:
                scores = scores + self._shift_of(choice, scores)
        else:
            scores, past = self.rnn(inputs, initial_state=[past])
        if self.num_conditions and columns is not None:
            scores = scores + self._effect_of(ops.cast(columns, "float32") - self.centre, begins)
        return scores, self._values_of(scores), past

    def _shift_of(self, choice: Tensor, scores: Tensor) -> Tensor:
        """Return how far the clusters that are drawn by noise, `(batch, 1)`, move each score."""
        index = ops.sum(ops.cast(choice > self.bounds, "int32"), axis=-1)
        shift, later = ops.take(self.shifts, index, axis=0), scores[:, self.block_steps :]
        return ops.concatenate([shift, ops.zeros_like(later)], axis=1)[:, : ops.shape(scores)[1]]

    def _effect_of(self, columns: Tensor, begins: bool) -> Tensor:
        """Return what columns add to scores: to those from the first step on, or to later ones."""
        later = ops.matmul(columns, self.effect[-1])
        if not begins:
            return later
        block, length = self.block_steps, ops.shape(columns)[1]
        first = ops.einsum("btc,tcf->btf", recurrence.first_steps(columns, block), self.effect)
        return ops.concatenate([first, later[:, block:]], axis=1)[:, :length]

    def _begin(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return the scores of sequences from their first step on, and the last steps of these."""
        batch, length, count = ops.shape(noise)[0], ops.shape(noise)[1], noise.shape[-1]
        block, is_open = self.block_steps, backend.is_open(noise.shape[1])
        head = recurrence.first_steps(noise, block)
        flat = ops.matmul(ops.reshape(head, (batch, block * count)), self.first)
        scores = ops.reshape(flat, (batch, block, count))
        past = flat[:, count:]
        if is_open or length > block:
            rest = noise[:, block:]
            if is_open:  # so that there is a step, whatever the length
                rest = ops.pad(rest, [[0, 0], [0, 1], [0, 0]])
            further, past = self.rnn(rest, initial_state=[past])
            scores = ops.concatenate([scores + self.mean, further], axis=1)
        else:
            scores = scores + self.mean
        return scores[:, :length], past

    def _values_of(self, scores: Tensor) -> Tensor:
        """Return the values that scores stand for."""
        place = (ops.clip(scores, -REACH, REACH) + REACH) * (KNOTS / (2.0 * REACH))
        knot = ops.floor(place)
        count = scores.shape[-1]
        index = ops.cast(knot, "int32") * count + ops.convert_to_tensor(np.arange(count, dtype="int32"))
        values, slopes = (ops.take(ops.reshape(w, (-1,)), index) for w in (self.values, self.slopes))
        return values + slopes * (place - knot)

    def compute_output_shape(
        self, inputs_shape: Shape, past_shape: Any = None, columns_shape: Any = None
    ) -> Any:
        """Return the shapes of scores, values and state."""
        *outer, width = inputs_shape
        count = (width or 0) - self.num_choices
        state = (inputs_shape[0], (self.block_steps - 1) * count)
        return (*outer, count), (*outer, count), state

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "block_steps": self.block_steps,
            "num_conditions": self.num_conditions,
            "clusters": self.clusters,
        }

"""Noise that moves as data does, by a mixture of autoregressions."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.layers import recurrence
from keras_rgan.layers.mixture_cell import MixtureCell, drawn
from keras_rgan.sequences import reading
from keras_rgan.sequences.statistics.process_statistics import ProcessStatistics
from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class MixtureProcess(keras.layers.Layer):
    """Turns independent noise into sequences whose steps follow from those before as data's do.

    A mixture of Gaussians, fitted to pieces of `order + 1` steps, gives the law of a step given those
    before: one of several linear ones, drawn as likely as the steps before make it. So levels jump,
    oscillations bend, and noise grows where it does in the data. The first steps are drawn of a mixture
    of their own. Weights are fixed, and `adapt` takes them from data; one-hot features stay 0.

    Args:
        order: How many steps back a step looks.
        components: How many laws there are.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: Noise of law N(0, 1), `(batch, time, features + 1)`; the last column draws the laws.
        past: The state that an earlier call returned, to go on from; None to begin.
        columns: Says nothing here.

    Output shape:
        A tuple: deviations and values, `(batch, time, features)` each, and the state after them,
        `(batch, order * features)`.

    Raises:
        ValueError: If a number is not positive, or sequences are no longer than `order`.

    Example:
        >>> import keras, numpy as np, keras_rgan as kr
        >>> jumps = (np.random.default_rng(0).random((500, 12, 1)) < 0.2).cumsum(axis=1) % 2
        >>> process = kr.layers.MixtureProcess(order=1, components=4)
        >>> process.adapt(jumps + 0.01 * np.random.default_rng(1).normal(size=jumps.shape))
        >>> _, values, _ = process(keras.random.normal((1000, 12, 2), seed=0))
        >>> moves = np.abs(np.diff(keras.ops.convert_to_numpy(values), axis=1)) > 0.5
        >>> bool(abs(moves.mean() - 0.2) < 0.03)
        True

    Reference:
        Wong and Li, "On a Mixture Autoregressive Model", Journal of the Royal Statistical Society B,
        2000.
    """

    num_choices = 1
    """How many columns of the noise are choices."""

    def __init__(self, order: int, components: int, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.order = checks.positive_int("order", order)
        self.components = checks.positive_int("components", components)
        self.cell = MixtureCell(self.order, self.components, dtype="float32", name="cell")
        self.rnn = keras.layers.RNN(
            self.cell, return_sequences=True, return_state=True, dtype="float32", name="rnn"
        )

    def build(self, input_shape: Shape) -> None:
        """Create the weights."""
        width = input_shape[-1] or 1
        self.cell.build((None, width))
        self.rnn.build((None, None, width))
        options = {"trainable": False, "autocast": False, "dtype": "float32"}
        laws, size = self.components, self.cell.state_size
        self.bounds = self.add_weight((laws - 1,), "zeros", name="bounds", **options)
        self.means = self.add_weight((laws, size), "zeros", name="means", **options)
        self.factors = self.add_weight((laws, size, size), "zeros", name="factors", **options)
        self.gain = self.add_weight((width - 1,), "zeros", name="gain", **options)
        self.shift = self.add_weight((width - 1,), "zeros", name="shift", **options)

    def adapt(self, data: Any, limit: int | None = None) -> None:
        """Take the laws from data.

        Args:
            data: An array `(samples, time, features)`, or something that yields such batches.
            limit: The most batches to read.

        Raises:
            ValueError: If there is no data, or sequences are no longer than `order`.
        """
        self.adopt(reading.feed(self.new_statistics(), data, limit))

    @staticmethod
    def new_statistics() -> ProcessStatistics:
        """Return statistics of nothing yet: `update` them with batches, and `adopt` them."""
        return ProcessStatistics()

    def adopt(self, statistics: ProcessStatistics, offset: Any = None, scale: Any = None) -> None:
        """Take over what statistics say, as `LinearProcess.adopt` does."""
        statistics.check()
        weights = statistics.mixture(self.order, self.components, offset, scale)
        if not self.built:
            self.build((None, None, statistics.num_features + 1))
        self._assign(weights)

    def _assign(self, weights: dict[str, np.ndarray]) -> None:
        for name, value in weights.items():
            holder = self if name in ("bounds", "means", "factors", "gain", "shift") else self.cell
            getattr(holder, name).assign(value.astype("float32"))

    @classmethod
    def values_of(cls, weights: dict[str, np.ndarray], order: int, noise: np.ndarray) -> np.ndarray:
        """Return the values that weights, by name as statistics have them, make of noise."""
        layer = cls(order, len(weights["logs"]))
        layer.build(noise.shape)
        layer._assign(weights)
        made: np.ndarray = ops.convert_to_numpy(layer(noise.astype("float32"))[1])
        return made.astype("float64")

    def call(self, inputs: Tensor, past: Tensor | None = None, columns: Any = None) -> Any:
        """Return deviations, values and the state after them."""
        inputs = ops.cast(inputs, "float32")
        if past is None:
            left, past = self._begin(inputs)
        else:
            left, past = self.rnn(inputs, initial_state=[past])
        return left, left * self.gain + self.shift, past

    def _begin(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return deviations from their first step on, and the last steps of these."""
        batch, length = ops.shape(noise)[0], ops.shape(noise)[1]
        count, is_open = noise.shape[-1] - 1, backend.is_open(noise.shape[1])
        head = recurrence.first_steps(noise, self.order)
        flat = ops.reshape(head[..., :-1], (batch, self.order * count))
        first = self.means + ops.einsum("bi,kij->bkj", flat, self.factors)
        past = ops.einsum("bk,bkj->bj", drawn(self.bounds, noise[:, 0, -1:]), first)
        left = ops.reshape(past, (batch, self.order, count))
        if is_open or length > self.order:
            rest = noise[:, self.order :]
            if is_open:  # so that there is a step, whatever the length
                rest = ops.pad(rest, [[0, 0], [0, 1], [0, 0]])
            further, past = self.rnn(rest, initial_state=[past])
            left = ops.concatenate([left, further], axis=1)
        return left[:, :length], past

    def compute_output_shape(
        self, inputs_shape: Shape, past_shape: Any = None, columns_shape: Any = None
    ) -> Any:
        """Return the shapes of deviations, values and state."""
        *outer, width = inputs_shape
        count = (width or 1) - 1
        return (*outer, count), (*outer, count), (inputs_shape[0], self.order * count)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "order": self.order, "components": self.components}

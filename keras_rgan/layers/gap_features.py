"""What is known of a sequence with gaps: bridges, and how uncertain they are."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.sequences import bridges, reading
from keras_rgan.sequences.factors import posterior
from keras_rgan.sequences.hiding import draw_observed
from keras_rgan.sequences.statistics.gap_statistics import (
    CENTRES,
    MAX_NUMBERS,
    GapStatistics,
    window_factors,
)
from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor

HELPS = 0.9
"""A feature is bridged by factors where the squares of their errors are less than so many of lines'."""

CLUSTERS = (1, CENTRES // 2, CENTRES)
"""How many means windows may lie around are tried."""

JUDGED = 1_000
"""In how many windows it is seen whether factors help."""

GAIN = 0.01
"""More of them must do better by so large a share of lines' errors."""

FARTHEST = 5.0
"""Values farther from all means than so many deviations tell factors no more."""

LEAST_SPREAD = 1e-3
"""What is not observed is uncertain, by so much at the least."""

OF_LINES = ("deviation", "increment", "adapted_flag")
"""The weights of a layer without factors, in their order."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class GapFeatures(keras.layers.Layer):
    """Shows a sequence with gaps as bridged values, and how uncertain each of them is.

    Every feature becomes three. Straight lines bridge what is not observed (the value beside it holds
    at either end; 0 where a feature is not observed at all). Their increments stand before them, as
    asinh(increment / deviation of increments), and behind them the spread of a random walk about them,
    as a share of the feature's own: 0 where it is observed, sqrt(d) times the ratio of an increment's
    deviation to a level's, d = 1 / (1 / l + 1 / r) for `l` and `r` steps to what is observed on either
    side, and at most 1, where nothing is known.

    With `factors` those features whose values follow better from all that is observed of a window, by
    factors common to its numbers about the mean of one of several clusters, than from a line, are
    bridged by these: by the mean given what is observed, with the spread about it. Which features these
    are is seen in one half of the data, by what was learned of the other. Windows of another length
    than the data's have lines.

    Args:
        factors: How many common factors are learned, at the most; 0 for lines alone.
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
        Calculus", 1991, section 5.6. Factors: Bishop, "Pattern Recognition and Machine Learning", 2006,
        section 12.2.4.
    """

    def __init__(self, factors: int = 0, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(autocast=False, **kwargs)
        self.factors = checks.non_negative_int("factors", factors)
        self.length: int | None = None
        self.adapted = False

    def build(self, input_shape: Shape) -> None:
        """Create the deviations of levels and of increments, which are 1 before `adapt`."""
        options = {"shape": (input_shape[-1],), "initializer": "ones", "trainable": False}
        self.deviation = self.add_weight(name="deviation", autocast=False, **options)
        self.increment = self.add_weight(name="increment", autocast=False, **options)
        self.adapted_flag = self.add_weight(
            shape=(), initializer="zeros", trainable=False, name="adapted", autocast=False
        )
        length, count = input_shape[-2:]
        numbers = (length or 0) * (count or 0)
        if not self.factors or not 1 < numbers <= MAX_NUMBERS:
            return
        self.length = length
        rank = min(self.factors, numbers // 2)
        shapes = {
            "centres": (CENTRES, numbers),
            "logs": (CENTRES,),
            "loadings": (numbers, rank),
            "noise": (numbers,),
            "width": (count,),
        }
        for name, shape in shapes.items():
            fill = "ones" if name == "noise" else "zeros"
            options = {"shape": shape, "initializer": fill, "trainable": False}
            setattr(self, name, self.add_weight(name=name, autocast=False, **options))

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

    def new_statistics(self, length: int | None = None) -> GapStatistics:
        """Return statistics of nothing yet: `update` them with batches, and `adopt` them.

        Args:
            length: How many steps the longest sequences have; by default as many as the first.
        """
        lines_alone = not self.factors or (self.built and self.length is None)
        return GapStatistics(0 if lines_alone else length)

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
            self.build((None, statistics.length or None, len(weights["deviation"])))
        self._take(weights)
        if self.length is not None:
            self._adopt_factors(statistics, offset, scale)
        self.adapted_flag.assign(1.0)
        self.adapted = True

    def _adopt_factors(self, statistics: GapStatistics, offset: Any, scale: Any) -> None:
        """Learn factors of half of the windows, see in the others where they help, and learn of all."""
        self.width.assign(np.zeros(self.width.shape))
        if statistics.length != self.length:
            return
        rank, best = self.loadings.shape[1], float("inf")
        chosen, width = 0, np.zeros(self.width.shape, "float32")
        windows = statistics.windows(offset, scale)
        known, others = windows[::2], windows[1::2][:JUDGED]
        for clusters in CLUSTERS:
            law = window_factors(known, rank, clusters)
            if law is None:
                break
            self._take(law)
            ratio, widths = self._errors(others)
            if (mean := np.minimum(ratio, 1.0).mean()) < best - GAIN:
                best, chosen = mean, clusters
                width = np.where(ratio < HELPS, widths, 0.0)
        law = window_factors(windows, rank, chosen) if width.any() else None
        if law is not None:
            self._take({**law, "width": width})

    def _errors(self, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return errors of factors as a share of lines', in squares, and of their own spreads."""
        there = np.isfinite(windows)
        windows = np.where(there, windows, 0.0).astype("float32")
        shown = draw_observed(windows.shape, keras.random.SeedGenerator(0), there)
        made = (
            *bridges.interpolate(windows, shown),
            *self._factored(ops.convert_to_tensor(windows), shown),
        )
        line, distance, factored, spread = (ops.convert_to_numpy(x) for x in made)
        # What is hidden, but where nothing is shown: there are no lines.
        asked = there & (ops.convert_to_numpy(shown) == 0) & np.isfinite(distance)
        squares = (line - windows, factored - windows, spread)
        of_lines, own, said = (np.where(asked, np.square(x), 0.0).sum(axis=(0, 1)) for x in squares)
        widths = np.sqrt(own / np.where(said > 0.0, said, 1.0)).clip(0.5, 3.0)
        return np.where(of_lines > 0.0, own / np.where(of_lines > 0.0, of_lines, 1.0), 1.0), widths

    def _take(self, weights: dict[str, np.ndarray]) -> None:
        for name, value in weights.items():
            getattr(self, name).assign(np.asarray(value, "float32"))

    def call(self, inputs: Tensor, observed: Tensor) -> Tensor:
        """Return increments, bridged values and spreads."""
        increment, deviation = map(ops.convert_to_tensor, (self.increment, self.deviation))
        bridged, distance = bridges.interpolate(inputs, observed)
        spread = ops.minimum(increment / deviation * ops.sqrt(distance), 1.0)
        if self.length is not None:
            bridged, spread = self._by_factors(inputs, observed, bridged, spread)
        steps = ops.arcsinh((bridged[:, 1:] - bridged[:, :-1]) / increment)
        steps = ops.pad(steps, [[0, 0], [1, 0], [0, 0]])
        return ops.concatenate([steps, bridged, spread], axis=-1)

    def _by_factors(
        self, inputs: Tensor, observed: Tensor, bridged: Tensor, spread: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return bridges and spreads, of those features by factors that these bridge better."""
        length = inputs.shape[1]

        def joined() -> tuple[Tensor, Tensor]:
            known = ops.broadcast_to(ops.cast(observed, "float32"), ops.shape(bridged))
            values, deviations = self._factored(ops.cast(inputs, "float32"), known)
            width, deviation = map(ops.convert_to_tensor, (self.width, self.deviation))
            chosen = (known == 0) & (width > 0)
            shares = ops.clip(deviations * width / deviation, LEAST_SPREAD, 1.0)
            return ops.where(chosen, values, bridged), ops.where(chosen, shares, spread)

        if isinstance(length, int) and length != self.length:
            return bridged, spread
        due = ops.any(ops.convert_to_tensor(self.width) > 0)
        if not isinstance(length, int):
            due = ops.logical_and(due, ops.equal(ops.shape(inputs)[1], self.length))
        both: tuple[Tensor, Tensor] = ops.cond(due, joined, lambda: (bridged, spread))
        return both

    def _factored(self, inputs: Tensor, observed: Tensor) -> tuple[Tensor, Tensor]:
        """Return what factors say of each value, and by how much it may be off."""
        rows, windows = (-1, self.noise.shape[0]), (-1, self.length, self.deviation.shape[0])
        law = map(ops.convert_to_tensor, (self.centres, self.logs, self.loadings, self.noise))
        centres, logs, loadings, noise = law
        reach = FARTHEST * ops.sqrt(noise + ops.sum(ops.square(loadings), axis=-1))
        low, high = ops.min(centres, axis=0) - reach, ops.max(centres, axis=0) + reach
        values = ops.clip(ops.reshape(inputs, rows), low, high)
        mean, variance = posterior(values, ops.reshape(observed, rows), centres, logs, loadings, noise)
        return ops.reshape(mean, windows), ops.sqrt(ops.reshape(variance, windows))

    @staticmethod
    def split(columns: Any) -> list[Any]:
        """Return increments, bridged values and spreads among what a call returned."""
        return ops.split(columns, 3, axis=-1)

    def of_nothing(self, shape: tuple[Any, Any]) -> Tensor:
        """Return what a call would where nothing is observed of sequences of `(batch, time)`."""
        count = self.deviation.shape[0]
        nothing = ops.zeros((1, shape[1], count))
        return ops.broadcast_to(self(nothing, nothing), (*shape, 3 * count))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().get_config(), "factors": self.factors}

    def load_own_variables(self, store: Any) -> None:
        """Load the statistics, and whether they were taken from data, and factors where they fit."""
        stored = {key: tuple(store[key].shape) for key in store.keys()}  # noqa: SIM118
        own = {str(i): tuple(v.shape) for i, v in enumerate(self.weights)}
        lines = dict(zip(own, OF_LINES, strict=False))
        if stored != own and all(stored.get(key) == own[key] for key in lines):
            for (
                key,
                name,
            ) in lines.items():  # factors are of windows of another length, or there are none
                getattr(self, name).assign(store[key])
            if self.length is not None:
                self.width.assign(np.zeros(self.width.shape))
        else:
            super().load_own_variables(store)
        self.adapted = self.built and bool(ops.convert_to_tensor(self.adapted_flag) > 0)

    def compute_output_shape(self, inputs_shape: Shape, observed_shape: Any = None) -> Shape:
        """Return `(batch, time, 3 * features)`."""
        *rest, features = inputs_shape
        return (*rest, 3 * (features or 0))

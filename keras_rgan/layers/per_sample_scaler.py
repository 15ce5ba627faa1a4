"""A scaler that maps every sequence by its own range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.layers.sequence_scaler import CONSTRAINTS, SequenceScaler, left_out
from keras_rgan.sequences.statistics.per_sample_statistics import PerSampleStatistics
from keras_rgan.sequences.statistics.scaler_statistics import ScalerStatistics
from keras_rgan.utils.types import Shape, Tensor

TINY = 1e-30
"""A half-range below counts as none."""

LARGEST = 60.0
"""Of what a hyperbolic sine is taken, which would overflow."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class PerSampleScaler(SequenceScaler):
    """Maps each feature of each sequence from its own smallest and largest value to -1 … 1, and back.

    For sequences whose scales differ by orders of magnitude, of which a common range would leave most a
    flat line. `RecurrentGAN(scaler="per_sample")` puts the range, which mapping back needs, among the
    attributes of each sequence. A feature that is constant within a sequence maps to 0, and back to its
    value.

    Args:
        constraints: What `restore` holds generated values to, as in a `SequenceScaler`: the range of
            the data, its lattice, copies and categories; "range" stands for the own range of each
            sequence too. Features that are one-hot map to -1 and 1 in every sequence.
        **kwargs: Arguments of `keras.layers.Layer`; computes in float32 whatever the policy.

    Attributes:
        unit: The size of what is small in each feature, `(features,)`: the quantile 0.01 of the
            half-ranges that `adapt` saw, of those that are not 0 (of a sample of 100,000 sequences).

    Call arguments:
        inputs: `(batch, time, features)`.
        mask: `(batch, time)`, True where a step counts; None for all.

    Output shape:
        The input's.

    Raises:
        ValueError: If sequences are not of rank 3, or as a `SequenceScaler`.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(100, 24, 2)) * 10.0 ** rng.uniform(0.0, 4.0, (100, 1, 2))
        >>> scaler = kr.layers.PerSampleScaler()
        >>> scaler.adapt(x)
        >>> scaled, ranges = scaler(x), scaler.ranges(x)
        >>> float(np.abs(np.asarray(scaled)).max()), ranges.shape == (100, 4)
        (1.0, True)
        >>> back = np.asarray(scaler.inverse(scaled, ranges))
        >>> bool(np.max(np.abs(back - x) / np.ptp(x, axis=1, keepdims=True)) < 1e-5)
        True

    Reference:
        Lin et al., "Using GANs for Sharing Networked Time Series Data: Challenges, Initial Promise,
        and Open Questions" (DoppelGANger), IMC 2020.
    """

    per_sequence = True

    def __init__(self, constraints: str | Sequence[str] | None = CONSTRAINTS, **kwargs: Any) -> None:
        super().__init__("min_max", constraints=constraints, **kwargs)

    def _build_statistics(self, input_shape: Shape) -> None:
        super()._build_statistics(input_shape)
        self.unit = self.add_weight(
            shape=(input_shape[-1],),
            initializer="ones",
            name="unit",
            trainable=False,
            autocast=False,
            dtype="float32",
        )

    def new_statistics(self) -> PerSampleStatistics:
        """Return statistics of nothing yet: `update` them with whole sequences, and `adopt` them."""
        return PerSampleStatistics("categories" in self.constraints, self.num_features)

    def adopt(self, statistics: ScalerStatistics) -> None:
        """Scale as statistics say, as `adapt` does.

        Args:
            statistics: What `new_statistics` returned, updated.

        Raises:
            ValueError: If there was no sample, or these are statistics of another scaler.
        """
        if not isinstance(statistics, PerSampleStatistics):
            raise ValueError(
                "Expected statistics that PerSampleScaler.new_statistics() returned. Received: "
                f"{type(statistics).__name__}"
            )
        super().adopt(statistics)
        unit = statistics.unit() / self.units.unit
        self.unit.assign(np.maximum(unit, TINY).astype("float32"))

    def calibrate(self, data: Any, generated: Any, limit: int | None = None) -> None:
        """Refuse: values that are alike mean different things in sequences of different ranges.

        Raises:
            ValueError: Always.
        """
        raise ValueError(
            "calibrate moves equal values alike, whatever sequence they stand in, and with ranges of "
            "their own these mean different things. Leave it out, or use a SequenceScaler."
        )

    def call(  # type: ignore[override]
        self, inputs: Tensor, mask: Tensor | None = None, entered: bool = False
    ) -> Tensor:
        """Map from the data's units."""
        inputs = self._entering(inputs, entered)
        low, high = self._measure(inputs, mask)
        half = 0.5 * high - 0.5 * low
        constant = half < TINY
        scaled = (inputs - low) / ops.where(constant, 1.0, half) - 1.0
        return ops.where(constant, 0.0, scaled)

    def ranges(self, inputs: Tensor, mask: Tensor | None = None, *, entered: bool = False) -> Tensor:
        """Return the range of each sequence on a scale like a logarithm's, as `inverse` takes it.

        Of each feature first asinh(centre / (half-range + unit)), then asinh(half-range / unit): small
        and large ranges about zero are told apart equally well. Features far from zero beside the
        spread of all sequences count from their smallest value.

        Args:
            inputs: `(batch, time, features)`.
            mask: `(batch, time)`, True where a step counts; None for all.
            entered: Whether inputs are what `enter` returned, rather than in the data's units.

        Returns:
            `(batch, 2 * features)`.
        """
        if isinstance(inputs, np.ndarray) and not entered:
            inputs, entered = self.enter(inputs), True
        inputs = self._entering(ops.convert_to_tensor(inputs), entered)
        return self._encoded(*self._measure(inputs, mask))

    def ranges_between(self, low: Tensor, high: Tensor) -> Tensor:
        """Return the ranges, as `inverse` takes them, from smallest to largest values.

        Args:
            low: Smallest values, `(batch, features)`.
            high: Largest values, `(batch, features)`.
        """
        low, high = (
            self._entering(ops.convert_to_tensor(self.enter(x) if host else x), host)[:, None]
            for x, host in ((x, isinstance(x, np.ndarray)) for x in (low, high))
        )
        return self._encoded(*self._held(low, high))

    def bounds(self, ranges: Tensor) -> tuple[Tensor, Tensor]:
        """Return the smallest and the largest values, `(batch, features)` each, of ranges."""
        center, half = (x[:, 0] for x in self._decoded(ranges))
        return self._leaving(center - half, False), self._leaving(center + half, False)

    def _measure(self, inputs: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the ends of each feature's range in each sequence, `(batch, 1, features)` each."""
        low = high = inputs
        if mask is not None:
            counts = ops.cast(mask, "bool")[..., None]
            low, high = ops.where(counts, inputs, np.inf), ops.where(counts, inputs, -np.inf)
        return self._held(ops.min(low, axis=1, keepdims=True), ops.max(high, axis=1, keepdims=True))

    def _held(self, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
        """Return ranges in which those of one-hot features are 0 … 1, whatever occurs."""
        fixed = ops.convert_to_tensor(self.group) > 0.0
        return ops.where(fixed, 0.0, low), ops.where(fixed, 1.0, high)

    def _encoded(self, low: Tensor, high: Tensor) -> Tensor:
        unit = ops.convert_to_tensor(self.unit)
        center, half = 0.5 * low + 0.5 * high, 0.5 * high - 0.5 * low
        parts = [ops.arcsinh(center / (half + unit)), ops.arcsinh(half / unit)]
        return ops.concatenate(parts, axis=-1)[:, 0]

    def _decoded(self, ranges: Tensor) -> tuple[Tensor, Tensor]:
        unit = ops.convert_to_tensor(self.unit)
        ranges = ops.clip(ops.cast(ranges, self.compute_dtype), -LARGEST, LARGEST)
        center, half = ops.split(ranges[:, None], 2, axis=-1)
        half = ops.maximum(unit * _sinh(half), 0.0)
        return self.copy((half + unit) * _sinh(center)), self.copy(half)

    def inverse(self, inputs: Tensor, ranges: Tensor | None = None, *, entered: bool = False) -> Tensor:
        """Map back to the data's units, whatever the values.

        Args:
            inputs: `(batch, time, features)`.
            ranges: The range of each sequence, as `ranges` returns it, `(batch, 2 * features)`.
            entered: As in `SequenceScaler.inverse`.

        Raises:
            ValueError: If the ranges are missing.
        """
        if ranges is None:
            raise ValueError(
                "A sequence that was mapped by its own range needs it on its way back. Expected: "
                "inverse(scaled, scaler.ranges(sequences)). Received: no ranges"
            )
        center, half = self._decoded(ranges)
        return self._leaving(ops.cast(inputs, self.compute_dtype) * half + center, entered)

    def restore(
        self,
        inputs: Tensor,
        ranges: Tensor | None = None,
        *,
        without: str | Sequence[str] = (),
        entered: bool = False,
    ) -> Tensor:
        """Map back to the data's units, and to the nearest values that are allowed.

        Args:
            inputs: Generated values in the networks' space, `(batch, time, features)`.
            ranges: The range of each sequence, `(batch, 2 * features)`.
            without: As in `SequenceScaler.restore`; the own range of each sequence holds all the same.
            entered: As in `SequenceScaler.restore`.

        Raises:
            ValueError: If the ranges are missing, or `without` names anything else.
        """
        without = left_out(without)
        inputs = self.copy(inputs)
        if "range" in self.constraints:
            inputs = ops.clip(inputs, -1.0, 1.0)
        values = self.inverse(inputs, ranges, entered=True)
        return self._leaving(self.constrain(values, without=without), entered)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        config = super().get_config()
        return {k: v for k, v in config.items() if k not in ("kind", "feature_range")}


def _sinh(x: Tensor) -> Tensor:
    """Return the hyperbolic sine, by operations that formats for export have."""
    return 0.5 * (ops.exp(x) - ops.exp(-x))

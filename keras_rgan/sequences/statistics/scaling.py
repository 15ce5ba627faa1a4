"""Where a feature's values lie and how far they reach, by the kinds of scaling."""

from __future__ import annotations

import abc

import numpy as np

from keras_rgan.sequences.statistics.moments import Moments
from keras_rgan.sequences.statistics.reservoir import Reservoir, quantiles

STRETCH = 100.0
"""A range so many times as wide as that of all but the outermost hundredths is that of outliers."""


class Scaling(abc.ABC):
    """Statistics of rows that come in parts: `(x - offset) / scale` is the scaled value.

    Args:
        feature_range: To what the smallest and largest values are mapped, by the kind that does so.
    """

    def __init__(self, feature_range: tuple[float, float]) -> None:
        self.feature_range = feature_range

    @abc.abstractmethod
    def update(self, rows: np.ndarray) -> None:
        """Take in rows in float64, `(rows, features)`."""

    @abc.abstractmethod
    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """Return offset and scale, `(features,)` each; a scale of 0 marks a constant."""


class MinMax(Scaling):
    """The smallest and the largest value."""

    low: np.ndarray | None = None
    high: np.ndarray | None = None

    def __init__(self, feature_range: tuple[float, float]) -> None:
        super().__init__(feature_range)
        self.reservoir = Reservoir()

    def update(self, rows: np.ndarray) -> None:
        """Take in rows in float64, `(rows, features)`."""
        self.reservoir.update(rows)
        low, high = np.fmin.reduce(rows), np.fmax.reduce(rows)  # which pass over what is missing
        self.low = low if self.low is None else np.fmin(self.low, low)
        self.high = high if self.high is None else np.fmax(self.high, high)

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """Return offset and scale."""
        assert self.low is not None
        assert self.high is not None
        low, high = self.feature_range
        scale = (self.high - self.low) / (high - low)
        return self.low - low * scale, scale

    def stretched(self) -> dict[int, str]:
        """Return which features a few values stretch, all others lying close together, in words."""
        assert self.low is not None
        assert self.high is not None
        assert self.reservoir.rows is not None
        near, far = quantiles(self.reservoir.rows, [0.01, 0.99])
        times = (self.high - self.low) / np.where(far > near, far - near, np.inf)
        return {
            int(i): f"from {near[i]:.6g} to {far[i]:.6g} but for one value in fifty, and from "
            f"{self.low[i]:.6g} to {self.high[i]:.6g} with it"
            for i in np.flatnonzero(times > STRETCH)
        }


class Standard(Scaling):
    """Mean and deviation."""

    def __init__(self, feature_range: tuple[float, float]) -> None:
        super().__init__(feature_range)
        self.moments = Moments()

    def update(self, rows: np.ndarray) -> None:
        """Take in rows in float64, `(rows, features)`."""
        self.moments.update(rows)

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """Return offset and scale."""
        return self.moments.mean, self.moments.deviation


class Robust(Standard):
    """Median and quartiles, of a reservoir; the deviation where the quartiles coincide."""

    def __init__(self, feature_range: tuple[float, float]) -> None:
        super().__init__(feature_range)
        self.reservoir = Reservoir()

    def update(self, rows: np.ndarray) -> None:
        """Take in rows in float64, `(rows, features)`."""
        super().update(rows)
        self.reservoir.update(rows)

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """Return offset and scale."""
        assert self.reservoir.rows is not None
        lower, median, upper = quantiles(self.reservoir.rows, [0.25, 0.5, 0.75])
        spread = upper - lower
        return median, np.where(spread > 0, spread, super().result()[1])


KINDS: dict[str, type[Scaling]] = {"min_max": MinMax, "standard": Standard, "robust": Robust}

"""Means and deviations of data that comes in parts."""

from __future__ import annotations

import numpy as np

RELATIVE = 4.0 * float(np.finfo("float64").eps)
"""A deviation that is a smaller share of the mean is rounding: the feature is constant."""


def count_of(values: np.ndarray) -> np.ndarray:
    """Return how many values of each feature, last, are observed: not NaN."""
    return (~np.isnan(values)).sum(axis=tuple(range(values.ndim - 1))).astype("float64")


def total_of(values: np.ndarray) -> np.ndarray:
    """Return the sum of what is observed of each feature, last."""
    return np.nansum(values, axis=tuple(range(values.ndim - 1)))


class Moments:
    """Mean and deviation of each feature, of values that come in parts; NaN is a missing one.

    Each part is centred before it is squared, and merged by the formula of Chan et al.: means far
    from zero cost no digits, and what never changes has a deviation of exactly 0.

    Attributes:
        count: How many values were observed, `(features,)`.
        mean: Their mean.

    Reference:
        Chan, Golub and LeVeque, "Algorithms for Computing the Sample Variance", 1983.
    """

    def __init__(self) -> None:
        self.count: np.ndarray = np.zeros(())
        self.mean: np.ndarray = np.zeros(())
        self._squares: np.ndarray = np.zeros(())

    def update(self, values: np.ndarray) -> None:
        """Take in values in float64, any shape with features last."""
        count = count_of(values)
        least = np.fmin.reduce(values, axis=tuple(range(values.ndim - 1)))
        pivot = np.where(np.isnan(least), 0.0, least)
        shifted = values - pivot
        center = total_of(shifted) / np.maximum(count, 1.0)
        squares = total_of(np.square(shifted - center))

        total = self.count + count
        some = np.maximum(total, 1.0)
        shift = np.where(count > 0.0, pivot + center - self.mean, 0.0)
        self._squares = self._squares + squares + np.square(shift) * (self.count * count / some)
        self.mean = self.mean + shift * (count / some)
        self.count = total

    @property
    def deviation(self) -> np.ndarray:
        """The deviation of each feature, 0 where nothing was observed."""
        return np.sqrt(self._squares / np.maximum(self.count, 1.0))

    @property
    def constant(self) -> np.ndarray:
        """Which features never change but for rounding."""
        return self.deviation <= RELATIVE * np.abs(self.mean)

"""What `GapFeatures` learns of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.sequences.statistics.clusters import cluster_means, members
from keras_rgan.sequences.statistics.factor_analysis import factor_analysis
from keras_rgan.sequences.statistics.moments import Moments, count_of, total_of
from keras_rgan.sequences.statistics.reservoir import Reservoir
from keras_rgan.sequences.statistics.step_statistics import StepStatistics, units_of

MAX_NUMBERS = 1_024
"""Of windows of more numbers none are kept."""

MAX_WINDOWS = 4_000
"""How many windows are kept."""

LEAST_SHARE = 1e-3
"""The least noise of a number, as a share of that of its feature's others."""

FEWEST = 100
"""Of fewer no factors are learned."""

CENTRES = 16
"""How many means windows lie around, at the most."""

MEMBERS = 12
"""How many windows there are at the least for each mean."""

LEAST = 5
"""How many windows the smallest cluster has: those of fewer join others."""

NEVER = -1e4
"""The logarithm of a share that is none."""

WINDOWS_OF_A_FACTOR = 8
"""So many windows there are at the least for each factor."""


class GapStatistics(StepStatistics):
    """Deviations of levels and of increments, of sequences with gaps that come in batches.

    Args:
        length: So many steps of sequences are kept, of a uniform sample, in which factors are looked
            for: 0 for none, None for as many as the first sequences have.
    """

    def __init__(self, length: int | None = 0) -> None:
        super().__init__()
        self.length = length
        self.num_features = 0
        self._windows = Reservoir(MAX_WINDOWS)
        self._levels = Moments()
        self._count: np.ndarray = np.zeros(())
        self._squares: np.ndarray = np.zeros(())

    def _take_in(self, samples: np.ndarray) -> None:
        self._levels.update(samples)
        steps = np.diff(samples, axis=1)
        self._count = self._count + count_of(steps)
        self._squares = self._squares + total_of(np.square(steps))
        self._keep(samples)

    def _keep(self, samples: np.ndarray) -> None:
        """Take sequences into the sample; those that are shorter end in NaN."""
        self.length = samples.shape[1] if self.length is None else self.length
        self.num_features = samples.shape[2]
        if 0 < self.length * self.num_features <= MAX_NUMBERS:
            windows = np.full((len(samples), self.length, self.num_features), np.nan)
            shown = samples[:, : self.length]
            windows[:, : shown.shape[1]] = shown
            self._windows.update(windows.reshape(len(samples), -1))

    def windows(self, offset: Any = None, scale: Any = None) -> np.ndarray:
        """Return the windows that are kept, in a random order that is always the same.

        Args:
            offset: The layer sees (x - offset) / scale, features last; None for 0.
            scale: 0 where the layer sees 0; None for 1.

        Returns:
            `(samples, length, features)` in the units of the layer.
        """
        rows = self._windows.rows
        if rows is None:
            return np.zeros((0, self.length or 0, self.num_features))
        order = np.random.default_rng(0).permutation(len(rows))
        offset, factor = units_of(offset, scale)
        return (rows[order].reshape(len(rows), self.length or 0, self.num_features) - offset) * factor

    def weights(self, scale: Any = None) -> dict[str, np.ndarray]:
        """Return the values of a `GapFeatures`'s weights, by their names.

        Args:
            scale: The layer sees (x - offset) / scale, features last, whatever the offset; None for 1;
                0 where the layer sees 0.
        """
        factor = np.abs(units_of(None, scale)[1])
        still = self._levels.constant | (factor == 0.0)
        deviation = self._levels.deviation * factor
        increment = np.sqrt(self._squares / np.maximum(self._count, 1.0)) * factor
        return {
            "deviation": np.where(still, 1.0, deviation),
            "increment": np.where(still, 1.0, np.where(increment > 0.0, increment, deviation)),
        }


def window_factors(windows: np.ndarray, rank: int, clusters: int) -> dict[str, np.ndarray] | None:
    """Return means of windows, loadings of factors about them, and noise; None of too few windows.

    Args:
        windows: `(samples, length, features)`, NaN where nothing is observed.
        rank: How many factors there is room for; of few windows there are fewer.
        clusters: How many means there are, at the most, of `CENTRES` that are returned.
    """
    _, length, num_features = windows.shape
    windows = windows.reshape(len(windows), length * num_features)
    there = ~np.isnan(windows)
    if len(windows) < max(FEWEST, clusters * MEMBERS):
        return None
    together = there.astype("float32").T @ there.astype("float32")
    if together.min() < FEWEST // 2:
        return None
    middle = np.where(there, windows, 0.0).sum(axis=0) / there.sum(axis=0)
    left = np.where(there, windows - middle, 0.0)
    centres, logs = np.tile(middle, (CENTRES, 1)), np.full(CENTRES, NEVER)
    logs[0] = 0.0
    if clusters > 1:
        means = cluster_means(left, clusters, np.random.default_rng(0), LEAST)
        member = members(left, means)
        centres[: len(means)] += means
        logs[: len(means)] = np.log(np.bincount(member, minlength=len(means)) / len(member))
        left = np.where(there, left - means[member], 0.0)
    covariance = (left.T @ left) / together
    few = max(min(rank, len(windows) // WINDOWS_OF_A_FACTOR), 1)
    loadings, noise = factor_analysis(covariance, few)
    loadings = np.pad(loadings, [(0, 0), (0, rank - few)])
    spread = np.tile(noise.reshape(length, num_features).mean(axis=0), length)
    noise = np.maximum(noise, LEAST_SHARE * np.where(spread > 0.0, spread, 1.0))
    return {"centres": centres, "logs": logs, "loadings": loadings, "noise": noise}

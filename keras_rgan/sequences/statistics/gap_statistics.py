"""What `GapFeatures` learns of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.sequences.statistics.moments import Moments, count_of, total_of
from keras_rgan.sequences.statistics.step_statistics import StepStatistics, units_of


class GapStatistics(StepStatistics):
    """Deviations of levels and of increments, of sequences with gaps that come in batches."""

    def __init__(self) -> None:
        super().__init__()
        self._levels = Moments()
        self._count: np.ndarray = np.zeros(())
        self._squares: np.ndarray = np.zeros(())

    def _take_in(self, samples: np.ndarray) -> None:
        self._levels.update(samples)
        steps = np.diff(samples, axis=1)
        self._count = self._count + count_of(steps)
        self._squares = self._squares + total_of(np.square(steps))

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

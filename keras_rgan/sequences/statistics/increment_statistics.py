"""What `IncrementFeatures` learns of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.sequences.statistics.moments import Moments, count_of, total_of
from keras_rgan.sequences.statistics.step_statistics import StepStatistics, units_of


class IncrementStatistics(StepStatistics):
    """Means, deviations and mean absolute increments, of sequences that come in batches.

    Args:
        order: Up to which order increments are looked at.
    """

    def __init__(self, order: int = 1) -> None:
        super().__init__()
        self.order = order
        self._levels = Moments()
        self._count: np.ndarray = np.zeros(())
        self._total: np.ndarray = np.zeros(())

    def _take_in(self, samples: np.ndarray) -> None:
        self._levels.update(samples)
        increments = [np.abs(np.diff(samples, n + 1, axis=1)) for n in range(self.order)]
        self._count = self._count + np.stack([count_of(x) for x in increments])
        self._total = self._total + np.stack([total_of(x) for x in increments])

    @property
    def deviation(self) -> np.ndarray:
        """The standard deviations of levels, `(features,)`, in the data's units; 0 of constants."""
        return np.where(self._levels.constant, 0.0, self._levels.deviation)

    def increments(self) -> np.ndarray:
        """Return the mean absolute increments, `(order, features)`, in the data's units."""
        return self._total / np.maximum(self._count, 1.0)

    def weights(
        self, order: int, floor: float, offset: Any = None, scale: Any = None
    ) -> dict[str, np.ndarray]:
        """Return the values of an `IncrementFeatures`'s weights, by their names.

        Args:
            order: The layer's order.
            floor: The layer's floor.
            offset: The layer sees (x - offset) / scale, features last; None for 0.
            scale: None for 1; 0 where the layer sees 0.

        Raises:
            ValueError: If increments of a lower order were looked at alone.
        """
        if order > self.order:
            raise ValueError(
                f"Expected statistics of increments up to order {order}. Received: up to order "
                f"{self.order}. Make them with IncrementStatistics(order={order})."
            )
        offset, factor = units_of(offset, scale)
        still = self._levels.constant | (factor == 0.0)
        deviation = np.where(still, 1.0, self._levels.deviation * np.abs(factor))
        increments = self.increments()[:order] * np.abs(factor)
        return {
            "mean": (self._levels.mean - offset) * factor,
            "deviation": deviation,
            "increment": np.maximum(increments, floor * deviation),
        }

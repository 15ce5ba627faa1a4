"""What a `PerSampleScaler` learns of data."""

from __future__ import annotations

import numpy as np

from keras_rgan.sequences.statistics import chunks
from keras_rgan.sequences.statistics.reservoir import Reservoir
from keras_rgan.sequences.statistics.scaler_statistics import ScalerStatistics

SMALLEST = 0.01
"""Which quantile of the half-ranges that there are is the unit of ranges."""


class PerSampleStatistics(ScalerStatistics):
    """As `ScalerStatistics`, with the half-ranges of features in single sequences.

    Args:
        seeks_categories: Whether `categories` may find any.
        num_features: How many features batches must have; None for as many as the first.
    """

    def __init__(self, seeks_categories: bool = True, num_features: int | None = None) -> None:
        super().__init__(seeks_categories=seeks_categories, num_features=num_features)
        self._halves = Reservoir()
        self._least: np.ndarray | None = None

    def update(self, batch: np.ndarray, gaps: bool = False) -> None:
        """Take in a batch of whole sequences in the data's units.

        Args:
            batch: Numbers of any kind, `(samples, time, features)`.
            gaps: Whether there are any, which is refused.

        Raises:
            ValueError: If the batch is of another rank, has gaps, or is as `ScalerStatistics` refuses
                it.
        """
        if batch.ndim != 3 or gaps:
            raise ValueError(
                "Ranges of their own are taken of whole sequences, (samples, time, features). "
                f"Received: {'sequences with gaps' if gaps else f'shape {batch.shape}'}. Use "
                "another scaler, RecurrentGAN(scaler='auto')."
            )
        super().update(batch)
        if not batch.size:
            return
        for samples in chunks.samples_of(batch):
            halves = 0.5 * np.ptp(samples, axis=1)
            self._halves.update(halves)
            least = np.where(halves > 0.0, halves, np.inf).min(axis=0)
            self._least = least if self._least is None else np.minimum(self._least, least)

    def unit(self) -> np.ndarray:
        """Return a small half-range of each feature, of those that are not 0; 1 where all are."""
        assert self._halves.rows is not None
        assert self._least is not None
        units = np.where(np.isfinite(self._least), self._least, 1.0)
        for i, halves in enumerate(self._halves.rows.T):
            if (halves > 0.0).any():
                units[i] = np.quantile(halves[halves > 0.0], SMALLEST)
        return units

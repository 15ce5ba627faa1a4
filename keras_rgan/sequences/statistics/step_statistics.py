"""What layers that look at steps from one value to the next learn of sequences."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np

from keras_rgan.sequences.statistics import chunks


class StepStatistics(abc.ABC):
    """Statistics of sequences that come in batches; NaN is a missing value."""

    def __init__(self) -> None:
        self.is_empty = True

    def update(self, batch: np.ndarray, gaps: bool = False) -> None:
        """Take in a batch in the data's units.

        Args:
            batch: Numbers of any kind, `(samples, time, features)`.
            gaps: Says nothing here: NaN is a missing value always.

        Raises:
            ValueError: If the batch is of a lower rank.
        """
        if batch.ndim < 3:
            raise ValueError(
                f"`adapt` expects sequences of shape (samples, time, features). Received: shape "
                f"{batch.shape}"
            )
        if batch.size:
            self.is_empty = False
            for samples in chunks.samples_of(batch):
                self._take_in(samples)

    @abc.abstractmethod
    def _take_in(self, samples: np.ndarray) -> None:
        """Take in sequences in float64."""

    def check(self) -> None:
        """Refuse to be adopted before there was a sample."""
        if self.is_empty:
            raise ValueError("`adapt` expects at least one sample. Received: none")


def units_of(offset: Any, scale: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return in float64 what is subtracted of data, and what it is multiplied with then.

    Args:
        offset: What a layer sees is (x - offset) / scale; None for 0.
        scale: None for 1; 0 where a layer sees 0.
    """
    offset = np.asarray(0.0 if offset is None else offset, "float64")
    scale = np.asarray(1.0 if scale is None else scale, "float64")
    nothing = scale == 0.0
    return offset, np.where(nothing, 0.0, 1.0 / np.where(nothing, 1.0, scale))

"""What `ExponentialSmoothing` learns of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.sequences.statistics.moments import count_of, total_of
from keras_rgan.sequences.statistics.step_statistics import StepStatistics, units_of

HOLDING_SHARE = 0.03
"""In how large a share of its steps a feature must stay the same to be one that holds."""


class SmoothingStatistics(StepStatistics):
    """Squared increments, variances about each sequence's mean, and steps that hold, of batches.

    Of sequences of one step nothing is learned. A step holds where float32, in which networks compute,
    knows no difference.
    """

    def __init__(self) -> None:
        super().__init__()
        self.num_features = 0
        self._steps: np.ndarray = np.zeros(())
        self._squares: np.ndarray = np.zeros(())
        self._held: np.ndarray = np.zeros(())
        self._values: np.ndarray = np.zeros(())
        self._variances: np.ndarray = np.zeros(())

    def _take_in(self, samples: np.ndarray) -> None:
        self.num_features = samples.shape[-1]
        if samples.shape[1] < 2:
            return
        steps = np.diff(samples, axis=1)
        self._steps = self._steps + count_of(steps)
        self._squares = self._squares + total_of(np.square(steps))
        # From the smallest value on, so that what never changes has no variance at all.
        above = samples - np.fmin.reduce(samples, axis=1)[:, None]
        reach = np.fmax.reduce(above, axis=1)[:, None]
        single = (above / np.where(reach > 0.0, reach, 1.0)).astype("float32")
        self._held = self._held + (single[:, 1:] == single[:, :-1]).sum(axis=(0, 1))
        observed = np.maximum((~np.isnan(samples)).sum(axis=1, keepdims=True), 1)
        centred = above - np.nansum(above, axis=1, keepdims=True) / observed
        self._values = self._values + count_of(samples)
        self._variances = self._variances + total_of(np.square(centred))

    def weights(self, scale: Any = None) -> dict[str, np.ndarray]:
        """Return the paces to start at, and the gates; nothing where no feature moves.

        Args:
            scale: The layer sees (x - offset) / scale, features last, whatever the offset; None for 1;
                0 where the layer sees 0.
        """
        seen = (units_of(None, scale)[1] != 0.0) & np.ones(self.num_features, bool)
        moves = seen & (self._variances > 0.0)
        if not moves.any():
            return {}
        variances = self._variances / np.maximum(self._values, 1.0)
        squares = self._squares / np.maximum(self._steps, 1.0)
        # Of smoothed white noise, E[(y_t - y_{t-1})^2] / E[y^2] = 2 a.
        pace = np.where(moves, 0.5 * squares / np.where(moves, variances, 1.0), 0.0)
        held = np.where(seen, self._held, self._steps)
        return {
            "pace": np.clip(pace, 0.02, 0.98),
            "gates": (held > HOLDING_SHARE * self._steps).astype("float64"),
        }

"""What a `SequenceScaler` learns of data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from keras_rgan.sequences import reading
from keras_rgan.sequences.statistics import chunks
from keras_rgan.sequences.statistics.scaling import KINDS, MinMax
from keras_rgan.sequences.statistics.support import Support
from keras_rgan.sequences.units import Units

LARGEST = 1e150
"""Numbers beyond have no variance in float64."""


class ScalerStatistics:
    """Offset, scale, range, lattice, copies and categories of features, of batches that come in parts.

    Args:
        kind: As in `SequenceScaler`.
        feature_range: As in `SequenceScaler`.
        seeks_categories: Whether `categories` may find any.
        num_features: How many features batches must have; None for as many as the first.
    """

    def __init__(
        self,
        kind: str = "min_max",
        feature_range: tuple[float, float] = (-1.0, 1.0),
        seeks_categories: bool = True,
        num_features: int | None = None,
    ) -> None:
        self.scaling = KINDS[kind](feature_range)
        self.support = Support()
        self.seeks_categories = seeks_categories
        self.num_features = num_features

    @property
    def is_empty(self) -> bool:
        """Whether there was no sample yet."""
        return self.support.low is None

    def update(self, batch: np.ndarray, gaps: bool = False) -> None:
        """Take in a batch in the data's units.

        Args:
            batch: Numbers of any kind, `(samples, time, features)` or any rank with features last.
            gaps: Whether NaN is a missing value.

        Raises:
            ValueError: If the batch holds NaN or infinite values, is none of numbers, or has other
                features than those before.
        """
        for rows in checked_rows(batch, gaps, "adapt", self.num_features):
            self.scaling.update(rows)
            self.support.update(rows)
            if self.num_features is None:
                self.num_features = rows.shape[1]

    def categories(self) -> list[tuple[int, int]]:
        """Return which features are one-hot: of each group the first and the one behind the last."""
        return self.support.categories() if self.seeks_categories else []

    def check(self, num_features: int | None = None) -> None:
        """Refuse to be adopted before every feature was seen.

        Args:
            num_features: How many features the scaler has, if that is known.

        Raises:
            ValueError: If there was no sample, nothing was observed of a feature, or the scaler has
                other features.
        """
        if self.support.low is None:
            raise ValueError("`adapt` expects at least one sample. Received: none")
        check_num_features(len(self.support.low), num_features)
        nowhere = np.flatnonzero(np.isnan(self.support.low))
        if len(nowhere):
            raise ValueError(
                "Expected one observed value of each feature at the least. Received: none of the "
                f"features {nowhere[:10].tolist()}. Leave these out."
            )
        low, high = self.support.low, np.asarray(self.support.high)
        wide = np.flatnonzero(np.maximum(np.abs(low), np.abs(high)) > LARGEST)
        if len(wide):
            raise ValueError(
                f"Expected numbers up to {LARGEST:g}, of which float64 holds the squares. Received: "
                f"from {low[wide[0]]:g} to {high[wide[0]]:g} in feature {wide[0]}. Divide them first."
            )

    def units(self) -> Units:
        """Return the units in which a `SequenceScaler` counts."""
        assert self.support.low is not None
        assert self.support.high is not None
        if isinstance(self.scaling, MinMax):
            return Units.of(self.support.low, self.support.high)
        return Units.of(self.support.low, self.support.high, *self.scaling.result())

    def weights(self) -> dict[str, np.ndarray]:
        """Return the values of a `SequenceScaler`'s weights, by their names, in `units`."""
        units = self.units()
        offset, scale = self.scaling.result()
        offset, scale = units.of_statistics(offset), scale / units.unit
        group = np.zeros(len(offset))
        for i, (first, behind) in enumerate(self.support.categories(), 1):
            group[first:behind] = i
        if self.seeks_categories:
            offset, scale = np.where(group > 0, 0.5, offset), np.where(group > 0, 0.5, scale)
        assert self.support.low is not None
        assert self.support.high is not None
        return {
            "offset": offset,
            "scale": scale,
            "low": units.of_statistics(self.support.low),
            "high": units.of_statistics(self.support.high),
            "step": self.support.step() / units.unit,
            "source": self.support.source(),
            "group": group,
        }


def checked_rows(
    batch: np.ndarray, gaps: bool, action: str, num_features: int | None
) -> Iterator[np.ndarray]:
    """Yield the steps of all sequences in float64, part by part, of a batch that is refused if wrong.

    Args:
        batch: Any rank, features last.
        gaps: Whether NaN is a missing value.
        action: What it is for, for messages.
        num_features: How many features it must have, if that is known.

    Raises:
        ValueError: If the batch holds NaN or infinite values, is none of numbers, or has another number
            of features.
    """
    if batch.ndim < 2 or batch.dtype.kind not in "fiub":
        raise ValueError(
            f"`{action}` expects numbers of shape (samples, time, features). Received: shape "
            f"{batch.shape}, dtype {batch.dtype}"
        )
    if not batch.size:
        return
    problem = None if chunks.is_finite(batch, gaps) else reading.describe_non_finite(batch, gaps)
    if problem:
        raise ValueError(
            f"`{action}` expects finite values. Received: NaN or infinite values in "
            f"{problem}. Drop or fill them first, or say which values there are: (data, "
            "{'observed': mask})."
        )
    check_num_features(batch.shape[-1], num_features)
    yield from chunks.rows_of(batch)


def check_num_features(received: int, expected: int | None) -> None:
    """Refuse another number of features than is expected, if that is known."""
    if expected not in (None, received):
        raise ValueError(
            f"The scaler holds statistics of {expected} features. Received: data with {received}. "
            "Pass data with the same features, or make a new scaler."
        )

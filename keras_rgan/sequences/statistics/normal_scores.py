"""Features as normal scores, and back: what of a distribution is its marginals, and no more."""

from __future__ import annotations

import math

import numpy as np

from keras_rgan.sequences.statistics.scaler_statistics import ScalerStatistics

MAX_VALUES = 65_536
"""How many values of a feature are kept, evenly spread over its quantiles."""

OFTEN = 1e-3
"""What share of all values occurs often."""

TIES = 0.1
"""A feature of which a larger share of values occurs more than once is not interpolated."""

_SCORES = np.linspace(-8.0, 8.0, 16_001)
_LEVELS = np.array([0.5 * math.erfc(-z / math.sqrt(2.0)) for z in _SCORES])


class NormalScores:
    """Maps each feature to a standard normal by its ranks, all steps together.

    Values that occur often, as zeros and whole numbers, have the mean score of their ranks, and scores
    are then scaled to variance 1. A one-hot group is one feature, the number of its
    category; a feature that copies another is left out. What is missing stays so.

    Args:
        rows: `(rows, features)`, NaN where a value is missing.
    """

    def __init__(self, rows: np.ndarray) -> None:
        statistics = ScalerStatistics()
        statistics.update(rows, gaps=True)
        statistics.check()
        self.num_features = rows.shape[1]
        self.groups = statistics.categories()
        self.source = statistics.support.source().astype(int)
        inside = {i for a, b in self.groups for i in range(a, b)}
        self.kept = [i for i in range(self.num_features) if i not in inside and self.source[i] == i]
        self._sorted: list[np.ndarray] = []
        self._smooth: list[bool] = []
        self._scale: list[float] = []
        for column in self._columns(rows).T:
            values = np.sort(column[~np.isnan(column)])
            self._sorted.append(_thinned(values))
            self._smooth.append(len(np.unique(values)) > (1.0 - TIES) * len(values))
            scores = _scores(values, values)
            self._scale.append(1.0 if self._smooth[-1] else float(np.sqrt(np.mean(scores**2))) or 1.0)

    @property
    def smooth(self) -> bool:
        """Whether no feature has values that occur often."""
        return all(self._smooth)

    @property
    def num_columns(self) -> int:
        """How many features have scores of their own."""
        return len(self._sorted)

    def _columns(self, rows: np.ndarray) -> np.ndarray:
        """Return those features that have scores of their own, with numbers of categories."""
        codes = [
            np.where(np.isnan(rows[:, a]), np.nan, np.nan_to_num(rows[:, a:b]).argmax(axis=1))
            for a, b in self.groups
        ]
        return np.stack([*(rows[:, i] for i in self.kept), *codes], axis=1).astype("float64")

    def enter(self, rows: np.ndarray) -> np.ndarray:
        """Return scores, `(rows, num_columns)`, of rows in the data's units."""
        columns = self._columns(rows)
        return np.stack(
            [
                _scores(column, values) / scale
                for column, values, scale in zip(columns.T, self._sorted, self._scale, strict=True)
            ],
            axis=1,
        )

    def leave(self, scores: np.ndarray) -> np.ndarray:
        """Return rows in the data's units, `(rows, features)`, float64, of scores."""
        levels = np.interp(scores, _SCORES, _LEVELS)
        values = [
            _quantiles(kept, column, smooth)
            for kept, column, smooth in zip(self._sorted, levels.T, self._smooth, strict=True)
        ]
        rows = np.zeros((len(scores), self.num_features))
        for i, column in zip(self.kept, values, strict=False):
            rows[:, i] = column
        for (a, b), codes in zip(self.groups, values[len(self.kept) :], strict=True):
            rows[:, a:b] = np.arange(b - a) == codes[:, None]
        return rows[:, self.source]


class Deviations(NormalScores):
    """Maps each feature to its deviations from its mean, in units of its standard deviation.

    As `NormalScores` in all else: for what lies around several means, whose distances ranks would bend.
    """

    def __init__(self, rows: np.ndarray) -> None:
        super().__init__(rows)
        columns = self._columns(rows)
        self._mean, self._deviation = np.nanmean(columns, axis=0), np.nanstd(columns, axis=0)

    def enter(self, rows: np.ndarray) -> np.ndarray:
        """Return deviations, `(rows, num_columns)`, of rows in the data's units."""
        unit = np.where(self._deviation > 0.0, self._deviation, 1.0)
        return (self._columns(rows) - self._mean) / unit

    def leave(self, scores: np.ndarray) -> np.ndarray:
        """Return rows in the data's units, `(rows, features)`, float64, of deviations."""
        rows = np.zeros((len(scores), self.num_features))
        values = scores * self._deviation + self._mean
        rows[:, self.kept] = values[:, : len(self.kept)]
        return rows[:, self.source]


def _thinned(values: np.ndarray) -> np.ndarray:
    """Return sorted values, the first and last among them, evenly spread if there are too many."""
    if len(values) <= MAX_VALUES:
        return values
    return values[np.linspace(0, len(values) - 1, MAX_VALUES).round().astype(int)]


def _scores(column: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the normal score of each entry of a column among sorted values."""
    below, upto = (np.searchsorted(values, column, side) / len(values) for side in ("left", "right"))
    levels = np.clip((below + upto) / 2.0, 0.5 / len(values), 1.0 - 0.5 / len(values))
    scores = np.interp(levels, _LEVELS, _SCORES)
    often = upto - below > max(OFTEN, 1.5 / len(values))
    if often.any():  # the mean of a normal between two quantiles
        density = [np.exp(-0.5 * np.interp(x[often], _LEVELS, _SCORES) ** 2) for x in (below, upto)]
        scores[often] = (density[0] - density[1]) / math.sqrt(2.0 * math.pi) / (upto - below)[often]
    return np.where(np.isnan(column), np.nan, scores)


def _quantiles(values: np.ndarray, levels: np.ndarray, smooth: bool) -> np.ndarray:
    """Return the quantiles of sorted values at some levels: values between these too, if smooth."""
    count = len(values)
    if smooth:
        return np.interp(levels * count - 0.5, np.arange(count), values)
    return values[np.minimum((levels * count).astype(int), count - 1)]

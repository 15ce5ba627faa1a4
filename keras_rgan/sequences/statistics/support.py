"""The values that features take: their range, a lattice, copies, categories."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from keras_rgan.sequences.statistics.lattice import lattice_step

MAX_VALUES = 256
"""A feature with more values than these is continuous."""


class Support:
    """The values that features take, of rows that come in parts; NaN is a missing one.

    Attributes:
        low: The smallest value of each feature, NaN where none was observed; None before any part.
        high: The largest.
    """

    def __init__(self) -> None:
        self.low: np.ndarray | None = None
        self.high: np.ndarray | None = None
        self._values: list[np.ndarray | None] = []  # None: too many
        self._digests: list[Any] = []
        self._sums: np.ndarray | None = None

    def update(self, rows: np.ndarray) -> None:
        """Take in rows in float64, `(rows, features)`."""
        columns = np.ascontiguousarray(rows.T)
        # fmin and fmax pass over what is missing
        low, high = np.fmin.reduce(columns, axis=1), np.fmax.reduce(columns, axis=1)
        if self.low is None or self.high is None:
            self.low, self.high = low, high
            self._values = [np.empty(0)] * len(columns)
            self._digests = [hashlib.blake2b() for _ in columns]
        self.low, self.high = np.fmin(self.low, low), np.fmax(self.high, high)
        for i, column in enumerate(columns):
            self._digests[i].update(column + 0.0)  # -0.0 is 0.0
            if self._values[i] is not None:
                self._values[i] = _distinct(self._values[i], column[~np.isnan(column)])
        self._update_sums(columns)

    def _update_sums(self, columns: np.ndarray) -> None:
        """Take in the smallest and largest sum of features i to j side by side, all 0 or 1."""
        count = len(columns)
        flags = self._flags()
        if self._sums is None:
            if not flags.any():
                return
            self._sums = np.full((2, count, count), np.nan)
        for i in np.flatnonzero(flags):
            total = np.zeros(columns.shape[1])
            for j in range(i, count):
                if not flags[j]:
                    break
                total = total + columns[j]
                low, high = np.fmin.reduce(total), np.fmax.reduce(total)
                self._sums[0, i, j] = np.fmin(self._sums[0, i, j], low)
                self._sums[1, i, j] = np.fmax(self._sums[1, i, j], high)
                if self._sums[1, i, j] > 1.0:  # and so with whatever follows
                    self._sums[1, i, j:] = np.inf
                    break

    def _flags(self) -> np.ndarray:
        """Return which features have been 0 or 1 so far."""
        return np.array([v is not None and bool(np.isin(v, (0.0, 1.0)).all()) for v in self._values])

    def categories(self) -> list[tuple[int, int]]:
        """Return the groups of features of which always one is 1 and the others are 0.

        Of each group the first feature and the one behind the last.
        """
        groups: list[tuple[int, int]] = []
        if self._sums is None:
            return groups
        flags = self._flags()
        first = 0
        while first < len(flags):
            last = first
            while last < len(flags) and flags[last] and self._sums[1, first, last] <= 1.0:
                if last > first and self._sums[0, first, last] == 1.0:
                    groups.append((first, last + 1))
                    first = last
                    break
                last += 1
            first += 1
        return groups

    def step(self) -> np.ndarray:
        """Return each feature's step from one value to the next; 0 where it is continuous."""
        return np.array([0.0 if v is None else lattice_step(v) for v in self._values])

    def source(self) -> np.ndarray:
        """Return the index of the first feature that is equal to each."""
        earliest: dict[bytes, int] = {}
        return np.array([earliest.setdefault(d.digest(), i) for i, d in enumerate(self._digests)])


def _distinct(values: np.ndarray | None, column: np.ndarray) -> np.ndarray | None:
    """Return the distinct values so far, or None once they are too many."""
    for part in (column[:4096], column[4096:]):  # most features show at once that they are continuous
        if values is None or not len(part):
            return values
        values = np.union1d(values, part)
        if len(values) > MAX_VALUES:
            values = None
    return values

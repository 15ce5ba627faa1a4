"""A uniform sample of rows that come in parts, and quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np

NUM_ROWS = 100_000
"""How many rows are kept of narrow data."""

NUM_NUMBERS = 4_000_000
"""How many numbers are kept of wide data, but of 10,000 rows at the least."""


def capacity(num_features: int) -> int:
    """Return how many rows of so many features a `Reservoir` keeps."""
    return max(min(NUM_ROWS, NUM_NUMBERS // max(num_features, 1)), NUM_ROWS // 10)


class Reservoir:
    """A uniform sample of rows that come in parts: each has a random key, the smallest stay.

    Args:
        limit: How many rows are kept; by default as many as `capacity` says.

    Attributes:
        rows: What is kept, `(rows, features)`; None before the first part.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.rows: np.ndarray | None = None
        self._keys = np.empty(0)
        self._random = np.random.default_rng(0)

    def update(self, rows: np.ndarray) -> None:
        """Take in rows, `(rows, features)`."""
        keys = self._random.random(len(rows))
        limit = self.limit or capacity(rows.shape[1])
        if self.rows is not None and len(self.rows) == limit:
            candidates = keys < self._keys.max()
            rows, keys = rows[candidates], keys[candidates]
        keys = np.concatenate([self._keys, keys])
        rows = rows if self.rows is None else np.concatenate([self.rows, rows])
        if len(rows) > limit:
            smallest = np.argpartition(keys, limit)[:limit]
            rows, keys = rows[smallest], keys[smallest]
        self.rows, self._keys = rows, keys


def quantiles(rows: np.ndarray, levels: Any) -> np.ndarray:
    """Return quantiles of what is observed of each feature, `(levels, features)`."""
    return np.stack([np.nanquantile(column, levels) for column in rows.T], axis=-1)

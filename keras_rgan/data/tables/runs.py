"""Rows that stand in runs, one behind the other: a sequence, a window."""

from __future__ import annotations

import numpy as np


def runs_of(first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the row at which each run begins, and how many rows each has.

    Args:
        first: Which rows begin a run.
    """
    begins = np.flatnonzero(first)
    return begins, np.diff(np.append(begins, len(first)))


def counted(lengths: np.ndarray) -> np.ndarray:
    """Return 0, 1, … anew for each run of some lengths."""
    lengths = np.asarray(lengths)
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)

"""Batches in double precision, so many numbers at a time that the copies stay small."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

CHUNK = 1_000_000
"""How many numbers are copied at a time."""


def samples_of(batch: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the samples of a batch in float64, at least one and about `CHUNK` numbers at a time."""
    for part in parts_of(batch):
        yield np.asarray(part, "float64")


def rows_of(batch: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the steps of a batch in float64, `(rows, features)`, about `CHUNK` numbers at a time."""
    for part in parts_of(batch):
        for rows in parts_of(part.reshape(-1, part.shape[-1])):
            yield np.asarray(rows, "float64")


def is_finite(batch: np.ndarray, gaps: bool = False) -> bool:
    """Return whether a batch holds no infinite values, and no NaN either unless there may be gaps."""
    if batch.dtype.kind not in "fc":
        return True
    if gaps:
        return not any(np.isinf(part).any() for part in parts_of(batch))
    return all(np.isfinite(part).all() for part in parts_of(batch))


def parts_of(array: np.ndarray) -> Iterator[np.ndarray]:
    """Yield an array part by part, about `CHUNK` numbers at a time."""
    count = max(CHUNK // max(math.prod(array.shape[1:]), 1), 1)
    for start in range(0, len(array), count):
        yield array[start : start + count]

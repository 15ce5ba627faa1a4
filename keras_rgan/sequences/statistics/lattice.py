"""Whole steps between the values of a feature."""

from __future__ import annotations

import numpy as np

MAX_GAPS = 10
"""A feature whose lattice has more points than these for each value is continuous."""


def lattice_step(values: np.ndarray) -> float:
    """Return the largest step of which all differences are multiples, or 0 if there is none.

    Args:
        values: Distinct values, rising.
    """
    span = values[-1] - values[0]
    differences = np.unique(np.diff(values))
    if not len(differences):
        return 0.0
    rounding = 0.0
    if (values == np.round(values)).all() and np.abs(values).max() < 2.0**53:
        step = float(np.gcd.reduce(differences.astype("int64")))
    else:
        rounding = _rounding(values)
        step = _common_divisor(differences, 8.0 * rounding)
        if step < 64.0 * rounding:  # too close to what float32 cannot tell apart
            return 0.0
    if round(span / step) > MAX_GAPS * len(values):
        return 0.0
    step = span / round(span / step)  # the longest difference tells it best
    positions = (values - values[0]) / step
    return step if np.abs(positions - np.round(positions)).max() * step <= 4.0 * rounding else 0.0


def _rounding(values: np.ndarray) -> float:
    """Return by how much differences of values may be off: of float32, where they came in that."""
    largest, eps = float(np.abs(values).max()), float(np.finfo("float32").eps)
    with np.errstate(over="ignore"):
        single = values.astype("float32").astype("float64") == values
    if single.all():
        return eps * largest
    return eps * float(values[-1] - values[0]) + 2.0 * float(np.finfo("float64").eps) * largest


def _common_divisor(numbers: np.ndarray, tolerance: float) -> float:
    """Return the greatest common divisor, by Euclid's algorithm, of numbers that are a little off."""
    divisor = 0.0
    for number in numbers:
        a, b = number, divisor
        while b > tolerance:
            a, b = b, a % b
            b = min(b, a - b)
        divisor = a
    return divisor

"""Whole steps between the values of a feature."""

from __future__ import annotations

import numpy as np

MAX_GAPS = 10
"""A feature is continuous whose lattice has more points than these for each value, between the outer
twentieths."""


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
        step = _common_divisor(float(differences[0]), values[1:] - values[0], rounding)
        if step == 0.0:
            return 0.0
    few = len(values) // 20  # of many values, those far from all others leave a lattice one
    inner = values[few : len(values) - few]
    if round((inner[-1] - inner[0]) / step) > MAX_GAPS * len(inner):
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


def _common_divisor(step: float, numbers: np.ndarray, rounding: float) -> float:
    """Return the greatest common divisor of a step and of numbers that are a little off, or 0.

    Longer numbers tell a step better, so that one that is a long way from all others is still known to
    be a multiple. Below 64 roundings a step is too close to what float32 cannot tell apart.

    Args:
        step: A small multiple of the divisor.
        numbers: Rising.
        rounding: By how much each may be off.
    """
    error = 2.0 * rounding
    for number in numbers:
        times = np.round(number / step)
        rest = abs(number - times * step)
        if rest <= 8.0 * rounding + times * error < step / 4.0:
            if 2.0 * rounding / times < error:
                step, error = number / times, 2.0 * rounding / times
            continue
        while rest > 8.0 * rounding:
            step, rest = rest, step % rest
            rest = min(rest, step - rest)
        error = 2.0 * rounding
        if step < 64.0 * rounding:
            return 0.0
    return step

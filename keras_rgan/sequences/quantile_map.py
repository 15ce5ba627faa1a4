"""Smooth monotone maps that give values another marginal distribution, feature by feature."""

from __future__ import annotations

import numpy as np
from keras import ops

from keras_rgan.sequences.statistics.reservoir import quantiles
from keras_rgan.utils.types import Tensor

NUM_SEGMENTS = 16
"""How many pieces a feature's quantile map has, a power of two: more would follow sampling noise, and
bend what is smooth."""

TOLERANCE = 0.03
"""A feature whose quantiles are off by less, on average and in deviations, is right already."""

LEVELS = 0.5 - 0.5 * np.cos(np.pi * np.linspace(0.0, 1.0, NUM_SEGMENTS + 1))
"""The shares of values below the knots, denser towards both ends."""


def fit(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the knots, images and slopes, `(points, features)` each, that map one sample to another.

    Args:
        source: Rows of values to be mapped, `(rows, features)`, NaN where one is missing.
        target: Rows of values as they shall be.
    """
    knots, images = quantiles(source, LEVELS), quantiles(target, LEVELS)
    # Knots that coincide are moved apart, by less than what anyone would see.
    gap = 1e-6 * np.maximum(knots[-1] - knots[0], 1e-30)
    knots = np.maximum.accumulate(knots, axis=0) + gap * np.arange(len(knots))[:, None]
    return knots, images, monotone_slopes(knots, images)


def is_off(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return which features are distributed otherwise in the one sample than in the other."""
    fine = np.linspace(0.0, 1.0, 1001)
    distance = np.abs(quantiles(source, fine) - quantiles(target, fine)).mean(axis=0)
    return distance > TOLERANCE * np.nanstd(target, axis=0)


def monotone_slopes(knots: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return slopes at knots, `(points, features)`, by which cubic pieces neither overshoot nor turn.

    Inside, the weighted harmonic mean of the two secants (Fritsch & Butland, 1984); at both ends the
    secant.
    """
    widths = np.diff(knots, axis=0)
    secants = np.diff(images, axis=0) / np.maximum(widths, 1e-300)
    left, right = 2 * widths[1:] + widths[:-1], widths[1:] + 2 * widths[:-1]
    safe = np.maximum(secants, 1e-300)
    with np.errstate(invalid="ignore"):  # of features that never change
        inner = (left + right) / (left / safe[:-1] + right / safe[1:])
    inner = np.where((secants[:-1] > 0) & (secants[1:] > 0), inner, 0.0)
    return np.concatenate([secants[:1], inner, secants[-1:]])


def apply(values: Tensor, knots: Tensor, images: Tensor, slopes: Tensor) -> Tensor:
    """Map values by the cubic curves, one a feature, that take knots to images with given slopes.

    Args:
        values: Any shape, features last.
        knots: `(points, features)`, rising; one more than a power of two.
        images: The same, not falling.
        slopes: The same.
    """
    values = ops.convert_to_tensor(values)
    num_segments, num_features = knots.shape[0] - 1, knots.shape[1]
    flat_knots, flat_images, flat_slopes = (
        ops.reshape(ops.convert_to_tensor(x), (-1,)) for x in (knots, images, slopes)
    )
    position = ops.zeros_like(values, dtype="int32") + ops.arange(0, num_features, dtype="int32")
    half = num_segments // 2
    while half:  # a binary search for the last knot that is not above, all values at once
        further = position + half * num_features
        position = ops.where(values >= ops.take(flat_knots, further), further, position)
        half //= 2
    after = position + num_features
    start, end = ops.take(flat_knots, position), ops.take(flat_knots, after)
    below, above = ops.take(flat_images, position), ops.take(flat_images, after)
    width = ops.maximum(end - start, 1e-30)
    inside = ops.maximum(ops.minimum(values, end), start)
    t = (inside - start) / width
    bends = t * ops.square(1.0 - t) * width * ops.take(flat_slopes, position) - ops.square(t) * (
        1.0 - t
    ) * width * ops.take(flat_slopes, after)
    return below + ops.square(t) * (3.0 - 2.0 * t) * (above - below) + bends + (values - inside)

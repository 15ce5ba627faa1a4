"""The law of a Gaussian vector of first steps that goes on as an autoregression, of normal scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.sequences.statistics.clusters import cluster_means, members
from keras_rgan.sequences.statistics.gaussian_mixture import bounds_of
from keras_rgan.sequences.statistics.gaussian_windows import GaussianWindows, regression
from keras_rgan.sequences.statistics.normal_scores import NormalScores
from keras_rgan.sequences.statistics.step_statistics import units_of

KNOTS = 256
"""In how many parts scores from -REACH to REACH are mapped to values."""

REACH = 4.0

JUMP = 8.0
"""How many times as far as its neighbours a value must be to lie beyond a gap that is not bridged."""

LEAST = 5
"""How many sequences the smallest cluster has: those of fewer join others."""

ROWS = 2
"""How many rows there are at the least for each number that is fitted to them."""


def linear_law(
    scores: np.ndarray, kept: list[int], num_features: int, block: int, clusters: int = 1
) -> dict[str, np.ndarray]:
    """Return factor and mean of the first steps, and how a step follows from those before, by name.

    Of clusters also how far each lies from the mean, and which noise draws it.

    Args:
        scores: Of sequences, `(samples, time, kept features)`; NaN where there are none.
        kept: Which features have scores.
        num_features: How many features there are.
        block: How many steps are one Gaussian vector.
        clusters: Around how many means it lies.
    """
    count, width = num_features, len(kept)
    first, mean = np.zeros((block * count,) * 2), np.zeros((block, count))
    step, new = np.zeros(((block - 1) * count, count)), np.zeros((count, count))
    found: dict[str, np.ndarray] = {}
    if not width:  # categories alone
        return {"first": first, "mean": mean, "step": step, "new": new}
    if clusters > 1:
        scores, found = _without_shifts(scores, kept, num_features, block, clusters)
    gaussian = GaussianWindows(scores, np.zeros((len(scores), 0)), block * width)
    triangular: np.ndarray = np.transpose(np.linalg.qr(gaussian.factor.T)[1])
    triangular = triangular * np.where(np.diag(triangular) < 0.0, -1.0, 1.0)
    columns = (np.arange(block)[:, None] * count + kept).ravel()
    past, own = columns[: (block - 1) * width], np.array(kept)
    first[np.ix_(columns, columns)] = triangular
    mean[:, kept] = gaussian.mean[:block]
    step[np.ix_(past, own)] = gaussian.weights.T
    new[np.ix_(own, own)] = gaussian.innovations.T
    return {"first": first.T, "mean": mean, "step": step, "new": new, **found}


def _without_shifts(
    scores: np.ndarray, kept: list[int], num_features: int, block: int, clusters: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return scores less the means of the clusters that their first steps are in, and these."""
    rows = np.nan_to_num(scores[:, :block]).reshape(len(scores), -1)
    means = cluster_means(rows, clusters, np.random.default_rng(0), LEAST)
    member = members(rows, means)
    left = scores.copy()
    left[:, :block] -= means[member].reshape(len(scores), block, -1)
    shifts = np.zeros((clusters, block, num_features))
    shifts[: len(means), :, kept] = means.reshape(len(means), block, -1)
    shares = np.bincount(member, minlength=clusters) / len(member)
    return left, {"shifts": shifts, "bounds": bounds_of(shares)}


def without_effect(
    scores: np.ndarray, columns: np.ndarray, kept: list[int], num_features: int, block: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return scores less what follows from the columns beside a step, and how it follows."""
    there = np.isfinite(scores).all(axis=-1)
    centre = columns[there if there.any() else np.ones_like(there)].mean(axis=0)
    effect = np.zeros((block, columns.shape[-1], num_features))
    left = scores.copy()
    for step in range(block):
        rows = there[:, step]
        inputs, outputs = columns[rows, step], scores[rows, step]
        if len(inputs) < ROWS * (columns.shape[-1] + 1):
            continue
        slopes = regression(inputs - inputs.mean(axis=0), outputs - outputs.mean(axis=0))
        effect[step][:, kept] = slopes
        behind = slice(step, step + 1) if step < block - 1 else slice(step, None)
        left[:, behind] -= (columns[:, behind] - centre) @ slopes
    return left, {"effect": effect, "centre": centre}


def knots_of(scores: NormalScores, offset: Any = None, scale: Any = None) -> dict[str, np.ndarray]:
    """Return the values at knots of the scores, and by how much they rise to the next, by name.

    Args:
        scores: The marginals.
        offset: The layer makes (x - offset) / scale, features last; None for 0.
        scale: 0 where the layer makes 0; None for 1.
    """
    knots = np.linspace(-REACH, REACH, KNOTS + 1)
    width = scores.num_columns
    values = scores.leave(np.repeat(knots[:, None], width, axis=1))
    offset, factor = units_of(offset, scale)
    values = (values - offset) * factor
    for first, behind in scores.groups:
        values[:, first:behind] = 0.0
    slopes = np.diff(values, axis=0, append=values[-1:])
    padded = np.pad(slopes, [(2, 2), (0, 0)], mode="edge")
    near = np.median([padded[i : i + len(slopes)] for i in (0, 1, 3, 4)], axis=0)
    reach = np.ptp(values, axis=0)
    slopes[(slopes > JUMP * near) & (slopes > 0.02 * reach)] = 0.0
    return {"values": values, "slopes": slopes}


def values_at(scores: NormalScores, drawn: np.ndarray) -> np.ndarray:
    """Return the values that scores stand for, as the layer has them."""
    law = knots_of(scores)
    place = (np.clip(drawn, -REACH, REACH) + REACH) * (KNOTS / (2.0 * REACH))
    knot = place.astype(int)
    feature = np.arange(drawn.shape[-1])
    return law["values"][knot, feature] + law["slopes"][knot, feature] * (place - knot)

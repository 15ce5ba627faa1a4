"""Completion: what is hidden in training, how it is scored, and how long futures are rolled on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import draws
from keras_rgan.types import Tensor

NUM_DRAWS = 32
"""Of how many draws `impute` takes the median."""

Complete = Callable[[np.ndarray, int], np.ndarray]
"""Fills windows where they are NaN, `(…, time, features)`, that begin at a step."""


def draw_observed(
    shape: tuple[Any, Any, int], seed: keras.random.SeedGenerator, known: Tensor | None = None
) -> Tensor:
    """Draw which values of sequences a generator is shown, 1 where it is, as what it will be asked for.

    Each with a chance of a fifth: nothing; a beginning; single values, at a rate drawn for the
    sequence; whole steps, likewise; all but a gap in a share of the features, drawn for the sequence.

    Args:
        shape: `(batch, time, features)`.
        seed: Where the draws come from.
        known: What can be shown, 1 where there is a value; None for all.

    Returns:
        `(batch, time, features)`, float32.
    """
    batch, length, count = shape

    def uniform(*rest: Any) -> Tensor:
        return 0.5 + 0.5 * draws.draw("uniform", (batch, *rest), seed)

    choice, size, start, rate = ops.split(uniform(1, 4), 4, axis=-1)
    single, chosen = uniform(length, count + 1), uniform(1, count)
    steps = ops.arange(length, dtype="float32")[None, :, None]
    span = ops.cast(length, "float32")
    end = 1.0 + ops.floor(size * (span - 1.0))
    first = ops.floor(start * (span - end + 1.0))
    hidden = (steps >= first) & (steps < first + end) & (chosen < rate)
    kinds = [
        steps < end,
        single[..., :count] < rate,
        single[..., count:] < rate,
        ops.logical_not(hidden),
    ]
    observed = ops.zeros((batch, length, count))
    for i, kind in enumerate(kinds, 1):
        due = (choice >= i / 5.0) & (choice < (i + 1) / 5.0)
        observed += ops.cast(due & kind, "float32")
    return observed if known is None else observed * ops.cast(known, "float32")


def score(
    real: Tensor, first: Tensor, second: Tensor, scale: Tensor, known: Tensor | None = None
) -> Tensor:
    """Return the mean continuous ranked probability score of two draws of what is hidden.

    The mean distance of the draws to the truth less half of theirs to each other: on average it is
    least for draws of the true distribution given what is observed, whatever that is.

    Args:
        real: The truth, `(batch, time, features)`.
        first: A completion of each sequence.
        second: Another one, drawn independently.
        scale: The unit of each value's error; values of a scale of 0 are not scored.
        known: 1 where there is a truth; None for everywhere.

    Reference:
        Gneiting and Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 2007;
        Pacchiardi et al., "Probabilistic Forecasting with Generative Networks via Scoring Rule
        Minimization", JMLR 2024.
    """
    counts = ops.cast(scale > 0, "float32")
    if known is not None:
        counts = counts * ops.cast(known, "float32")
    errors = 0.5 * (ops.abs(first - real) + ops.abs(second - real) - ops.abs(first - second))
    errors = errors * counts / ops.where(scale > 0, scale, 1.0)
    return ops.sum(errors) / ops.maximum(ops.sum(counts), 1.0)


def roll(complete: Complete, history: np.ndarray, steps: int, window: int) -> np.ndarray:
    """Return `steps` further steps of sequences, made in windows no longer than those of training.

    Args:
        complete: Returns windows `(sequences, draws, time, features)`, of windows of that shape or, the
            first time, without draws.
        history: What they go on from, `(sequences, time, features)`.
        steps: How many steps are wanted.
        window: Steps of a window. The last of the history, or of what was made, are the beginning of
            each; at least half a window of them where there are as many.

    Returns:
        `(sequences, draws, steps, features)`.
    """
    made, parts, end = history, [], history.shape[1]
    while steps:
        kept = min(made.shape[-2], max(window - steps, window // 2, 1))
        fresh = min(steps, max(window - kept, 1))
        known = made[..., made.shape[-2] - kept :, :]
        gap = np.full((*known.shape[:-2], fresh, known.shape[-1]), np.nan, known.dtype)
        made = complete(np.concatenate([known, gap], axis=-2), end - kept)
        parts.append(made[..., kept:, :])
        steps, end = steps - fresh, end + fresh
    return np.concatenate(parts, axis=-2)


def check_levels(quantiles: Sequence[float] | None) -> np.ndarray | None:
    """Return the levels of quantiles, or None where there are none.

    Raises:
        ValueError: If a level is not between 0 and 1.
    """
    if quantiles is None:
        return None
    levels = np.ravel(np.asarray(quantiles, "float64"))
    if not levels.size or not ((levels >= 0.0) & (levels <= 1.0)).all():
        raise ValueError(f"`quantiles` must be levels between 0 and 1. Received: quantiles={quantiles}")
    return levels


def summarize(
    paths: np.ndarray, levels: np.ndarray | None, categories: Sequence[tuple[int, int]] = ()
) -> np.ndarray:
    """Return draws as they are, or their quantiles, `(sequences, levels, time, features)`.

    A quantile is one of the draws, so that integers stay such. Of categories, one-hot between the
    features of each pair, the most frequent stands for every level.

    Args:
        paths: `(sequences, draws, time, features)`.
        levels: Levels between 0 and 1, or None for the draws.
        categories: Pairs of the first feature of a group and the one behind its last.
    """
    if levels is None:
        return paths
    found = np.moveaxis(np.quantile(paths, levels, axis=1, method="inverted_cdf"), 0, 1)
    for first, last in categories:
        votes = paths[..., first:last].mean(axis=1, keepdims=True)
        found[..., first:last] = votes == votes.max(axis=-1, keepdims=True)
    return found.astype(paths.dtype)

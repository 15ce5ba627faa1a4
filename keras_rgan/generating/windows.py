"""Sequences that are longer than what a model was trained on, window by window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Complete = Callable[[np.ndarray, int], np.ndarray]
"""Fills windows where they are NaN, `(…, time, features)`, that begin at a step."""


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
    path, parts, end = history, [], history.shape[1]
    while steps:
        kept = min(path.shape[-2], seen(window, steps))
        fresh = min(steps, max(window - kept, 1))
        beginning = path[..., path.shape[-2] - kept :, :]
        gap = np.full((*beginning.shape[:-2], fresh, beginning.shape[-1]), np.nan, beginning.dtype)
        path = complete(np.concatenate([beginning, gap], axis=-2), end - kept)
        parts.append(path[..., kept:, :])
        steps, end = steps - fresh, end + fresh
    return np.concatenate(parts, axis=-2)


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
    quantiles = np.moveaxis(np.quantile(paths, levels, axis=1, method="inverted_cdf"), 0, 1)
    for first, last in categories:
        votes = paths[..., first:last].mean(axis=1, keepdims=True)
        quantiles[..., first:last] = np.eye(last - first)[votes.argmax(axis=-1)]
    return quantiles.astype(paths.dtype)


def seen(window: int, steps: int) -> int:
    """Return how many steps of a history a window has room for, before so many steps: half at least."""
    return max(window - steps, window // 2, 1)


def cut(values: np.ndarray, starts: np.ndarray, count: int) -> np.ndarray:
    """Return `count` steps of each sequence from its start."""
    if not starts.any():
        return values[:, :count]
    return np.stack([x[a : a + count] for x, a in zip(values, starts, strict=True)])


def of_window(values: np.ndarray, start: int, steps: int, length: int) -> np.ndarray:
    """Return conditions of a window, those at each step from `start` on, `steps` padded to `length`."""
    if values.ndim != 3:
        return values
    part = values[:, start : start + steps]
    return np.pad(part, [(0, 0), (0, length - steps), (0, 0)], mode="edge")

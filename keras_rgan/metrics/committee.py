"""The quick judge: regressions on what is counted of sequences, and a small network, together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from keras_rgan.metrics import post_hoc
from keras_rgan.sequences.statistics.random_convolutions import RandomConvolutions
from keras_rgan.sequences.statistics.summaries import Summaries

MOST = 10_000
"""So many sequences of either set are looked at, at the most."""

RIDGES = (0.003, 0.03, 0.3)
"""Of the regressions, in units of the numbers' mean variance; held-out sequences choose."""

PRIOR = 3.0
"""How strongly members of a committee are held to equal weights, in sequences."""

CLOSE = 1e-9
"""So near to the best weights is near enough."""

Random = np.random.Generator

Sets = Sequence[np.ndarray]


class Rows(NamedTuple):
    """Which sequences of a set are learned from, weigh the members, and are asked about."""

    fit: np.ndarray
    held: np.ndarray
    asked: np.ndarray

    @classmethod
    def of(cls, count: int, groups: np.ndarray | None, random: Random) -> Rows:
        """Split sequences at random, groups as wholes: 64, 16 and 20 of a hundred."""
        some = random.permutation(count)[:MOST]
        within = None if groups is None else groups[some]
        if within is not None and len(np.unique(within)) < 2:
            within = None
        known, asked = post_hoc.split(len(some), 0.8, random, within)
        inner = None if within is None else within[known]
        if len(known) < 2:
            return cls(some[known], some[known], some[asked])
        if inner is not None and len(np.unique(inner)) < 2:
            inner = None
        fit, held = post_hoc.split(len(known), 0.8, random, inner)
        return cls(some[known[fit]], some[known[held]], some[asked])


def advantage(
    sets: Sets,
    groups: Sequence[np.ndarray | None],
    network: Callable[[list[np.ndarray], list[list[np.ndarray]]], list[np.ndarray]],
    random: Random,
) -> float:
    """Return by how much a committee is more often right than by chance.

    Its members are a ridge regression on summaries, one on these and on random convolutions, and a
    network. What each says of a part of the sequences that none has learned from weighs them.

    Args:
        sets: Real and generated sequences, whose values lie about in 0 … 1.
        groups: Which group each is of; None where each is one of its own.
        network: Returns what a network that learned from the first says of others: of either set what
            is to be learned from, and lists of what it is asked about.
        random: For all that is drawn.
    """
    rows = [Rows.of(len(x), g, random) for x, g in zip(sets, groups, strict=True)]
    fit = [x[r.fit] for x, r in zip(sets, rows, strict=True)]
    others = [[x[r[i]] for x, r in zip(sets, rows, strict=True)] for i in (1, 2)]
    said = [network(fit, others)]
    numbers = _numbers(fit, others, random)
    for columns in numbers:
        said.append(_regression(*columns))
    held, asked = (np.stack(list(member), axis=1) for member in zip(*said, strict=True))
    sizes = [len(x) for x in others[0]], [len(x) for x in others[1]]
    logits = _weighed(held, asked, *sizes[0])
    return post_hoc.advantage(logits[: sizes[1][0]], logits[sizes[1][0] :])


Columns = tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]


def _numbers(fit: Sets, others: Sequence[Sets], random: Random) -> list[Columns]:
    """Return what regressions see of the parts: summaries, and these beside random convolutions."""
    makers: list[Callable[[np.ndarray], np.ndarray]] = [
        Summaries.of(fit[0], fit[1], random).__call__,
        RandomConvolutions.of(fit[0], random).__call__,
    ]
    seen = [[[np.asarray(maker(x)) for x in part] for part in (fit, *others)] for maker in makers]
    squashed = [_squashed(parts) for parts in seen]
    both = [
        [np.concatenate(pair, axis=1) for pair in zip(*parts, strict=True)]
        for parts in zip(*squashed, strict=True)
    ]
    return [(a, b, c) for a, b, c in (squashed[0], both)]


def _squashed(parts: list[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """Return numbers in deviations of those of the first part, the far ones drawn in."""
    first = np.concatenate(parts[0])
    centre = np.median(first, axis=0)
    low, high = np.percentile(first[:: max(len(first) // 2_000, 1)], [10, 90], axis=0)
    width, deviation = (high - low) / 2.56, first.std(axis=0)
    width = np.where(width > 1e-3 * deviation, width, deviation)
    width = np.where(width > 1e-9, width, 1.0)

    def squash(x: np.ndarray) -> np.ndarray:
        z = (x - centre) / width
        return (np.sign(z) * np.log1p(np.abs(z))).astype("float32")

    return [[squash(x) for x in part] for part in parts]


def _regression(
    fit: list[np.ndarray], held: list[np.ndarray], asked: list[np.ndarray]
) -> list[np.ndarray]:
    """Return what a ridge regression of signs says: of what is held, and of what is asked about.

    Of the last one that learned from what was held as well.
    """
    of_fit = _regressions(fit)
    target, weights = _signs(held)
    x = np.concatenate(held)
    answers = {ridge: of_fit(ridge)(x) for ridge in RIDGES}
    best = min(RIDGES, key=lambda ridge: float(weights @ np.square(answers[ridge] - target)))
    whole = [np.concatenate(pair) for pair in zip(fit, held, strict=True)]
    return [answers[best], _regressions(whole)(best)(np.concatenate(asked))]


def _signs(sets: Sets) -> tuple[np.ndarray, np.ndarray]:
    """Return 1 of each real and -1 of each generated one, and weights that make both count alike."""
    counts = [len(x) for x in sets]
    return np.repeat([1.0, -1.0], counts), np.repeat([0.5 / max(n, 1) for n in counts], counts)


def _regressions(sets: Sets) -> Callable[[float], Callable[[np.ndarray], np.ndarray]]:
    """Return what makes a ridge regression of signs, both sets counting alike, of a ridge.

    Of more numbers than sequences by equations of the sequences, which are fewer.
    """
    target, weights = _signs(sets)
    x = np.concatenate(sets)
    count, columns = x.shape
    mean = (weights @ x).astype("float32")
    root = np.sqrt(weights * count).astype("float32")
    centred, signs = (x - mean) * root[:, None], (target * root).astype("float32")
    few = columns <= count
    gram = (centred.T @ centred if few else centred @ centred.T).astype("float64") / count
    size = np.trace(gram) / columns or 1.0

    def regression(ridge: float) -> Callable[[np.ndarray], np.ndarray]:
        shifted = gram + ridge * size * np.eye(len(gram))
        if few:
            slopes = np.linalg.solve(shifted, (centred.T @ signs) / count)
        else:
            slopes = centred.T @ np.linalg.solve(shifted, signs) / count
        return lambda asked: (asked - mean) @ slopes.astype("float32")

    return regression


def _weighed(held: np.ndarray, asked: np.ndarray, num_real: int, num_generated: int) -> np.ndarray:
    """Return one answer of those of members, `(sequences, members)`, by a logistic regression."""
    scale = held.std(axis=0) + 1e-9
    x, y = (np.column_stack([v / scale, np.ones(len(v))]).astype("float64") for v in (held, asked))
    x, y = (np.clip(v, -30.0, 30.0) for v in (x, y))
    counts = [num_real, num_generated]
    target = np.repeat([1.0, 0.0], counts)
    weights = np.repeat([0.5 * len(x) / max(n, 1) for n in counts], counts)
    members = held.shape[1]
    prior = np.array([1.0 / members] * members + [0.0])

    def loss(slopes: np.ndarray) -> float:
        logits = x @ slopes
        surprise = weights @ (np.logaddexp(0.0, logits) - target * logits)
        return float(surprise + 0.5 * PRIOR * np.square(slopes - prior).sum())

    slopes, least = prior.copy(), loss(prior)
    for _ in range(20):
        chance = 1.0 / (1.0 + np.exp(-np.clip(x @ slopes, -30.0, 30.0)))
        slope = x.T @ (weights * (chance - target)) + PRIOR * (slopes - prior)
        curvature = (x * (weights * chance * (1.0 - chance))[:, None]).T @ x
        step = np.linalg.solve(curvature + PRIOR * np.eye(len(slopes)), slope)
        while (less := loss(slopes - step)) > least and np.abs(step).max() > CLOSE:
            step *= 0.5  # where a few far sequences bend the loss
        if less <= least:
            slopes, least = slopes - step, less
    return y @ slopes

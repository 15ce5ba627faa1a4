"""What can be said of a figure, group by group: intervals, and how likely it is by chance."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

PERMUTATIONS = 999
"""In how many ways groups are labelled anew."""

DRAWS = 400
"""How often groups are drawn with replacement, for an interval."""

LEVEL = 0.95
"""Of intervals."""

AT_A_TIME = 4_000_000
"""About how many numbers are made at a time."""


def permuted_labels(labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return labels of groups in other orders, `(PERMUTATIONS, groups)`."""
    return random.permuted(np.tile(labels, (PERMUTATIONS, 1)), axis=1)


def least_p_value(labels: np.ndarray) -> float:
    """Return the smallest p-value that so few groups can come to."""
    count, chosen = len(labels), int(labels.sum())
    ways = math.comb(count, chosen) if count < 60 else math.inf
    return max(1.0 / ways, 1.0 / (PERMUTATIONS + 1))


def p_value(observed: float, by_chance: np.ndarray) -> float:
    """Return how likely a value as large as that is by chance."""
    margin = 1e-9 * max(abs(observed), 1e-9)
    return float((1 + (by_chance >= observed - margin).sum()) / (1 + len(by_chance)))


def of_labels(
    labels: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], random: np.random.Generator
) -> tuple[float, np.ndarray]:
    """Return a statistic of groups' labels, and what it is where these are drawn by chance.

    Args:
        labels: True for groups that were trained on.
        statistic: From labels `(ways, groups)` to values `(ways,)`.
        random: Where the draws come from.
    """
    observed = float(statistic(labels[None])[0])
    ways = permuted_labels(labels, random)
    parts = np.array_split(ways, max(ways.size // AT_A_TIME, 1))
    return observed, np.concatenate([statistic(part) for part in parts])


def drawn_weights(count: int, random: np.random.Generator) -> np.ndarray:
    """Return how often each of so many groups is drawn, with replacement, `(DRAWS, count)`."""
    return random.multinomial(count, np.full(count, 1.0 / count), size=DRAWS).astype("float64")


def interval(values: np.ndarray) -> tuple[float, float]:
    """Return between which values the inner share of some lies; those that are NaN do not count."""
    values = values[~np.isnan(values)]
    if not len(values):
        return math.nan, math.nan
    low, high = np.quantile(values, [0.5 - LEVEL / 2.0, 0.5 + LEVEL / 2.0])
    return float(low), float(high)


def clopper_pearson(successes: int, trials: int, level: float = LEVEL) -> tuple[float, float]:
    """Return the exact interval of a share.

    Args:
        successes: How many there were.
        trials: Of how many.
        level: Of the interval.

    Reference:
        Clopper and Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the
        Binomial", Biometrika 1934.
    """
    if trials == 0:
        return 0.0, 1.0
    tail = (1.0 - level) / 2.0
    low = 0.0 if successes == 0 else _where(lambda p: upper_tail(successes, trials, p) >= tail)
    high = (
        1.0
        if successes == trials
        else _where(lambda p: 1.0 - upper_tail(successes + 1, trials, p) <= tail)
    )
    return low, high


def upper_tail(successes: int, trials: int, share: float) -> float:
    """Return how likely so many successes or more are, of so many trials with that share."""
    if successes <= 0:
        return 1.0
    if share <= 0.0 or share >= 1.0:
        return float(share >= 1.0)
    number = np.arange(successes, trials + 1)
    terms = log_choose(trials, number)
    terms = terms + number * math.log(share) + (trials - number) * math.log1p(-share)
    return float(min(np.exp(terms).sum(), 1.0))


def log_choose(count: int, chosen: np.ndarray) -> np.ndarray:
    """Return the logarithm of in how many ways so many of a count can be chosen."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, count + 1)))])
    ways: np.ndarray = logs[count] - logs[chosen] - logs[count - chosen]
    return ways


def _where(reached: Callable[[float], bool]) -> float:
    """Return from which share on something is so, by halves."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (low, middle) if reached(middle) else (middle, high)
    return (low + high) / 2.0


def share_interval(hits: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Return an exact interval of a share, of as many trials as those of a group are worth.

    Args:
        hits: Whether it was so, `(count,)`.
        groups: The group of each.
    """
    count, share = len(hits), float(hits.mean())
    _, members = np.unique(groups, return_inverse=True)
    residual = np.bincount(members, hits - share)
    independent, found = count * share * (1.0 - share), float(np.square(residual).sum())
    trials = float(members.max() + 1)
    if independent > 0.0:  # of groups that agree more than by chance a trial is one at the most
        trials = max(count * independent / max(found, independent), 2.0)
    whole = max(round(trials), 1)
    return clopper_pearson(round(share * whole), whole)

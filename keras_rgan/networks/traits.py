"""What of the data decides how the networks are that a model makes for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_rgan.sequences import reading
from keras_rgan.sequences.statistics.moments import count_of, total_of

LEAST_NEWS = 1e-6
"""A feature of which less is new at a step, of its variance, follows from the step before."""

MAX_STEPS = 30_000
"""From about how many steps it is told how many numbers are new at one."""

MAX_NUMBERS = 1000
"""So many numbers of a window have a covariance of their own: the first steps of a linear process."""

MAX_EFFECTS = 1_000_000
"""How many slopes on conditions such a process has at the most."""

MISFIT = 0.15
"""A generator does not begin as a process that a judge in closed form tells by more."""

MISFIT_OF_PARTS = 0.05
"""The same of one around several means, or of several laws: from a start that is told by more a game
learns less than from none (sines)."""

MAX_SAMPLES = 2000
"""Of about how many sequences it is told whether features bend slowly."""


@dataclasses.dataclass(frozen=True)
class Traits:
    """What of the data decides how the networks are that are made for it.

    Attributes:
        increments: To which order the discriminator sees increments.
        categories: Which features are one-hot.
        news: How many numbers are new at a step, as `news_of` tells; 0 where it is not known.
        linear_process: Of how many first steps the generator takes the covariance to begin with.
        misfit: By how much a judge in closed form tells that process from the data; None where none was
            looked for.
        clusters: Around how many means it lies.
        mixture: Order and components of a mixture of autoregressions that the generator begins as in
            its place; () for none.
        within_one: Whether it is scaled to between -1 and 1.
    """

    increments: int = 1
    categories: Sequence[tuple[int, int]] = ()
    news: float = 0.0
    linear_process: int = 0
    misfit: float | None = None
    clusters: int = 1
    mixture: tuple[int, ...] = ()
    within_one: bool = False


def count_apart(num_features: int, categories: Sequence[tuple[int, int]]) -> int:
    """Return how many features say something of their own: of a group of categories, one-hot, one."""
    return num_features - sum(last - first - 1 for first, last in categories)


def default_increments(parts: list[np.ndarray]) -> int:
    """Return to which order a discriminator made for samples, in parts of one length, sees increments.

    2 where every feature bends slowly: where second increments are on average less than half as large
    as first ones, as in sines of more than 12 steps a period. Else 1.
    """
    every = -(-sum(len(part) for part in parts) // MAX_SAMPLES)
    moves: list[np.ndarray] = []
    bends: list[np.ndarray] = []
    for part in parts:
        steps = np.diff(reading.to_numpy(part[::every]).astype("float64"), axis=1)
        for sums, differences in ((moves, steps), (bends, np.diff(steps, axis=1))):
            sizes = total_of(np.abs(differences)), count_of(differences)
            sums.append(np.stack(sizes))
    (moved, num_moves), (bent, num_bends) = (np.sum(x, axis=0) for x in (moves, bends))
    if not num_bends.any():
        return 1
    moved, bent = moved / np.maximum(num_moves, 1.0), bent / np.maximum(num_bends, 1.0)
    return 2 if bool((bent <= 0.5 * moved).all()) else 1


def news_of(parts: list[np.ndarray]) -> float:
    """Return how many independent numbers are new at a step of samples, in parts of one length.

    The effective rank of what the step before does not tell of a step by a linear regression: the
    exponential of the entropy of the eigenvalues of its correlations. 0 where there are too few steps.

    Reference:
        Roy and Vetterli, "The Effective Rank", EUSIPCO 2007.
    """
    width = parts[0].shape[-1]
    pairs = [np.empty((0, 2, width))]
    every = max(sum(part[..., 0].size for part in parts) // MAX_STEPS, 1)
    for part in parts:
        rows = reading.to_numpy(part[::every]).astype("float64")
        pairs.append(np.stack([rows[:, :-1], rows[:, 1:]], axis=2).reshape(-1, 2, width))
    steps = np.concatenate(pairs)
    steps = steps[np.isfinite(steps).all(axis=(1, 2))]
    if len(steps) <= 2 * width:
        return 0.0
    center, spread = steps.mean(axis=(0, 1)), steps.std(axis=(0, 1))
    past, now = np.moveaxis((steps - center) / np.where(spread > 0.0, spread, 1.0), 1, 0)
    moments = past.T @ past + LEAST_NEWS * len(past) * np.eye(width)
    new = now - past @ np.linalg.solve(moments, past.T @ now)
    deviation = new.std(axis=0)
    moving = deviation > np.sqrt(LEAST_NEWS)
    if not moving.any():
        return 0.0
    shares = np.linalg.eigvalsh(np.atleast_2d(np.corrcoef(new[:, moving].T))) / moving.sum()
    shares = shares[shares > 0.0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def process_steps(num_steps: int, num_features: int, num_conditions: int = 0) -> int:
    """Return of how many first steps a generator that is made for data takes the covariance.

    As many as come to `MAX_NUMBERS` numbers with all features, and two at the least; beyond these it
    goes on as a vector autoregression. 0 for no process, where there are too few steps, too many
    features, or too many columns of conditions for so many steps.
    """
    steps = min(num_steps, MAX_NUMBERS // max(num_features, 1))
    effects = steps * num_features * num_conditions
    return steps if steps >= 2 and effects <= MAX_EFFECTS else 0

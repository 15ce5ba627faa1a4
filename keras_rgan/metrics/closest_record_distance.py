"""How near do generated sequences come to those that were trained on?"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from keras_rgan.metrics import neighbours, resampling
from keras_rgan.metrics.records import Records, records_of

EXACT = 1e-5
"""What is nearer than so many deviations a value, as a root mean square, is a copy."""

NEAR = 0.01
"""A generated sequence is a near copy where it is nearer to one that was trained on than all but this
share of real ones are to one of another group."""

LOOKED_AT = 2_000
"""Of so many real sequences, at the most, it is measured how near they are to others."""


@dataclasses.dataclass(frozen=True)
class Pair:
    """A generated sequence, and the one that was trained on that it is nearest to.

    Attributes:
        generated: Its row in the generated set.
        train: The row of the other one in the training set.
        distance: How far they are from one another: root mean square over all values, in deviations.
    """

    generated: int
    train: int
    distance: float


@dataclasses.dataclass(frozen=True)
class ClosestRecords:
    """What `closest_record_distance` found.

    Attributes:
        share: How often a group that was trained on is the nearest of all to a generated sequence, over
            this and how often one that was held out is. 0.5 without copying, however many groups there
            are of either kind; 1 for copies.
        interval: Its 95 % interval.
        p_value: How likely such a share is by chance, by shuffling which groups were held out.
        distance: The median distance of a generated sequence to the nearest that was trained on, root
            mean square over all values, in deviations.
        holdout_distance: The median distance of a held-out sequence to the same, beside it.
        exact: Pairs that are equal but for rounding.
        near: Pairs that are nearer than real ones are to each other, the nearest first, `exact` among
            them.
        expected_near: How many of these there would be by chance, as many as lie so near to what was
            held out.
        exact_p_value: How likely so many exact copies are, given how many held-out ones are copies.
        near_p_value: How likely so many near copies are by chance.
        least_p_value: The smallest p-value that so few groups can come to.
        groups: How many groups were trained on, and held out.
        generated: How many generated sequences were looked at.
    """

    share: float
    interval: tuple[float, float]
    p_value: float
    distance: float
    holdout_distance: float
    exact: list[Pair]
    near: list[Pair]
    expected_near: float
    exact_p_value: float
    near_p_value: float
    least_p_value: float
    groups: tuple[int, int]
    generated: int

    def __str__(self) -> str:
        low, high = self.interval
        return (
            f"What was trained on is nearest at a share of {self.share:.3f} ({low:.3f} … {high:.3f}), "
            f"for 0.5 (p = {self.p_value:.3f}). {len(self.exact)} of {self.generated} generated "
            f"sequences are exact copies, {len(self.near)} near ones, for {self.expected_near:.1f} by "
            f"chance (p = {self.near_p_value:.3f})."
        )


def closest_record_distance(
    generated: Any,
    train: Any,
    holdout: Any,
    groups: Any = None,
    holdout_groups: Any = None,
    max_samples: int = 2_000,
    seed: int = 0,
) -> ClosestRecords:
    """Measure how near generated sequences come to those trained on, beside those held out.

    Distances are Euclidean, features in units of their deviations, in the first 64 principal components
    of longer sequences. What counts is groups, not sequences: of each generated one it is asked which
    group is nearest. Groups are whose sequences are (`groups`, `holdout_groups`), or blocks of a
    series: where none are given, sequences that share half of their steps or more, as overlapping
    windows do, are one block, cut to the size of the blocks that were held out. Hold out entities or
    blocks at random: chance is told by shuffling which are held out.

    Args:
        generated: Generated sequences, whatever measures take.
        train: The sequences that were trained on.
        holdout: Sequences that were not, of groups of their own.
        groups: Of each training sequence whose, or of which block, it is.
        holdout_groups: The same of those held out.
        max_samples: The most generated sequences, drawn at random. Of real ones 20,000 are looked at,
            of whole groups.
        seed: Seed of the draws.

    Returns:
        `share`, with `interval` and `p_value`; copies as `exact` and `near` pairs of rows, to show side
        by side, with their p-values; see `ClosestRecords`.

    Raises:
        ValueError: If the sets differ in shape, held-out sequences overlap ones trained on, or groups
            are not one for each sequence.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(300, length=8, num_features=2)
        >>> found = kr.metrics.closest_record_distance(sines[:50], sines[:200], sines[200:])
        >>> found.share, len(found.exact), found.exact[3].train
        (1.0, 50, 3)

    Reference:
        Yale et al., "Generation and Evaluation of Privacy Preserving Synthetic Health Data",
        Neurocomputing 2020; Platzer and Reutterer, "Holdout-Based Empirical Assessment of Mixed-Type
        Synthetic Data", 2021 (share). That such tests pass data that attacks break: Yao et al., "The
        DCR Delusion: Measuring the Privacy Risk of Synthetic Data", 2025.
    """
    records = records_of(
        generated, train, holdout, groups, holdout_groups, max_samples=max_samples, seed=seed
    )
    return of_records(records, seed)


def of_records(records: Records, seed: int, isolation: Isolation | None = None) -> ClosestRecords:
    """Return the same of sets that are in one form; `isolation` may be known already."""
    random = np.random.default_rng([seed, 13])
    labels = records.is_train
    nearest, far = neighbours.nearest_groups(records.generated, records.real, records.groups, 1, random)
    hits = np.bincount(nearest[:, 0], minlength=len(labels)).astype("float64")
    isolation = isolation or isolation_of(records, LOOKED_AT, random)
    near = far[:, 0] <= isolation.near
    near_hits = np.bincount(nearest[near, 0], minlength=len(labels)).astype("float64")
    share, by_chance = resampling.of_labels(labels, lambda way: _shares(hits, way), random)
    number, numbers = resampling.of_labels(labels, lambda way: way @ near_hits, random)
    pairs = _pairs(records, near & labels[nearest[:, 0]])
    exact = [pair for pair in pairs if pair.distance <= EXACT]
    to_train = neighbours.nearest(
        records.whole_real[~records.of_train][:LOOKED_AT], records.whole_real[records.of_train]
    )[0] / np.sqrt(records.whole_real.shape[1])
    to_generated = _pairs(records, np.ones(len(near), bool))
    held_out = len(labels) - int(labels.sum())
    return ClosestRecords(
        share,
        _interval(hits, labels, random),
        resampling.p_value(share, by_chance),
        float(np.median([pair.distance for pair in to_generated])),
        float(np.median(to_train)),
        exact,
        pairs,
        float(near_hits[~labels].sum() * labels.sum() / held_out),
        _chance_of_copies(len(exact), len(near), int((to_train <= EXACT).sum()), len(to_train)),
        resampling.p_value(number, numbers),
        resampling.least_p_value(labels),
        (int(labels.sum()), held_out),
        len(near),
    )


@dataclasses.dataclass(frozen=True)
class Isolation:
    """How far real records are from others.

    Attributes:
        records: Which ones, by number.
        distance: How far the nearest of another group is.
        near: What all but `NEAR` of them are farther than.
    """

    records: np.ndarray
    distance: np.ndarray
    near: float


def isolation_of(records: Records, most: int, random: np.random.Generator) -> Isolation:
    """Return how far some real records are from the nearest of another group, of either kind."""
    some = records.some(most // 2, random)
    distance = neighbours.nearest_of_another_group(
        records.real[some], records.groups[some], records.real, records.groups
    )
    return Isolation(some, distance, float(np.quantile(distance, NEAR)))


def _shares(hits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the share of what was trained on, of how often groups are nearest, per group of a kind.

    Args:
        hits: To how many generated sequences each group is nearest.
        labels: Which groups were trained on, `(ways, groups)`.
    """
    rates = [kind @ hits / np.maximum(kind.sum(axis=1), 1) for kind in (labels, ~labels)]
    share: np.ndarray = rates[0] / np.maximum(rates[0] + rates[1], 1e-300)
    return share


def _interval(hits: np.ndarray, labels: np.ndarray, random: np.random.Generator) -> tuple[float, float]:
    """Return the interval of the share: groups of either kind are drawn with replacement."""
    if not hits[~labels].any() or not hits[labels].any():
        low, high = resampling.clopper_pearson(int((hits[labels] > 0).sum()), int((hits > 0).sum()))
        return low, high
    rates = [
        resampling.drawn_weights(int(kind.sum()), random) @ hits[kind] / kind.sum()
        for kind in (labels, ~labels)
    ]
    return resampling.interval(rates[0] / np.maximum(rates[0] + rates[1], 1e-300))


def _pairs(records: Records, chosen: np.ndarray) -> list[Pair]:
    """Return generated sequences beside the nearest that were trained on, the nearest pairs first."""
    rows, trained = np.flatnonzero(chosen), np.flatnonzero(records.of_train)
    if not len(rows):
        return []
    _, index = neighbours.nearest(records.generated[rows], records.real[trained])
    apart = records.whole_generated[rows].astype("float64") - records.whole_real[trained[index]]
    distance = np.sqrt(np.square(apart).mean(axis=1))
    # By row, where they are equally near: rounding is no order.
    order = np.lexsort((records.generated_rows[rows], np.maximum(distance, EXACT)))
    return [
        Pair(
            int(records.generated_rows[rows[i]]),
            int(records.rows[trained[index[i]]]),
            float(distance[i]),
        )
        for i in order
    ]


def _chance_of_copies(copies: int, count: int, of_holdout: int, held_out: int) -> float:
    """Return how likely so many copies are, by Fisher's exact test, if held-out ones copy as often."""
    both = copies + of_holdout
    number = np.arange(copies, min(both, count) + 1)
    number = number[both - number <= held_out]
    choose = resampling.log_choose
    terms = choose(count, number) + choose(held_out, both - number)
    terms = terms - choose(count + held_out, np.array(both))
    return float(min(np.exp(terms).sum(), 1.0))

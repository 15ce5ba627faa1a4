"""What an attack knows of who was trained on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_rgan.metrics import resampling

FALSE_POSITIVES = 0.01
"""At which rate of false alarms an attack's hits are counted."""


@dataclasses.dataclass(frozen=True)
class AttackScore:
    """How well an attack tells records that were trained on from others.

    Args:
        auc: The area under the ROC curve: how likely a record that was trained on gets a higher score
            than one that was not. 0.5 by chance.
        auc_interval: Its 95 % interval, groups drawn with replacement.
        true_positive_rate: Which share of those trained on is told where 1 % of the others are
            wrongly accused. 0.01 by chance.
        true_positive_interval: Its exact 95 % interval (Clopper and Pearson), of as many records as
            the groups are worth.
        p_value: How likely an attack without any knowledge does as well, in either figure: who was
            trained on is shuffled, group by group.
        control: The area where real records stand in place of the generated ones; None if not asked.
        members: How many records were trained on.
        others: How many were not.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> told = kr.metrics.AttackScore.of(np.arange(200.0), np.arange(200) >= 100)
        >>> told.auc, told.true_positive_rate, told.p_value < 0.01
        (1.0, 1.0, True)

    Reference:
        Carlini et al., "Membership Inference Attacks From First Principles", S&P 2022 (rates at few
        false positives).
    """

    auc: float
    auc_interval: tuple[float, float]
    true_positive_rate: float
    true_positive_interval: tuple[float, float]
    p_value: float
    control: float | None
    members: int
    others: int

    @classmethod
    def of(
        cls,
        scores: np.ndarray,
        members: np.ndarray,
        groups: np.ndarray | None = None,
        control: float | None = None,
        seed: int = 0,
    ) -> AttackScore:
        """Return what scores say.

        Args:
            scores: Of each record, higher where it rather was trained on.
            members: Whether it was.
            groups: Whose it is; by default each stands for itself.
            control: As in the class.
            seed: Seed of the draws.

        Raises:
            ValueError: If there is not one of each for every record, a score is NaN, no record or every
                one was trained on, or a group is of both kinds.
        """
        scores, members, groups = _checked(scores, members, groups)
        random = np.random.default_rng([seed, 11])
        labels = np.zeros(int(groups.max()) + 1, bool)
        labels[groups[members]] = True
        order = np.argsort(scores, kind="stable")[::-1]
        told = _above(scores[order], groups[order])
        auc, by_chance = resampling.of_labels(labels, areas(scores, groups), random)
        rate, rates = resampling.of_labels(labels, told, random)
        chances = [resampling.p_value(auc, by_chance), resampling.p_value(rate, rates)]
        hits = scores[members] > threshold(scores[~members])
        return cls(
            auc,
            resampling.interval(_drawn_areas(scores, members, groups, random)),
            rate,
            resampling.share_interval(hits, groups[members]),
            min(1.0, 2.0 * min(chances)),
            control,
            int(members.sum()),
            int((~members).sum()),
        )

    def __str__(self) -> str:
        low, high = self.auc_interval
        first, last = self.true_positive_interval
        return (
            f"AUC {self.auc:.3f} ({low:.3f} … {high:.3f}), {self.true_positive_rate:.1%} told at 1 % "
            f"false positives ({first:.1%} … {last:.1%}), p = {self.p_value:.3f}"
        )


def _checked(scores: Any, members: Any, groups: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scores, who was trained on, and the number of each record's group."""
    scores, members = np.asarray(scores, "float64"), np.asarray(members, bool)
    groups = np.arange(len(scores)) if groups is None else np.asarray(groups)
    if scores.ndim != 1 or not scores.shape == members.shape == groups.shape:
        raise ValueError(
            "Expected a score for each record, whether it was trained on, and its group. Received: "
            f"shapes {scores.shape}, {members.shape} and {groups.shape}"
        )
    if np.isnan(scores).any():
        raise ValueError(
            f"Expected a score for each record. Received: NaN for {int(np.isnan(scores).sum())} of "
            f"{len(scores)}. Leave these records out."
        )
    if members.all() or not members.any():
        raise ValueError(
            "Expected records that were trained on, and others. Received: "
            f"{int(members.sum())} and {int((~members).sum())}"
        )
    names, numbers = np.unique(groups, return_inverse=True)
    numbers = numbers.ravel()
    both = np.intersect1d(numbers[members], numbers[~members])
    if len(both):
        raise ValueError(
            "Expected each group either trained on or not. Received: "
            f"{len(both)} that are both, such as {names[both[0]]}"
        )
    return scores, members, numbers


def area(scores: np.ndarray, members: np.ndarray) -> float:
    """Return the area under the ROC curve."""
    labels = np.asarray(members, bool)
    return float(areas(scores, np.arange(len(scores)))(labels[None])[0])


def _ranks(scores: np.ndarray) -> np.ndarray:
    """Return ranks from 1 on, equal ones of equal scores."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2.0)[inverse.ravel()]


def areas(
    scores: np.ndarray, groups: np.ndarray, num_groups: int = 0
) -> Callable[[np.ndarray], np.ndarray]:
    """Return what makes areas under the ROC curve of labels of groups, `(ways, groups)`.

    Args:
        scores: Of each record.
        groups: Of each record.
        num_groups: How many groups there are, of some of which no record may be.
    """
    sums = np.bincount(groups, _ranks(scores), num_groups)
    sizes = np.bincount(groups, minlength=num_groups).astype("float64")

    def of(labels: np.ndarray) -> np.ndarray:
        count = labels @ sizes
        rest = len(scores) - count
        found = (labels @ sums - count * (count + 1.0) / 2.0) / np.maximum(count * rest, 1.0)
        return np.where(count * rest > 0.0, found, 0.5)

    return of


def threshold(others: np.ndarray) -> float:
    """Return what no more than one in a hundred of the others exceeds."""
    return float(np.sort(others)[::-1][int(FALSE_POSITIVES * len(others))])


def _above(scores: np.ndarray, groups: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return what makes rates of true positives of labels of groups.

    Args:
        scores: The highest first.
        groups: Of each.
    """
    starts = np.searchsorted(-scores, -scores, side="left")  # where a run of equal scores begins

    def of(labels: np.ndarray) -> np.ndarray:
        member = labels[:, groups]
        others = np.cumsum(~member, axis=1)
        allowed = (FALSE_POSITIVES * others[:, -1]).astype(int)
        first = (others > allowed[:, None]).argmax(axis=1)  # the one that sets the threshold
        before = starts[first]
        wrong = np.where(before > 0, others[np.arange(len(others)), before - 1], 0)
        return (before - wrong) / np.maximum(member.sum(axis=1), 1)

    return of


def _drawn_areas(
    scores: np.ndarray, members: np.ndarray, groups: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Return areas where groups are drawn with replacement, those trained on and the others apart."""
    weights = np.zeros((resampling.DRAWS, len(scores)))
    for kind in (True, False):
        own = np.flatnonzero(members == kind)
        names, inverse = np.unique(groups[own], return_inverse=True)
        weights[:, own] = resampling.drawn_weights(len(names), random)[:, inverse.ravel()]
    values, inverse = np.unique(scores, return_inverse=True)
    order = np.argsort(inverse.ravel(), kind="stable")
    starts = np.searchsorted(inverse.ravel()[order], np.arange(len(values)))
    sorted_ = weights[:, order]
    of_members = np.add.reduceat(sorted_ * members[order], starts, axis=1)
    of_others = np.add.reduceat(sorted_ * ~members[order], starts, axis=1)
    below = np.cumsum(of_others, axis=1) - 0.5 * of_others
    total = of_members.sum(axis=1) * of_others.sum(axis=1)
    return np.where(total > 0.0, (of_members * below).sum(axis=1) / np.maximum(total, 1e-300), np.nan)

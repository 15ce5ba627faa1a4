"""Training records, held-out records and generated ones, in one space, with the groups they are of."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from keras_rgan.metrics import samples
from keras_rgan.metrics.neighbours import Space
from keras_rgan.metrics.overlaps import Overlaps
from keras_rgan.utils import checks

MOST_REAL = 20_000
"""So many real records are looked at, at the most: whole groups, drawn at random."""


@dataclasses.dataclass(frozen=True)
class Records:
    """What measures of privacy compare.

    Attributes:
        real: Points of training records, then of held-out ones.
        generated: Points of generated ones.
        groups: Of each real one the number of its group; those that were trained on come first.
        is_train: Of each group whether it was trained on.
        rows: Of each real one which row of its set it is.
        generated_rows: Of each generated one which row of its set it is.
        whole_real: The real ones in all their numbers, flat, in deviations.
        whole_generated: The generated ones so.
        reference: Points of further real ones, or None.
        space: Where they are points.
        form: How sets became arrays.
    """

    real: np.ndarray
    generated: np.ndarray
    groups: np.ndarray
    is_train: np.ndarray
    rows: np.ndarray
    generated_rows: np.ndarray
    whole_real: np.ndarray
    whole_generated: np.ndarray
    reference: np.ndarray | None
    space: Space
    form: samples.Form

    @property
    def of_train(self) -> np.ndarray:
        """Whether each real record was trained on."""
        return self.is_train[self.groups]

    def some(self, most: int, random: np.random.Generator) -> np.ndarray:
        """Return some real records by number: up to so many trained on, and as many held out."""
        parts = [np.flatnonzero(self.of_train == kind) for kind in (True, False)]
        parts = [part[random.permutation(len(part))[:most]] for part in parts]
        return np.sort(np.concatenate(parts))


def records_of(
    generated: Any,
    train: Any,
    holdout: Any,
    groups: Any = None,
    holdout_groups: Any = None,
    *,
    reference: Any = None,
    max_samples: int = 2_000,
    dimensions: int | None = None,
    seed: int = 0,
) -> Records:
    """Return sets in one form.

    Args:
        generated: Generated sequences, whatever measures take.
        train: Those that were trained on.
        holdout: Those that were not.
        groups: Of each training sequence whose, or of which block, it is; None looks for sequences
            that overlap, and takes all others for each its own.
        holdout_groups: The same of those held out.
        reference: Further real ones, or None.
        max_samples: The most generated ones, drawn at random.
        dimensions: Of how many dimensions the space is, at the most.
        seed: Seed of the draws.

    Raises:
        ValueError: If the sets differ in shape, a group is both trained on and held out, or there are
            not as many groups given as records.
    """
    checks.positive_int("max_samples", max_samples)
    random = np.random.default_rng([checks.non_negative_int("seed", seed), 7])
    sets = {"train": train, "generated": generated, "holdout": holdout}
    sets |= {} if reference is None else {"reference": reference}
    read = samples.read(sets, 2)
    form = samples.Form.of(dict(zip(sets, read, strict=True)))
    train, generated, holdout, *others = (form.array(each) for each in read)
    further = others[0] if others else None
    numbers, count = _numbers(train, holdout, groups, holdout_groups)
    is_train = np.arange(int(numbers.max()) + 1) < count
    parts = [numbers[: len(train)], numbers[len(train) :]]
    rows = [_some_groups(part, MOST_REAL // 2, random) for part in parts]
    if min(map(len, rows)) < MOST_REAL // 2:  # one set leaves room for the other
        rows = [
            _some_groups(part, MOST_REAL - min(len(other), MOST_REAL // 2), random)
            for part, other in zip(parts, reversed(parts), strict=True)
        ]
    train, holdout = train[rows[0]], holdout[rows[1]]
    numbers = np.concatenate([part[kept] for part, kept in zip(parts, rows, strict=True)])
    known, numbers = np.unique(numbers, return_inverse=True)
    kept = np.sort(random.permutation(len(generated))[:max_samples])
    options = {} if dimensions is None else {"dimensions": dimensions}
    space = Space.of(train, holdout, random=random, **options)
    whole = [space.whole(x) for x in (train, holdout, generated[kept])]
    points = [space.points(x) for x in (train, holdout, generated[kept])]
    return Records(
        np.concatenate(points[:2]),
        points[2],
        numbers.ravel(),
        is_train[known],
        np.concatenate(rows),
        kept,
        np.concatenate(whole[:2]),
        whole[2],
        None if further is None else space.points(further),
        space,
        form,
    )


def _some_groups(groups: np.ndarray, most: int, random: np.random.Generator) -> np.ndarray:
    """Return the rows of whole groups, drawn at random, up to so many."""
    if len(groups) <= most:
        return np.arange(len(groups))
    names, counts = np.unique(groups, return_counts=True)
    order = random.permutation(len(names))
    chosen = names[order[: max(int((np.cumsum(counts[order]) <= most).sum()), 1)]]
    return np.flatnonzero(np.isin(groups, chosen))


def _numbers(train: Any, holdout: Any, groups: Any, holdout_groups: Any) -> tuple[np.ndarray, int]:
    """Return the group of each record, those trained on first, and how many of these there are."""
    if (groups is None) != (holdout_groups is None):
        raise ValueError(
            "Expected both `groups` and `holdout_groups`, or neither. Received: "
            f"`{'holdout_groups' if groups is None else 'groups'}` alone"
        )
    if groups is None:
        numbers = Overlaps.of(np.concatenate([train, holdout])).groups
        both = set(numbers[: len(train)]) & set(numbers[len(train) :])
        if both:
            raise ValueError(
                "Expected held-out sequences that overlap none of those trained on. Received: "
                f"{int(np.isin(numbers[len(train) :], list(both)).sum()):,} of {len(holdout):,} that "
                "share steps with some, or with others that do. Cut the series into blocks first, "
                "leave a window between blocks, and hold out whole blocks; or pass groups= and "
                "holdout_groups=."
            )
        of_train, of_holdout = numbers[: len(train)], numbers[len(train) :]
        size = int(np.median(np.unique(of_holdout, return_counts=True)[1]))
        of_train = _in_pieces(of_train, size)
    else:
        of_train, of_holdout = (
            _checked(name, given, len(rows))
            for name, given, rows in (
                ("groups", groups, train),
                ("holdout_groups", holdout_groups, holdout),
            )
        )
        shared = np.intersect1d(of_train, of_holdout)
        if len(shared):
            raise ValueError(
                "Expected each group either trained on or held out. Received: "
                f"{len(shared)} that are both, such as {shared[0]}. Hold out whole groups."
            )
    first = np.unique(of_train, return_inverse=True)[1].ravel()
    second = np.unique(of_holdout, return_inverse=True)[1].ravel()
    count = int(first.max()) + 1
    return np.concatenate([first, second + count]), count


def _checked(name: str, given: Any, count: int) -> np.ndarray:
    """Return groups as an array, a name for each record."""
    groups = np.asarray(given)
    if groups.shape != (count,):
        raise ValueError(
            f"Expected `{name}` with a name or number for each of {count} sequences, whose or of which "
            f"block it is. Received: shape {groups.shape}"
        )
    return groups


def _in_pieces(groups: np.ndarray, size: int) -> np.ndarray:
    """Return groups of which none is much larger than so many, in the order of their records."""
    pieces = np.zeros_like(groups)
    for name, count in zip(*np.unique(groups, return_counts=True), strict=True):
        if count > 1.5 * size:
            number = max(round(count / size), 1)
            pieces[groups == name] = np.arange(count) * number // count
    return np.unique(np.stack([groups, pieces]), axis=1, return_inverse=True)[1].ravel()

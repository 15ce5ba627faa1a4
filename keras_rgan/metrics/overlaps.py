"""Which sequences share steps, as windows of one series do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

RICH = 0.5
"""With fewer distinct steps than so many a sequence, what is equal may be so by chance."""

FOLLOWS = 0.5
"""Unless such a share of sequences, of those that move, goes on from the one before."""


class Overlaps(NamedTuple):
    """Which sequences share half of their steps or more, shifted.

    Attributes:
        groups: A number for each sequence, the same for those that are connected so.
        new: How many steps of each are in none of its group before it.
        steps: How many steps a sequence has.
    """

    groups: np.ndarray
    new: np.ndarray
    steps: int

    @classmethod
    def of(cls, sequences: np.ndarray) -> Overlaps:
        """Find them: in any order, and of few distinct steps where each goes on from the one before.

        Args:
            sequences: `(samples, time, features)`. Where steps are alike by chance, as those of few
                categories are, each is a group of its own.
        """
        count, steps = sequences.shape[:2]
        alone = cls(np.arange(count), np.full(count, steps), steps)
        if steps < 4 or count < 2:
            return alone
        rows = np.ascontiguousarray(sequences.reshape(count * steps, -1)) + 0.0  # of -0, 0
        kinds, names = np.unique(
            rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))), return_inverse=True
        )
        names, length = names.reshape(count, steps), (steps + 1) // 2
        if len(kinds) < RICH * count:
            shift, follows = _in_order(names, length)
            later = np.flatnonzero(follows) + 1
            alone.new[later] = shift
            return alone._replace(groups=_joined(count, later - 1, later))
        owners, first, pairs = _alike(names, length)
        groups = _joined(count, *pairs)
        new = np.bincount(owners[first], minlength=count)
        still = np.bincount(owners, minlength=count) == 0
        leading = np.zeros(count, bool)
        leading[np.unique(groups, return_index=True)[1]] = True
        return cls(groups, np.where(still, steps, new + (length - 1) * leading), steps)

    @property
    def apart(self) -> int:
        """As many sequences' steps there are as those of so many that share none."""
        members = np.unique(self.groups, return_inverse=True)[1].ravel()
        return int(np.maximum(np.bincount(members, self.new) // self.steps, 1).sum())


def _in_order(names: np.ndarray, length: int) -> tuple[int, np.ndarray]:
    """Return by how many steps sequences go on from the one before, and which but the first do."""
    count, steps = names.shape
    for shift in range(1, steps - length + 1):
        before, after = names[:-1, shift:], names[1:, : steps - shift]
        moves = (after != after[:, :1]).any(axis=1)
        follows = (before == after).all(axis=1)
        if moves.any() and follows[moves].mean() >= FOLLOWS:
            return shift, follows
    return 0, np.zeros(count - 1, bool)


def _alike(
    names: np.ndarray, length: int
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Return of all runs of so many steps that move which sequence each is of, and which are equal.

    Args:
        names: A number for each step, `(samples, time)`.
        length: How many steps a run has.

    Returns:
        The sequence of each run; the first runs of each kind; pairs of sequences that share one.
    """
    count, steps = names.shape
    random = np.random.default_rng(0)
    size = int(names.max()) + 1
    codes = random.integers(1, 2**63, size=size, dtype="uint64") * np.uint64(2) + np.uint64(1)
    powers = random.integers(1, 2**63, size=length, dtype="uint64") * np.uint64(2) + np.uint64(1)
    code, starts = codes[names], steps - length + 1
    runs = np.zeros((count, starts), "uint64")
    moving = np.zeros((count, starts), bool)
    for i in range(length):
        runs += code[:, i : i + starts] * powers[i]
        moving |= names[:, i : i + starts] != names[:, :starts]
    owners = np.repeat(np.arange(count), starts)[moving.ravel()]
    keys = runs.ravel()[moving.ravel()]
    order = np.argsort(keys, kind="stable")
    same = keys[order][1:] == keys[order][:-1]
    first = order[np.concatenate([[True], ~same])] if len(order) else order
    return owners, first, (owners[order][:-1][same], owners[order][1:][same])


def _joined(count: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return for each of so many nodes the least that it is connected with, given edges."""
    least = np.arange(count)
    while True:
        before = least.copy()
        low = np.minimum(least[left], least[right])
        np.minimum.at(least, least[left], low)
        np.minimum.at(least, least[right], low)
        least = np.minimum(least, least[least])
        while not np.array_equal(least, least[least]):
            least = least[least]
        if np.array_equal(least, before):
            return least

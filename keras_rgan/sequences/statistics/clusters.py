"""Groups of windows that are alike."""

from __future__ import annotations

import numpy as np

ROUNDS = 15
"""How often means and members are found anew."""

MAX_ROWS = 5_000
"""From so many rows means are found, at the most."""


def cluster_means(
    rows: np.ndarray, count: int, random: np.random.Generator, least: int = 1
) -> np.ndarray:
    """Return the means of groups of rows, by the algorithm of Lloyd from starts that lie far apart.

    Args:
        rows: `(samples, numbers)`.
        count: How many groups; fewer where so many rows do not differ, or are too few for a group.
        least: How many rows a group has at the least, of those that are looked at: smaller ones join
            others.
        random: Where the starts, and the rows that are looked at, come from.

    Reference:
        Lloyd, "Least Squares Quantization in PCM", 1982; Arthur and Vassilvitskii, "k-means++", 2007.
    """
    rows = rows[random.permutation(len(rows))[:MAX_ROWS]]
    means = rows[:1]
    nearest = np.square(rows - means[0]).sum(axis=1)
    tries = 2 + int(np.log(count))
    while len(means) < count and nearest.any():
        starts = rows[random.choice(len(rows), tries, p=nearest / nearest.sum())]
        within = [np.minimum(nearest, np.square(rows - start).sum(axis=1)) for start in starts]
        best = int(np.argmin([distances.sum() for distances in within]))
        means, nearest = np.concatenate([means, starts[best : best + 1]]), within[best]
    for _ in range(ROUNDS):
        member = members(rows, means)
        sums = np.zeros_like(means)
        np.add.at(sums, member, rows)
        sizes = np.bincount(member, minlength=len(means))[:, None]
        means = np.where(sizes > 0, sums / np.maximum(sizes, 1), means)
    while len(means) > 1:
        sizes = np.bincount(members(rows, means), minlength=len(means))
        if sizes.min() >= least:
            break
        means = np.delete(means, sizes.argmin(), axis=0)
    return means


def members(rows: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return of each row which mean is nearest."""
    nearest: np.ndarray = ((means**2).sum(axis=1) - 2.0 * rows @ means.T).argmin(axis=1)
    return nearest

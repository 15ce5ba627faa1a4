"""Sequences as points of a space of few dimensions, and which lie near which."""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_rgan.metrics import post_hoc

CHUNK = 4096
"""To how many points distances are measured at a time."""

QUERIES = 256
"""Of how many points groups are looked at at a time."""

MAX_DIMENSIONS = 64
"""Sequences of more numbers become so many of their principal components."""

MAX_LOOKED_AT = 2_000
"""Of so many sequences, at the most, components are learned."""


def nearest(points: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far the nearest of others is from each point, and which it is.

    Args:
        points: `(count, ...)`, taken as flat.
        others: `(others, ...)`; of none the distance is infinite.
    """
    points, others = (x.reshape(len(x), int(np.prod(x.shape[1:]))) for x in (points, others))
    distance, index = np.full(len(points), np.inf), np.full(len(points), -1)
    for start in range(0, len(others), CHUNK):
        between = post_hoc.distances(points, others[start : start + CHUNK])
        best = between.argmin(axis=1)
        least = between[np.arange(len(points)), best]
        nearer = least < distance
        distance[nearer], index[nearer] = least[nearer], best[nearer] + start
    return distance, index


def nearest_groups(
    points: np.ndarray, others: np.ndarray, groups: np.ndarray, most: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the groups that are nearest to each point, the nearest first, and how far these are.

    Args:
        points: `(count, dimensions)`.
        others: `(others, dimensions)`.
        groups: The group of each of the others, from 0 on.
        most: How many groups of each point.
        random: Settles which of two equally near groups comes first.

    Returns:
        Numbers of groups and distances, `(count, most)`.
    """
    count = int(groups.max()) + 1
    most = min(most, count)
    order = np.argsort(groups, kind="stable")
    others = others[order]
    starts = np.searchsorted(groups[order], np.arange(count))
    chosen, far = np.empty((len(points), most), int), np.empty((len(points), most))
    for first in range(0, len(points), QUERIES):
        rows = slice(first, first + QUERIES)
        between = post_hoc.distances(points[rows], others)
        if count < len(others):
            between = np.minimum.reduceat(between, starts, axis=1)
        shuffled = random.permutation(count)
        between = between[:, shuffled]
        some = np.argpartition(between, most - 1, axis=1)[:, :most]
        least = np.take_along_axis(between, some, axis=1)
        sorted_ = np.argsort(least, axis=1)
        chosen[rows] = shuffled[np.take_along_axis(some, sorted_, axis=1)]
        far[rows] = np.take_along_axis(least, sorted_, axis=1)
    return chosen, far


def nearest_of_another_group(
    points: np.ndarray, own: np.ndarray, others: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """Return how far the nearest of others is that is of another group than each point."""
    distance = np.empty(len(points))
    for first in range(0, len(points), QUERIES):
        rows = slice(first, first + QUERIES)
        between = post_hoc.distances(points[rows], others)
        between[own[rows, None] == groups] = np.inf
        distance[rows] = between.min(axis=1)
    return distance


@dataclasses.dataclass(frozen=True)
class Space:
    """Sequences as points: each feature in units of its deviation, in principal components if many.

    Attributes:
        scale: The range of each feature.
        deviation: What is divided by then, `(features,)`.
        components: `(numbers, dimensions)`, or None where sequences are taken as they are.
    """

    scale: post_hoc.Range
    deviation: np.ndarray
    components: np.ndarray | None

    @classmethod
    def of(
        cls, *sets: np.ndarray, random: np.random.Generator, dimensions: int = MAX_DIMENSIONS
    ) -> Space:
        """Learn a space of real sets, `(samples, time, features)`."""
        scale = post_hoc.Range.of(*sets)
        some = [x[random.permutation(len(x))[: MAX_LOOKED_AT // len(sets)]] for x in sets]
        scaled = np.concatenate([scale.scaled(x) for x in some]).astype("float64")
        deviation = scaled.std(axis=(0, 1))
        deviation = np.where(deviation > 0.0, deviation, 1.0)
        flat = (scaled / deviation).reshape(len(scaled), -1)
        if flat.shape[1] <= dimensions:
            return cls(scale, deviation, None)
        flat -= flat.mean(axis=0)
        if flat.shape[1] <= len(flat):
            components = np.linalg.eigh(flat.T @ flat)[1][:, -dimensions:]
        else:  # of long sequences, by how they lie to one another
            values, vectors = np.linalg.eigh(flat @ flat.T)
            kept = values[-dimensions:] > 1e-9 * values[-1]
            components = (
                flat.T @ vectors[:, -dimensions:][:, kept] / np.sqrt(values[-dimensions:][kept])
            )
        return cls(scale, deviation, components)

    def whole(self, sequences: np.ndarray) -> np.ndarray:
        """Return sequences as flat rows in units of the features' deviations."""
        scaled = self.scale.scaled(sequences) / self.deviation.astype("float32")
        return scaled.reshape(len(scaled), -1)

    def points(self, sequences: np.ndarray) -> np.ndarray:
        """Return sequences as points, `(samples, dimensions)`."""
        whole = self.whole(sequences).astype("float64")
        return whole if self.components is None else whole @ self.components

"""How often, and how far, sequences match patterns that are drawn at random."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from keras_rgan.sequences.statistics import chunks

GROUPS = 10
"""Patterns of one group have one length and one dilation."""

IN_A_GROUP = 32

LENGTHS = (3, 5, 7, 9)


class Group(NamedTuple):
    """Patterns that are looked for in one go.

    Attributes:
        steps: How many steps a pattern has.
        dilation: How many steps lie between its steps.
        weights: `(steps * features, patterns)`.
        bias: Above which a match counts, `(patterns,)`.
    """

    steps: int
    dilation: int
    weights: np.ndarray
    bias: np.ndarray

    def matches(self, sequences: np.ndarray) -> np.ndarray:
        """Return how well each pattern matches at each place, `(samples, places, patterns)`."""
        places = sequences.shape[1] - (self.steps - 1) * self.dilation
        starts = np.arange(self.steps) * self.dilation
        laid = np.concatenate([sequences[:, s : s + places] for s in starts], axis=-1)
        return laid @ self.weights


class RandomConvolutions(NamedTuple):
    """Random patterns, and in what units they see sequences.

    Each has 3 to 9 steps, a dilation of its own, and looks at some of the features. Of each the share
    of places where it matches by more than a bias is taken, and how well it matches at the best.

    Reference:
        Dempster, Petitjean and Webb, "ROCKET: exceptionally fast and accurate time series
        classification using random convolutional kernels", 2020.
    """

    groups: list[Group]
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, real: np.ndarray, random: np.random.Generator) -> RandomConvolutions:
        """Draw patterns for sequences like these, `(samples, time, features)`."""
        mean, deviation = real.mean(axis=(0, 1)), real.std(axis=(0, 1))
        result = cls([], mean, np.where(deviation > 0.0, deviation, 1.0))
        some = result._standardized(real[random.permutation(len(real))[:200]])
        for _ in range(GROUPS):
            result.groups.append(_group(some, random))
        return result

    def __call__(self, sequences: np.ndarray) -> np.ndarray:
        """Return what matches, `(samples, numbers)`."""
        result = []
        for part in chunks.parts_of(sequences):
            z, seen = self._standardized(part), []
            for group in self.groups:
                matches = group.matches(z)
                seen += [(matches > group.bias).mean(axis=1, dtype="float32"), matches.max(axis=1)]
            result.append(np.concatenate(seen, axis=1))
        return np.concatenate(result)

    def _standardized(self, sequences: np.ndarray) -> np.ndarray:
        z = (sequences - self.mean) / self.deviation
        return np.clip(z, -30.0, 30.0).astype("float32")


def _group(some: np.ndarray, random: np.random.Generator) -> Group:
    """Draw patterns of a length and a dilation, and biases among what they come to."""
    _, length, features = some.shape
    steps = int(random.choice([n for n in LENGTHS if n <= length] or [length]))
    most = (length - 1) // max(steps - 1, 1)
    dilation = int(2 ** random.uniform(0.0, np.log2(max(most, 1)))) if most > 1 else 1
    weights = random.normal(size=(steps, features, IN_A_GROUP))
    weights -= weights.mean(axis=0) * random.integers(2, size=(1, IN_A_GROUP))
    seen = 2.0 ** random.uniform(0.0, np.log2(min(features, 8) + 1.0), IN_A_GROUP)
    order = random.random((features, IN_A_GROUP)).argsort(axis=0).argsort(axis=0)
    weights *= order < np.maximum(seen.astype(int), 1)
    weights = weights.reshape(-1, IN_A_GROUP).astype("float32")
    group = Group(steps, dilation, weights, np.zeros(IN_A_GROUP, "float32"))
    matches = group.matches(some).reshape(-1, IN_A_GROUP)
    drawn = random.uniform(0.02, 0.98, IN_A_GROUP)
    bias = np.array([np.quantile(matches[:, i], q) for i, q in enumerate(drawn)])
    return group._replace(bias=bias.astype("float32"))

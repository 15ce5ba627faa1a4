"""What measures share that train a network on finished samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np


class RandomBatches(keras.utils.PyDataset):
    """So many batches, drawn anew each time by a function of a random generator."""

    def __init__(self, num_batches: int, draw: Callable[[np.random.Generator], Any], seed: int) -> None:
        super().__init__()
        self._num_batches, self.draw, self.seed = num_batches, draw, seed

    @property
    def num_batches(self) -> int:
        """How many batches there are."""
        return self._num_batches

    def __getitem__(self, index: int) -> Any:
        return self.draw(np.random.default_rng([self.seed, index]))


def train(
    model: keras.Model, steps: int, draw: Callable[[np.random.Generator], Any], seed: int
) -> None:
    """Train a compiled model on batches of `draw`, always in the same order."""
    model.fit(RandomBatches(steps, draw, seed), shuffle=False, verbose=0)


def pair(real: Any, generated: Any, min_samples: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return two sets of sequences as float32 arrays, after a check of their shapes.

    Raises:
        ValueError: If they are not `(samples, time, features)`, differ in shape, are too few or hold
            NaN or infinite values.
    """
    sets = []
    for name, samples in (("real", real), ("generated", generated)):
        array = np.asarray(samples, "float32")
        if array.ndim != 3 or len(array) < min_samples:
            raise ValueError(
                f"Expected `{name}` of shape (samples, time, features) with at least {min_samples} "
                f"samples. Received: shape {array.shape}"
            )
        if not np.isfinite(array).all():
            raise ValueError(
                f"Expected finite values. Received: `{name}` with NaN or infinite values. Drop or fill "
                "them first."
            )
        sets.append(array)
    if sets[0].shape[1:] != sets[1].shape[1:]:
        raise ValueError(
            "Expected real and generated samples of one length and number of features. Received: "
            f"{sets[0].shape} and {sets[1].shape}"
        )
    return sets[0], sets[1]


def min_max_scaled(real: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
    """Return sets in units in which each feature of the real one fills 0 … 1."""
    low, high = real.min(axis=(0, 1)), real.max(axis=(0, 1))
    width = np.where(high > low, high - low, 1.0)
    return [((x - low) / width).astype("float32") for x in (real, *others)]


def split(
    num_samples: int, share: float, rng: np.random.Generator, groups: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of a random share of samples, and of the rest; `groups` stay together."""
    if groups is not None:
        names, members = np.unique(groups, return_inverse=True)
        chosen = np.isin(members, split(len(names), share, rng)[0])
        return np.flatnonzero(chosen), np.flatnonzero(~chosen)
    order = rng.permutation(num_samples)
    cut = min(max(int(share * num_samples), 1), num_samples - 1)
    return order[:cut], order[cut:]


def distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances of two sets of points, `(len(x), len(y))`."""
    centre = x.mean(axis=0, dtype="float64")
    x, y = (v.astype("float64") - centre for v in (x, y))
    squares = np.square(x).sum(axis=1)[:, None] + np.square(y).sum(axis=1)[None, :] - 2 * x @ y.T
    return np.sqrt(np.maximum(squares, 0.0))

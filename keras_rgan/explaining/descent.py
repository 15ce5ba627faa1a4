"""The descent to latents whose samples are near to given sequences."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.explaining import models
from keras_rgan.explaining.given import Given
from keras_rgan.explaining.latent_space import LatentSpace
from keras_rgan.explaining.slopes import LatentSamples, LatentSlopes


class Descent(NamedTuple):
    """How to go down.

    Attributes:
        num_updates: How many updates by Adam.
        learning_rate: Of the first; it falls to 0 along a cosine.
        prior_weight: Weight of the mean square of a vector.
    """

    num_updates: int
    learning_rate: float
    prior_weight: float


class Search:
    """Looks for latents whose samples are near to given sequences.

    Args:
        gan: The model.
        space: What vectors mean.
        given: The sequences.
        pool: Vectors of draws.
        size: How many vectors are looked at at a time.
    """

    def __init__(self, gan: Any, space: LatentSpace, given: Given, pool: np.ndarray, size: int) -> None:
        self.given, self.pool, self.size = given, pool, min(size, len(pool))
        self.made, self.slopes = LatentSamples(gan, space), LatentSlopes(gan, space)
        # Relative squared errors, whose mean over what is observed is a sequence's distance.
        known = given.known
        self.targets = np.where(known, given.sequences, 0.0).astype("float32")
        counts = known.reshape(len(known), -1).sum(axis=1)
        weights = known / np.square(self._deviations())
        self.weights = (weights.T / counts).T.astype("float32")

    def _deviations(self) -> np.ndarray:
        """Return of each feature the deviation of what is made and of what is given together."""
        rows = np.arange(min(self.size, len(self.pool)))
        columns = self.given.columns
        beside = None if columns is None else columns[rows % len(columns)]
        samples = self.made.of({"vectors": self.pool[rows], "columns": beside}, self.size)["samples"]
        width = samples.shape[-1]
        known = np.where(self.given.known, self.targets, np.nan)
        both = np.concatenate([x.reshape(-1, width) for x in (samples, known)]).astype("float64")
        deviations = np.nanstd(both, axis=0)
        return np.where(deviations > 0.0, deviations, 1.0)

    def distances_to_pool(self) -> np.ndarray:
        """Return the distance of each sequence to each sample of the pool, `(sequences, pool)`."""
        count, columns = len(self.targets), self.given.columns
        distances = np.empty((count, len(self.pool)))
        axes = tuple(range(1, self.targets.ndim))
        for rows in models.parts(self.size, self.pool):
            vectors = self.pool[rows]
            samples = None
            for i in range(count):
                if samples is None or columns is not None:
                    beside = None if columns is None else np.repeat(columns[i : i + 1], len(vectors), 0)
                    inputs = {"vectors": vectors, "columns": beside}
                    samples = self.made.of(inputs, self.size)["samples"]
                off = self.weights[i] * np.square(samples - self.targets[i])
                distances[i, rows] = off.sum(axis=axes)
        return distances

    def descend(self, starts: np.ndarray, descent: Descent) -> tuple[np.ndarray, np.ndarray]:
        """Return for each sequence the best vector on the way from its starts, and its distance.

        Args:
            starts: Numbers of draws of the pool, `(sequences, starts)`.
            descent: How to go down.
        """
        owners = np.repeat(np.arange(len(starts)), starts.shape[1])
        vectors = self.pool[starts.ravel()].copy()
        left = np.empty(len(vectors))
        size = min(self.size, len(vectors))
        for rows in models.parts(size, vectors):
            columns = self.given.columns
            fixed = {
                "columns": None if columns is None else columns[owners[rows]],
                "targets": self.targets[owners[rows]],
                "weights": self.weights[owners[rows]],
            }
            vectors[rows], left[rows] = self._descent(vectors[rows], fixed, descent, size)
        best = left.reshape(starts.shape).argmin(axis=1)
        places = np.arange(len(starts)) * starts.shape[1] + best
        return vectors[places], left[places]

    def _descent(
        self,
        begin: np.ndarray,
        fixed: dict[str, Any],
        descent: Descent,
        size: int,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the best vector on each way, the start among them, and its distance."""
        num_updates, prior_weight = descent.num_updates, descent.prior_weight
        rates = keras.optimizers.schedules.CosineDecay(descent.learning_rate, num_updates)
        optimizer = keras.optimizers.Adam(rates)
        place = keras.Variable(begin, dtype="float32")
        optimizer.build([place])
        best, left = begin.copy(), np.full(len(begin), np.inf)
        lowest = left.copy()
        for update in range(num_updates + 1):
            now = models.to_numpy(place.value)
            told = self.slopes.of({"vectors": now, **fixed}, size)
            total = told["distances"] + prior_weight * np.square(now).mean(axis=1)
            better = total < lowest
            lowest[better], left[better] = total[better], told["distances"][better]
            best[better] = now[better]
            if update < num_updates:
                slopes = told["slopes"] + 2.0 * prior_weight / now.shape[1] * now
                with backend.no_gradient():
                    optimizer.apply([ops.convert_to_tensor(slopes.astype("float32"))], [place])
        return best, left

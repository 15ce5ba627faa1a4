"""Batches in which every sequence is or is not, apart from all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_rgan.sequences import reading


class PoissonBatches(keras.utils.PyDataset):
    """Samples of an array for private updates, in batches of one size, with zeros in empty places.

    Each sequence is in a sample with the same probability, whatever else is in it. Of a sample that is
    too large for its places so many are chosen at random as there is room for. Batch n of a seed is
    always the same.

    Args:
        data: Sequences, `(samples, time, features)`; with conditions a dict of `sequences` and
            `conditions`, the encoded ones by name.
        probability: With which a sequence is in a sample.
        capacity: The places of a sample.
        num_parts: How many samples make a batch, one behind the other.
        entropy: What draws follow from.
        num_batches: Batches in an epoch.
        public: Rows of conditions that are not of the data, by name; of these as many are drawn as a
            sample has places.
    """

    def __init__(
        self,
        data: Any,
        probability: float,
        capacity: int,
        num_parts: int,
        entropy: int,
        num_batches: int,
        public: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        super().__init__()
        known = data if isinstance(data, Mapping) else {"sequences": data}
        self.data = reading.to_numpy(known["sequences"])
        self.conditions = {n: reading.to_numpy(v) for n, v in known.get("conditions", {}).items()}
        self.public = dict(public or {})
        self.probability, self.capacity, self.num_parts = probability, capacity, num_parts
        self.entropy, self.count = entropy, num_batches
        self.first = 0
        """How many samples there were before the epoch."""

    @property
    def num_batches(self) -> int:
        """Batches in an epoch."""
        return self.count

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return a batch of the epoch: `sequences`, and which of these are `taken`.

        With conditions these too, zeros in empty places, and as many `public` ones as a sample has
        places.
        """
        draws = np.random.default_rng([self.entropy, self.first + index * self.num_parts])
        size = self.num_parts * self.capacity
        sequences = np.zeros((size, *self.data.shape[1:]), "float32")
        taken = np.zeros(size, "float32")
        conditions = {
            name: np.zeros((size, *values.shape[1:]), values.dtype)
            for name, values in self.conditions.items()
        }
        for part in range(self.num_parts):
            rows = np.flatnonzero(draws.random(len(self.data)) < self.probability)
            if len(rows) > self.capacity:
                rows = draws.choice(rows, self.capacity, replace=False)
            start = part * self.capacity
            sequences[start : start + len(rows)] = self.data[rows]
            taken[start : start + len(rows)] = 1.0
            for name, values in self.conditions.items():
                conditions[name][start : start + len(rows)] = values[rows]
        batch = {"sequences": sequences, "taken": taken}
        if not self.public:
            return batch
        chosen = draws.integers(len(next(iter(self.public.values()))), size=self.capacity)
        public = {name: values[chosen] for name, values in self.public.items()}
        return {**batch, "conditions": conditions, "public": public}

"""What a `ConditionEncoder` learns of conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_rgan.sequences import conditions as condition_arrays
from keras_rgan.sequences.statistics.one_condition import OneCondition

MAX_ROWS = 65_536
"""How many rows of conditions are kept to sample from, fewer of long ones."""

MAX_NUMBERS = 1_000_000
"""How many numbers are kept in all."""


class ConditionStatistics:
    """Names, kinds and values of conditions that come in batches, and a uniform sample of their rows.

    Attributes:
        rows: The rows that are kept, by the conditions' names, as they came.
    """

    def __init__(self) -> None:
        self.rows: dict[str, np.ndarray] = {}
        self._columns: dict[str, OneCondition] = {}
        self._declared: dict[str, list[Any]] = {}
        self._keys = np.empty(0)
        self._random = np.random.default_rng(0)

    @property
    def is_empty(self) -> bool:
        """Whether there was no sample yet."""
        return not self._columns

    def declare(self, categories: Mapping[str, list[Any]]) -> None:
        """Know categories of conditions, by name, whether they occur or not."""
        self._declared = {str(name): list(found) for name, found in categories.items()}

    def update(self, conditions: Mapping[str, Any]) -> None:
        """Take in a batch.

        Args:
            conditions: Dict of arrays, as many rows each.

        Raises:
            ValueError: If an array has a rank other than 1 to 3, holds NaN or infinite values, is of
                categories and wider than 1, of more than 1,000 categories or other than in the batches
                before.
        """
        arrays = condition_arrays.as_arrays(conditions)
        if self._columns and set(arrays) != set(self._columns):
            raise ValueError(
                f"Expected the same conditions in every batch: {sorted(self._columns)}. Received: "
                f"{sorted(arrays)}"
            )
        for name, values in arrays.items():
            column = OneCondition(name, values)
            earlier = self._columns.setdefault(name, column)
            if earlier.form != column.form:
                raise ValueError(
                    f"Expected the condition {name!r} to be {earlier.described} in every batch. "
                    f"Received: {column.described}"
                )
            if name in self._declared and earlier is column:
                column.declare(self._declared[name])
            earlier.update(values)
        self._keep(arrays)

    def _keep(self, arrays: dict[str, np.ndarray]) -> None:
        """Keep of all rows those with the largest keys: a uniform sample, in one pass."""
        num_kept = len(self._keys)
        keys = np.concatenate([self._keys, self._random.random(len(next(iter(arrays.values()))))])
        size = sum(
            int(np.prod(values.shape[1:])) // (16 if name == "observed" else 1)  # which are flags
            for name, values in arrays.items()
        )
        limit = min(MAX_ROWS, max(MAX_NUMBERS // max(size, 1), 1))
        chosen = np.sort(np.argsort(-keys, kind="stable")[:limit])
        self._keys = keys[chosen]
        old, fresh = chosen[chosen < num_kept], chosen[chosen >= num_kept] - num_kept
        rows = {name: values[fresh] for name, values in arrays.items()}
        if self.rows:
            rows = {name: np.concatenate([self.rows[name][old], new]) for name, new in rows.items()}
        self.rows = rows

    def summaries(self) -> list[dict[str, Any]]:
        """Return what a `ConditionEncoder` keeps of each condition: lengths first, then temporal ones.

        Raises:
            ValueError: If there was no sample.
        """
        if self.is_empty:
            raise ValueError("Expected conditions of one sample at least. Received: none")
        return sorted(
            (column.summary() for column in self._columns.values()),
            key=lambda c: (c["kind"] != "length", not c["temporal"], c["name"]),
        )

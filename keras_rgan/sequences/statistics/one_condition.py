"""What is learned of a single condition."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.sequences import conditions
from keras_rgan.sequences.statistics import chunks
from keras_rgan.sequences.statistics.moments import Moments
from keras_rgan.sequences.units import Units

MAX_CATEGORIES = 1000
"""More categories than these are taken for a mistake."""


class OneCondition:
    """Kind, categories, mean and deviation of one condition, of values that come in parts.

    Args:
        name: The condition's name.
        values: The first of its values.

    Attributes:
        form: Its kind, width and rank, and whether it is text, which stay.

    Raises:
        ValueError: If the values have a rank other than 1 to 3, are no numbers or text, or of
            categories and wider than 1.
    """

    def __init__(self, name: str, values: np.ndarray) -> None:
        if values.ndim not in (1, 2, 3):
            raise ValueError(
                f"Expected the condition {name!r} of shape (samples,), (samples, width) or (samples, "
                f"time, width). Received: {values.shape}"
            )
        text = values.dtype.kind in conditions.TEXT
        if not text and values.dtype.kind not in conditions.KINDS:
            raise ValueError(
                f"Expected whole or real numbers, booleans or text in the condition {name!r}. "
                f"Received: an array of dtype {values.dtype}"
            )
        self.name = name
        self.kind = "categorical" if text else conditions.KINDS[values.dtype.kind]
        if name == "length":
            conditions.check_lengths(values)
            self.kind = "length"
        if name == "observed":
            conditions.check_observed(values)
            self.kind = "observed"
        self.width = 1 if values.ndim == 1 else values.shape[-1]
        self.rank = values.ndim
        if self.kind == "categorical" and self.width != 1:
            raise ValueError(
                f"Expected one category a sample or step in the condition {name!r}. Received: shape "
                f"{values.shape} of dtype {values.dtype}. Give each column a name of its own, or pass "
                "real numbers."
            )
        self.form = self.kind, self.width, self.rank, text
        self._categories: set[Any] = set()
        self._longest = 0
        self._moments = Moments()
        self._low, self._high = np.full(self.width, np.inf), np.full(self.width, -np.inf)

    @property
    def described(self) -> str:
        """Its form in words."""
        kind, width, rank, text = self.form
        return f"{kind} ({'text' if text else 'numbers'}) of width {width} and rank {rank}"

    def declare(self, categories: list[Any]) -> None:
        """Know categories, whether they occur or not."""
        self._categories.update(categories)

    def update(self, values: np.ndarray) -> None:
        """Take in a batch.

        Raises:
            ValueError: If real numbers are not finite, or categories too many or too large.
        """
        if self.kind == "length":
            self._longest = max(self._longest, int(values.max()))
        elif self.kind == "categorical":
            self._update_categories(values)
        elif self.kind == "continuous":
            conditions.check_finite(self.name, values)
            for rows in chunks.rows_of(values.reshape(len(values), -1, self.width)):
                self._moments.update(rows)
                self._low = np.minimum(self._low, rows.min(axis=0))
                self._high = np.maximum(self._high, rows.max(axis=0))

    def _update_categories(self, values: np.ndarray) -> None:
        self._categories.update(np.unique(conditions.as_categories(values)).tolist())
        if len(self._categories) > MAX_CATEGORIES:
            raise ValueError(
                f"Expected at most {MAX_CATEGORIES:,} categories in the condition {self.name!r}. "
                f"Received: {len(self._categories):,} at least. Pass numbers that are no categories "
                "as real ones, values.astype('float32')."
            )
        largest = max((c for c in self._categories if not isinstance(c, str)), key=abs, default=0)
        if abs(largest) >= 2**31:
            raise ValueError(
                f"Expected categories within 32 bits in the condition {self.name!r}. Received: "
                f"{largest}. Number them from 0, pass them as text, or as real numbers where they are "
                "none; of a table, schema={name: 'integer'}."
            )

    def summary(self) -> dict[str, Any]:
        """Return what `ConditionEncoder` keeps of the condition."""
        summary = {
            "name": self.name,
            "kind": self.kind,
            "width": self.width,
            "temporal": self.rank == 3 or self.kind == "length",
        }
        if self.kind == "length":
            return {**summary, "max": self._longest}
        if self.kind == "observed":
            return summary
        if self.kind == "categorical":
            return {**summary, "categories": sorted(self._categories)}
        units = Units.of(self._low, self._high, constants=False)
        deviation = np.where(self._moments.constant, units.unit, self._moments.deviation)
        if not units.are_plain:
            summary |= {"centre": units.centre.tolist(), "unit": units.unit.tolist()}
        return {
            **summary,
            "mean": self._moments.mean.tolist(),
            "deviation": deviation.tolist(),
            "low": self._low.tolist(),
            "high": self._high.tolist(),
        }

"""What is declared of a table's columns, where their types do not tell."""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

KINDS = (
    "'categorical', 'continuous', 'integer', a list of categories, bounds (low, high) or ('integer', "
    "low, high), None where there is none"
)


@dataclasses.dataclass(frozen=True)
class ColumnSchema:
    """What a column holds: categories, or numbers within bounds.

    Attributes:
        categorical: Whether the values are categories.
        categories: All that there can be; None for those that are found.
        whole: Whether numbers are whole ones.
        low: The least number there can be.
        high: The largest.
    """

    categorical: bool = False
    categories: list[Any] | None = None
    whole: bool = False
    low: float = -np.inf
    high: float = np.inf

    @classmethod
    def of(cls, name: Any, declared: Any) -> ColumnSchema:
        """Return what a user declared of a column, as `from_frame` takes it.

        Raises:
            ValueError: If it means nothing.
        """
        if isinstance(declared, ColumnSchema):
            return declared
        if isinstance(declared, np.ndarray):
            declared = declared.tolist()
        if isinstance(declared, list):
            return cls(True, _distinct(name, declared))
        if isinstance(declared, str) and declared in ("categorical", "continuous", "integer"):
            return cls(declared == "categorical", whole=declared == "integer")
        if isinstance(declared, tuple) and len(declared) in (2, 3):
            *kind, low, high = declared
            if kind in ([], ["integer"]) and _is_bound(low) and _is_bound(high):
                low, high = -np.inf if low is None else low, np.inf if high is None else high
                if low >= high:
                    raise ValueError(
                        f"The schema of {name!r} must be bounds (low, high) with low < high. Received: "
                        f"{declared!r}"
                    )
                return cls(whole=bool(kind), low=float(low), high=float(high))
        raise ValueError(f"The schema of {name!r} must be {KINDS}. Received: {declared!r}")

    def check(self, name: Any, column: Any) -> None:
        """Refuse a plain column, a `pandas.Series`, that does not hold what is declared.

        Raises:
            ValueError: If a value is not as declared.
        """
        import pandas as pd

        values = column.dropna()
        wrong = values[:0]
        if not self.categorical:
            if not pd.api.types.is_numeric_dtype(column.dtype):
                raise ValueError(
                    f"Expected numbers in the column {name!r}, as its schema says. Received: dtype "
                    f"{column.dtype}"
                )
            outside = (values < self.low) | (values > self.high)
            wrong = values[outside | (values != values.round()) if self.whole else outside]
        elif self.categories is not None:
            wrong = values[~values.isin(self.categories)]
        if len(wrong):
            expected = f"the categories {self.categories}"
            if not self.categorical:
                expected = "whole numbers" if self.whole else "numbers"
                expected += f" from {self.low:g} to {self.high:g}"
            raise ValueError(
                f"Expected {expected} in the column {name!r}, as its schema says. Received: "
                f"{wrong.tolist()[0]!r} (dtype {column.dtype}), the first of {len(wrong)} values that "
                "are not. Mend these rows, or the schema."
            )

    @property
    def is_continuous(self) -> bool:
        """Whether all that is declared is that there are real numbers."""
        return self == ColumnSchema()

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the largest number there can be: whole ones where all are."""
        return (np.ceil(self.low), np.floor(self.high)) if self.whole else (self.low, self.high)


def _is_bound(value: Any) -> bool:
    return value is None or (isinstance(value, numbers.Real) and value == value)


def _distinct(name: Any, categories: list[Any]) -> list[Any]:
    """Return categories, or refuse what cannot be such."""
    try:
        distinct = set(categories)
    except TypeError:
        distinct = set()
    if len(distinct) != len(categories) or not distinct or any(c is None or c != c for c in distinct):
        raise ValueError(
            f"The schema of {name!r} must list categories, each once and none of them missing. "
            f"Received: {categories!r}"
        )
    return categories


def check_schema(columns: Mapping[Any, Any], schema: Any, names: list[Any]) -> dict[Any, ColumnSchema]:
    """Return what is declared of columns.

    Args:
        columns: Plain columns by name.
        schema: Dict of what is declared by name, or None.
        names: Of which columns something may be declared.

    Raises:
        ValueError: If a declaration is of another column, means nothing or does not hold.
    """
    if not isinstance(schema, Mapping | None):
        raise ValueError(
            f"Expected a schema by name, as {{'code': 'categorical'}}. Received: {schema!r}"
        )
    strange = [name for name in schema or {} if name not in names]
    if strange:
        raise ValueError(
            f"Expected a schema of the features and static columns {names}. Received: {strange}"
        )
    by_name = {name: ColumnSchema.of(name, declared) for name, declared in (schema or {}).items()}
    for name, declared in by_name.items():
        declared.check(name, columns[name])
    return by_name

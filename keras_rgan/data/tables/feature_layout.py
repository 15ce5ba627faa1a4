"""Which columns of the sequences a table's features have."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.column_schema import ColumnSchema
from keras_rgan.data.tables.plain_columns import is_number, plain_type, to_array

if TYPE_CHECKING:
    from pandas import Series

MAX_CATEGORIES = 256
"""A feature of more categories than these is taken for a mistake."""


@dataclasses.dataclass(frozen=True)
class FeatureLayout:
    """A table's features in the order of the sequences' columns.

    A feature of numbers has one column, one of categories a column for each, one-hot.

    Attributes:
        features: Their names.
        categories: Of each feature that is of categories these.
    """

    features: list[Any]
    categories: dict[Any, list[Any]]

    @classmethod
    def of(
        cls, columns: Mapping[Any, Series], features: list[Any], schema: Mapping[Any, ColumnSchema]
    ) -> FeatureLayout:
        """Return the layout of a table's features.

        Args:
            columns: Plain columns by name.
            features: Names of those that are features.
            schema: What is declared of them.

        Raises:
            ValueError: If a feature has no category or too many.
        """
        categories = {}
        for name in features:
            declared = schema.get(name, ColumnSchema())
            if declared.categorical or not is_number(columns[name]):
                categories[name] = _categories_of(name, columns[name], declared)
        return cls(features, categories)

    @property
    def num_columns(self) -> int:
        """How many columns the features have in the sequences."""
        return sum(self.width(name) for name in self.features)

    @property
    def names(self) -> list[str]:
        """What the columns of the sequences are called: a feature, or `feature=category`."""
        return [
            str(name) if category is None else f"{name}={category}"
            for name in self.features
            for category in self.categories.get(name, [None])
        ]

    def width(self, name: Any) -> int:
        """Return how many columns a feature has."""
        return len(self.categories[name]) if name in self.categories else 1

    def slices(self) -> dict[Any, slice]:
        """Return by name which columns of the sequences each feature has."""
        ends = np.cumsum([self.width(name) for name in self.features]).tolist()
        return {
            name: slice(start, end)
            for name, start, end in zip(self.features, [0, *ends], ends, strict=False)
        }

    def rows(self, columns: Mapping[Any, Series]) -> np.ndarray:
        """Return the features of rows as numbers, `(rows, num_columns)`, NaN where one is missing."""
        parts = [
            _flags(columns[name], self.categories[name])
            if name in self.categories
            else to_array(columns[name])[:, None]
            for name in self.features
        ]
        return np.concatenate(parts, axis=1, dtype=_common(parts))

    def named(self, rows: np.ndarray) -> dict[Any, np.ndarray]:
        """Return features of rows by name: numbers, or the likeliest category."""
        return {
            name: _likeliest(rows[:, place], self.categories[name])
            if name in self.categories
            else rows[:, place.start]
            for name, place in self.slices().items()
        }


def _common(parts: list[np.ndarray]) -> np.dtype:
    """Return the type that holds all parts; of whole numbers of both signs that of real ones."""
    return np.result_type(*(plain_type(part.dtype) for part in parts))


def _categories_of(name: Any, column: Series, declared: ColumnSchema) -> list[Any]:
    """Return the categories of a column: the declared ones, else those that occur."""
    import pandas as pd

    categories = column.dropna().unique().tolist()
    if declared.categories is not None:
        categories = list(declared.categories)
    elif isinstance(column.dtype, pd.CategoricalDtype):
        occurring = set(categories)
        categories = [category for category in column.dtype.categories if category in occurring]
    else:
        categories = sorted(categories, key=None if is_number(column) else str)
    if not 1 <= len(categories) <= MAX_CATEGORIES:
        raise ValueError(
            f"Expected 1 to {MAX_CATEGORIES} categories of the feature {name!r}. Received: "
            f"{len(categories)}. Leave it out of features=, or merge some."
        )
    return categories


def _flags(column: Series, categories: list[Any]) -> np.ndarray:
    """Return a column of flags for each category, missing where the category is."""
    import pandas as pd

    codes = pd.Index(categories, tupleize_cols=False).get_indexer(column.astype(object))
    flags = np.eye(len(categories), dtype="float32")[codes]
    flags[column.isna().to_numpy()] = np.nan
    return flags


def _likeliest(flags: np.ndarray, categories: list[Any]) -> np.ndarray:
    """Return the category of each row, None where it is missing."""
    missing = np.isnan(flags).any(axis=1)
    entries = np.empty(len(categories), dtype=object)
    entries[:] = categories
    likeliest = entries[np.where(missing[:, None], 0.0, flags).argmax(axis=1)]
    likeliest[missing] = None
    return likeliest

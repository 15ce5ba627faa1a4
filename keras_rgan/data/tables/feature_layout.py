"""Which columns of the sequences a table's features have."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.column_schema import ColumnSchema
from keras_rgan.data.tables.column_types import is_text

if TYPE_CHECKING:
    from pandas import DataFrame, Series

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
        cls, frame: DataFrame, features: list[Any], schema: Mapping[Any, ColumnSchema]
    ) -> FeatureLayout:
        """Return the layout of a table's features.

        Raises:
            ValueError: If a feature has no category or too many.
        """
        categories = {}
        for name in features:
            declared = schema.get(name, ColumnSchema())
            if declared.categorical or is_text(frame[name].dtype):
                categories[name] = _categories_of(frame[name], declared)
        return cls(features, categories)

    @property
    def num_columns(self) -> int:
        """How many columns the features have in the sequences."""
        return sum(self.width(name) for name in self.features)

    @property
    def columns(self) -> list[Any]:
        """The names of these columns, as `spread` has them."""
        return [column for name in self.features for column in self.columns_of(name)]

    def width(self, name: Any) -> int:
        """Return how many columns a feature has."""
        return len(self.categories[name]) if name in self.categories else 1

    def columns_of(self, name: Any) -> list[Any]:
        """Return the names of a feature's columns: its own, or `(name, category)` for each category."""
        if name not in self.categories:
            return [name]
        return [(name, category) for category in self.categories[name]]

    def slices(self) -> dict[Any, slice]:
        """Return by name which columns of the sequences each feature has."""
        ends = np.cumsum([self.width(name) for name in self.features]).tolist()
        return {
            name: slice(start, end)
            for name, start, end in zip(self.features, [0, *ends], ends, strict=False)
        }

    def spread(self, frame: DataFrame) -> DataFrame:
        """Return a table with a column of flags for each category, in place of those of categories."""
        import pandas as pd

        if not self.categories:
            return frame
        kept = frame.drop(columns=list(self.categories))
        columns: dict[Any, Any] = dict(kept.items())
        for name, categories in self.categories.items():
            columns.update(_flags(name, frame[name], categories))
        return pd.DataFrame(columns, index=frame.index)

    def named(self, rows: np.ndarray, schema: Mapping[Any, ColumnSchema]) -> dict[Any, np.ndarray]:
        """Return features of rows by name: the likeliest category, numbers within declared bounds."""
        values: dict[Any, np.ndarray] = {}
        for name, place in self.slices().items():
            if name in self.categories:
                values[name] = _likeliest(rows[:, place], self.categories[name])
            elif name in schema:
                values[name] = schema[name].restore(rows[:, place.start])
            else:
                values[name] = rows[:, place.start]
        return values


def _categories_of(column: Series, declared: ColumnSchema) -> list[Any]:
    """Return the categories of a column: the declared ones, else those that occur."""
    import pandas as pd

    categories = column.dropna().unique().tolist()
    if declared.categories is not None:
        categories = list(declared.categories)
    elif isinstance(column.dtype, pd.CategoricalDtype):
        occurring = set(categories)
        categories = [category for category in column.dtype.categories if category in occurring]
    else:
        categories = sorted(categories, key=str if is_text(column.dtype) else None)
    if not 1 <= len(categories) <= MAX_CATEGORIES:
        raise ValueError(
            f"Expected 1 to {MAX_CATEGORIES} categories of the feature {column.name!r}. Received: "
            f"{len(categories)}. Leave it out of features=, or merge some."
        )
    return categories


def _flags(name: Any, column: Series, categories: list[Any]) -> dict[Any, Series]:
    """Return a column of flags for each category, missing where the category is."""
    import pandas as pd

    flags = pd.DataFrame({(name, c): (column == c).astype("float32") for c in categories})
    return dict((flags.mask(column.isna(), axis=0) if column.isna().any() else flags).items())


def _likeliest(flags: np.ndarray, categories: list[Any]) -> np.ndarray:
    """Return the category of each row, None where it is missing."""
    missing = np.isnan(flags).any(axis=1)
    likeliest = np.empty(len(flags), dtype=object)
    likeliest[:] = [categories[i] for i in np.where(np.isnan(flags), 0.0, flags).argmax(axis=1)]
    likeliest[missing] = None
    return likeliest

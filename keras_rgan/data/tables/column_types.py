"""The types of a table's columns, on the way into arrays and on the way back."""

from __future__ import annotations

from typing import Any

import numpy as np


def is_text(dtype: Any) -> bool:
    """Return whether a column of this type holds categories rather than numbers."""
    import pandas as pd

    return not pd.api.types.is_numeric_dtype(dtype)


def plain_type(dtype: Any) -> Any:
    """Return NumPy's type of a type that may be pandas's own."""
    return getattr(dtype, "numpy_dtype", dtype)


def to_rows(columns: Any) -> np.ndarray:
    """Return columns of numbers, a `pandas.DataFrame`, as an array, NaN where one is missing."""
    dtype = np.result_type(*(plain_type(column_type) for column_type in columns.dtypes))
    if columns.isna().to_numpy().any():
        return columns.to_numpy(dtype=np.result_type(dtype, "float32"), na_value=np.nan)
    return columns.to_numpy(dtype=dtype)


def to_codes(column: Any) -> Any:
    """Return a column as a condition that is of categories: text, or whole numbers."""
    if is_text(column.dtype):
        return column
    return column.astype("int64") if (column == column.round()).all() else column.astype(str)


def to_condition(values: Any, dtype: Any) -> np.ndarray:
    """Return one value a sequence of a static column as `fit` takes it: numbers, or text."""
    if is_text(dtype):
        return np.array([str(value) for value in values])
    return values.to_numpy(dtype=plain_type(dtype))


def with_categories(dtype: Any, categories: list[Any]) -> Any:
    """Return pandas's type of categories with these among them; any other type as it is."""
    import pandas as pd

    if not isinstance(dtype, pd.CategoricalDtype):
        return dtype
    added = [category for category in categories if category not in dtype.categories]
    return pd.CategoricalDtype([*dtype.categories, *added], dtype.ordered)


def generated_ids(count: int, dtype: Any) -> Any:
    """Return ids of generated sequences, for a column of this type or, with None, for no column."""
    if dtype is not None and is_text(dtype):
        return [f"generated_{i}" for i in range(count)]
    return np.arange(count)


def in_type(values: Any, dtype: Any) -> Any:
    """Return a column, a `pandas.Series`, in the type that it had in the table.

    Whole numbers and flags are rounded, and kept within the type's range. None leaves them as they are.
    """
    import pandas as pd

    if dtype is None:
        return values
    if pd.api.types.is_bool_dtype(dtype):
        return _as_flags(values, dtype)
    if pd.api.types.is_integer_dtype(dtype):
        return _as_integers(values, dtype)
    if isinstance(dtype, pd.CategoricalDtype):
        by_text = {str(category): category for category in dtype.categories}
        values = values.map(lambda value: by_text.get(str(value), value))
    return values.astype(dtype)


def _as_flags(values: Any, dtype: Any) -> Any:
    numbers = values.astype("float64")
    flags, missing = numbers >= 0.5, numbers.isna()
    return flags.astype("boolean").mask(missing) if missing.any() else flags.astype(dtype)


def _as_integers(values: Any, dtype: Any) -> Any:
    import pandas as pd

    values = pd.to_numeric(values)  # which may come as objects, None where one is missing
    if values.dtype.kind == "f":
        info = np.iinfo(plain_type(dtype))
        values = values.round().clip(float(info.min), float(info.max))
        if values.isna().any() and plain_type(dtype) is dtype:  # NumPy's integers know none missing
            return values
    return values.astype(dtype)

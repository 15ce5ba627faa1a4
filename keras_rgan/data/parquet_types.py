"""What columns that Arrow reads hold, and their values as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np


def kind_of(kind: Any) -> str:
    """Return what a column of one of Arrow's types holds, in words."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    kinds = {
        "flags": ("boolean",),
        "whole numbers": ("integer",),
        "real numbers": ("floating", "decimal"),
        "text": ("string", "large_string", "string_view"),
        "times": ("timestamp", "date", "duration"),
        "nothing": ("null",),
    }
    for words, names in kinds.items():
        if any(getattr(types, f"is_{name}", lambda kind: False)(kind) for name in names):
            return words
    return str(kind)


def numbers_of(column: Any) -> np.ndarray:
    """Return a column of numbers or flags as an array, NaN where one is missing."""
    from pyarrow import types

    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if types.is_decimal(column.type) or types.is_null(column.type):
        column = column.cast("float64")
    elif types.is_boolean(column.type):
        column = column.cast("int8")  # which has a number where one is missing
    return np.asarray(column.to_numpy(zero_copy_only=False))


def encoded(column: Any) -> tuple[np.ndarray, Any]:
    """Return numbers that are equal where values of a column are, -1 where missing, and the values."""
    whole = column.combine_chunks().dictionary_encode()
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.asarray(codes, "int64"), whole.dictionary


def is_category(kind: Any) -> bool:
    """Return whether a column of one of Arrow's types holds text, or what was written as categories."""
    from pyarrow import types

    return bool(types.is_dictionary(kind)) or kind_of(kind) == "text"


def numpy_type(kind: Any) -> np.dtype:
    """Return NumPy's type of Arrow's numbers; of decimals float64."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    if types.is_null(kind):
        return np.dtype("bool")
    return np.dtype("float64" if types.is_decimal(kind) else kind.to_pandas_dtype())


def times_of(column: Any) -> np.ndarray:
    """Return a column of times as numbers, or as NumPy's times; NaN or NaT where one is missing."""
    from pyarrow import types

    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if types.is_decimal(column.type):
        column = column.cast("float64")
    times = np.asarray(column.to_numpy(zero_copy_only=False))
    return times.astype("int64") if times.dtype.kind in "iu" else times

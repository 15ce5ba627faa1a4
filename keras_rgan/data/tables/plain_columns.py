"""Columns of a table by what they hold, whatever they are kept in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.column_schema import ColumnSchema

if TYPE_CHECKING:
    from pandas import Series


def plain(column: Series) -> Series:
    """Return a column in the type of pandas or NumPy for what it holds.

    Objects that are numbers, flags, dates, periods or `decimal.Decimal`, sparse columns and what Arrow
    alone knows (flags, decimals, dates, dictionaries) become numbers, flags, times or categories. What
    is such already stays as it is.

    Raises:
        ValueError: If whole numbers do not fit into 64 bits, or there are lists or the like.
    """
    import pandas as pd

    if isinstance(column.dtype, pd.SparseDtype):
        return column.sparse.to_dense()
    if isinstance(column.dtype, pd.ArrowDtype):
        return _plain_arrow(column)
    return _plain_objects(column) if column.dtype == object else column


def _plain_arrow(column: Series) -> Series:
    import pandas as pd
    import pyarrow as pa

    kind, is_a = column.dtype.pyarrow_dtype, pa.types
    if is_a.is_decimal(kind) or is_a.is_null(kind):
        return column.astype(pd.ArrowDtype(pa.float64()))
    if is_a.is_boolean(kind):
        return column.astype("boolean")
    if is_a.is_date(kind):
        return column.astype(pd.ArrowDtype(pa.timestamp("ms"))).astype("datetime64[ms]")
    if is_a.is_timestamp(kind):
        zoned = kind.tz is not None
        return column.astype(
            pd.DatetimeTZDtype(kind.unit, kind.tz) if zoned else f"datetime64[{kind.unit}]"
        )
    if is_a.is_duration(kind):
        return column.astype(f"timedelta64[{kind.unit}]")
    if is_a.is_dictionary(kind):
        return column.astype(object).astype("category")
    if is_a.is_nested(kind):
        raise ValueError(
            f"Expected one value a row in the column {column.name!r}. Received: dtype {column.dtype}. "
            "Spread it over columns, or leave it out of features=."
        )
    return column


def _plain_objects(column: Series) -> Series:
    import pandas as pd

    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "integer":
        for dtype in ("Int64", "UInt64"):
            try:
                return column.astype(dtype)
            except (OverflowError, ValueError, TypeError):
                continue
        raise ValueError(
            f"Expected whole numbers within 64 bits in the column {column.name!r}. Received: "
            f"{max(column.dropna(), key=abs)}. Pass them as text where they are codes, or as float64."
        )
    if kind in ("floating", "mixed-integer-float", "decimal", "empty"):
        return column.where(column.notna(), np.nan).astype("float64")
    if kind == "boolean":
        return column.astype("boolean")
    if kind in ("datetime", "datetime64", "date"):
        return _datetimes(column)
    if kind in ("timedelta", "timedelta64"):
        return pd.to_timedelta(column)
    if kind == "period":
        return pd.Series(pd.PeriodIndex(column), index=column.index, name=column.name)
    return column


def _datetimes(column: Series) -> Series:
    """Return datetimes or dates of Python as pandas has them."""
    import pandas as pd

    try:
        return pd.to_datetime(column)
    except ValueError as error:  # pandas' own for dates out of bounds is one
        zones = {str(getattr(value, "tzinfo", None)) for value in column.dropna()}
        mend = "Use pandas.to_datetime."
        if len(zones) > 1:
            mend = f"They are of the zones {sorted(zones)}: use pandas.to_datetime(..., utc=True)."
        raise ValueError(
            f"Expected datetimes of one zone, within the years of pandas, in the column "
            f"{column.name!r}. Received: {error}. {mend}"
        ) from error


def is_number(column: Series) -> bool:
    """Return whether a plain column holds numbers or flags rather than times, text or categories."""
    import pandas as pd

    return bool(pd.api.types.is_numeric_dtype(column.dtype))


def is_time(column: Series) -> bool:
    """Return whether a plain column holds times, spans of time or periods."""
    import pandas as pd

    return column.dtype.kind in "mM" or isinstance(column.dtype, pd.PeriodDtype)


def is_missing(column: Series) -> np.ndarray:
    """Return where a column has no value: also where Arrow or pandas hold NaN as one."""
    import pandas as pd

    missing = column.isna().to_numpy()
    if pd.api.types.is_float_dtype(column.dtype) and not isinstance(column.dtype, np.dtype):
        return np.asarray(missing | np.isnan(column.to_numpy(dtype="float64", na_value=np.nan)))
    return np.asarray(missing)


def to_condition(column: Series, declared: ColumnSchema | None) -> np.ndarray:
    """Return one value a sequence of a plain static column as `fit` takes it: numbers, or text.

    Args:
        column: The values.
        declared: What the schema says of the column, if anything.
    """
    if not is_number(column):
        return np.array([str(value) for value in column])
    values = column.to_numpy(dtype=plain_type(column.dtype))
    if declared is None:
        return values
    if declared.categorical:
        whole = values.dtype.kind != "f" or (values == np.round(values)).all()
        return values.astype("int64") if whole else values.astype(str)
    return values.astype("float64")


def plain_type(dtype: Any) -> np.dtype:
    """Return NumPy's type of a type of numbers that may be pandas's own."""
    return np.dtype(getattr(dtype, "numpy_dtype", dtype))


def to_array(column: Series, dtype: Any = None) -> np.ndarray:
    """Return a plain column of numbers as an array, NaN where one is missing.

    Args:
        column: The column.
        dtype: NumPy's type to return it in; by default its own.
    """
    dtype = plain_type(column.dtype) if dtype is None else dtype
    if column.isna().any():
        return column.to_numpy(dtype=np.result_type(dtype, "float32"), na_value=np.nan)
    return column.to_numpy(dtype=dtype)

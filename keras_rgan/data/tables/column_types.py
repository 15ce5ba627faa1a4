"""The types of a table's columns, in which they are written back."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.plain_columns import is_number, plain_type, to_array

if TYPE_CHECKING:
    from pandas import Index, Series

MAX_DECIMALS = 9
"""Real numbers of more decimals than these are taken for such as have no end."""


@dataclasses.dataclass(frozen=True)
class ColumnType:
    """What is needed to write a column as it stood in the table.

    Attributes:
        dtype: Its type.
        objects: What its objects are, as `pandas.api.types.infer_dtype` calls them; "" of other types.
        decimals: The most decimals that a number of it has; None where they have no end.
        values: Of text, categories and times their entries by what they are called.
    """

    dtype: Any
    objects: str = ""
    decimals: int | None = None
    values: dict[str, Any] | None = None

    @classmethod
    def of(cls, column: Series, known: Series, exact: bool = True) -> ColumnType:
        """Return the type of a column.

        Args:
            column: The column.
            known: The same, plain.
            exact: Whether what is written has no more decimals than what was read.
        """
        import pandas as pd

        objects = ""
        if column.dtype == object:
            objects = pd.api.types.infer_dtype(column, skipna=True)
        if not is_number(known):
            shown = (_distinct(known) & known.notna()).to_numpy()
            entries = dict(zip(map(str, known[shown]), column[shown], strict=True))
            if len(entries) < shown.sum():
                raise ValueError(
                    f"Expected entries of different names in the column {column.name!r}. Received: "
                    "1 and '1', which are one as text. Use astype(str), or name one otherwise."
                )
            return cls(column.dtype, objects, None, entries)
        decimals = None
        if _is_decimal(column.dtype) or objects == "decimal":
            decimals = max((-_exponent(number) for number in column.dropna()), default=0)
        elif exact and pd.api.types.is_float_dtype(known.dtype):
            decimals = decimals_of(to_array(known))
        return cls(column.dtype, objects, decimals)

    def of_means(self, means: np.ndarray) -> ColumnType:
        """Return the type of a column in which means stand: a real one, where they are not whole."""
        import pandas as pd

        if self.values is not None:
            return self
        whole = self.objects in ("integer", "boolean") or (
            not self.objects and not _is_decimal(self.dtype) and plain_type(self.dtype).kind in "iub"
        )
        known = means[~np.isnan(means)]
        if not whole or (known == np.round(known)).all():
            return self
        if isinstance(self.dtype, pd.ArrowDtype):
            import pyarrow as pa

            return ColumnType(pd.ArrowDtype(pa.float64()))
        if isinstance(self.dtype, np.dtype | pd.SparseDtype):
            return ColumnType(np.dtype("float64"))
        return ColumnType(pd.Float64Dtype())

    def with_categories(self, categories: list[Any]) -> ColumnType:
        """Return the type of a column that may hold these categories as well."""
        values = {str(category): category for category in categories} | (self.values or {})
        return dataclasses.replace(self, dtype=with_categories(self.dtype, categories), values=values)

    def written(self, values: Any, low: float = -np.inf, high: float = np.inf) -> Series:
        """Return values as a column of this type.

        Numbers are rounded to as many decimals as the column had, whole numbers and flags to whole
        ones, and kept within bounds and the type's range.

        Args:
            values: Numbers, or entries or what these are called; missing ones are NaN or None.
            low: The least number.
            high: The largest.
        """
        import pandas as pd

        if self.values is not None:
            return self._entries(pd.Series(values))
        numbers = pd.to_numeric(pd.Series(values))
        if pd.api.types.is_float_dtype(numbers.dtype):
            rounded = numbers.to_numpy(dtype="float64", na_value=np.nan)
            if self.decimals is not None:
                rounded = np.round(rounded, self.decimals)
            numbers = pd.Series(np.clip(rounded, low, high))
        if self.objects or _is_decimal(self.dtype):
            return self._objects(numbers)
        if isinstance(self.dtype, pd.SparseDtype):
            return _in_type(numbers, self.dtype.subtype).astype(self.dtype)
        return _within(_in_type(numbers, self.dtype), low, high)

    def _entries(self, values: Series) -> Series:
        """Return a column of what entries are called."""
        import pandas as pd

        assert self.values is not None
        codes, found = pd.factorize(values)
        named = np.empty(len(found) + 1, dtype=object)
        named[:-1] = [self.values.get(str(value), value) for value in found]
        named[-1] = None
        entries = named[codes]
        arrow = isinstance(self.dtype, pd.ArrowDtype)
        if isinstance(self.dtype, pd.PeriodDtype) or (self.dtype.kind in "mM" and not arrow):
            return pd.Series(entries).astype(self.dtype)
        return pd.Series(entries, dtype=self.dtype)

    def _objects(self, numbers: Series) -> Series:
        """Return a column of Python's objects, or of Arrow's decimals."""
        import pandas as pd

        exact = self.objects == "decimal" or _is_decimal(self.dtype)
        if exact:
            places = decimal.Decimal(1).scaleb(-(self.decimals or 0))
            entries: list[Any] = [
                None if number != number else decimal.Decimal(repr(float(number))).quantize(places)
                for number in numbers
            ]
        elif self.objects == "boolean":
            entries = [None if number != number else bool(number >= 0.5) for number in numbers]
        elif self.objects == "integer":
            entries = [None if number != number else round(number) for number in numbers.tolist()]
        else:
            entries = [None if number != number else number for number in numbers.tolist()]
        return pd.Series(entries, dtype=self._of_more_digits(entries) if exact else self.dtype)

    def _of_more_digits(self, entries: list[Any]) -> Any:
        """Return the type, or of Arrow's decimals one of more digits where some have more."""
        import pandas as pd

        if not _is_decimal(self.dtype):
            return self.dtype
        import pyarrow as pa

        kind = self.dtype.pyarrow_dtype
        room = decimal.Decimal(10) ** (kind.precision - kind.scale)
        if all(entry is None or abs(entry) < room for entry in entries):
            return self.dtype
        return pd.ArrowDtype(pa.decimal128(38, kind.scale))

    def written_times(self, times: Index) -> Series:
        """Return times as a column of this type, or of a wider or finer one that holds them."""
        import pandas as pd

        column = pd.Series(times)
        if self.objects:
            return _as_python(column, self.objects)
        if pd.api.types.is_numeric_dtype(column.dtype):
            return _in_type(column, _wider(column, self.dtype))
        if isinstance(self.dtype, pd.ArrowDtype):
            return _as_arrow(column, self.dtype)
        if isinstance(self.dtype, pd.PeriodDtype):
            return column
        in_unit = times.as_unit(getattr(self.dtype, "unit", None) or np.datetime_data(self.dtype)[0])
        return pd.Series(in_unit if (in_unit == times).all() else _coarsest(times))

    def generated_ids(self, count: int) -> Series:
        """Return ids that no two sequences share, in this type or a wider one."""
        import pandas as pd

        numbers = pd.Series(np.arange(count))
        if isinstance(self.dtype, pd.CategoricalDtype):
            whole = self.dtype.categories.dtype.kind in "iu"
            entries = numbers if whole else [f"generated_{i}" for i in range(count)]
            kind = pd.CategoricalDtype(entries, self.dtype.ordered)
            return pd.Series(entries, dtype=kind)
        if self.values is None:
            if self.objects or _is_decimal(self.dtype):
                kind = dataclasses.replace(
                    self, objects="integer" if self.objects == "boolean" else self.objects
                )
                return kind._objects(numbers)
            dtype = self.dtype.subtype if isinstance(self.dtype, pd.SparseDtype) else self.dtype
            return _in_type(numbers, _wider(numbers, dtype))
        first = next(iter(self.values.values()), None)
        if isinstance(first, pd.Period):
            return self._times(pd.Series(first + np.arange(count)))
        if isinstance(first, datetime.date | np.datetime64):  # pandas.Timestamp is one
            days = not isinstance(first, datetime.datetime)
            return self._times(pd.Timestamp(first) + pd.to_timedelta(numbers, "D" if days else "s"))
        if isinstance(first, datetime.timedelta | np.timedelta64):
            return self._times(pd.Timedelta(first) + pd.to_timedelta(numbers, "s"))
        return pd.Series([f"generated_{i}" for i in range(count)], dtype=_open(self.dtype))

    def _times(self, times: Series) -> Series:
        import pandas as pd

        return self.written_times(pd.Index(times))


def with_categories(dtype: Any, categories: list[Any]) -> Any:
    """Return pandas's type of categories with these among them; any other type as it is."""
    import pandas as pd

    if not isinstance(dtype, pd.CategoricalDtype):
        return dtype
    added = [category for category in categories if category not in dtype.categories]
    return pd.CategoricalDtype([*dtype.categories, *added], dtype.ordered)


def decimals_of(values: np.ndarray) -> int | None:
    """Return the most decimals that one of some real numbers has; None where they have no end."""
    found = values[np.isfinite(values)]
    exact = found.astype("float64")
    if not len(found) or np.abs(exact).max() * 10.0**MAX_DECIMALS > 2.0**62:
        return 0 if len(found) and (exact == np.round(exact)).all() else None
    for decimals in range(MAX_DECIMALS + 1):
        exact = np.round(found.astype("float64"), decimals)
        if (exact.astype(found.dtype) == found).all():
            return decimals
    return None


def _exponent(number: decimal.Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _distinct(column: Series) -> Series:
    """Return which entries are the first of their value."""
    try:
        return ~column.duplicated()
    except TypeError:
        raise ValueError(
            f"Expected numbers, text or categories in the column {column.name!r}. Received: objects as "
            f"{column.dropna().iloc[0]!r}. Spread them over columns, or leave it out of features=."
        ) from None


def _is_decimal(dtype: Any) -> bool:
    import pandas as pd

    if not isinstance(dtype, pd.ArrowDtype):
        return False
    import pyarrow as pa

    return bool(pa.types.is_decimal(dtype.pyarrow_dtype))


def _in_type(numbers: Series, dtype: Any) -> Series:
    """Return numbers in a type, whole ones and flags rounded and kept within its range."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(dtype):
        return _as_flags(numbers, dtype)
    if pd.api.types.is_integer_dtype(dtype):
        return _as_integers(numbers, dtype)
    if pd.api.types.is_float_dtype(dtype) and plain_type(dtype).itemsize < 8:
        largest = float(np.finfo(plain_type(dtype)).max)
        numbers = numbers.clip(-largest, largest)
    return numbers.astype(dtype)


def _as_flags(values: Series, dtype: Any) -> Series:
    numbers = values.astype("float64")
    flags, missing = numbers >= 0.5, numbers.isna()
    if not missing.any():
        return flags.astype(dtype)
    return flags.astype("boolean" if plain_type(dtype) is dtype else dtype).mask(missing)


def _as_integers(values: Series, dtype: Any) -> Series:
    import pandas as pd

    info = np.iinfo(plain_type(dtype))
    if not pd.api.types.is_float_dtype(values.dtype):
        return values.clip(info.min, info.max).astype(dtype)
    numbers, missing = values.to_numpy(dtype="float64", na_value=np.nan), values.isna().to_numpy()
    if missing.any() and plain_type(dtype) is dtype:  # NumPy's integers know none missing
        return pd.Series(np.clip(np.round(numbers), float(info.min), float(info.max)))
    whole = np.round(np.where(missing, 0.0, numbers))
    # The largest number of 64 bits has no float64: what reaches it becomes it.
    above, below = whole >= float(info.max), whole <= float(info.min)
    whole = np.where(above | below, 0.0, whole).astype(info.dtype)
    whole[above], whole[below] = info.max, info.min
    column = pd.Series(whole).astype(dtype)
    return column.mask(pd.Series(missing)) if missing.any() else column


def _within(column: Series, low: float, high: float) -> Series:
    """Return a column of real numbers that rounding to its type does not carry beyond bounds."""
    import pandas as pd

    if not pd.api.types.is_float_dtype(column.dtype) or plain_type(column.dtype).itemsize == 8:
        return column
    values = column.to_numpy(dtype=plain_type(column.dtype), na_value=np.nan)
    exact = values.astype("float64")
    inwards = np.where(exact > high, -np.inf, np.inf).astype(values.dtype)
    moved = np.where((exact > high) | (exact < low), np.nextafter(values, inwards), values)
    return pd.Series(moved).astype(column.dtype).mask(column.isna())


def _wider(numbers: Series, dtype: Any) -> Any:
    """Return a type of numbers, or the next that holds these, of the same family."""
    import pandas as pd

    kind = plain_type(dtype)
    values = numbers.to_numpy()
    low, high = values.min(initial=0), values.max(initial=0)
    if kind.kind in "iu" and values.dtype.kind in "iu":
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return dtype
    elif (kind.kind == "f" and (values.astype(kind) == values).all()) or (
        kind.kind == "b" and len(values) <= 2
    ):
        return dtype
    wide = "int64" if values.dtype.kind in "iu" and kind.kind != "f" else "float64"
    if isinstance(dtype, pd.ArrowDtype):
        import pyarrow as pa

        return pd.ArrowDtype(pa.int64() if wide == "int64" else pa.float64())
    return pd.api.types.pandas_dtype(wide.capitalize() if plain_type(dtype) is not dtype else wide)


def _as_arrow(column: Series, dtype: Any) -> Series:
    """Return times in Arrow's type, or in one that is finer."""
    import pandas as pd
    import pyarrow as pa

    kind = dtype.pyarrow_dtype
    if pa.types.is_date(kind) and (column == column.dt.normalize()).all():
        return column.astype(pd.ArrowDtype(pa.timestamp("ms"))).astype(dtype)
    if pa.types.is_date(kind):
        return column.astype(pd.ArrowDtype(pa.timestamp(column.dt.unit)))
    in_kind = column.astype(dtype)
    return (
        in_kind
        if (in_kind.astype(column.dtype) == column).all()
        else column.convert_dtypes(dtype_backend="pyarrow")
    )


def _as_python(column: Series, objects: str) -> Series:
    """Return times as the objects that they were."""
    import pandas as pd

    if objects == "date" and (column == column.dt.normalize()).all():
        entries: Any = column.dt.date
    elif objects in ("integer", "floating", "mixed-integer-float"):
        entries = column.tolist()
    elif objects == "decimal":
        entries = [decimal.Decimal(repr(number)) for number in column.tolist()]
    else:
        entries = list(column)
    return pd.Series(entries, dtype=object)


def _coarsest(times: Index) -> Index:
    """Return times in the coarsest unit that tells them apart."""
    for unit in ("s", "ms", "us"):
        if (times.as_unit(unit) == times).all():
            return times.as_unit(unit)
    return times


def _open(dtype: Any) -> Any:
    """Return a type that text can have: this one where it is such."""
    import pandas as pd

    return dtype if pd.api.types.is_string_dtype(dtype) else object

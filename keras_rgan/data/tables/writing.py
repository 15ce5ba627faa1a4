"""Sequences written as a table in long format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.column_schema import ColumnSchema
from keras_rgan.data.tables.plain_columns import is_missing
from keras_rgan.utils import checks

if TYPE_CHECKING:
    from pandas import Series

    from keras_rgan.data.sequence_table import SequenceTable


def checked_sequences(table: SequenceTable, sequences: Any) -> list[np.ndarray]:
    """Return sequences as arrays.

    Raises:
        ValueError: If there is none, or one does not have the columns of the table's features.
    """
    arrays = [np.asarray(values) for values in sequences]
    width = table.num_columns
    unfit = (values.shape for values in arrays if values.ndim != 2 or values.shape[1] != width)
    shape = next(unfit, None)
    if shape is not None or not arrays:
        raise ValueError(
            f"Expected sequences of {width} columns of the features {table.features}. "
            "Received: " + (f"one of shape {shape}" if arrays else "none")
        )
    return arrays


def checked_fillings(table: SequenceTable, sequences: Any) -> tuple[list[np.ndarray], int | None]:
    """Return sequences that stand for the data's, those of one filling behind those of another.

    Args:
        table: The table.
        sequences: `(time, features)` for each of the data's, or several fillings of each, `(samples,
            time, features)`.

    Returns:
        The sequences, and how many fillings there are; None where there is no axis of them.

    Raises:
        ValueError: If they are not as many and as long as the data's.
    """
    arrays = [np.asarray(values) for values in sequences]
    count = None
    if arrays and all(values.ndim == 3 for values in arrays):
        count = len(arrays[0])
        arrays = [values[i] for i in range(count) for values in arrays]
    arrays = checked_sequences(table, arrays)
    lengths = [len(values) for values in table.sequences]
    if [len(values) for values in arrays] != lengths * (1 if count is None else count):
        raise ValueError(
            f"Expected the {len(lengths)} sequences of the data, as long as they were. "
            f"Received: {len(arrays)} sequences, the first of {len(arrays[0])} steps. Leave as_data "
            "out for generated ones."
        )
    return arrays, count


def check_conditions(table: SequenceTable, conditions: Mapping[str, Any], lengths: np.ndarray) -> None:
    """Refuse conditions that are not those of sequences of these lengths.

    Raises:
        ValueError: If a static column is missing, or rows are of other sequences.
    """
    missing = [name for name in table.conditions if name not in conditions]
    if missing:
        raise ValueError(
            f"The table has the static columns {sorted(table.conditions)}. Expected: conditions of "
            "the generated sequences, gan.sample_conditions(n, seed=s) beside gan.generate(n, "
            f"seed=s). Missing: {sorted(missing)}"
        )
    count = len(lengths)
    for name in [*table.conditions, *(["length"] if "length" in conditions else [])]:
        values = _column(conditions[name])
        of_others = name == "length" and len(values) == count and (values != lengths).any()
        if len(values) != count or of_others:
            raise ValueError(
                f"Expected the conditions of these {count} sequences: those that they were "
                "generated of, or gan.sample_conditions(n, seed=s) beside gan.generate(n, seed=s). "
                f"Received: {name!r} of {len(values)} rows" + (", of others" if of_others else "")
            )


def checked_forecasts(
    table: SequenceTable, paths: Any, quantiles: Sequence[float] | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return forecasts as `(series, samples or quantiles, steps, features)`, and levels of quantiles.

    Raises:
        ValueError: If they are not of the table, or levels are none.
    """
    values = np.asarray(paths)
    values = values[:, None] if values.ndim == 3 else values
    count, levels = len(table.sequences), checks.levels(quantiles)
    expected = (count, None if levels is None else len(levels), None, table.num_columns)
    if values.ndim != 4 or any(
        size not in (None, received) for size, received in zip(expected, values.shape, strict=True)
    ):
        raise ValueError(
            f"Expected forecasts of the {count} sequences of this table, of shape {expected}: "
            "gan.forecast(table, steps=…)"
            + ("" if levels is None else f", its quantiles at {levels.tolist()}")
            + f". Received: shape {values.shape}"
        )
    return values, levels


def static_columns(
    table: SequenceTable, conditions: Mapping[str, Any], row_of: np.ndarray
) -> dict[Any, Series]:
    """Return the columns that hold for whole sequences, by name.

    Real numbers that are those of the data but for float32's precision become the data's.

    Args:
        table: The table whose columns they are.
        conditions: The static columns, one value a sequence.
        row_of: Which sequence each row is of.
    """
    columns = {}
    for name in table.static:
        known, values = table.conditions[str(name)], _column(conditions[str(name)])
        if known.dtype.kind == "f":
            values = _snapped(values.astype("float64"), np.unique(known.astype("float64")))
        elif known.dtype.kind == "b":
            values = values.astype("float64")
        elif known.dtype.kind in "iu":
            values = values.astype("int64" if known.dtype.kind == "i" else "uint64")
        bounds = table.schema.get(name, ColumnSchema()).bounds
        columns[name] = table.types[name].written(values[row_of], *bounds)
    return columns


def feature_columns(table: SequenceTable, rows: np.ndarray) -> dict[Any, Series]:
    """Return features of rows as columns by name."""
    return {
        name: table.types[name].written(values, *table.schema.get(name, ColumnSchema()).bounds)
        for name, values in table.layout.named(rows).items()
    }


def filled(observed: Mapping[Any, Series], made: Mapping[Any, Series]) -> dict[Any, Series]:
    """Return columns as they were, with what was made where they have nothing."""
    return {name: _filled(column, made[name]) for name, column in observed.items()}


def _filled(observed: Series, values: Series) -> Series:
    import pandas as pd

    missing = is_missing(observed)
    if not missing.any():
        return observed
    if isinstance(observed.dtype, pd.SparseDtype):
        return _filled(observed.sparse.to_dense(), values.sparse.to_dense()).astype(observed.dtype)
    if isinstance(observed.dtype, pd.CategoricalDtype):
        observed = observed.astype(values.dtype)  # which may have more categories
    return observed.mask(pd.Series(missing), values)


def repeated(columns: Mapping[Any, Series], count: int) -> dict[Any, Series]:
    """Return columns so many times, one behind the other."""
    import pandas as pd

    return {name: pd.concat([column] * count, ignore_index=True) for name, column in columns.items()}


def numbered(count: int, size: int) -> Series:
    """Return 0 so many times, then 1, and so on."""
    import pandas as pd

    return pd.Series(np.repeat(np.arange(count), size))


def _snapped(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the nearest known numbers in place of those that are equal to these in float32."""
    above = np.clip(np.searchsorted(known, values), 1, max(len(known) - 1, 1))
    below = above - 1
    above = np.minimum(above, len(known) - 1)
    nearer = np.abs(known[above] - values) < np.abs(known[below] - values)
    nearest = known[np.where(nearer, above, below)]
    return np.where(nearest.astype("float32") == values.astype("float32"), nearest, values)


def _column(values: Any) -> np.ndarray:
    """Return one value a sequence as it is, without an axis of one."""
    return np.ravel(np.asarray(values, dtype=object))


def check_free(table: SequenceTable, name: str) -> None:
    """Refuse to write a column of a name that the table has.

    Raises:
        ValueError: If the table has a column of this name.
    """
    if name in table.columns:
        raise ValueError(
            f"The column {name!r} would stand beside one of the table of that name. Rename the "
            "table's column before from_frame."
        )


def check_rows_once(table: SequenceTable) -> None:
    """Refuse to fill a table whose windows overlap.

    Raises:
        ValueError: If they do.
    """
    rows = table.windows.rows
    again = len(rows) - len(np.unique(rows))
    if again:
        keys = [name for name in (*table.id_columns, table.time) if name is not None]
        raise ValueError(
            "Windows of the table overlap, so that its rows are filled more than once. Read it "
            f"with stride=length. Received: {again} rows again, by {keys}"
        )


def frame_of(table: SequenceTable, columns: Mapping[Any, Series], order: Sequence[Any]) -> Any:
    """Return columns as a dataframe in this order, of the kind that the table came from."""
    import pandas as pd

    frame = pd.concat([pd.Series(columns[name]).reset_index(drop=True) for name in order], axis=1)
    frame.columns = headers(table, order)
    return frame if table.native is None else table.native(frame)


def headers(table: SequenceTable, order: Sequence[Any]) -> Any:
    """Return names of columns, of as many levels as the table has."""
    import pandas as pd

    if not isinstance(table.header, pd.MultiIndex):
        return pd.Index(list(order), name=table.header.name, tupleize_cols=False)
    levels = table.header.nlevels
    full = [n if isinstance(n, tuple) else (n, *[""] * (levels - 1)) for n in order]
    return pd.MultiIndex.from_tuples(full, names=table.header.names)

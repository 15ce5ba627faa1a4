"""Sequences written as a table in long format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.column_types import in_type
from keras_rgan.utils import checks

if TYPE_CHECKING:
    from pandas import DataFrame

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


def with_observed(table: SequenceTable, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Return sequences that stand for the data's, with what was observed as it was.

    Raises:
        ValueError: If they are not as many and as long.
    """
    if [len(values) for values in arrays] != [len(values) for values in table.sequences]:
        raise ValueError(
            f"Expected the {len(table.sequences)} sequences of the data, as long as they were. "
            f"Received: {len(arrays)} sequences, the first of {len(arrays[0])} steps. Leave as_data "
            "out for generated ones."
        )
    pairs = zip(table.sequences, arrays, strict=True)
    return [np.where(np.isnan(observed), filled, observed) for observed, filled in pairs]


def check_conditions(table: SequenceTable, conditions: Mapping[str, Any], lengths: np.ndarray) -> None:
    """Refuse conditions that are not those of sequences of these lengths.

    Raises:
        ValueError: If a static column is missing, or rows are of other sequences.
    """
    missing = set(table.conditions) - set(conditions)
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


def columns_beside(
    table: SequenceTable, row_of: np.ndarray, ids: Any, conditions: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the columns that tell sequences apart or hold for whole ones.

    Args:
        table: The table whose columns they are.
        row_of: Which sequence each row is of.
        ids: The id of each sequence.
        conditions: The static columns, one value a sequence.

    Raises:
        ValueError: If a column `sequence` is needed, and the table has one.
    """
    import pandas as pd

    columns: dict[str, Any] = {}
    if table.id is not None:
        columns[table.id] = pd.Series(np.asarray(ids, dtype=object)[row_of])
    elif len(ids) > 1:
        check_free(table, "sequence")
        columns["sequence"] = pd.Series(row_of)
    for name in table.conditions:
        values = _column(conditions[name])
        declared = table.schema.get(name)
        if declared is not None and not declared.categorical:
            values = declared.restore(values.astype("float64"))
        columns[name] = pd.Series(values[row_of])
    return columns


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


def check_rows_once(table: SequenceTable, frame: DataFrame) -> None:
    """Refuse a written table in which a time of a sequence stands more than once.

    Raises:
        ValueError: If one does.
    """
    if table.time is None:
        return
    keys = [name for name in (table.id, table.time) if name is not None]
    again = int(frame.duplicated(keys).sum())
    if again:
        raise ValueError(
            "Windows of the table overlap, so that its rows are filled more than once. Read it "
            f"with stride=length. Received: {again} rows again, by {keys}"
        )


def frame_of(columns: Mapping[str, Any], order: list[str], types: Mapping[str, Any]) -> DataFrame:
    """Return columns as a table in this order, each in its type where it has one."""
    import pandas as pd

    return pd.DataFrame({name: in_type(pd.Series(columns[name]), types.get(name)) for name in order})

"""Reading a table in long format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from keras_rgan.data.sequence_table import SequenceTable
from keras_rgan.data.tables import times
from keras_rgan.data.tables.column_roles import ColumnRoles
from keras_rgan.data.tables.column_schema import ColumnSchema, check_schema
from keras_rgan.data.tables.column_types import to_condition, with_categories
from keras_rgan.data.tables.feature_layout import FeatureLayout
from keras_rgan.data.tables.resampling import resampled
from keras_rgan.data.tables.windows import Windows, by_id

if TYPE_CHECKING:
    from pandas import DataFrame


def from_frame(
    frame: DataFrame,
    id: str | None = None,
    time: str | None = None,
    features: Sequence[str] | None = None,
    static: Sequence[str] = (),
    length: int | None = None,
    stride: int = 1,
    resample: Any = None,
    missing: bool = False,
    schema: Mapping[str, Any] | None = None,
) -> SequenceTable:
    """Read sequences from a table in long format: a row for each step.

    Read CSV or Parquet with `pandas.read_csv` or `pandas.read_parquet` first.

    Args:
        frame: A `pandas.DataFrame`.
        id: Column that tells which rows belong together; None where all do.
        time: Column of times or numbers, by which rows stand in order and at one distance; None where
            rows simply follow each other.
        features: Columns that change with time; by default all others. Text and categories become a
            column each, one-hot.
        static: Columns that hold for a whole sequence: `conditions`.
        length: Cuts each sequence into windows of so many steps; None for whole ones.
            Sequences of fewer steps are left out.
        stride: Steps from the start of a window to the start of the next.
        resample: Distance of times, as "10min" or a number, to which to bring rows at any times and in
            any order: means within a step, straight lines between (with `missing` gaps); None expects
            them as they should be.
        missing: Whether features may be missing here and there. They are NaN in the sequences.
        schema: What columns of features and static ones hold, by name, where their types do not tell:
            "categorical", as numbers that are codes; a list of categories, others than which are
            refused; "continuous"; "integer", as whole numbers that stand as real ones since some are
            missing; bounds (low, high), None where there is none, or ("integer", low, high), which the
            data keeps to and so does what is written back. By default text and what pandas calls
            categories are such, and numbers are numbers; whole numbers of a static column are
            categories, unless they are declared as numbers. A model knows of static columns those
            categories alone that occur.

    Returns:
        A `SequenceTable`: `fit` takes it, and its `to_frame` and `forecasts_to_frame` write what comes
        out.

    Raises:
        ValueError: If a column is missing or of another kind, values are missing that may not be, times
            are not sorted, appear twice or are not at one distance, or a static column changes within a
            sequence.
        ImportError: If pandas is not installed.

    Example:
        >>> import pandas as pd, keras_rgan as kr
        >>> frame = pd.DataFrame({
        ...     "patient": ["a", "a", "a", "b", "b"],
        ...     "day": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"] * 2)[:5],
        ...     "pulse": [61, 64, 66, 80, 83],
        ...     "sex": ["f", "f", "f", "m", "m"],
        ... })
        >>> table = kr.data.from_frame(frame, id="patient", time="day", static=["sex"])
        >>> [x.shape for x in table.sequences], table.conditions["sex"].tolist()
        ([(3, 1), (2, 1)], ['f', 'm'])
        >>> table.to_frame().equals(frame)
        True
    """
    _check_is_frame(frame)
    roles = ColumnRoles.of(frame, id, time, features, static)
    if resample is not None and time is None:
        raise ValueError(
            "`resample` is a distance of times. Expected: time=, their column. Received: None"
        )
    roles.check_kinds(frame)
    declared = check_schema(frame, schema, [*roles.features, *roles.static])
    roles.check_complete(frame, features=resample is None and not missing)
    columns = _types(frame, roles, declared)
    frame = roles.with_declared_static(frame, declared)
    layout = FeatureLayout.of(frame, roles.features, declared)
    frame = layout.spread(frame)
    rows_by_id = by_id(frame, roles)
    step = None
    if time is not None:
        times.check_kind(frame[time])
        if resample is not None:
            step = times.resampling_distance(resample, frame[time])
            rows_by_id = [
                (key, resampled(rows, roles, layout, step, missing)) for key, rows in rows_by_id
            ]
        step = times.common_step(rows_by_id, id, time, step)
    windows = Windows.of(rows_by_id, roles, layout, length, stride)
    return _table(windows, frame, roles, layout, step, columns, declared)


def _check_is_frame(frame: Any) -> None:
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("from_frame reads pandas: pip install 'keras_rgan[data]'") from error
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"Expected a pandas.DataFrame. Received: {type(frame).__name__}")


def _types(frame: DataFrame, roles: ColumnRoles, schema: Mapping[Any, ColumnSchema]) -> dict[Any, Any]:
    """Return the types in which columns are written back, with the categories declared of features."""
    types = {name: frame[name].dtype for name in roles.in_order(frame)}
    for name in roles.features:
        categories = schema[name].categories if name in schema else None
        if categories is not None:
            types[name] = with_categories(types[name], categories)
    return types


def _table(
    windows: Windows,
    frame: DataFrame,
    roles: ColumnRoles,
    layout: FeatureLayout,
    step: Any,
    columns: dict[Any, Any],
    schema: dict[Any, ColumnSchema],
) -> SequenceTable:
    """Return windows of a table and what is needed to write such a table."""
    import pandas as pd

    starts = None
    if roles.time is not None:
        firsts = [of_window.iloc[0] for of_window in windows.times]
        starts = pd.Series(firsts, dtype=frame[roles.time].dtype)
    return SequenceTable(
        sequences=windows.stacked(),
        conditions={
            name: to_condition(pd.Series(values), frame[name].dtype)
            for name, values in windows.static.items()
        },
        ids=windows.ids,
        starts=starts,
        step=step,
        id=roles.id,
        time=roles.time,
        features=roles.features,
        columns=columns,
        times=windows.times,
        categories=layout.categories,
        schema=schema,
    )

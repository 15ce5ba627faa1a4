"""Reading a table in long format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from keras_rgan.data.sequence_table import SequenceTable
from keras_rgan.data.tables import times
from keras_rgan.data.tables.column_roles import ColumnRoles
from keras_rgan.data.tables.column_schema import ColumnSchema, check_schema
from keras_rgan.data.tables.column_types import ColumnType
from keras_rgan.data.tables.feature_layout import FeatureLayout
from keras_rgan.data.tables.frames import to_pandas
from keras_rgan.data.tables.plain_columns import plain, to_condition
from keras_rgan.data.tables.resampling import resampled
from keras_rgan.data.tables.segments import grouped
from keras_rgan.data.tables.windows import Windows

if TYPE_CHECKING:
    from pandas import DataFrame


def from_frame(
    frame: DataFrame,
    id: Any = None,
    time: Any = None,
    features: Sequence[Any] | None = None,
    static: Sequence[Any] = (),
    length: int | None = None,
    stride: int = 1,
    resample: Any = None,
    missing: bool = False,
    schema: Mapping[str, Any] | None = None,
    like: SequenceTable | None = None,
) -> SequenceTable:
    """Read sequences from a table in long format: a row for each step.

    Read CSV or Parquet with `pandas.read_csv` or `pandas.read_parquet` first.

    Args:
        frame: A dataframe of pandas, or of polars, pyarrow or another library that narwhals knows.
        id: Column that tells which rows belong together, or a list of several; None where all do.
        time: Column of times or numbers, by which rows stand in order and at one distance; None where
            rows simply follow each other.
        features: Columns that change with time; by default all others. Text and categories become a
            column each, one-hot.
        static: Columns that hold for a whole sequence: `conditions`.
        length: Cuts each sequence into windows of so many steps; None for whole ones.
            Sequences of fewer steps are left out, as are the last rows that fill no window.
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
            categories, unless they are declared as numbers.
        like: A table that was read before, as whose the columns are taken: `id`, `time`, `features` in
            its order, `static`, categories and what was declared, unless they are given. For test data
            beside that of training: a model takes tables of the columns that it learned, in order.
            `length`, `stride`, `resample` and `missing` are as given.

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
    frame, native = to_pandas(frame)
    import pandas as pd

    if like is not None:
        id = like.id if id is None else id
        time = like.time if time is None else time
        features = like.features if features is None else features
        static = static or like.static
        told = {**like.schema, **like.categories}
        named = [*features, *static]
        schema = {**{name: told[name] for name in told if name in named}, **(schema or {})}
    header = frame.columns
    frame = frame.set_axis(pd.Index(header.tolist(), tupleize_cols=False), axis=1)
    roles = ColumnRoles.of(frame, id, time, features, static)
    if resample is not None and time is None:
        raise ValueError(
            "`resample` is a distance of times. Expected: time=, their column. Received: None"
        )
    header = header[[name in roles.named for name in frame.columns]]
    frame, segments = grouped(frame[roles.in_order(frame)], roles.ids)
    columns = {name: plain(frame[name]) for name in frame.columns}
    roles.check_kinds(columns)
    declared = check_schema(columns, schema, [*roles.features, *roles.static])
    roles.check_complete(columns, features=resample is None and not missing)
    segments.check_static(columns, roles.static)
    layout = FeatureLayout.of(columns, roles.features, declared)
    values = layout.rows(columns)
    at = None if time is None else times.to_index(columns[roles.time])
    grid = None
    if resample is not None:
        grid = times.resampling_grid(resample, at)
        values, at, rows = resampled(values, at, segments, layout, grid, missing)
    else:
        rows = segments
        if at is not None:
            times.check_increasing(at, rows.first, rows.where)
            single = columns[roles.time].dtype in ("float32", "float16", "Float32")
            grid = times.common_grid(at, rows.first, single)
    if like is not None and grid is not None and grid.step != like.step:
        raise ValueError(
            f"Expected times at the distance of the table like=, {like.step}. Received: {grid.step}. "
            "Pass resample= to bring them to it."
        )
    windows = Windows.of(rows, length, stride)
    types = _types(frame, columns, roles, declared, exact=resample is None)
    if resample is not None:
        means = {name: values[:, place.start] for name, place in layout.slices().items()}
        types |= {name: types[name].of_means(means[name]) for name in roles.features}
    begins = segments.begins
    return SequenceTable(
        sequences=windows.cut(values),
        conditions={
            str(name): to_condition(columns[name].iloc[begins], declared.get(name))[
                windows.of_sequences
            ]
            for name in roles.static
        },
        ids=[segments.keys[i] for i in windows.of_sequences],
        id=roles.ids[0] if len(roles.ids) == 1 else tuple(roles.ids) or None,
        time=roles.time,
        features=roles.features,
        types=types,
        categories=layout.categories,
        schema=declared,
        grid=grid,
        times=at,
        windows=windows,
        source=frame if resample is None else None,
        firsts=frame[[*roles.ids, *roles.static]]
        .iloc[begins[windows.of_sequences]]
        .reset_index(drop=True),
        header=header,
        native=native,
    )


def _types(
    frame: DataFrame,
    columns: Mapping[Any, Any],
    roles: ColumnRoles,
    schema: Mapping[Any, ColumnSchema],
    exact: bool,
) -> dict[Any, ColumnType]:
    """Return the types in which columns are written back, with the categories declared of features."""
    types = {}
    for name in frame.columns:
        declared = schema.get(name)
        rounds = (exact or name in roles.static) and not (declared and declared.is_continuous)
        types[name] = ColumnType.of(frame[name], columns[name], rounds)
        if declared is not None and declared.categories is not None and name in roles.features:
            types[name] = types[name].with_categories(declared.categories)
    return types

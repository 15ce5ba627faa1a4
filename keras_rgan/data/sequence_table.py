"""Sequences from a table in long format, and back."""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.column_schema import ColumnSchema, check_schema
from keras_rgan.data.pad_sequences import pad_sequences
from keras_rgan.utils import checks

if TYPE_CHECKING:
    from pandas import DataFrame


MAX_CATEGORIES = 256
"""A feature of more categories than these is taken for a mistake."""


@dataclasses.dataclass
class SequenceTable:
    """Sequences and conditions of a table in long format, and what is needed to write such a table.

    `from_frame` makes it; `gan.fit(table.data)` learns it, `table.to_frame(gan.generate(100))` writes
    what was generated as a table of the same columns, types and grid of times.

    Args:
        sequences: `(samples, time, features)` where all are as long, else a list of arrays.
        conditions: The static columns by name, one value a sample.
        ids: The id of each sequence.
        starts: The time of the first step of each.
        step: Time from one step to the next; None without times.
        id: Name of the column of ids; None for none.
        time: Name of the column of times; None for none.
        features: Names of the columns of features.
        columns: The table's columns in their order, with their types.
        times: The times of every sequence, as they stood in the table.
        categories: Of each feature of text or categories these: in the sequences it has a column for
            each, one-hot, where a feature of numbers has one.
        schema: What was declared of columns.

    Example:
        >>> import pandas as pd, keras_rgan as kr
        >>> frame = pd.DataFrame({"day": [1, 2, 3, 4], "sales": [5, 6, 7, 8]})
        >>> table = kr.data.from_frame(frame, time="day", length=2)
        >>> table.sequences.shape
        (3, 2, 1)
        >>> table.to_frame(table.sequences[:1], start=10).to_dict("list")
        {'day': [10, 11], 'sales': [5, 6]}
    """

    sequences: Any = dataclasses.field(repr=False)
    conditions: dict[str, np.ndarray] = dataclasses.field(repr=False)
    ids: Any = dataclasses.field(repr=False)
    starts: Any = dataclasses.field(repr=False)
    step: Any
    id: str | None
    time: str | None
    features: list[str]
    columns: dict[str, Any]
    times: Any = dataclasses.field(default=None, repr=False)
    categories: dict[str, list[Any]] = dataclasses.field(default_factory=dict)
    schema: dict[str, ColumnSchema] = dataclasses.field(default_factory=dict)

    @property
    def num_columns(self) -> int:
        """How many columns the features have in the sequences."""
        return sum(len(self.categories.get(name, [0])) for name in self.features)

    @property
    def data(self) -> Any:
        """What `fit` takes: the sequences, with their conditions where there are any.

        One is `observed` where values are missing; sequences of different lengths are padded then.
        """
        sequences, conditions = self.sequences, dict(self.conditions)
        whole = isinstance(sequences, np.ndarray)
        if np.isnan(sequences).any() if whole else any(np.isnan(x).any() for x in sequences):
            if not whole:
                sequences, conditions["length"] = pad_sequences(sequences)
            conditions["observed"] = ~np.isnan(sequences)
        return (sequences, conditions) if conditions else sequences

    def to_frame(
        self,
        sequences: Any = None,
        conditions: Mapping[str, Any] | None = None,
        start: Any = None,
        seed: int = 0,
        as_data: bool = False,
    ) -> DataFrame:
        """Return sequences as a table in long format.

        Args:
            sequences: Generated ones, an array or a list of arrays; by default those of the data, which
                come back as they were.
            conditions: Their conditions, as `RecurrentGAN.sample_conditions` returns them: needed where
                the table has static columns.
            start: Time of the first step of all sequences; by default each starts where one of the
                data's does, drawn with `seed`.
            seed: Seed of the draws.
            as_data: Whether the sequences stand for the data's, one for each, as `impute` fills them:
                with their ids, times and static columns. Of windows that do not overlap.

        Returns:
            A `pandas.DataFrame` of the table's columns in their order and types, sorted by sequence and
            time. Generated ids count from 0; a table without ids gets a column `sequence` where it
            would not be known otherwise which rows belong together.

        Raises:
            ValueError: If the features do not fit, or conditions are missing.
        """
        known = sequences is None or as_data
        if known:
            sequences = self.sequences if sequences is None else sequences
            conditions = self.conditions
        parts = [np.asarray(x) for x in sequences]
        count = len(parts)
        wrong = next((x.shape for x in parts if x.ndim != 2 or x.shape[1] != self.num_columns), None)
        if wrong is not None or not count:
            raise ValueError(
                f"Expected sequences of {self.num_columns} columns of the features {self.features}. "
                "Received: " + (f"one of shape {wrong}" if count else "none")
            )
        if as_data:
            if [len(x) for x in parts] != [len(x) for x in self.sequences]:
                raise ValueError(
                    f"Expected the {len(self.sequences)} sequences of the data, as long as they were. "
                    f"Received: {count} sequences, the first of {len(parts[0])} steps. Leave as_data "
                    "out for generated ones."
                )
            # What was observed is as it was, whatever precision it went through.
            parts = [np.where(np.isnan(x), y, x) for x, y in zip(self.sequences, parts, strict=True)]
        conditions = dict(conditions or {})
        missing = set(self.conditions) - set(conditions)
        if missing:
            raise ValueError(
                f"The table has the static columns {sorted(self.conditions)}. Expected: conditions of "
                "the generated sequences, gan.sample_conditions(n, seed=s) beside gan.generate(n, "
                f"seed=s). Missing: {sorted(missing)}"
            )
        lengths = np.array([len(x) for x in parts])
        rows_of = {
            name: np.ravel(np.asarray(values, dtype=object)) for name, values in conditions.items()
        }
        for name in [*self.conditions, *(["length"] if "length" in conditions else [])]:
            found = rows_of[name]
            same = len(found) == count and (name in self.conditions or (found == lengths).all())
            if not same:
                raise ValueError(
                    f"Expected the conditions of these {count} sequences: those that they were "
                    "generated of, or gan.sample_conditions(n, seed=s) beside gan.generate(n, seed=s). "
                    f"Received: {name!r} of {len(found)} rows"
                    + ("" if len(found) != count else ", of others")
                )
        row = np.repeat(np.arange(count), lengths)
        rows = np.concatenate(parts)
        ids: Any = np.arange(count)
        if known:
            ids = self.ids
        elif self.id is not None and _is_text(self.columns[self.id]):
            ids = [f"generated_{i}" for i in range(count)]
        made = self._beside(row, ids, conditions)
        if self.time is not None:
            made[self.time] = self._times(lengths, known, start, seed)
        made.update(self._named(rows))
        order = [*(["sequence"] if "sequence" in made else []), *self.columns]
        made_frame = self._frame(made, order)
        if as_data and self.time is not None:
            keys = [name for name in (self.id, self.time) if name is not None]
            again = int(made_frame.duplicated(keys).sum())
            if again:
                raise ValueError(
                    "Windows of the table overlap, so that its rows are filled more than once. Read it "
                    f"with stride=length. Received: {again} rows again, by {keys}"
                )
        return made_frame

    def forecasts_to_frame(self, paths: Any, quantiles: Sequence[float] | None = None) -> DataFrame:
        """Return what `gan.forecast` draws of this table as a table in long format.

        Args:
            paths: `(series, samples, steps, features)`, how each sequence of the table goes on:
                `gan.forecast(table, steps=…)`; `(series, quantiles, steps, features)`; or one future of
                each, `(series, steps, features)`.
            quantiles: Levels between 0 and 1, where these are what was asked for. Of categories all
                hold the most frequent one.

        Returns:
            A `pandas.DataFrame` of the table's columns, with their ids and static values, times that
            follow those of the sequence, and a column `sample` (from 0), or `quantile`, behind these.

        Raises:
            ValueError: If the forecasts are not of this table.

        Example:
            >>> import numpy as np, pandas as pd, keras_rgan as kr
            >>> shops, days = ["a", "a", "a", "b", "b", "b"], [1, 2, 3, 1, 2, 3]
            >>> frame = pd.DataFrame({"shop": shops, "day": days, "sales": 5.0})
            >>> table = kr.data.from_frame(frame, id="shop", time="day")
            >>> paths = np.full((2, 1, 2, 1), 7.0)  # gan.forecast(table, steps=2, num_samples=1)
            >>> table.forecasts_to_frame(paths).to_dict("list")
            ... # doctest: +NORMALIZE_WHITESPACE
            {'shop': ['a', 'a', 'b', 'b'], 'day': [4, 5, 4, 5], 'sample': [0, 0, 0, 0],
             'sales': [7.0, 7.0, 7.0, 7.0]}
        """
        import pandas as pd

        values = np.asarray(paths)
        values = values[:, None] if values.ndim == 3 else values
        count, levels = len(self.sequences), checks.levels(quantiles)
        wanted = (count, None if levels is None else len(levels), None, self.num_columns)
        if values.ndim != 4 or any(
            n not in (None, m) for n, m in zip(wanted, values.shape, strict=True)
        ):
            raise ValueError(
                f"Expected forecasts of the {count} sequences of this table, of shape {wanted}: "
                "gan.forecast(table, steps=…)"
                + ("" if levels is None else f", its quantiles at {levels.tolist()}")
                + f". Received: shape {values.shape}"
            )
        kind = "sample" if levels is None else "quantile"
        self._check_free(kind)
        _, draws, steps, _ = values.shape
        series, draw, step = (x.ravel() for x in np.indices((count, draws, steps)))
        made = self._beside(series, self.ids, self.conditions)
        made[kind] = pd.Series(draw if levels is None else levels[draw])
        if self.time is not None:
            lasts = pd.Series([x.iloc[-1] for x in self.times], dtype=self.starts.dtype)
            made[self.time] = (
                lasts.iloc[series].reset_index(drop=True) + pd.Series(step + 1) * self.step
            )
        made.update(self._named(values.reshape(-1, values.shape[-1])))
        front = [name for name in ("sequence", self.id, self.time) if name in made]
        return self._frame(made, [*front, kind, *(n for n in self.columns if n not in front)])

    def _beside(self, row: np.ndarray, ids: Any, conditions: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns that tell sequences apart or hold for whole ones, `row` their numbers."""
        import pandas as pd

        found: dict[str, Any] = {}
        if self.id is not None:
            found[self.id] = pd.Series(np.asarray(ids, dtype=object)[row])
        elif len(ids) > 1:
            self._check_free("sequence")
            found["sequence"] = pd.Series(row)
        for name in self.conditions:
            values = np.ravel(np.asarray(conditions[name], dtype=object))
            declared = self.schema.get(name)
            if declared is not None and not declared.categorical:
                values = declared.restore(values.astype("float64"))
            found[name] = pd.Series(values[row])
        return found

    def _check_free(self, name: str) -> None:
        if name in self.columns:
            raise ValueError(
                f"The column {name!r} would stand beside one of the table of that name. Rename the "
                "table's column before from_frame."
            )

    def _named(self, rows: np.ndarray) -> dict[str, Any]:
        """Return the features of rows by name, one-hot ones as categories, within declared bounds."""
        made, first = {}, 0
        for name in self.features:
            known = self.categories.get(name)
            width = 1 if known is None else len(known)
            values = rows[:, first : first + width]
            first += width
            if known is not None:
                made[name] = _named_by(values, known)
            elif name in self.schema:
                made[name] = self.schema[name].restore(values[:, 0])
            else:
                made[name] = values[:, 0]
        return made

    def _frame(self, made: dict[str, Any], order: list[str]) -> DataFrame:
        import pandas as pd

        return pd.DataFrame(
            {name: _typed(pd.Series(made[name]), self.columns.get(name)) for name in order}
        )

    def _times(self, lengths: np.ndarray, known: bool, start: Any, seed: int) -> Any:
        import pandas as pd

        if known:
            return pd.concat([pd.Series(x) for x in self.times], ignore_index=True)
        if start is not None:
            starts = pd.Series([_first_time(start, self.time, self.starts.dtype)] * len(lengths))
        else:
            chosen = np.random.default_rng(seed).integers(0, len(self.starts), len(lengths))
            starts = self.starts.iloc[chosen]
        step = np.concatenate([np.arange(n) for n in lengths])
        return starts.repeat(lengths).reset_index(drop=True) + pd.Series(step) * self.step


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
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("from_frame reads pandas: pip install 'keras_rgan[data]'") from error
    if not isinstance(frame, pd.DataFrame):
        raise ValueError(f"Expected a pandas.DataFrame. Received: {type(frame).__name__}")
    static = [static] if isinstance(static, str) else list(static)
    reserved = sorted({"length", "mask", "observed"} & set(static))
    if reserved:
        raise ValueError(
            f"Static columns become conditions, of which {reserved} have a meaning of their own. Rename"
            " these columns."
        )
    named = [name for name in (id, time) if name is not None]
    if features is None:
        features = [c for c in frame.columns if c not in (*named, *static)]
    features = [features] if isinstance(features, str) else list(features)
    twice = frame.columns[frame.columns.duplicated()].tolist()
    if twice:
        raise ValueError(f"Expected columns of different names. Received: {twice} more than once")
    columns = [c for c in frame.columns if c in (*named, *static, *features)]
    absent = [c for c in (*named, *static, *features) if c not in frame.columns]
    if absent:
        raise ValueError(
            f"Expected the columns {[*named, *static, *features]}. Received: {list(frame.columns)}; "
            f"missing: {absent}. Bring an index in with frame.reset_index()."
        )
    if not features or not len(frame):
        raise ValueError(
            f"Expected rows and a column of features. Received: {len(frame)} rows of features "
            f"{features}"
        )
    if resample is not None and time is None:
        raise ValueError(
            "`resample` is a distance of times. Expected: time=, their column. Received: None"
        )
    for name in features:
        if frame[name].dtype.kind in "mM":
            raise ValueError(
                f"Expected numbers, text or categories in the feature {name!r}. Received: dtype "
                f"{frame[name].dtype}. Name it under time=, turn it into numbers, or leave it out of "
                "features=."
            )
    numeric = frame[[c for c in features if pd.api.types.is_float_dtype(frame[c].dtype)]]
    infinite = numeric.columns[np.isinf(numeric.to_numpy(dtype="float64", na_value=np.nan)).any(axis=0)]
    if len(infinite):
        raise ValueError(
            f"Expected finite numbers. Received: infinite ones in the features {infinite.tolist()}. "
            "Drop these rows, or replace them by NaN and pass missing=True."
        )
    declared = check_schema(frame, schema, [*features, *static])
    holes = frame[columns].isna().sum()
    if resample is None and not missing:
        _refuse_holes(holes)
    else:
        _refuse_holes(holes[[*named, *static]])
    types = {name: frame[name].dtype for name in columns}
    frame = frame.copy(deep=False)
    for name in static:
        if name in declared:
            codes = declared[name].categorical
            frame[name] = _as_codes(frame[name]) if codes else frame[name].astype("float64")
    for name in features:
        listed = declared[name].categories if name in declared else None
        if listed is not None and isinstance(types[name], pd.CategoricalDtype):
            known = types[name].categories
            more = [c for c in listed if c not in known]
            types[name] = pd.CategoricalDtype([*known, *more], types[name].ordered)
    frame, spread, categories = _one_hot(frame, features, declared)
    groups = (
        [(0, frame)] if id is None else list(frame.groupby(id, sort=False, observed=True, dropna=False))
    )
    for key, part in groups:
        for name in static:
            if part[name].nunique(dropna=False) > 1:
                raise ValueError(
                    f"Expected the static column {name!r} to hold for a whole sequence. Received: "
                    f"{part[name].unique()[:3].tolist()} in {_named(id, key)}. Name it under features=."
                )
    if time is not None and resample is not None:
        resample = _distance(resample, frame[time])
        groups = [
            (key, _resampled(part, time, spread, static, resample, missing)) for key, part in groups
        ]
    step = None if time is None else _common_step(groups, id, time, resample)
    ids, starts, arrays, times = [], [], [], []
    values: dict[str, list[Any]] = {name: [] for name in static}
    for key, part in groups:
        numbers = [column for group in spread for column in group]
        kind = np.result_type(*_plain_types(part, numbers))
        if part[numbers].isna().to_numpy().any():
            kind = np.result_type(kind, "float32")
            rows = part[numbers].to_numpy(dtype=kind, na_value=np.nan)
        else:
            rows = part[numbers].to_numpy(dtype=kind)
        size = len(rows) if length is None else checks.positive_int("length", length)
        for first in range(0, len(rows) - size + 1, checks.positive_int("stride", stride)):
            arrays.append(rows[first : first + size])
            ids.append(key)
            if time is not None:
                starts.append(part[time].iloc[first])
                times.append(part[time].iloc[first : first + size])
            for name in static:
                values[name].append(part[name].iloc[0])
    if not arrays:
        longest = max(len(part) for _, part in groups)
        raise ValueError(
            f"Expected sequences of at least length={length} steps. Received: at most {longest}"
        )
    whole = len({len(x) for x in arrays}) == 1
    return SequenceTable(
        sequences=np.stack(arrays) if whole else arrays,
        conditions={name: _condition(pd.Series(v), frame[name].dtype) for name, v in values.items()},
        ids=ids,
        starts=None if time is None else pd.Series(starts, dtype=frame[time].dtype),
        step=step,
        id=id,
        time=time,
        features=features,
        columns=types,
        times=times,
        categories=categories,
        schema=declared,
    )


def _as_codes(column: Any) -> Any:
    """Return a column as a condition that is of categories: text, or whole numbers."""
    if _is_text(column.dtype):
        return column
    return column.astype("int64") if (column == column.round()).all() else column.astype(str)


def _refuse_holes(holes: Any) -> None:
    holes = {name: int(count) for name, count in holes.items() if count}
    if holes:
        raise ValueError(
            f"Expected no missing values. Received: {holes} rows without. Fill or drop them first "
            "(frame.dropna()); features may miss values with missing=True, ids, times and static "
            "columns may not."
        )


def _one_hot(
    frame: Any, features: list[str], schema: dict[str, ColumnSchema]
) -> tuple[Any, list[list[Any]], dict[str, list[Any]]]:
    """Return a table with a column for each category, the columns of each feature, and categories."""
    import pandas as pd

    spread: list[list[Any]] = []
    categories: dict[str, list[Any]] = {}
    made: dict[Any, Any] = {}
    for name in features:
        column, declared = frame[name], schema.get(name, ColumnSchema())
        if not (_is_text(column.dtype) or declared.categorical):
            spread.append([name])
            continue
        known = column.dropna().unique().tolist()
        if declared.categories is not None:
            known = declared.categories
        elif isinstance(column.dtype, pd.CategoricalDtype):
            known = [c for c in column.dtype.categories if c in set(known)]
        else:
            known = sorted(known, key=str if _is_text(column.dtype) else None)
        if not 1 <= len(known) <= MAX_CATEGORIES:
            raise ValueError(
                f"Expected 1 to {MAX_CATEGORIES} categories of the feature {name!r}. Received: "
                f"{len(known)}. Leave it out of features=, or merge some."
            )
        flags = pd.DataFrame({(name, c): (column == c).astype("float32") for c in known})
        flags = flags.mask(column.isna(), axis=0) if column.isna().any() else flags
        made.update(dict(flags.items()))
        spread.append([(name, c) for c in known])
        categories[name] = list(known)
    if made:
        kept = frame.drop(columns=list(categories))
        frame = pd.DataFrame({**dict(kept.items()), **made}, index=frame.index)
    return frame, spread, categories


def _named_by(flags: np.ndarray, categories: list[Any]) -> np.ndarray:
    """Return the category of each row, None where it is missing."""
    named = np.empty(len(flags), dtype=object)
    missing = np.isnan(flags).any(axis=1)
    named[:] = [categories[i] for i in np.where(np.isnan(flags), 0.0, flags).argmax(axis=1)]
    named[missing] = None
    return named


def _plain_types(part: Any, features: list[str]) -> list[Any]:
    """Return NumPy's types of columns that may be pandas's own."""
    return [getattr(part[name].dtype, "numpy_dtype", part[name].dtype) for name in features]


def _named(id: str | None, key: Any) -> str:
    return "the table" if id is None else f"{id}={key!r}"


def _first_time(start: Any, name: Any, dtype: Any) -> Any:
    import pandas as pd

    dates, number = dtype.kind == "M", isinstance(start, numbers.Real)
    try:
        if dates != number:
            return pd.Series([start]).astype(dtype).iloc[0] if dates else start
    except (ValueError, TypeError):
        pass
    raise ValueError(
        f"Expected start= to be a time of the column {name!r}, dtype {dtype}. Received: {start!r}"
    )


def _distance(resample: Any, times: Any) -> Any:
    import pandas as pd

    dates, number = times.dtype.kind == "M", isinstance(resample, numbers.Real)
    try:
        if dates != number:
            return pd.Timedelta(resample) if dates else resample
    except ValueError:
        pass
    wanted = "a distance of times, as '10min'" if dates else "a number, as the column of times holds"
    raise ValueError(f"Expected resample= to be {wanted}. Received: {resample!r}")


def _common_step(groups: list[Any], id: str | None, time: str, wanted: Any) -> Any:
    """Return the distance of times that all rows keep to."""
    found = wanted
    mend = "Sort, drop or aggregate rows first, or pass resample=, the distance to bring them to."
    for key, part in groups:
        times = part[time]
        if times.dtype.kind not in "Miuf":
            raise ValueError(
                f"Expected times or numbers in the column {time!r}. Received: dtype {times.dtype}. Use "
                "pandas.to_datetime."
            )
        steps = times.diff().iloc[1:]
        if not len(steps):
            continue
        zero = steps.iloc[0] * 0
        for problem, bad in (("twice", steps == zero), ("not in order", steps < zero)):
            if bad.any():
                where = times.iloc[1:][bad].iloc[0]
                raise ValueError(
                    f"Expected every time once, in order, at one distance. Received: {where} {problem} "
                    f"({_named(id, key)}). {mend}"
                )
        if found is None:
            found = steps.mode().iloc[0]
        off = steps != found if times.dtype.kind != "f" else ~np.isclose(steps, found, rtol=1e-6)
        if off.any():
            raise ValueError(
                f"Expected times at one distance, {found}. Received: {steps[off].iloc[0]} before "
                f"{times.iloc[1:][off].iloc[0]}. {mend}"
            )
    if found is None:
        raise ValueError("Expected sequences of more than one row, to know how far times lie apart.")
    return found


def _resampled(
    part: Any, time: str, spread: list[list[Any]], static: list[str], step: Any, missing: bool
) -> Any:
    """Return rows at one distance: means within a step, straight lines or gaps between.

    Of categories the most frequent within a step, and the last between.
    """
    import pandas as pd

    part = part.sort_values(time, kind="stable")
    first = part[time].iloc[0]
    if part[time].dtype.kind == "M":
        first = first.floor(step)
    place = np.floor((part[time] - first) / step + 1e-9).astype(int)
    features = [column for group in spread for column in group]
    means = part[features].astype("float64").groupby(place.to_numpy()).mean()
    means = means.reindex(range(int(place.max()) + 1))
    for group in spread:
        if isinstance(group[0], tuple):
            shares = means[group] if missing else means[group].ffill().bfill()
            likeliest = np.nan_to_num(shares.to_numpy(), nan=-1.0).argmax(axis=1)
            flags = np.eye(len(group))[likeliest]
            means[group] = np.where(shares.isna().to_numpy(), np.nan, flags)
    if not missing:
        means = means.interpolate().ffill().bfill()
        if means.isna().to_numpy().any():
            raise ValueError("Expected values to interpolate between. Received: a feature without any")
    made = {time: first + pd.Series(means.index) * step}
    made.update({name: means[name].to_numpy() for name in features})
    made.update({name: part[name].iloc[0] for name in static})
    return pd.DataFrame(made)


def _condition(values: Any, dtype: Any) -> np.ndarray:
    """Return a static column as `fit` takes it: numbers, or text."""
    if _is_text(dtype):
        return np.array([str(v) for v in values])
    return values.to_numpy(dtype=getattr(dtype, "numpy_dtype", dtype))


def _is_text(dtype: Any) -> bool:
    import pandas as pd

    return not pd.api.types.is_numeric_dtype(dtype)


def _typed(values: Any, dtype: Any) -> Any:
    """Return a column in a type, whole numbers and flags rounded, and within the type's range."""
    import pandas as pd

    if dtype is None:
        return values
    plain = getattr(dtype, "numpy_dtype", dtype)
    if pd.api.types.is_bool_dtype(dtype):
        numbers = values.astype("float64")
        flags, missing = numbers >= 0.5, numbers.isna()
        return flags.astype("boolean").mask(missing) if missing.any() else flags.astype(dtype)
    if pd.api.types.is_integer_dtype(dtype):
        values = pd.to_numeric(values)  # which may come as objects, None where one is missing
        if values.dtype.kind == "f":
            info = np.iinfo(plain)
            values = values.round().clip(float(info.min), float(info.max))
            if values.isna().any() and plain is dtype:  # NumPy's integers know no missing value
                return values
        return values.astype(dtype)
    if isinstance(dtype, pd.CategoricalDtype):
        known = {str(c): c for c in dtype.categories}
        values = values.map(lambda v: known.get(str(v), v))
    return values.astype(dtype)

"""Sequences from a table in long format, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.pad_sequences import pad_sequences
from keras_rgan.data.tables import times, writing
from keras_rgan.data.tables.column_schema import ColumnSchema
from keras_rgan.data.tables.column_types import ColumnType
from keras_rgan.data.tables.feature_layout import FeatureLayout
from keras_rgan.data.tables.plain_columns import to_condition
from keras_rgan.data.tables.runs import counted
from keras_rgan.data.tables.time_grids import CalendarGrid, TimeGrid
from keras_rgan.data.tables.windows import Windows

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclasses.dataclass
class SequenceTable:
    """Sequences and conditions of a table in long format, and what is needed to write such a table.

    `from_frame` makes it; `gan.fit(table)` learns it, `table.to_frame(gan.generate(100))` writes
    what was generated as a table of the same columns, types and grid of times.

    Args:
        sequences: `(samples, time, features)` where all are as long, else a list of arrays.
        conditions: The static columns by name, one value a sample.
        ids: The id of each sequence; a tuple where several columns tell sequences apart.
        id: Name of the column of ids, or a tuple of several; None for none.
        time: Name of the column of times; None for none.
        features: Names of the columns of features.
        types: The table's columns in their order, with what is needed to write them.
        categories: Of each feature of text or categories these: in the sequences it has a column for
            each, one-hot, where a feature of numbers has one.
        schema: What was declared of columns.
        grid: The distance of times; None without times.
        times: The times of all rows.
        windows: Where the sequences lie in the rows.
        source: The rows as they stood in the table; None where they were brought to one distance.
        firsts: Ids and static columns of each sequence, as they stood.
        header: The table's names of columns.
        native: What makes a dataframe of the table's kind of one of pandas; None where it is the same.

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
    conditions: dict[Any, np.ndarray] = dataclasses.field(repr=False)
    ids: list[Any] = dataclasses.field(repr=False)
    id: Any
    time: Any
    features: list[Any]
    types: dict[Any, ColumnType] = dataclasses.field(repr=False)
    categories: dict[Any, list[Any]]
    schema: dict[Any, ColumnSchema]
    grid: TimeGrid | None = dataclasses.field(repr=False)
    times: Any = dataclasses.field(repr=False)
    windows: Windows = dataclasses.field(repr=False)
    source: Any = dataclasses.field(repr=False)
    firsts: Any = dataclasses.field(repr=False)
    header: Any = dataclasses.field(repr=False)
    native: Any = dataclasses.field(default=None, repr=False)

    def __str__(self) -> str:
        """Return how many sequences there are, of which columns and of what times."""
        lengths = self.windows.lengths
        steps = f"{lengths.min()}" + (f" to {lengths.max()}" if lengths.min() < lengths.max() else "")
        lines = [f"{len(lengths):,} sequences of {steps} steps of {self.num_columns} columns"]
        if self.time is not None:
            first, last = self.times.min(), self.times.max()
            lines.append(f"  time      {self.time}: every {self.step}, from {first} to {last}")
        if self.id is not None:
            lines.append(f"  id        {self.id}: {len(set(self.ids)):,} different")
        parts = self.sequences if isinstance(self.sequences, list) else [self.sequences]
        rows = np.concatenate([part.reshape(-1, self.num_columns) for part in parts])
        for name, place in self.layout.slices().items():
            lines.append(f"  feature   {name}: {self._described(name, rows[:, place])}")
        for name, values in self.conditions.items():
            lines.append(f"  static    {name}: {len(np.unique(values)):,} different ({values.dtype})")
        return "\n".join(lines)

    def _described(self, name: Any, values: np.ndarray) -> str:
        """Return what a feature holds, in words."""
        missing = float(np.isnan(values[:, 0]).mean()) if values.dtype.kind == "f" else 0.0
        gaps = f", {missing:.1%} missing" if missing else ""
        if name in self.categories:
            found = self.categories[name]
            more = ", …" if len(found) > 5 else ""
            return f"{', '.join(map(str, found[:5]))}{more} ({len(found)} categories){gaps}"
        numbers = values[:, 0].astype("float64")
        if np.isnan(numbers).all():
            return f"nothing ({self.columns[name]})"
        low, high = np.fmin.reduce(numbers), np.fmax.reduce(numbers)
        far = max(abs(low), abs(high), 1e-300) / ((high - low) or np.inf)
        digits = int(np.clip(4 + np.log10(max(far, 1.0)), 4, 17))  # that tell both apart
        return f"{low:.{digits}g} to {high:.{digits}g} ({self.columns[name]}){gaps}"

    @property
    def columns(self) -> dict[Any, Any]:
        """The table's columns in their order, with their types."""
        return {name: kind.dtype for name, kind in self.types.items()}

    @property
    def step(self) -> Any:
        """How far times lie apart: a number, a `pandas.Timedelta` or an offset; None without times."""
        return None if self.grid is None else self.grid.step

    @property
    def starts(self) -> Any:
        """The time of the first step of each sequence; None without times."""
        return None if self.times is None else self.times[self.windows.starts]

    @property
    def static(self) -> list[Any]:
        """The names of the static columns, which conditions have as text."""
        return [name for name in self.firsts if name not in self.id_columns]

    @property
    def id_columns(self) -> list[Any]:
        """The names of the columns of ids."""
        if self.id is None:
            return []
        return list(self.id) if self.id not in self.types else [self.id]

    @property
    def layout(self) -> FeatureLayout:
        """Which columns of the sequences each feature has."""
        return FeatureLayout(self.features, self.categories)

    @property
    def num_columns(self) -> int:
        """How many columns the features have in the sequences."""
        return self.layout.num_columns

    @property
    def static_categories(self) -> dict[Any, list[Any]]:
        """Of static columns that were declared by a list these categories, as conditions have them."""
        import pandas as pd

        declared = {name: self.schema[name] for name in self.static if name in self.schema}
        return {
            str(name): to_condition(pd.Series(told.categories), told).tolist()
            for name, told in declared.items()
            if told.categories is not None
        }

    @property
    def data(self) -> Any:
        """What `fit` takes: the sequences, with their conditions where there are any.

        One is `observed` where values are missing; sequences of different lengths are padded then.
        `fit` takes the table itself too, and knows the names of its columns from then on.
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
            conditions: Their conditions, needed where the table has static columns: those that they
                were made under, `rows = gan.sample_conditions(n); gan.generate(conditions=rows)`, or
                those of one seed, `gan.sample_conditions(n, seed=s)` and `gan.generate(n, seed=s)`. Of
                two calls without a seed the rows would not belong to the sequences.
            start: Time of the first step of all sequences; by default each starts where one of the
                data's does, drawn with `seed`.
            seed: Seed of the draws.
            as_data: Whether the sequences stand for the data's, one for each, as `impute` fills them,
                or several, `(samples, time, features)`: with their ids, times and static columns. Of
                windows that do not overlap.

        Returns:
            A dataframe of the kind that was read, of its columns in their order and types, sorted by
            sequence and time. Generated ids count from 0, in a wider type where theirs does not hold
            as many; a table without ids gets a column `sequence` where it would not be known otherwise
            which rows belong together. Of several fillings a column `sample` counts them, from 0.

        Raises:
            ValueError: If the features do not fit, or conditions are missing.
        """
        if sequences is None or as_data:
            return self._of_data(sequences)
        arrays = writing.checked_sequences(self, sequences)
        lengths = np.array([len(values) for values in arrays])
        writing.check_conditions(self, dict(conditions or {}), lengths)
        row_of = np.repeat(np.arange(len(arrays)), lengths)
        columns = self._numbered(row_of, len(arrays))
        for name in self.id_columns:
            columns[name] = self.types[name].generated_ids(len(arrays)).iloc[row_of]
        columns |= writing.static_columns(self, conditions or {}, row_of)
        if self.time is not None:
            assert self.grid is not None
            starts = self._starts_for(len(arrays), start, seed)
            columns[self.time] = self.types[self.time].written_times(
                self.grid.after(starts[row_of], counted(lengths))
            )
        columns |= writing.feature_columns(self, np.concatenate(arrays))
        return writing.frame_of(self, columns, self._order(columns))

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

        values, levels = writing.checked_forecasts(self, paths, quantiles)
        kind = "sample" if levels is None else "quantile"
        writing.check_free(self, kind)
        series, draws, steps = (place.ravel() for place in np.indices(values.shape[:3]))
        columns = self._numbered(series, len(values))
        columns |= {name: self.firsts[name].iloc[series] for name in self.firsts}
        columns[kind] = pd.Series(draws if levels is None else levels[draws])
        if self.grid is not None:
            lasts = self.times[self.windows.lasts]
            after = self.grid.after(lasts[series], steps + 1)
            columns[self.time] = self.types[self.time].written_times(after)
        columns |= writing.feature_columns(self, values.reshape(-1, values.shape[-1]))
        return writing.frame_of(self, columns, self._order(columns, kind))

    def _of_data(self, sequences: Any) -> Any:
        """Return the data's rows, with values of sequences where they miss some."""
        beside, observed = self._beside_rows(), self._observed()
        if sequences is None:
            columns = beside | observed
            return writing.frame_of(self, columns, self._order(columns))
        arrays, count = writing.checked_fillings(self, sequences)
        writing.check_rows_once(self)
        made = writing.feature_columns(self, np.concatenate(arrays))
        if count is None:
            columns = beside | writing.filled(observed, made)
            return writing.frame_of(self, columns, self._order(columns))
        writing.check_free(self, "sample")
        columns = writing.repeated(beside, count)
        columns["sample"] = writing.numbered(count, len(self.windows.rows))
        columns |= writing.filled(writing.repeated(observed, count), made)
        return writing.frame_of(self, columns, self._order(columns, "sample"))

    def _beside_rows(self) -> dict[Any, Any]:
        """Return all columns of the data's rows but those of features."""
        num = len(self.windows.lengths)
        row_of = np.repeat(np.arange(num), self.windows.lengths)
        columns = self._numbered(row_of, num)
        columns |= {name: self.firsts[name].iloc[row_of].reset_index(drop=True) for name in self.firsts}
        if self.time is not None:
            rows = self.windows.rows
            if self.source is None:
                columns[self.time] = self.types[self.time].written_times(self.times[rows])
            else:
                columns[self.time] = self.source[self.time].iloc[rows].reset_index(drop=True)
        return columns

    def _observed(self) -> dict[Any, Any]:
        """Return the features of the data's rows as columns, which miss what is not observed."""
        if self.source is None:
            arrays = writing.checked_sequences(self, self.sequences)
            return writing.feature_columns(self, np.concatenate(arrays))
        rows = self.source[self.features].iloc[self.windows.rows].reset_index(drop=True)
        return {name: rows[name] for name in self.features}

    def _numbered(self, row_of: np.ndarray, count: int) -> dict[Any, Any]:
        """Return the column that tells sequences apart where the table has none that does."""
        import pandas as pd

        if self.id is not None or count < 2:
            return {}
        writing.check_free(self, "sequence")
        return {"sequence": pd.Series(row_of)}

    def _order(self, columns: Any, kind: str | None = None) -> list[Any]:
        """Return names of columns in the table's order; ids and times come before a column beside."""
        numbered = ["sequence"] if "sequence" in columns and "sequence" not in self.types else []
        if kind is None:
            return [*numbered, *self.types]
        front = [*numbered, *self.id_columns, *([] if self.time is None else [self.time])]
        return [*front, kind, *(name for name in self.types if name not in front)]

    def _starts_for(self, count: int, start: Any, seed: int) -> Any:
        """Return where so many sequences start: at one time, or where the data's do, drawn."""
        import pandas as pd

        if start is None:
            chosen = np.random.default_rng(seed).integers(0, len(self.windows.starts), count)
            return self.starts[chosen]
        first = times.start_time(start, self.time, self.times)
        if isinstance(self.grid, CalendarGrid) and not self.grid.step.is_on_offset(first):
            raise ValueError(
                f"Expected start= to be a time that the table's distance, {self.step}, leads to. "
                f"Received: {start!r}. The next one is {self.grid.step.rollforward(first)}."
            )
        return pd.Index([first] * count)

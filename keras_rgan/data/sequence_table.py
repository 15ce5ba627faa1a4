"""Sequences from a table in long format, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.pad_sequences import pad_sequences
from keras_rgan.data.tables import times, writing
from keras_rgan.data.tables.column_schema import ColumnSchema
from keras_rgan.data.tables.column_types import generated_ids
from keras_rgan.data.tables.feature_layout import FeatureLayout

if TYPE_CHECKING:
    from pandas import DataFrame


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
    def layout(self) -> FeatureLayout:
        """Which columns of the sequences each feature has."""
        return FeatureLayout(self.features, self.categories)

    @property
    def num_columns(self) -> int:
        """How many columns the features have in the sequences."""
        return self.layout.num_columns

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
        of_data = sequences is None or as_data
        arrays = writing.checked_sequences(self, self.sequences if sequences is None else sequences)
        if as_data:
            arrays = writing.with_observed(self, arrays)
        lengths = np.array([len(values) for values in arrays])
        conditions = self.conditions if of_data else dict(conditions or {})
        writing.check_conditions(self, conditions, lengths)
        id_type = None if self.id is None else self.columns[self.id]
        ids = self.ids if of_data else generated_ids(len(arrays), id_type)
        row_of = np.repeat(np.arange(len(arrays)), lengths)
        columns = writing.columns_beside(self, row_of, ids, conditions)
        if self.time is not None:
            columns[self.time] = (
                times.joined(self.times) if of_data else self._generated_times(lengths, start, seed)
            )
        columns.update(self.layout.named(np.concatenate(arrays), self.schema))
        order = [*(["sequence"] if "sequence" in columns else []), *self.columns]
        frame = writing.frame_of(columns, order, self.columns)
        if as_data:
            writing.check_rows_once(self, frame)
        return frame

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
        columns = writing.columns_beside(self, series, self.ids, self.conditions)
        columns[kind] = pd.Series(draws if levels is None else levels[draws])
        if self.time is not None:
            columns[self.time] = times.behind(
                self.times, self.starts.dtype, self.step, series, steps + 1
            )
        columns.update(self.layout.named(values.reshape(-1, values.shape[-1]), self.schema))
        front = [name for name in ("sequence", self.id, self.time) if name in columns]
        order = [*front, kind, *(name for name in self.columns if name not in front)]
        return writing.frame_of(columns, order, self.columns)

    def _generated_times(self, lengths: np.ndarray, start: Any, seed: int) -> Any:
        """Return times of sequences of these lengths, from one start or from the data's, drawn."""
        count = len(lengths)
        if start is None:
            starts = times.drawn(self.starts, count, seed)
        else:
            starts = times.repeated(start, self.time, self.starts.dtype, count)
        return times.counted_on(starts, self.step, lengths)

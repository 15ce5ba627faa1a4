"""What each column of a table is to its sequences."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.plain_columns import is_missing, is_number, is_time, to_array

if TYPE_CHECKING:
    from pandas import DataFrame, Series


@dataclasses.dataclass(frozen=True)
class ColumnRoles:
    """Names of a table's columns by what they are.

    Attributes:
        ids: The columns that tell sequences apart; none where all rows belong together.
        time: The column of times; None for none.
        features: Those that change with time.
        static: Those that hold for a whole sequence.
    """

    ids: list[Any]
    time: Any
    features: list[Any]
    static: list[Any]

    @classmethod
    def of(
        cls, frame: DataFrame, id: Any, time: Any, features: Sequence[Any] | None, static: Sequence[Any]
    ) -> ColumnRoles:
        """Return the roles of a table's columns; without `features` all others are such.

        Raises:
            ValueError: If names are taken, are not there or appear twice, or there is nothing to read.
        """
        names = frame.columns.tolist()
        ids = [] if id is None else _listed(id, names)
        static = _listed(static, names)
        time = None if time is None else _listed(time, names)[0]
        check_static_names(static)
        others = cls(ids, time, [], static).named
        if features is None:
            features = [name for name in names if name not in others]
        roles = cls(ids, time, _listed(features, names), static)
        roles._check_names(frame)
        return roles

    @property
    def keys(self) -> list[Any]:
        """The columns of ids and of times, as there are."""
        return [*self.ids, *([] if self.time is None else [self.time])]

    @property
    def named(self) -> list[Any]:
        """All columns that have a role."""
        return [*self.keys, *self.static, *self.features]

    def in_order(self, frame: DataFrame) -> list[Any]:
        """Return all columns that have a role, in the table's order."""
        return [name for name in frame.columns if name in self.named]

    def _check_names(self, frame: DataFrame) -> None:
        twice = frame.columns[frame.columns.duplicated()].tolist()
        if twice:
            raise ValueError(f"Expected columns of different names. Received: {twice} more than once")
        absent = [name for name in self.named if name not in frame.columns]
        if absent:
            raise ValueError(
                f"Expected the columns {self.named}. Received: {list(frame.columns)}; missing: "
                f"{absent}. Bring an index in with frame.reset_index()."
            )
        again = [name for name, count in Counter(self.named).items() if count > 1]
        if again:
            raise ValueError(
                f"Expected one role for each column. Received: {again} more than once among id="
                f"{self.ids}, time={self.time!r}, static={self.static} and features={self.features}"
            )
        if not self.features or not len(frame):
            raise ValueError(
                f"Expected rows and a column of features. Received: {len(frame)} rows of features "
                f"{self.features}"
            )

    def check_kinds(self, columns: Mapping[Any, Series]) -> None:
        """Refuse features of times and complex numbers, and infinite numbers.

        Args:
            columns: Plain columns by name.

        Raises:
            ValueError: If there are such.
        """
        infinite = []
        for name, column in columns.items():
            if name in self.features and is_time(column):
                raise ValueError(
                    f"Expected numbers, text or categories in the feature {name!r}. Received: dtype "
                    f"{column.dtype}. Name it under time=, turn it into numbers, or leave it out "
                    "of features=."
                )
            if column.dtype.kind == "c":
                raise ValueError(
                    f"Expected real numbers in the column {name!r}. Received: dtype {column.dtype}. "
                    "Spread it over two columns."
                )
            if name in self.keys:
                continue
            if is_number(column) and np.isinf(to_array(column, "float64")).any():
                infinite.append(name)
        if infinite:
            raise ValueError(
                "Expected finite numbers. Received: infinite ones in the features or static columns "
                f"{infinite}. Drop these rows, or replace them by NaN and pass missing=True."
            )

    def check_complete(self, columns: Mapping[Any, Series], features: bool) -> None:
        """Refuse missing values of ids, times and static columns, and of features where asked to.

        Args:
            columns: Plain columns by name.
            features: Whether features may miss none either.

        Raises:
            ValueError: If there are such.
        """
        names = columns if features else [*self.keys, *self.static]
        counts = {name: int(is_missing(columns[name]).sum()) for name in names}
        counts = {name: count for name, count in counts.items() if count}
        if counts:
            raise ValueError(
                f"Expected no missing values. Received: {counts} rows without. Fill or drop them first "
                "(frame.dropna()); features may miss values with missing=True, ids, times and static "
                "columns may not."
            )


def check_static_names(static: Sequence[Any]) -> None:
    """Refuse static columns of the names of conditions that have a meaning of their own.

    Raises:
        ValueError: If there are such.
    """
    reserved = [name for name in static if name in ("length", "mask", "observed")]
    if reserved:
        raise ValueError(
            f"Static columns become conditions, of which {reserved} have a meaning of their own. "
            "Rename these columns."
        )


def _listed(given: Any, names: list[Any]) -> list[Any]:
    """Return one name or several as a list; of columns of several levels the first may do."""
    one = isinstance(given, str) or given in names if _is_hashable(given) else False
    listed = [given] if one or not isinstance(given, Sequence | set) else list(given)
    found: list[Any] = []
    for name in listed:
        below = [n for n in names if isinstance(n, tuple) and n and n[0] == name]
        found += below if name not in names and below else [name]
    return found


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True

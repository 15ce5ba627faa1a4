"""What each column of a table is to its sequences."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.column_schema import ColumnSchema
from keras_rgan.data.tables.column_types import to_codes

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclasses.dataclass(frozen=True)
class ColumnRoles:
    """Names of a table's columns by what they are.

    Attributes:
        id: The column that tells sequences apart; None for none.
        time: The column of times; None for none.
        features: Those that change with time.
        static: Those that hold for a whole sequence.
    """

    id: Any
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
        static = [static] if isinstance(static, str) else list(static)
        reserved = sorted({"length", "mask", "observed"} & set(static))
        if reserved:
            raise ValueError(
                f"Static columns become conditions, of which {reserved} have a meaning of their own. "
                "Rename these columns."
            )
        others = cls(id, time, [], static).named
        if features is None:
            features = [name for name in frame.columns if name not in others]
        features = [features] if isinstance(features, str) else list(features)
        roles = cls(id, time, features, static)
        roles._check_names(frame)
        return roles

    @property
    def keys(self) -> list[Any]:
        """The columns of ids and of times, as there are."""
        return [name for name in (self.id, self.time) if name is not None]

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
        if not self.features or not len(frame):
            raise ValueError(
                f"Expected rows and a column of features. Received: {len(frame)} rows of features "
                f"{self.features}"
            )

    def check_kinds(self, frame: DataFrame) -> None:
        """Refuse features of times, and infinite numbers.

        Raises:
            ValueError: If there are such.
        """
        import pandas as pd

        for name in self.features:
            if frame[name].dtype.kind in "mM":
                raise ValueError(
                    f"Expected numbers, text or categories in the feature {name!r}. Received: dtype "
                    f"{frame[name].dtype}. Name it under time=, turn it into numbers, or leave it out "
                    "of features=."
                )
        real = frame[[name for name in self.features if pd.api.types.is_float_dtype(frame[name].dtype)]]
        infinite = np.isinf(real.to_numpy(dtype="float64", na_value=np.nan)).any(axis=0)
        if infinite.any():
            raise ValueError(
                "Expected finite numbers. Received: infinite ones in the features "
                f"{real.columns[infinite].tolist()}. Drop these rows, or replace them by NaN and pass "
                "missing=True."
            )

    def check_complete(self, frame: DataFrame, features: bool) -> None:
        """Refuse missing values of ids, times and static columns, and of features where asked to.

        Raises:
            ValueError: If there are such.
        """
        columns = self.in_order(frame) if features else [*self.keys, *self.static]
        counts = {name: int(count) for name, count in frame[columns].isna().sum().items() if count}
        if counts:
            raise ValueError(
                f"Expected no missing values. Received: {counts} rows without. Fill or drop them first "
                "(frame.dropna()); features may miss values with missing=True, ids, times and static "
                "columns may not."
            )

    def with_declared_static(self, frame: DataFrame, schema: Mapping[Any, ColumnSchema]) -> DataFrame:
        """Return a table whose static columns are the codes or numbers that they are declared as."""
        frame = frame.copy(deep=False)
        for name in self.static:
            if name in schema:
                codes = schema[name].categorical
                frame[name] = to_codes(frame[name]) if codes else frame[name].astype("float64")
        return frame

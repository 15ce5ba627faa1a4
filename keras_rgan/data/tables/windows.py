"""The rows of a table by sequence, and windows of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.column_roles import ColumnRoles
from keras_rgan.data.tables.column_types import to_rows
from keras_rgan.data.tables.feature_layout import FeatureLayout
from keras_rgan.data.tables.times import label
from keras_rgan.utils import checks

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclasses.dataclass
class Windows:
    """Windows of a table's sequences, and what stands beside each.

    Attributes:
        sequences: Their features, `(time, columns)`.
        ids: The id of each.
        times: The times of each; none without a column of times.
        static: The static columns by name, a value each.
    """

    sequences: list[np.ndarray]
    ids: list[Any]
    times: list[Any]
    static: dict[Any, list[Any]]

    @classmethod
    def of(
        cls,
        rows_by_id: list[tuple[Any, DataFrame]],
        roles: ColumnRoles,
        layout: FeatureLayout,
        length: int | None,
        stride: int,
    ) -> Windows:
        """Cut windows of so many steps, or take whole sequences.

        Raises:
            ValueError: If no sequence is long enough.
        """
        length = None if length is None else checks.positive_int("length", length)
        stride = checks.positive_int("stride", stride)
        windows = cls([], [], [], {name: [] for name in roles.static})
        for key, rows in rows_by_id:
            values = to_rows(rows[layout.columns])
            steps = len(values) if length is None else length
            for start in range(0, len(values) - steps + 1, stride):
                windows.sequences.append(values[start : start + steps])
                windows.ids.append(key)
                if roles.time is not None:
                    windows.times.append(rows[roles.time].iloc[start : start + steps])
                for name in roles.static:
                    windows.static[name].append(rows[name].iloc[0])
        if not windows.sequences:
            longest = max(len(rows) for _, rows in rows_by_id)
            raise ValueError(
                f"Expected sequences of at least length={length} steps. Received: at most {longest}"
            )
        return windows

    def stacked(self) -> np.ndarray | list[np.ndarray]:
        """Return the features in one array where all windows are as long, else the list of arrays."""
        alike = len({len(values) for values in self.sequences}) == 1
        return np.stack(self.sequences) if alike else self.sequences


def by_id(frame: DataFrame, roles: ColumnRoles) -> list[tuple[Any, DataFrame]]:
    """Return each sequence's id and rows, in the order in which they appear.

    Raises:
        ValueError: If a static column changes within one.
    """
    if roles.id is None:
        rows_by_id: list[tuple[Any, DataFrame]] = [(0, frame)]
    else:
        rows_by_id = list(frame.groupby(roles.id, sort=False, observed=True, dropna=False))
    for key, rows in rows_by_id:
        for name in roles.static:
            if rows[name].nunique(dropna=False) > 1:
                raise ValueError(
                    f"Expected the static column {name!r} to hold for a whole sequence. Received: "
                    f"{rows[name].unique()[:3].tolist()} in {label(roles.id, key)}. Name it under "
                    "features=."
                )
    return rows_by_id

"""Which rows of a table are one sequence."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.times import label

if TYPE_CHECKING:
    from pandas import DataFrame, Series


@dataclasses.dataclass(frozen=True)
class Segments:
    """Sequences whose rows stand together, one behind the other.

    Attributes:
        lengths: How many rows each has.
        keys: The id of each; a tuple where there are several columns of ids.
        id: The names of these columns, as messages say them; None for none.
    """

    lengths: np.ndarray
    keys: list[Any]
    id: Any

    @property
    def begins(self) -> np.ndarray:
        """The row at which each begins."""
        return np.cumsum(self.lengths) - self.lengths

    @property
    def first(self) -> np.ndarray:
        """Which rows begin a sequence."""
        flags = np.zeros(int(self.lengths.sum()), bool)
        flags[self.begins] = True
        return flags

    @property
    def of_rows(self) -> np.ndarray:
        """The number of each row's sequence."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def where(self, row: int) -> str:
        """Return what a message calls the sequence of a row."""
        return label(self.id, self.keys[int(self.of_rows[row])])

    def check_static(self, columns: Mapping[Any, Series], names: list[Any]) -> None:
        """Refuse columns that change within a sequence.

        Args:
            columns: Plain columns by name.
            names: Of those that may not.

        Raises:
            ValueError: If one does.
        """
        import pandas as pd

        for name in names:
            codes, _ = pd.factorize(columns[name])
            changed = np.flatnonzero(codes != np.repeat(codes[self.begins], self.lengths))
            if len(changed):
                number = self.of_rows[changed[0]]
                begin = self.begins[number]
                values = columns[name].iloc[begin : begin + self.lengths[number]]
                raise ValueError(
                    f"Expected the static column {name!r} to hold for a whole sequence. Received: "
                    f"{values.unique()[:3].tolist()} in {self.where(changed[0])}. Name it under "
                    "features=."
                )


def grouped(frame: DataFrame, ids: list[Any]) -> tuple[DataFrame, Segments]:
    """Return a table with the rows of each id together, in the order in which ids appear.

    Args:
        frame: The table.
        ids: The columns that tell sequences apart.
    """
    import pandas as pd

    if not ids:
        return frame.reset_index(drop=True), Segments(np.array([len(frame)]), [0], None)
    keyed = pd.DataFrame({i: _hashed(frame[name]) for i, name in enumerate(ids)})
    try:
        groups = keyed.groupby(list(keyed), sort=False, observed=True, dropna=False)
        numbers, _ = pd.factorize(groups.ngroup())
    except (TypeError, NotImplementedError, ValueError) as error:  # Arrow's are ValueErrors
        raise ValueError(
            f"Expected ids that are numbers, text, times or categories in the columns {ids}. Received: "
            f"{[str(frame[name].dtype) for name in ids]}: {error}"
        ) from error
    if (np.diff(numbers) < 0).any():
        order = np.argsort(numbers, kind="stable")
        frame, numbers = frame.iloc[order], numbers[order]
    frame = frame.reset_index(drop=True)
    lengths = np.bincount(numbers)
    firsts = frame[ids].iloc[np.cumsum(lengths) - lengths]
    keys = [firsts[name].tolist() for name in ids]
    alone = len(ids) == 1
    return frame, Segments(
        lengths, keys[0] if alone else list(zip(*keys, strict=True)), ids[0] if alone else tuple(ids)
    )


def _hashed(column: Series) -> Any:
    """Return a column by which rows can be grouped."""
    import pandas as pd

    column = column.reset_index(drop=True)
    if column.dtype == "float16":  # of which pandas makes no groups
        return column.astype("float64")
    return column.sparse.to_dense() if isinstance(column.dtype, pd.SparseDtype) else column

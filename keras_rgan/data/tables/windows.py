"""Windows of the sequences of a table."""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_rgan.data.tables.runs import counted
from keras_rgan.data.tables.segments import Segments
from keras_rgan.utils import checks


@dataclasses.dataclass(frozen=True)
class Windows:
    """Where windows lie in the rows of a table.

    Attributes:
        starts: The row at which each begins.
        lengths: How many rows each has.
        of_sequences: The number of the sequence that each is cut from.
    """

    starts: np.ndarray
    lengths: np.ndarray
    of_sequences: np.ndarray

    @classmethod
    def of(cls, segments: Segments, length: int | None, stride: int) -> Windows:
        """Cut windows of so many steps, or take whole sequences.

        Raises:
            ValueError: If no sequence is long enough.
        """
        length = None if length is None else checks.positive_int("length", length)
        stride = checks.positive_int("stride", stride)
        if length is None:
            return cls(segments.begins, segments.lengths, np.arange(len(segments.lengths)))
        counts = np.maximum((segments.lengths - length) // stride + 1, 0)
        if not counts.any():
            raise ValueError(
                f"Expected sequences of at least length={length} steps. Received: at most "
                f"{segments.lengths.max()}"
            )
        of_sequences = np.repeat(np.arange(len(counts)), counts)
        starts = np.repeat(segments.begins, counts) + stride * counted(counts)
        return cls(starts, np.full(len(starts), length), of_sequences)

    @property
    def lasts(self) -> np.ndarray:
        """The last row of each."""
        return self.starts + self.lengths - 1

    @property
    def rows(self) -> np.ndarray:
        """The rows of all windows, one behind the other."""
        return np.repeat(self.starts, self.lengths) + counted(self.lengths)

    def cut(self, values: np.ndarray) -> np.ndarray | list[np.ndarray]:
        """Return windows of rows in one array where all are as long, else a list of arrays."""
        length = int(self.lengths[0])
        if (self.lengths != length).any():
            return [values[a : a + n] for a, n in zip(self.starts, self.lengths, strict=True)]
        if len(self.starts) * length == len(values) and (np.diff(self.starts) == length).all():
            return values.reshape(len(self.starts), length, -1)
        return values[self.starts[:, None] + np.arange(length)]

"""Parts of Parquet files that are in memory together, and where windows of series begin in them."""

from __future__ import annotations

import dataclasses
import multiprocessing
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROWS_AT_ONCE = 65_536
"""How many rows of a file are decoded at a time."""


class Piece(NamedTuple):
    """Row groups of a file that are read together.

    Attributes:
        path: The file.
        group: The first of its row groups.
        first_row: Which row of the file the first one is.
        rows: How many rows they have.
        rows_read: How many are read: with those behind, one more than windows reach into, which shows
            whether a series ends.
        position: Which row of its series the first one is.
        windows: How many windows begin in it.
        disjoint_windows: How many begin in it where none overlaps another.
    """

    path: Path
    group: int
    first_row: int
    rows: int
    rows_read: int
    position: int
    windows: int
    disjoint_windows: int


@dataclasses.dataclass(frozen=True)
class PartReader:
    """What finds and reads the parts of files.

    Attributes:
        features: Names of the columns that are features.
        id: Name of the column that tells series apart; None where each file is one.
        length: Steps in a window.
        stride: Steps between the beginnings of neighbouring windows of a series.
        max_rows: How many rows a part has, about; row groups are not split.
    """

    features: list[str]
    id: str | None
    length: int
    stride: int
    max_rows: int

    def parts(self, paths: Sequence[Path]) -> list[list[Piece]]:
        """Return the parts of files, each some pieces. Values are not read, but those of `id`."""
        parts: list[list[Piece]] = []
        rows = 0
        for path in paths:
            for piece in self._pieces(path):
                if not parts or rows + piece.rows > self.max_rows:
                    parts.append([])
                    rows = 0
                parts[-1].append(piece)
                rows += piece.rows
        return parts

    def load(self, part: list[Piece], disjoint: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return the values of a part, `(rows, features)`, and the rows where its windows begin.

        Args:
            part: The part.
            disjoint: Whether windows are those that do not overlap, and the last of each series.

        Raises:
            ValueError: If a value is missing or infinite.
        """
        values = np.empty((sum(piece.rows_read for piece in part), len(self.features)), "float32")
        starts, end = [], 0
        for piece in part:
            begin, end = end, end + piece.rows_read
            ids = self._read(piece, values[begin:end])
            self._check_finite(piece, values[begin:end])
            rows = self._starts(piece.rows, piece.position, piece.rows_read, ids, disjoint)
            starts.append(begin + rows)
        return values, np.concatenate(starts)

    def _read(self, piece: Piece, values: np.ndarray) -> np.ndarray | None:
        """Read the features of a piece into `values`, and return of each row the series, or None."""
        import pyarrow

        columns = self.features if self.id is None else [*self.features, self.id]
        done, ids = 0, []
        for batch in _batches(open_file(piece.path), piece.group, piece.rows_read, columns):
            rows = slice(done, done + len(batch))
            for i, name in enumerate(self.features):
                column = batch[name]
                if column.null_count and pyarrow.types.is_boolean(column.type):
                    column = column.cast("int8")  # which has a number where one is missing
                values[rows, i] = column.to_numpy(zero_copy_only=False)
            if self.id is not None:
                ids.append(batch[self.id])
            done += len(batch)
        return None if self.id is None else _codes(pyarrow.chunked_array(ids))

    def _check_finite(self, piece: Piece, values: np.ndarray) -> None:
        wrong = ~np.isfinite(values)
        if wrong.any():
            row, column = (int(i) for i in np.argwhere(wrong)[0])
            raise ValueError(
                f"Expected finite values. Received: {values[row, column]} in the column "
                f"{self.features[column]!r} of {piece.path}, row {piece.first_row + row}, and "
                f"{int(wrong.sum()) - 1} more in the rows that are read with it. Drop or fill them "
                "first."
            )

    def _starts(
        self, rows: int, position: int, total: int, ids: np.ndarray | None, disjoint: bool
    ) -> np.ndarray:
        """Return in which of the first rows windows begin.

        Args:
            rows: How many first rows.
            position: Which row of its series the very first is.
            total: How many rows there are in all, beyond which the file ends or goes on.
            ids: Of each row the series, or None for one.
            disjoint: Whether windows do not overlap, but for the last of each series.
        """
        begins = np.zeros(1, int) if ids is None else _begins(ids)
        ends = np.append(begins[1:], total)
        lengths = ends - begins
        rank = np.arange(total) - np.repeat(begins, lengths)
        rank[: ends[0]] += position
        left = np.repeat(ends, lengths) - np.arange(total)
        chosen = (left >= self.length) & (rank % (self.length if disjoint else self.stride) == 0)
        if disjoint:
            chosen |= left == self.length
        return np.flatnonzero(chosen[:rows])

    def _pieces(self, path: Path) -> Iterator[Piece]:
        """Yield the pieces of a file."""
        file = open_file(path)
        self._check_columns(path, file.schema_arrow)
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        seen: set[Any] = set()
        group, position = 0, 0
        while any(sizes[group:]):
            stop, rows = group + 1, sizes[group]
            while stop < len(sizes) and (rows + sizes[stop] <= self.max_rows or not rows):
                rows += sizes[stop]
                stop += 1
            total = rows + min(sum(sizes[stop:]), self.length)
            ids = None if self.id is None else self._ids(file, path, group, total)
            counts = (
                len(self._starts(rows, position, total, None if ids is None else _codes(ids), disjoint))
                for disjoint in (False, True)
            )
            yield Piece(path, group, sum(sizes[:group]), rows, total, position, *counts)
            if ids is None:
                position += rows
            else:
                position = self._next_position(path, ids, rows, position, seen)
            group = stop

    def _ids(self, file: Any, path: Path, group: int, rows: int) -> Any:
        """Return the series of rows, as a column."""
        import pyarrow

        assert self.id is not None
        column = pyarrow.chunked_array([b[self.id] for b in _batches(file, group, rows, [self.id])])
        if column.null_count:
            raise ValueError(
                f"Expected an id in every row. Received: {path}, with rows whose {self.id} is "
                "missing. Drop or fill them."
            )
        return column

    def _next_position(self, path: Path, ids: Any, rows: int, position: int, seen: set[Any]) -> int:
        """Return which row of its series the one behind the first rows is.

        Args:
            path: The file.
            ids: The series of the rows, and of some behind.
            rows: How many first rows.
            position: Which row of its series the very first is.
            seen: The series that began before; those that begin here are added.

        Raises:
            ValueError: If a series that began before begins again.
        """
        codes = _codes(ids)
        begins = _begins(codes[:rows])
        for name in ids.take(begins).to_pylist()[1 if position else 0 :]:
            if name in seen:
                raise ValueError(
                    f"Expected the rows of a series together. Received: {self.id}={name!r} in two "
                    f"places of {path}. Sort the file by {self.id} and time."
                )
            seen.add(name)
        if rows >= len(codes) or codes[rows] != codes[rows - 1]:
            return 0
        return rows - int(begins[-1]) + (position if len(begins) == 1 else 0)

    def _check_columns(self, path: Path, schema: Any) -> None:
        wanted = self.features if self.id is None else [*self.features, self.id]
        missing = [name for name in wanted if name not in schema.names]
        if missing:
            raise ValueError(
                f"{path} has no columns {missing}. Expected: names among {schema.names}. Received: "
                f"features={self.features}, id={self.id!r}"
            )
        import pyarrow.types as types

        others = {
            name: str(schema.field(name).type)
            for name in self.features
            if not any(
                is_kind(schema.field(name).type)
                for is_kind in (types.is_integer, types.is_floating, types.is_boolean)
            )
        }
        if others:
            raise ValueError(
                f"Expected features that are numbers. Received: {others} in {path}. Leave them out, or "
                "turn them into numbers."
            )


def parquet_module(user: str) -> Any:
    """Return `pyarrow.parquet`, or say who needs it and how it is installed."""
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise ImportError(
            f"{user} needs pyarrow, which is not installed. Run: pip install 'keras_rgan[data]'"
        ) from error
    return parquet


def open_file(path: Path) -> Any:
    """Return a file to read; refuse one that is none."""
    parquet = parquet_module("ParquetWindows")
    import pyarrow

    try:
        return parquet.ParquetFile(path)
    except pyarrow.ArrowInvalid as error:
        raise ValueError(f"Expected Parquet files. Received: {path}, which is none: {error}") from error


def list_files(paths: str | Path | Sequence[str | Path]) -> list[Path]:
    """Return the files that are meant."""
    if not isinstance(paths, str | Path):
        files = [Path(path) for path in paths]
    elif Path(paths).is_dir():
        files = sorted(Path(paths).glob("*.parquet"))
    else:
        files = [Path(paths)]
    missing = [str(path) for path in files if not path.is_file()]
    if missing or not files:
        raise ValueError(
            "Expected a Parquet file, a folder of .parquet files or a list of files. Received: "
            f"{missing[:5] or str(paths)}, where there is none"
        )
    return files


def _batches(file: Any, group: int, rows: int, columns: list[str]) -> Iterator[Any]:
    """Yield columns of so many rows of a file, from a row group on."""
    # Worker processes are as many as there are processors to use.
    alone = multiprocessing.parent_process() is None
    batches = file.iter_batches(
        min(rows, ROWS_AT_ONCE),
        row_groups=range(group, file.num_row_groups),
        columns=columns,
        use_threads=alone,
    )
    for batch in batches:
        yield batch.slice(0, rows)
        rows -= min(len(batch), rows)
        if not rows:
            return


def _codes(column: Any) -> np.ndarray:
    """Return whole numbers that are equal where the values of a column are."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False)


def _begins(ids: np.ndarray) -> np.ndarray:
    """Return in which rows a series begins, or goes on at the very first."""
    return np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))

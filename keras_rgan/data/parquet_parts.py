"""Parts of Parquet files that are in memory together, and where windows of series begin in them."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from keras_rgan.data.parquet_columns import Columns
from keras_rgan.data.parquet_times import TimeSteps
from keras_rgan.data.parquet_types import encoded, times_of

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


class Rows(NamedTuple):
    """Rows that are in memory together, and where windows begin in them.

    Attributes:
        values: The features, `(rows, columns)`, NaN where one is missing.
        starts: The rows where windows begin.
        begins: The rows where series begin, or go on with one.
        static: The static columns, a value for each of `begins`.
    """

    values: np.ndarray
    starts: np.ndarray
    begins: np.ndarray
    static: dict[str, np.ndarray]

    def windows(self, starts: np.ndarray, length: int, missing: bool) -> Any:
        """Return windows, with their conditions where there are any.

        Args:
            starts: The rows where they begin.
            length: Their steps.
            missing: Whether one of the conditions is which values there are.
        """
        windows = self.values[starts[:, None] + np.arange(length)]
        series = np.searchsorted(self.begins, starts, side="right") - 1
        conditions = {name: values[series] for name, values in self.static.items()}
        if missing:
            conditions["observed"] = ~np.isnan(windows)
        return (windows, conditions) if conditions else windows


class PartReader:
    """What finds and reads the parts of files.

    Args:
        columns: Which columns are read, and as what.
        length: Steps in a window.
        stride: Steps between the beginnings of neighbouring windows of a series.
        max_rows: How many rows a part has, about; row groups are not split.
    """

    def __init__(self, columns: Columns, length: int, stride: int, max_rows: int) -> None:
        self.columns, self.id = columns, columns.id
        self.length, self.stride, self.max_rows = length, stride, max_rows
        self.times = None if columns.time is None else TimeSteps(columns.time, columns.id)

    def parts(self, paths: Sequence[Path]) -> list[list[Piece]]:
        """Return the parts of files, each some pieces.

        Read are those values of `id` and, where their categories are to be found, of features.
        """
        parts: list[list[Piece]] = []
        rows = 0
        for path in paths:
            for piece in self._pieces(path):
                if not parts or rows + piece.rows > self.max_rows:
                    parts.append([])
                    rows = 0
                parts[-1].append(piece)
                rows += piece.rows
        self.columns.settle()
        return parts

    def load(self, part: list[Piece], disjoint: bool) -> Rows:
        """Return the rows of a part.

        Args:
            part: The part.
            disjoint: Whether windows are those that do not overlap, and the last of each series.

        Raises:
            ValueError: If a value is missing where it may not be, infinite or of an unknown category,
                a time is out of order, or a static column changes within a series.
        """
        shape = sum(piece.rows_read for piece in part), self.columns.layout.num_columns
        values = np.empty(shape, self.columns.dtype)
        starts, series, static = [], [], []
        end = 0
        for piece in part:
            begin, end = end, end + piece.rows_read
            others = self._read(piece, values[begin:end])
            self.columns.check(values[begin:end], piece.path, piece.first_row)
            ids = None if self.id is None else encoded(others[self.id])[0]
            begins = _begins(ids)
            if self.times is not None:
                times = times_of(others[self.times.name])
                self.times.check(times, begins, piece.path, piece.first_row)
            static.append(self.columns.static_of(others, begins, piece.path, piece.first_row))
            rows = self._starts(piece.rows, piece.position, piece.rows_read, begins, disjoint)
            starts.append(begin + rows)
            series.append(begin + begins)
        return Rows(
            values,
            np.concatenate(starts),
            np.concatenate(series),
            {name: np.concatenate([of[name] for of in static]) for name in self.columns.static},
        )

    def _read(self, piece: Piece, values: np.ndarray) -> Any:
        """Read the features of a piece into `values`, and return its other columns; None for none."""
        import pyarrow

        done, others = 0, []
        names = self.columns.names
        for batch in _batches(open_file(piece.path), piece.path, piece.group, piece.rows_read, names):
            rows = slice(done, done + len(batch))
            self.columns.read(batch, values[rows], piece.path, piece.first_row + done)
            if self.columns.others:
                others.append(batch.select(self.columns.others))
            done += len(batch)
        return pyarrow.Table.from_batches(others) if others else None

    def _starts(
        self, rows: int, position: int, total: int, begins: np.ndarray, disjoint: bool
    ) -> np.ndarray:
        """Return in which of the first rows windows begin.

        Args:
            rows: How many first rows.
            position: Which row of its series the very first is.
            total: How many rows there are in all, beyond which the file ends or goes on.
            begins: In which rows a series begins, or goes on at the very first.
            disjoint: Whether windows do not overlap, but for the last of each series.
        """
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
        self.columns.learn(path, file.schema_arrow)
        self._find_categories(file, path)
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
            begins = _begins(None if ids is None else encoded(ids)[0])
            self._learn_times(file, path, group, total, begins)
            counts = (
                len(self._starts(rows, position, total, begins, disjoint)) for disjoint in (False, True)
            )
            yield Piece(path, group, sum(sizes[:group]), rows, total, position, *counts)
            if ids is None:
                position += rows
            else:
                position = self._next_position(path, ids, rows, position, seen)
            group = stop

    def _find_categories(self, file: Any, path: Path) -> None:
        """Look through a file for categories, where these are to be found."""
        names = self.columns.finding
        if names and file.metadata.num_rows:
            for batch in _batches(file, path, 0, file.metadata.num_rows, names):
                self.columns.find(batch)

    def _learn_times(self, file: Any, path: Path, group: int, rows: int, begins: np.ndarray) -> None:
        """Learn the distance of times from some rows, where it is not known yet."""
        if self.times is None or self.times.step is not None:
            return
        batch = next(_batches(file, path, group, rows, [self.times.name]))
        self.times.learn(times_of(batch[self.times.name]), begins[begins < len(batch)])

    def _ids(self, file: Any, path: Path, group: int, rows: int) -> Any:
        """Return the series of rows, as a column."""
        import pyarrow

        assert self.id is not None
        column = pyarrow.chunked_array(
            [b[self.id] for b in _batches(file, path, group, rows, [self.id])]
        )
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
        codes, _ = encoded(ids)
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
    with _telling_of_damage(path):
        return parquet.ParquetFile(path, page_checksum_verification=True)


@contextlib.contextmanager
def _telling_of_damage(path: Any) -> Iterator[None]:
    """Say of which file it is that something cannot be read.

    Raises:
        ValueError: If it cannot.
    """
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(
            f"Expected Parquet files. Received: {path}, which is none, or damaged: {error}. Make it "
            "again, or leave it out; a shard of generate_parquet is made again by the same call, "
            "once it is deleted."
        ) from error


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


def _batches(file: Any, path: Path, group: int, rows: int, columns: list[str]) -> Iterator[Any]:
    """Yield columns of so many rows of a file, from a row group on."""
    # Worker processes are as many as there are processors to use.
    alone = multiprocessing.parent_process() is None
    with _telling_of_damage(path):
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
        raise OSError(f"it ends {rows} rows before it says")


def _begins(ids: np.ndarray | None) -> np.ndarray:
    """Return in which rows a series begins, or goes on at the very first; None stands for one."""
    if ids is None:
        return np.zeros(1, int)
    return np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))

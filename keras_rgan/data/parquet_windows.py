"""Windows of series that are larger than memory."""

from __future__ import annotations

import bisect
import copy
import itertools
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_rgan.sequences import reading
from keras_rgan.utils import checks


class _Piece(NamedTuple):
    """Row groups of a file that are read together.

    Attributes:
        path: The file.
        groups: The first of its row groups, and the one behind the last.
        first: Which row of the file the first one is.
        rows: How many rows they have.
        position: Which row of its series the first one is.
        windows: How many windows begin in it.
    """

    path: Path
    groups: tuple[int, int]
    first: int
    rows: int
    position: int
    windows: int


class ParquetWindows(keras.utils.PyDataset):
    """Windows of Parquet files, made on the fly: what `RecurrentGAN.fit` takes of data beyond memory.

    Files are in long format, a row for each time, in the order of time. A file is one series, or with
    `id` as many as there are values of that column, whose rows stand together; no window reaches over
    the end of a series or a file. Some row groups, of one file or more, are in memory at a time: with
    `shuffle` windows come in a random order within these, which themselves come in a random order, new
    in every epoch. `fit` leaves the order to it, and shows the scaler every row of all series that have
    a window. For validation pass `shuffle=False`, so that it is of the same windows every time.

    Needs pyarrow (`pip install 'keras_rgan[data]'`).

    Args:
        paths: A file, a folder of `.parquet` files, or a list of files.
        features: Names of the columns that are features, in their order: numbers or flags, of which
            none is missing.
        length: Steps in a window.
        batch_size: Windows in a batch.
        stride: Steps between the beginnings of neighbouring windows of a series.
        id: Name of the column that tells series apart; None where each file is one.
        shuffle: Whether windows come in a random order. Then the last batch of what is in memory
            together, which would be smaller than the others, is left out, other windows in every epoch.
        seed: Seed of the order.
        max_rows: How many rows are in memory at a time, about; row groups are read whole.
        **kwargs: Arguments of `keras.utils.PyDataset`.

    Item:
        A batch `(batch_size, length, features)`, float32; without `shuffle` the last one of what is in
        memory together may be smaller.

    Raises:
        ValueError: If there is no file, a column is missing or not a number, the rows of a series do
            not stand together, or there are too few for a batch; and where a batch is read, if a value
            is missing or infinite.

    Example:
        >>> import tempfile, pandas as pd, keras_rgan as kr
        >>> folder = tempfile.TemporaryDirectory()
        >>> frame = pd.DataFrame(kr.datasets.load_energy()[0][:500, :3], columns=["a", "b", "c"])
        >>> frame.to_parquet(f"{folder.name}/part.parquet")
        >>> windows = kr.data.ParquetWindows(folder.name, ["a", "b", "c"], length=24, batch_size=32)
        >>> len(windows), windows[0].shape
        (14, (32, 24, 3))
    """

    def __init__(
        self,
        paths: str | Path | Sequence[str | Path],
        features: Sequence[str],
        length: int,
        batch_size: int = 64,
        stride: int = 1,
        id: str | None = None,
        shuffle: bool = True,
        seed: int = 0,
        max_rows: int = 1_000_000,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.paths = _files(paths)
        if isinstance(features, str) or not features:
            raise ValueError(
                f"Expected `features` as a list of names of columns. Received: {features!r}"
            )
        self.features = list(features)
        self.length = checks.positive_int("length", length)
        self.batch_size = checks.positive_int("batch_size", batch_size)
        self.stride = checks.positive_int("stride", stride)
        self.max_rows = checks.positive_int("max_rows", max_rows)
        self.id, self.shuffle, self.seed = id, shuffle, seed
        self._begin(ends_too=False)

    def _begin(self, ends_too: bool) -> None:
        """Find what there is to read; with `ends_too` also the window that ends where a series does."""
        self._ends_too = ends_too
        self._epoch, self._over = 0, False
        self._lock = threading.Lock()
        self._loaded: tuple[int, np.ndarray, np.ndarray] | None = None
        self._shuffled: tuple[tuple[int, int], np.ndarray] | None = None
        self._parts: list[list[_Piece]] = []
        """Pieces that are in memory together."""
        rows = 0
        for piece in (piece for path in self.paths for piece in self._pieces_of(path)):
            if not self._parts or rows + piece.rows > self.max_rows:
                self._parts.append([])
                rows = 0
            self._parts[-1].append(piece)
            rows += piece.rows
        self._counts = [sum(piece.windows for piece in part) for part in self._parts]
        self._reorder()
        if not any(self._counts):
            raise ValueError(
                f"Expected series of {self.length} steps and more, for a window of that length. "
                f"Received: {len(self.paths)} files without. Pass a smaller length=."
            )
        if not self._stops[-1]:
            raise ValueError(
                f"Expected at least one batch of {self.batch_size} windows. Received: "
                f"{sum(self._counts)}, of {self.max_rows} rows at a time at most {max(self._counts)}. "
                "Pass a smaller batch_size= or stride=, or a larger max_rows=."
            )

    def disjoint(self) -> ParquetWindows:
        """Return the same rows in windows that do not overlap, in large batches: to adapt to.

        The last window of each series is there as well, so that every row of it is.
        """
        view = copy.copy(self)
        view.stride, view.shuffle = self.length, False
        view.batch_size = max(reading.CHUNK // self.length, 1)
        view._begin(ends_too=True)
        return view

    def __len__(self) -> int:
        return self._stops[-1]

    def __getitem__(self, index: int) -> np.ndarray:
        """Return a batch."""
        if not 0 <= index < len(self):
            raise IndexError(f"Expected a batch from 0 to {len(self) - 1}. Received: {index}")
        with self._lock:
            # An epoch of fewer steps leaves off anywhere, and the next one goes on from there.
            if self._over and index == 0:
                self._epoch, self._over = self._epoch + 1, False
                self._reorder()
            place = bisect.bisect_right(self._stops, index)
            number = self._order[place]
            first = index - (self._stops[place - 1] if place else 0)
            if self._loaded is None or self._loaded[0] != number:
                self._loaded = None  # which makes room
                self._loaded = number, *self._load(self._parts[number])
            _, values, starts = self._loaded
            if self.shuffle:
                key = self._epoch, number
                if self._shuffled is None or self._shuffled[0] != key:
                    rng = np.random.default_rng([self.seed, *key])
                    self._shuffled = key, rng.permutation(starts)
                starts = self._shuffled[1]
        chosen = slice(first * self.batch_size, (first + 1) * self.batch_size)
        return values[starts[chosen, None] + np.arange(self.length)]

    def on_epoch_end(self) -> None:
        """Have a new order from the next first batch on."""
        self._over = self.shuffle

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: no lock, and nothing that was read."""
        return {**vars(self), "_lock": None, "_loaded": None, "_shuffled": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()

    def _reorder(self) -> None:
        """Choose the order of the parts, and count the batches up to the end of each."""
        order = np.arange(len(self._parts))
        if self.shuffle:
            order = np.random.default_rng([self.seed, self._epoch]).permutation(order)
        self._order = order.tolist()
        counts = (self._counts[i] for i in self._order)
        size = self.batch_size
        self._stops = list(
            itertools.accumulate(n // size if self.shuffle else -(-n // size) for n in counts)
        )

    @property
    def _columns(self) -> list[str]:
        """The columns that are read."""
        return self.features if self.id is None else [*self.features, self.id]

    def _load(self, part: list[_Piece]) -> tuple[np.ndarray, np.ndarray]:
        """Return the values of pieces, `(rows, features)`, and where their windows begin."""
        values, starts, before = [], [], 0
        for piece in part:
            table = self._read(_open(piece.path), piece.groups, self._columns)
            values.append(np.empty((table.num_rows, len(self.features)), "float32"))
            for i, name in enumerate(self.features):
                values[-1][:, i] = table[name].to_numpy()
            self._check_finite(piece, values[-1])
            ids = None if self.id is None else _codes(table[self.id])
            starts.append(before + self._starts(piece.rows, piece.position, table.num_rows, ids))
            before += table.num_rows
        if len(part) == 1:
            return values[0], starts[0]
        return np.concatenate(values), np.concatenate(starts)

    def _check_finite(self, piece: _Piece, values: np.ndarray) -> None:
        wrong = ~np.isfinite(values)
        if wrong.any():
            row, column = (int(i) for i in np.argwhere(wrong)[0])
            raise ValueError(
                f"Expected finite values. Received: {values[row, column]} in the column "
                f"{self.features[column]!r} of {piece.path}, row {piece.first + row}, and "
                f"{int(wrong.sum()) - 1} more in the rows that are read with it. Drop or fill them "
                "first."
            )

    def _read(self, file: Any, groups: tuple[int, int], columns: list[str]) -> Any:
        """Return columns of row groups and of the rows behind, one more than windows reach into.

        The one more shows whether a series ends.
        """
        import pyarrow

        first, stop = groups
        tables = [file.read_row_groups(range(first, stop), columns=columns)]
        later = range(stop, file.num_row_groups)
        missing = self.length
        if later:
            for batch in file.iter_batches(self.length, row_groups=later, columns=columns):
                tables.append(pyarrow.Table.from_batches([batch]).slice(0, missing))
                missing -= len(tables[-1])
                if not missing:
                    break
        return pyarrow.concat_tables(tables)

    def _starts(self, rows: int, position: int, total: int, ids: np.ndarray | None) -> np.ndarray:
        """Return in which of the first rows windows begin.

        Args:
            rows: How many first rows.
            position: Which row of its series the very first is.
            total: How many rows there are in all, beyond which the file ends or goes on.
            ids: Of each row the series, or None for one.
        """
        begins = np.zeros(1, int) if ids is None else _begins(ids)
        ends = np.append(begins[1:], total)
        lengths = ends - begins
        rank = np.arange(total) - np.repeat(begins, lengths)
        rank[: ends[0]] += position
        left = np.repeat(ends, lengths) - np.arange(total)
        chosen = (left >= self.length) & (rank % self.stride == 0)
        if self._ends_too:
            chosen |= left == self.length
        return np.flatnonzero(chosen[:rows])

    def _pieces_of(self, path: Path) -> Iterator[_Piece]:
        """Yield the pieces of a file."""
        file = _open(path)
        self._check_columns(path, file.schema_arrow)
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        seen: set[Any] = set()
        first, position = 0, 0
        while any(sizes[first:]):
            stop, rows = first + 1, sizes[first]
            while stop < len(sizes) and (rows + sizes[stop] <= self.max_rows or not rows):
                rows += sizes[stop]
                stop += 1
            groups, ids = (first, stop), None
            total = rows + min(sum(sizes[stop:]), self.length)
            if self.id is not None:
                column = self._read(file, groups, [self.id])[self.id]
                if column.null_count:
                    raise ValueError(
                        f"Expected an id in every row. Received: {path}, with rows whose {self.id} is "
                        "missing. Drop or fill them."
                    )
                ids = _codes(column)
                begins = _begins(ids[:rows])
                names = column.take(begins).to_pylist()
                if position and len(names):  # the first one goes on
                    names = names[1:]
                self._check_together(path, seen, names)
            starts = self._starts(rows, position, total, ids)
            yield _Piece(path, groups, sum(sizes[:first]), rows, position, len(starts))
            if ids is None:
                position += rows
            else:
                ended = rows >= len(ids) or ids[rows] != ids[rows - 1]
                before = position if len(begins) == 1 else 0
                position = 0 if ended else rows - int(begins[-1]) + before
            first = stop

    def _check_columns(self, path: Path, schema: Any) -> None:
        missing = [name for name in self._columns if name not in schema.names]
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

    def _check_together(self, path: Path, seen: set[Any], names: list[Any]) -> None:
        for name in names:
            if name in seen:
                raise ValueError(
                    f"Expected the rows of a series together. Received: {self.id}={name!r} in two "
                    f"places of {path}. Sort the file by {self.id} and time."
                )
            seen.add(name)


def parquet_module(user: str) -> Any:
    """Return `pyarrow.parquet`, or say who needs it and how it is installed."""
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise ImportError(
            f"{user} needs pyarrow, which is not installed. Run: pip install 'keras_rgan[data]'"
        ) from error
    return parquet


def _open(path: Path) -> Any:
    """Return a file to read; refuse one that is none."""
    parquet = parquet_module("ParquetWindows")
    import pyarrow

    try:
        return parquet.ParquetFile(path)
    except pyarrow.ArrowInvalid as error:
        raise ValueError(f"Expected Parquet files. Received: {path}, which is none: {error}") from error


def _files(paths: str | Path | Sequence[str | Path]) -> list[Path]:
    """Return the files that are meant."""
    if not isinstance(paths, str | Path):
        found = [Path(path) for path in paths]
    elif Path(paths).is_dir():
        found = sorted(Path(paths).glob("*.parquet"))
    else:
        found = [Path(paths)]
    missing = [str(path) for path in found if not path.is_file()]
    if missing or not found:
        raise ValueError(
            "Expected a Parquet file, a folder of .parquet files or a list of files. Received: "
            f"{missing[:5] or str(paths)}, where there is none"
        )
    return found


def _codes(column: Any) -> np.ndarray:
    """Return whole numbers that are equal where the values of a column are."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False)


def _begins(ids: np.ndarray) -> np.ndarray:
    """Return in which rows a series begins, or goes on at the very first."""
    return np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))

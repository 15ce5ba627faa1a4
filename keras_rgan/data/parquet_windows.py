"""Windows of series that are larger than memory."""

from __future__ import annotations

import bisect
import copy
import itertools
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_rgan.data.parquet_columns import Columns
from keras_rgan.data.parquet_parts import PartReader, Rows, list_files
from keras_rgan.sequences import reading
from keras_rgan.utils import checks


class ParquetWindows(keras.utils.PyDataset):
    """Windows of Parquet files, made on the fly: what `RecurrentGAN.fit` takes of data beyond memory.

    Files are in long format, a row for each time, in the order of time. A file is one series, or with
    `id` as many as there are values of that column, whose rows stand together; no window reaches over
    the end of a series or a file. As in `from_frame`, `static` columns become conditions, features may
    be missing with `missing`, and those of text are one-hot, in a column for each of `categories`.

    Some row groups, of one file or more, are in memory at a time: with `shuffle` windows come in a
    random order within these, which themselves come in a random order, new in every epoch: a function
    of `seed` and the epoch's number alone, whatever process or thread reads. `fit` leaves the order to
    it, and shows the scaler every row of all series that have a window. For validation pass
    `shuffle=False`, so that it is of the same windows every time.

    To read ahead while a model trains pass `workers=2`: threads share what is in memory. With
    `use_multiprocessing=True` every process reads all, and has a part of `max_rows` in memory.

    Needs pyarrow (`pip install 'keras_rgan[data]'`).

    Args:
        paths: A file, a folder of `.parquet` files, or a list of files.
        features: Names of the columns that are features, in their order: numbers or flags, or what has
            categories.
        length: Steps in a window.
        batch_size: Windows in a batch.
        stride: Steps between the beginnings of neighbouring windows of a series.
        id: Name of the column that tells series apart; None where each file is one.
        shuffle: Whether windows come in a random order. Then the last batch of what is in memory
            together, which would be smaller than the others, is left out, other windows in every epoch.
        seed: Seed of the order.
        max_rows: How many rows are in memory at a time, about; row groups are read whole. A column
            takes 4 bytes a row; 8 where some feature is of float64, decimals, or whole numbers of 32
            bits and more.
        time: Name of the column of times, timestamps or numbers, which is checked as rows are read: the
            times of a series must stand in order and at one distance, the same for all. None trusts the
            files.
        static: Names of columns that hold for a whole series: conditions, of which each window has one
            value. Real numbers are continuous; whole numbers, flags and text are categories.
        missing: Whether features may be missing, null or NaN, here and there: they are NaN in the
            windows, beside which the condition `observed` tells which values there are.
        categories: Of features these, by name, as {"sky": ["sun", "rain"]}: text, or numbers that are
            codes. "find" in place of a list takes those that occur, sorted, and in place of the dict
            does so for all features of text: for that these columns of all files are read once.
        **kwargs: Arguments of `keras.utils.PyDataset`.

    Item:
        A batch `(batch_size, length, columns)`, float32, or float64 where features need it; with
        `missing` or `static` a pair of that and a dict of conditions. Without `shuffle` the last one of
        what is in memory together may be smaller.

    Attributes:
        column_names: What the last axis holds: features, of categories `feature=category` for each.
        categories: The categories of each feature that has some.

    Raises:
        ValueError: If there is no file, a column is missing, has two roles or is of another kind than
            its role or other files have it, the rows of a series do not stand together, or there are
            too few for a batch; and where a batch is read, if a value is infinite, or missing where it
            may not be, a category unknown, a time out of order, twice or behind a hole, or a static
            column changes within a series.

    Example:
        >>> import tempfile, pandas as pd, keras_rgan as kr
        >>> folder = tempfile.TemporaryDirectory()
        >>> frame = pd.DataFrame(kr.datasets.load_energy()[0][:500, :3], columns=["a", "b", "c"])
        >>> frame.to_parquet(f"{folder.name}/part.parquet")
        >>> windows = kr.data.ParquetWindows(folder.name, ["a", "b", "c"], length=24, batch_size=32)
        >>> len(windows), windows[0].shape
        (14, (32, 24, 3))
        >>> frame["sky"], frame["house"] = ["sun", "rain"] * 250, "north"
        >>> frame.to_parquet(f"{folder.name}/part.parquet")
        >>> windows = kr.data.ParquetWindows(
        ...     folder.name, ["a", "sky"], length=24, static=["house"], categories="find"
        ... )
        >>> windows.column_names, windows[0][1]["house"][:2].tolist()
        (['a', 'sky=rain', 'sky=sun'], ['north', 'north'])
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
        time: str | None = None,
        static: Sequence[str] = (),
        missing: bool = False,
        categories: Mapping[str, Any] | str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.paths = list_files(paths)
        for name, given in (("features", features), ("static", static)):
            if isinstance(given, str) or (name == "features" and not given):
                raise ValueError(
                    f"Expected `{name}` as a list of names of columns. Received: {given!r}"
                )
        self.features, self.static, self.missing = list(features), list(static), bool(missing)
        self.length = checks.positive_int("length", length)
        self.batch_size = checks.positive_int("batch_size", batch_size)
        self.stride = checks.positive_int("stride", stride)
        self.max_rows = checks.positive_int("max_rows", max_rows)
        self.id, self.time, self.shuffle, self.seed = id, time, shuffle, seed
        self._columns = Columns(self.features, self.static, id, time, self.missing, categories)
        self._reader = PartReader(self._columns, self.length, self.stride, self.max_rows)
        self._parts = self._reader.parts(self.paths)
        """Pieces of files that are in memory together."""
        self._disjoint = False
        self._epoch, self._epoch_is_over, self._was_read = 0, False, False
        self._first_batch: int | None = None
        """With the first batch of epoch 0 as 0, which one is index 0 of a dataset without end."""
        self._source: ParquetWindows | None = None
        self._next_fit = 0
        """The first batch that no `fit` has asked for."""
        self._forget()
        self._count_windows()

    def _forget(self) -> None:
        """Have nothing in memory."""
        self._process, self._lock = os.getpid(), threading.Lock()
        self._ordered: tuple[int, list[int], list[int]] | None = None
        self._loaded: tuple[int, Rows] | None = None
        self._shuffled: tuple[tuple[int, int], np.ndarray] | None = None

    @property
    def column_names(self) -> list[str]:
        """What the last axis of windows holds: features, of categories `feature=category` for each."""
        return self._columns.layout.names

    @property
    def categories(self) -> dict[str, list[Any]]:
        """The categories of each feature that has some, in the order of their columns."""
        return {name: list(entries) for name, entries in self._columns.categories.items()}

    def _count_windows(self) -> None:
        """Count the windows of each part; refuse files without a batch of them."""
        self._counts = [
            sum(piece.disjoint_windows if self._disjoint else piece.windows for piece in part)
            for part in self._parts
        ]
        self._num_batches = sum(map(self._batches_of, self._counts))
        if not any(self._counts):
            raise ValueError(
                f"Expected series of {self.length} steps and more, for a window of that length. "
                f"Received: {len(self.paths)} files without. Pass a smaller length=."
            )
        if not self._num_batches:
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
        view._disjoint, view.shuffle = True, False
        view.batch_size = max(reading.CHUNK // self.length, 1)
        view._count_windows()
        return view

    def endless(self, steps_per_epoch: int | None, initial_epoch: int) -> tuple[ParquetWindows, int]:
        """Return the same windows epoch after epoch, without an end, and the steps of an epoch: to fit.

        Batch `i` is the same whoever reads it and when: Keras asks for each once, and in order, also
        where epochs are of fewer steps than there are batches, which it begins anew in each epoch where
        several workers read a dataset that ends.

        Args:
            steps_per_epoch: Batches in an epoch; None for all.
            initial_epoch: Index of the first epoch. What an earlier `fit` on these windows asked for is
                not asked for again.
        """
        steps = self._num_batches if steps_per_epoch is None else steps_per_epoch
        view = copy.copy(self)
        view._first_batch = max(initial_epoch * steps, self._next_fit)
        view._source, view._steps = self, steps
        self._forget()
        self._next_fit = view._first_batch
        return view, steps

    def __len__(self) -> int:
        """Return how many batches there are: all windows once."""
        return self._num_batches

    @property
    def num_batches(self) -> int | None:
        """How many batches there are; None without end."""
        return self._num_batches if self._first_batch is None else None

    def __getitem__(self, index: int) -> Any:
        """Return a batch."""
        if self._first_batch is None and not 0 <= index < len(self):
            raise IndexError(f"Expected a batch from 0 to {len(self) - 1}. Received: {index}")
        if self._process != os.getpid():  # a fork, where nobody can give back the lock
            self._process, self._lock = os.getpid(), threading.Lock()
            self._begin_anew()
        with self._lock:
            if self._first_batch is not None:
                epoch, index = divmod(self._first_batch + index, len(self))
            else:
                # An epoch of fewer steps leaves off anywhere, and the next one goes on from there.
                if index == 0:
                    self._begin_anew()
                self._was_read = True
                epoch = self._epoch
            order, stops = self._order(epoch)
            place = bisect.bisect_right(stops, index)
            within = index - (stops[place - 1] if place else 0)
            rows, starts = self._windows(epoch, order[place])
        chosen = slice(within * self.batch_size, (within + 1) * self.batch_size)
        return rows.windows(starts[chosen], self.length, self.missing)

    def on_epoch_begin(self) -> None:
        """Make room where other processes read, and note where the next `fit` is to begin."""
        if self.use_multiprocessing and self.workers > 0:
            with self._lock:
                self._loaded = self._shuffled = None
        if self._source is not None:
            self._source._next_fit += self._steps

    def on_epoch_end(self) -> None:
        """Have a new order: from the next first batch on, or at once where others read.

        Keras's workers begin each epoch anew; one reader goes on where one of fewer steps left off.
        """
        if not self.shuffle:
            return
        workers_read = self.workers > (0 if self.use_multiprocessing else 1)
        if workers_read or (self._epoch_is_over and not self._was_read):
            self._epoch += 1
        else:
            self._epoch_is_over = True
        self._was_read = False

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy or another process needs: no lock, and nothing that was read."""
        kept = {"_ordered", "_loaded", "_shuffled", "_lock", "_process", "_source"}
        return {name: value for name, value in vars(self).items() if name not in kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._source = None
        self._forget()
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Begin a new epoch where the last one is over."""
        if self._epoch_is_over:
            self._epoch, self._epoch_is_over = self._epoch + 1, False

    def _batches_of(self, windows: int) -> int:
        """Return how many batches a part of so many windows has."""
        return windows // self.batch_size if self.shuffle else -(-windows // self.batch_size)

    def _order(self, epoch: int) -> tuple[list[int], list[int]]:
        """Return the parts in the order of an epoch, and the batches up to the end of each."""
        if self._ordered is None or self._ordered[0] != epoch:
            order = np.arange(len(self._parts))
            if self.shuffle:
                order = np.random.default_rng([self.seed, epoch]).permutation(order)
            stops = itertools.accumulate(self._batches_of(self._counts[i]) for i in order)
            self._ordered = epoch, order.tolist(), list(stops)
        return self._ordered[1:]

    def _windows(self, epoch: int, part: int) -> tuple[Rows, np.ndarray]:
        """Return the rows of a part, and where its windows begin, in the order of an epoch."""
        if self._loaded is None or self._loaded[0] != part:
            self._loaded = None  # which makes room
            self._loaded = part, self._reader.load(self._parts[part], self._disjoint)
        rows = self._loaded[1]
        if not self.shuffle:
            return rows, rows.starts
        if self._shuffled is None or self._shuffled[0] != (epoch, part):
            rng = np.random.default_rng([self.seed, epoch, part])
            self._shuffled = (epoch, part), rng.permutation(rows.starts)
        return rows, self._shuffled[1]

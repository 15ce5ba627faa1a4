"""Which columns of Parquet files are read, and what becomes of their values."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_rgan.data.parquet_types import encoded, is_category, kind_of, numbers_of, numpy_type
from keras_rgan.data.tables.column_roles import check_static_names
from keras_rgan.data.tables.feature_layout import MAX_CATEGORIES, FeatureLayout

FIND = "find"
"""In place of categories: those that occur."""

NUMBERS = ("flags", "whole numbers", "real numbers", "nothing")
"""Kinds of columns that are read as numbers."""


@dataclasses.dataclass
class Columns:
    """Which columns of files are read, and as what; what files hold is learned as they are opened.

    Attributes:
        features: Names of those that change with time.
        static: Names of those that hold for a whole series.
        id: Name of the one that tells series apart; None where each file is one.
        time: Name of the one of times; None for none.
        missing: Whether features may be missing.
        categories: Of each feature of categories these, or `FIND` until all are found; for `FIND`
            alone, of those that are text or categories in the files.
        found: The values that were met of each feature whose categories are to be found.
        kinds: What each column holds, in words, and the first file where it does.
        dtypes: NumPy's type that holds a column of numbers of all files.
    """

    features: list[str]
    static: list[str] = dataclasses.field(default_factory=list)
    id: str | None = None
    time: str | None = None
    missing: bool = False
    categories: Any = None
    found: dict[str, set[Any]] = dataclasses.field(default_factory=dict, init=False)
    kinds: dict[str, tuple[str, Path]] = dataclasses.field(default_factory=dict, init=False)
    dtypes: dict[str, np.dtype] = dataclasses.field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._finds_all = isinstance(self.categories, str) and self.categories == FIND
        given = {} if self._finds_all else self.categories or {}
        if not isinstance(given, Mapping) or set(given) - set(self.features):
            raise ValueError(
                "Expected `categories` as lists by the name of a feature, as {'sky': ['sun', 'rain']}, "
                f"or 'find'. Received: {self.categories!r}, with the features {self.features}"
            )
        self.categories = {
            name: FIND if isinstance(entries, str) and entries == FIND else _distinct(name, entries)
            for name, entries in given.items()
        }
        check_static_names(self.static)
        again = [name for name, count in Counter(self.names).items() if count > 1]
        if again:
            raise ValueError(
                f"Expected one role for each column. Received: {again} more than once among features="
                f"{self.features}, static={self.static}, id={self.id!r} and time={self.time!r}"
            )

    @property
    def others(self) -> list[str]:
        """The names of all but the features."""
        return [*self.static, *(name for name in (self.id, self.time) if name is not None)]

    @property
    def names(self) -> list[str]:
        """The names of all that are read."""
        return [*self.features, *self.others]

    @property
    def finding(self) -> list[str]:
        """The features whose categories are to be found."""
        return [name for name, entries in self.categories.items() if entries == FIND]

    @property
    def layout(self) -> FeatureLayout:
        """Which columns of the sequences each feature has."""
        return FeatureLayout(self.features, self.categories)

    @property
    def dtype(self) -> np.dtype:
        """The narrowest real type that holds the features of all files, float32 or float64."""
        kept = [self.dtypes[name] for name in self.features if name not in self.categories]
        return np.result_type("float32", *kept)

    # What files hold

    def learn(self, path: Path, schema: Any) -> None:
        """Take in what the columns of a file are.

        Raises:
            ValueError: If one is missing, or is not what it should be, or was in the files before.
        """
        missing = [name for name in self.names if name not in schema.names]
        if missing:
            raise ValueError(
                f"{path} has no columns {missing}. Expected: names among {schema.names}. Received: "
                f"features={self.features}, static={self.static}, id={self.id!r}, time={self.time!r}"
            )
        kinds = {name: schema.field(name).type for name in self.names}
        if self._finds_all:
            texts = (name for name in self.features if is_category(kinds[name]))
            self.categories |= dict.fromkeys(texts, FIND)
        wanted = {
            "features": NUMBERS,
            "categories": ("text", *NUMBERS),
            "static": ("text", *NUMBERS[:3]),
            "time": ("times", *NUMBERS[1:3]),
        }
        for name, kind in kinds.items():
            role = self._role(name)
            unfit = role in wanted and kind_of(kind) not in wanted[role]
            if unfit or (role == "features" and is_category(kind)):
                raise ValueError(_unfit(role, name, kind, path))
            self._check_as_before(role, name, kind_of(kind), path)
            if kind_of(kind) in NUMBERS:
                self.dtypes[name] = np.result_type(self.dtypes.get(name, "bool"), numpy_type(kind))
        for name in self.categories.keys() - self.finding:
            _as_column(name, self.categories[name], kinds[name], path)

    def _role(self, name: str) -> str:
        """Return which argument has a column's name."""
        if name in self.features:
            return "categories" if name in self.categories else "features"
        return "static" if name in self.static else "time" if name == self.time else "id"

    def _check_as_before(self, role: str, name: str, kind: str, path: Path) -> None:
        """Refuse a column that means one thing in a file and another in the next."""
        if kind == "nothing":  # as where all of a file are missing
            return
        before, first = self.kinds.setdefault(name, (kind, path))
        if _meaning(role, before) != _meaning(role, kind):
            raise ValueError(
                f"Expected the column {name!r} to hold the same in every file. Received: {before} in "
                f"{first}, {kind} in {path}. Write it in one type."
            )

    def find(self, batch: Any) -> None:
        """Take in the categories that occur in some rows.

        Raises:
            ValueError: If there are too many.
        """
        for name in self.finding:
            entries = self.found.setdefault(name, set())
            entries |= {x for x in batch[name].unique().to_pylist() if x is not None and x == x}
            _check_count(name, len(entries), at_least=0)

    def settle(self) -> None:
        """Take those categories that were found in all files, sorted.

        Raises:
            ValueError: If there is none.
        """
        for name in self.finding:
            _check_count(name, len(self.found.get(name, ())))
            self.categories[name] = sorted(self.found.pop(name))

    # Values

    def read(self, batch: Any, values: np.ndarray, path: Path, row: int) -> None:
        """Read the features of some rows into an array, `(rows, columns)`, NaN where one is missing.

        Args:
            batch: The rows, as Arrow has them.
            values: Where they go.
            path: Their file.
            row: Which row of the file the first one is.

        Raises:
            ValueError: If there is an unknown category.
        """
        for name, place in self.layout.slices().items():
            if name in self.categories:
                codes = self._codes(name, batch[name], path, row)
                values[:, place] = np.arange(place.stop - place.start) == codes[:, None]
                values[codes < 0, place] = np.nan
            else:
                values[:, place.start] = numbers_of(batch[name])

    def _codes(self, name: str, column: Any, path: Path, row: int) -> np.ndarray:
        """Return of each row which of the categories it holds, -1 where it is missing."""
        from pyarrow import compute, types

        if types.is_null(column.type):
            return np.full(len(column), -1)
        if types.is_dictionary(column.type):
            column = column.dictionary_decode()
        entries = _as_column(name, self.categories[name], column.type, path)
        codes = compute.index_in(column, value_set=entries).fill_null(-1).to_numpy()
        known = compute.is_null(column, nan_is_null=True).to_numpy(zero_copy_only=False) | (codes >= 0)
        if not known.all():
            wrong = int(known.argmin())
            raise ValueError(
                f"Expected of the feature {name!r} one of the categories "
                f"{_some(self.categories[name])}. Received: {column[wrong].as_py()!r} in {path}, row "
                f"{row + wrong}. Add it to categories=, or mend the row."
            )
        return np.asarray(codes)

    def check(self, values: np.ndarray, path: Path, row: int) -> None:
        """Refuse features that are infinite, or missing where they may not be.

        Args:
            values: The features of rows.
            path: Their file.
            row: Which row of the file the first one is.

        Raises:
            ValueError: If there is one.
        """
        wrong = np.isinf(values) if self.missing else ~np.isfinite(values)
        if wrong.any():
            at, column = (int(i) for i in np.argwhere(wrong)[0])
            name = next(n for n, place in self.layout.slices().items() if column < place.stop)
            gap = bool(np.isnan(values[at, column]))
            raise ValueError(
                f"Expected finite values. Received: {values[at, column]} in the column {name!r} of "
                f"{path}, row {row + at}, and {int(wrong.sum()) - 1} more in the rows that are read "
                f"with it. Drop or fill them first{', or pass missing=True' if gap else ''}."
            )

    def static_of(self, rows: Any, begins: np.ndarray, path: Path, row: int) -> dict[str, np.ndarray]:
        """Return the static columns, one value for each series.

        Args:
            rows: The rows, as Arrow has them.
            begins: Which of them begin a series, or go on with one at the very first.
            path: Their file.
            row: Which row of the file the first one is.

        Raises:
            ValueError: If a value is missing or infinite, or changes within a series.
        """
        static = {}
        for name in self.static:
            codes, entries = encoded(rows[name])
            values = self._conditions(name, entries)
            known = np.isfinite(values) if values.dtype.kind == "f" else np.ones(len(values), bool)
            known = np.append(known, False)[codes]  # where -1 is the last
            if not known.all():
                at = int(known.argmin())
                raise ValueError(
                    f"Expected a finite value of the static column {name!r} in every row. Received: "
                    f"{rows[name][at].as_py()} in {path}, row {row + at}. Fill or drop such rows first."
                )
            changed = codes[1:] != codes[:-1]
            changed[begins[1:] - 1] = False
            if changed.any():
                at = int(changed.argmax()) + 1
                before, after = (rows[name][i].as_py() for i in (at - 1, at))
                raise ValueError(
                    f"Expected the static column {name!r} to hold for a whole series. Received: "
                    f"{before!r}, then {after!r} in {path}, row {row + at}. Name it under features=, "
                    "or tell series apart by id=."
                )
            static[name] = values[codes[begins]]
        return static

    def _conditions(self, name: str, entries: Any) -> np.ndarray:
        """Return values of a static column as a condition takes them: one dtype in all files."""
        kind, _ = self.kinds[name]
        if kind == "text":
            return np.array(entries.to_pylist(), dtype=str)
        dtype = {"flags": "bool", "whole numbers": "int64"}.get(kind, self.dtypes[name])
        return numbers_of(entries).astype(dtype)


def _meaning(role: str, kind: str) -> Any:
    """Return what must be the same in all files, of what a column holds."""
    if role == "static":
        return kind
    return kind in ("text", "times") if role in ("categories", "time") else None


def _unfit(role: str, name: str, kind: Any, path: Path) -> str:
    """Return what to say of a column that holds what its role does not take."""
    wanted, mend = {
        "features": ("features that are numbers", "Leave them out, or turn them into numbers."),
        "categories": ("categories that are text, numbers or flags", "Leave it out of categories=."),
        "static": ("static columns of numbers, flags or text", "Leave it out, or turn it into such."),
        "time": (
            "times that are timestamps, dates or numbers",
            "Turn them into such, or leave time= out.",
        ),
    }[role]
    if role == "features" and is_category(kind):
        mend = "Pass categories='find' or their categories, leave them out, or turn them into numbers."
    return f"Expected {wanted}. Received: { ({name: str(kind)}) } in {path}. {mend}"


def _as_column(name: str, categories: list[Any], kind: Any, path: Path) -> Any:
    """Return categories as Arrow has them in a column of some type.

    Raises:
        ValueError: If they are of another.
    """
    import pyarrow

    kind = kind.value_type if pyarrow.types.is_dictionary(kind) else kind
    if pyarrow.types.is_null(kind):
        return pyarrow.array(categories)
    try:
        return pyarrow.array(categories, type=kind)
    except (pyarrow.ArrowException, TypeError, ValueError) as error:
        raise ValueError(
            f"Expected categories of {name!r} as {path} holds them, {kind}. Received: "
            f"{_some(categories)}"
        ) from error


def _distinct(name: str, entries: Any) -> list[Any]:
    """Return categories that a user gave, or refuse what cannot be such."""
    listed = list(entries) if isinstance(entries, Sequence | np.ndarray) else []
    listed = [x.item() if isinstance(x, np.generic) else x for x in listed]
    if (
        isinstance(entries, str)
        or not listed
        or any(not isinstance(x, str | int | float) or x != x for x in listed)
        or len(set(listed)) != len(listed)
    ):
        raise ValueError(
            f"Expected the categories of {name!r} as a list of text, numbers or flags, each once, or "
            f"'find'. Received: {entries!r}"
        )
    _check_count(name, len(listed))
    return listed


def _check_count(name: str, count: int, at_least: int = 1) -> None:
    """Refuse too few or too many categories."""
    if not at_least <= count <= MAX_CATEGORIES:
        raise ValueError(
            f"Expected 1 to {MAX_CATEGORIES} categories of the feature {name!r}. Received: {count}"
            f"{' and more' if not at_least else ''}. Leave it out of features=, or merge some."
        )


def _some(entries: list[Any]) -> str:
    """Return the first of some entries, in words."""
    return f"{', '.join(map(repr, entries[:10]))}{', …' if len(entries) > 10 else ''}"

"""Dataframes whose columns may stand in any order, brought to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MEND = (
    "Read a second table with from_frame(frame, like=table), the first one, or pass the same columns "
    "as features= in this order."
)


def names_of(data: Any) -> list[str] | None:
    """Return what the columns of sequences are called, where these have names; else None.

    Args:
        data: A `SequenceTable`, `ParquetWindows` or a list of dataframes, or anything without names.
    """
    if _are_frames(data):
        return [str(name) for name in data[0].columns]
    names = getattr(getattr(data, "layout", data), "names", None) or getattr(data, "column_names", None)
    return list(names) if isinstance(names, list) else None


def titles(names: Sequence[Any] | None, count: int) -> list[str]:
    """Return what so many features are called: by their names, or by number where they have none."""
    return [str(name) for name in names] if names else [f"feature {i}" for i in range(count)]


def in_order(data: Any, names: Sequence[str] | None = None) -> Any:
    """Return dataframes whose columns stand in one order: of given names, or of the first one's.

    Args:
        data: A list of dataframes, or a dict of such, which becomes a list; anything else is returned
            as it is.
        names: What the columns are to be called.

    Raises:
        ValueError: If a dataframe has other columns.
    """
    if isinstance(data, Mapping) and _are_frames(list(data.values())):
        data = list(data.values())
    if not _are_frames(data):
        return data
    wanted = [str(name) for name in data[0].columns] if names is None else list(names)
    frames = []
    for i, frame in enumerate(data):
        found = {str(name): place for place, name in enumerate(frame.columns)}
        if sorted(found) != sorted(wanted) or len(found) != len(frame.columns):
            raise ValueError(
                f"Expected dataframes of the columns {wanted}, in any order. Received: "
                f"{[str(name) for name in frame.columns]} at index {i}"
            )
        frames.append(_of_numbers(frame.iloc[:, [found[name] for name in wanted]]))
    return frames


def check_order(data: Any, names: Sequence[str] | None) -> None:
    """Refuse a table or dataframes whose columns are not those of a model, in its order.

    Raises:
        ValueError: If they are others.
    """
    check_names(names_of(data), names)


def check_names(received: Sequence[str] | None, names: Sequence[str] | None) -> None:
    """Refuse names that are not those of a model, in its order; None is of data without names.

    Raises:
        ValueError: If they are others.
    """
    if names is None or received is None or list(received) == list(names):
        return
    same = sorted(received) == sorted(names)
    raise ValueError(
        f"Expected the columns that the model learned, {list(names)}. Received: {list(received)}"
        + (", in another order. " if same else ". ")
        + MEND
    )


def refuse_dataframe(data: Any) -> None:
    """Refuse a dataframe where sequences are asked for.

    Raises:
        ValueError: If it is one, of whatever library.
    """
    if hasattr(data, "columns") and not hasattr(data, "to_frame"):
        kind = f"{type(data).__module__.split('.')[0]}.{type(data).__qualname__}"
        raise ValueError(
            f"Expected sequences. Received: a {kind}. Read it with keras_rgan.data.from_frame(frame, "
            "id=..., time=..., length=...), or pass a list of dataframes, one a sequence."
        )


def _of_numbers(frame: Any) -> Any:
    """Return a dataframe of numbers and flags together, or of pandas' own types, as one of numbers."""
    from pandas.api.types import is_numeric_dtype

    mixed = frame.iloc[:0].to_numpy().dtype == object
    return frame.astype("float64") if mixed and all(map(is_numeric_dtype, frame.dtypes)) else frame


def _are_frames(data: Any) -> bool:
    return (
        isinstance(data, list | tuple)
        and len(data) > 0
        and all(hasattr(part, "columns") and hasattr(part, "iloc") for part in data)
    )

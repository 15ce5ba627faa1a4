"""Times of a table: their distance, and those of rows that are written."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pandas import DataFrame, Series

MEND = "Sort, drop or aggregate rows first, or pass resample=, the distance to bring them to."


def label(id: Any, key: Any) -> str:
    """Return what a message calls the rows of one id."""
    return "the table" if id is None else f"{id}={key!r}"


def check_kind(times: Series) -> None:
    """Refuse a column that holds neither times nor numbers.

    Raises:
        ValueError: If it is such.
    """
    if times.dtype.kind not in "Miuf":
        raise ValueError(
            f"Expected times or numbers in the column {times.name!r}. Received: dtype {times.dtype}. "
            "Use pandas.to_datetime."
        )


def resampling_distance(resample: Any, times: Series) -> Any:
    """Return what a user gave as the distance of times, as these times count it.

    Raises:
        ValueError: If it is none.
    """
    import pandas as pd

    dates, number = times.dtype.kind == "M", isinstance(resample, numbers.Real)
    try:
        if dates != number:
            return pd.Timedelta(resample) if dates else resample
    except ValueError:
        pass
    wanted = "a distance of times, as '10min'" if dates else "a number, as the column of times holds"
    raise ValueError(f"Expected resample= to be {wanted}. Received: {resample!r}")


def start_time(start: Any, name: Any, dtype: Any) -> Any:
    """Return what a user gave as the time of the first step, as the column of times holds it.

    Raises:
        ValueError: If it is none.
    """
    import pandas as pd

    dates, number = dtype.kind == "M", isinstance(start, numbers.Real)
    try:
        if dates != number:
            return pd.Series([start]).astype(dtype).iloc[0] if dates else start
    except (ValueError, TypeError):
        pass
    raise ValueError(
        f"Expected start= to be a time of the column {name!r}, dtype {dtype}. Received: {start!r}"
    )


def common_step(
    rows_by_id: list[tuple[Any, DataFrame]], id: Any, time: Any, expected: Any = None
) -> Any:
    """Return the distance of times that all rows keep to; without `expected` the first's most frequent.

    Raises:
        ValueError: If one does not, or there is nothing to tell the distance from.
    """
    distance = expected
    for key, rows in rows_by_id:
        times = rows[time]
        steps = times.diff().iloc[1:]
        if not len(steps):
            continue
        _check_increasing(times, steps, label(id, key))
        if distance is None:
            distance = steps.mode().iloc[0]
        _check_regular(times, steps, distance)
    if distance is None:
        raise ValueError("Expected sequences of more than one row, to know how far times lie apart.")
    return distance


def _check_increasing(times: Series, steps: Series, where: str) -> None:
    zero = steps.iloc[0] * 0
    for problem, wrong in (("twice", steps == zero), ("not in order", steps < zero)):
        if wrong.any():
            raise ValueError(
                "Expected every time once, in order, at one distance. Received: "
                f"{times.iloc[1:][wrong].iloc[0]} {problem} ({where}). {MEND}"
            )


def _check_regular(times: Series, steps: Series, distance: Any) -> None:
    real = times.dtype.kind == "f"
    wrong = ~np.isclose(steps, distance, rtol=1e-6) if real else steps != distance
    if wrong.any():
        raise ValueError(
            f"Expected times at one distance, {distance}. Received: {steps[wrong].iloc[0]} before "
            f"{times.iloc[1:][wrong].iloc[0]}. {MEND}"
        )


def joined(times: list[Series]) -> Series:
    """Return the times of every sequence in one column."""
    import pandas as pd

    return pd.concat([pd.Series(of_sequence) for of_sequence in times], ignore_index=True)


def counted_on(starts: Series, step: Any, lengths: np.ndarray) -> Series:
    """Return a column of times, of sequences of these lengths from these starts at one distance."""
    import pandas as pd

    counts = np.concatenate([np.arange(length) for length in lengths])
    return starts.repeat(lengths).reset_index(drop=True) + pd.Series(counts) * step


def drawn(starts: Series, count: int, seed: int) -> Series:
    """Return so many of the starts, drawn."""
    return starts.iloc[np.random.default_rng(seed).integers(0, len(starts), count)]


def repeated(start: Any, name: Any, dtype: Any, count: int) -> Series:
    """Return so many times the start that a user gave, as the column of times holds it.

    Raises:
        ValueError: If it is no time of the column.
    """
    import pandas as pd

    return pd.Series([start_time(start, name, dtype)] * count)


def behind(times: list[Series], dtype: Any, step: Any, series: np.ndarray, steps: np.ndarray) -> Series:
    """Return a column of times, so many steps behind the last ones of the numbered series."""
    import pandas as pd

    lasts = pd.Series([of_sequence.iloc[-1] for of_sequence in times], dtype=dtype)
    return lasts.iloc[series].reset_index(drop=True) + pd.Series(steps) * step

"""Times of a table: what they may be, and the grid that they keep to."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.column_types import decimals_of
from keras_rgan.data.tables.runs import runs_of
from keras_rgan.data.tables.time_grids import (
    DAY,
    CalendarGrid,
    EvenGrid,
    TimeGrid,
    distances_of,
    on_wall,
)

if TYPE_CHECKING:
    from pandas import Index, Series

MEND = "Sort, drop or aggregate rows first, or pass resample=, the distance to bring them to."


def label(id: Any, key: Any) -> str:
    """Return what a message calls the rows of one id."""
    return "the table" if id is None else f"{id}={key!r}"


def to_index(times: Series) -> Index:
    """Return a column of times or numbers, as `plain_columns.plain` has it.

    Raises:
        ValueError: If it holds neither.
    """
    import pandas as pd

    dtype = times.dtype
    if pd.api.types.is_bool_dtype(dtype) or not (
        pd.api.types.is_numeric_dtype(dtype) or isinstance(dtype, pd.PeriodDtype) or dtype.kind in "mM"
    ):
        raise ValueError(
            f"Expected times or numbers in the column {times.name!r}. Received: dtype {dtype}. "
            "Use pandas.to_datetime."
        )
    if not pd.api.types.is_numeric_dtype(dtype):
        return pd.Index(times)
    if pd.api.types.is_float_dtype(dtype):
        real = times.to_numpy(dtype="float64")
        if not np.isfinite(real).all():
            raise ValueError(
                f"Expected finite times in the column {times.name!r}. Received: infinite ones. Drop "
                "these rows."
            )
        return pd.Index(real)
    values = times.to_numpy(dtype="uint64" if "uint" in str(dtype).lower() else "int64")
    if values.dtype.kind == "u" and values.max(initial=0) > np.iinfo("int64").max:
        raise ValueError(
            f"Expected times below 2**63 in the column {times.name!r}. Received: {values.max()}. "
            "Subtract a start, or use pandas.to_datetime."
        )
    return pd.Index(values.astype("int64"))


def resampling_grid(resample: Any, times: Index) -> TimeGrid:
    """Return the grid of a distance that a user gave.

    Raises:
        ValueError: If it is no distance of such times.
    """
    import pandas as pd

    number = isinstance(resample, numbers.Real) and not isinstance(resample, bool | np.timedelta64)
    dates = isinstance(times, pd.DatetimeIndex)
    try:
        if dates and not number:
            return _grid_of(resample, times)
        if isinstance(times, pd.TimedeltaIndex) and not number:
            return _positive(EvenGrid(pd.Timedelta(resample)))
        if not dates and number and pd.api.types.is_numeric_dtype(times.dtype):
            return _positive(EvenGrid(resample))
    except (ValueError, TypeError):
        pass
    wanted = "a distance of times, as '10min' or 'MS'" if dates else "a number, as the column holds"
    if isinstance(times, pd.TimedeltaIndex):
        wanted = "a distance of times, as '10min'"
    if isinstance(times, pd.PeriodIndex):
        wanted = "None, as periods have their distance: use times.dt.to_timestamp() first"
    raise ValueError(f"Expected resample= to be {wanted}. Received: {resample!r}")


def _positive(grid: EvenGrid) -> EvenGrid:
    if not grid.step > grid.step * 0:
        raise ValueError
    return grid


def _grid_of(distance: Any, times: Index) -> TimeGrid:
    """Return the grid of an alias, an offset or a span of time."""
    import pandas as pd
    from pandas.tseries.frequencies import to_offset

    if isinstance(distance, np.timedelta64):
        distance = pd.Timedelta(distance)
    offset = distance if isinstance(distance, pd.DateOffset) else to_offset(distance)
    try:
        span = (
            pd.Timedelta(days=offset.n) if isinstance(offset, pd.offsets.Day) else pd.Timedelta(offset)
        )
    except (ValueError, TypeError):
        return CalendarGrid(offset)
    if times.tz is not None and span % pd.Timedelta(DAY) == pd.Timedelta(0):
        return CalendarGrid(pd.DateOffset(days=span.days))
    return _positive(EvenGrid(span))


def start_time(start: Any, name: Any, times: Index) -> Any:
    """Return what a user gave as the time of the first step, as an entry of such times.

    Raises:
        ValueError: If it is none.
    """
    import pandas as pd

    number = isinstance(start, numbers.Real)
    try:
        if not number and isinstance(times, pd.DatetimeIndex):
            given = pd.Timestamp(start)
            if given is not pd.NaT:
                given = given.tz_localize(times.tz) if given.tz is None else given.tz_convert(times.tz)
                return given
        elif not number and isinstance(times, pd.TimedeltaIndex):
            return pd.Timedelta(start)
        elif not number and isinstance(times, pd.PeriodIndex):
            return pd.Period(start, freq=times.freq)
        elif number and pd.api.types.is_numeric_dtype(times.dtype):
            return start
    except (ValueError, TypeError):
        pass
    raise ValueError(
        f"Expected start= to be a time of the column {name!r}, dtype {times.dtype}. Received: {start!r}"
    )


def check_increasing(times: Index, first: np.ndarray, where: Callable[[int], str]) -> None:
    """Refuse times of which one stands twice, or before an earlier one.

    Args:
        times: Those of all sequences, one sequence behind the other.
        first: Which of them begin a sequence.
        where: Returns what a message calls the sequence of a row.

    Raises:
        ValueError: If there is one.
    """
    distances = distances_of(times)
    for problem, wrong in (("twice", distances == 0), ("not in order", distances < 0)):
        rows = np.flatnonzero(wrong & ~first[1:]) + 1
        if len(rows):
            raise ValueError(
                "Expected every time once, in order, at one distance. Received: "
                f"{times[rows[0]]} {problem} ({where(rows[0])}). {MEND}"
            )


def _days_of_zone(times: Index, step: Any) -> CalendarGrid | None:
    """Return the grid of days by the clock of a zone, where the distance is one of whole days."""
    import pandas as pd

    zone = getattr(times, "tz", None)
    if zone is None or str(zone) == "UTC":
        return None
    days = round(step / pd.Timedelta(DAY))
    hours = abs(step - pd.Timedelta(days=days))
    if days < 1 or hours > pd.Timedelta(hours=2):
        return None
    return CalendarGrid(pd.DateOffset(days=days))


def common_grid(times: Index, first: np.ndarray, single: bool = False) -> TimeGrid:
    """Return the grid that the times of all sequences keep to.

    Args:
        times: As in `check_increasing`, which was called.
        first: As there.
        single: Whether real numbers came in single precision, or half.

    Raises:
        ValueError: If they keep to none, or there is nothing to tell the distance from.
    """
    within = ~first[1:]
    if not within.any():
        raise ValueError("Expected sequences of more than one row, to know how far times lie apart.")
    even = _even_grid(times, first, within, single)
    days = _days_of_zone(times, even.step)
    if days is not None and not days.wrong(times, first).any():
        return days  # by the clock on the wall, whether it changes in this data or not
    wrong = even.wrong(times, first)
    if not wrong.any():
        return even
    for grid in _calendar_grids(times, first, wrong):
        if not grid.wrong(times, first).any():
            return grid
    row = np.flatnonzero(wrong)[0]
    raise ValueError(
        f"Expected times at one distance, {even.step}. Received: {times[row] - times[row - 1]} before "
        f"{times[row]}. {MEND}"
    )


def _even_grid(times: Index, first: np.ndarray, within: np.ndarray, single: bool) -> EvenGrid:
    """Return the grid of the most frequent distance; of real numbers as `_real_grid` has it."""
    import pandas as pd

    if times.dtype.kind == "f":
        return _real_grid(times.to_numpy(), first, single)
    found, counts = np.unique(distances_of(times)[within], return_counts=True)
    ticks = int(found[counts.argmax()])
    if isinstance(times, pd.PeriodIndex):
        return EvenGrid(times.freq.base * ticks)
    if isinstance(times, pd.DatetimeIndex | pd.TimedeltaIndex):
        return EvenGrid(pd.Timedelta(np.timedelta64(ticks, times.unit)))
    return EvenGrid(ticks)


def _real_grid(times: np.ndarray, first: np.ndarray, single: bool) -> EvenGrid:
    """Return the grid of real numbers, whose distances differ by what these cannot tell apart.

    The distance is that of the first time and the last of the longest sequence, in as few decimals as
    lead from one to the other.
    """
    begins, lengths = runs_of(first)
    longest = lengths.argmax()
    start, end = times[begins[longest]], times[begins[longest] + lengths[longest] - 1]
    largest = np.abs(times).max()
    resolution = float(np.spacing(largest.astype("float32") if single else largest))
    step = (end - start) / (lengths[longest] - 1)
    for decimals in range(10):
        rounded = round(step, decimals)
        if abs(rounded - step) * (lengths[longest] - 1) <= resolution:
            step = rounded
            break
    return EvenGrid(float(step), 1.5 * resolution, decimals_of(times))


def _calendar_grids(times: Index, first: np.ndarray, wrong: np.ndarray) -> list[TimeGrid]:
    """Return the grids of a calendar that sequences may keep to.

    Args:
        times: As in `common_grid`.
        first: As there.
        wrong: Which of the times are at no common distance.
    """
    import pandas as pd
    from pandas.tseries.frequencies import to_offset

    if not isinstance(times, pd.DatetimeIndex):
        return []
    begins, lengths = runs_of(first)
    longest = np.where(np.add.reduceat(wrong, begins) > 0, lengths, 0).argmax()  # of those that tell
    wall = on_wall(times)[begins[longest] : begins[longest] + lengths[longest]]
    grids: list[TimeGrid] = []
    days = (wall[1] - wall[0]) / pd.Timedelta(DAY)
    if times.tz is not None and days >= 1 and days == int(days):
        grids.append(CalendarGrid(pd.DateOffset(days=int(days))))
    if wall.dayofweek.max() < 5:
        grids.append(CalendarGrid(pd.offsets.BDay()))
    inferred = pd.infer_freq(wall) if len(wall) > 2 else None
    if inferred is not None:
        grids.append(CalendarGrid(to_offset(inferred)))
    months = 12 * (wall[1].year - wall[0].year) + wall[1].month - wall[0].month
    if months > 0:
        grids.append(CalendarGrid(pd.DateOffset(months=months)))
    if len(wall) < 3 and months > 0:
        grids.insert(0, CalendarGrid(pd.offsets.MonthEnd(months)))
    return grids

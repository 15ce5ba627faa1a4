"""Grids of times: how far these lie apart, and which come next."""

from __future__ import annotations

import abc
import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_rgan.data.tables.runs import counted, runs_of

if TYPE_CHECKING:
    from pandas import Index

DAY = np.timedelta64(1, "D")


class TimeGrid(abc.ABC):
    """Times at one distance.

    Attributes:
        step: From one time to the next: a number, a `pandas.Timedelta`, or an offset of a calendar.
    """

    step: Any

    @abc.abstractmethod
    def after(self, starts: Index, counts: np.ndarray) -> Index:
        """Return times so many steps after others, an entry each."""

    @abc.abstractmethod
    def wrong(self, times: Index, first: np.ndarray) -> np.ndarray:
        """Return which times do not lie one step behind those before them.

        Args:
            times: Those of all sequences, one sequence behind the other.
            first: Which of them begin a sequence.
        """


@dataclasses.dataclass(frozen=True)
class EvenGrid(TimeGrid):
    """Times at one distance that is a number or a span of time, whatever clocks on walls show.

    Attributes:
        step: The distance.
        tolerance: By how much distances of real numbers may differ from it.
        decimals: The most decimals that a real number has; None where they have no end.
    """

    step: Any
    tolerance: float = 0.0
    decimals: int | None = None

    def after(self, starts: Index, counts: np.ndarray) -> Index:
        """Return times so many steps after others, an entry each."""
        import pandas as pd

        if isinstance(starts, pd.DatetimeIndex | pd.TimedeltaIndex):
            return starts + pd.to_timedelta(counts * self.step)
        if isinstance(starts, pd.PeriodIndex):
            return starts + np.asarray(counts) * (self.step.n // starts.freq.n)
        values = starts.to_numpy() + np.asarray(counts) * self.step
        if values.dtype.kind == "f":
            return pd.Index(values if self.decimals is None else np.round(values, self.decimals))
        ends = starts.to_numpy().astype("float64") + np.asarray(counts) * float(self.step)
        last = ends.max(initial=0.0)
        if last >= 2.0**63:
            raise ValueError(
                f"Expected times below 2**63. Received: {last:.0f}, the last of those that follow. "
                "Subtract a start from the column of times."
            )
        return pd.Index(values)

    def in_units(self, times: Index) -> tuple[Index, Any]:
        """Return times, in a finer unit where the step needs it, and the step as these count it."""
        import pandas as pd

        if isinstance(times, pd.DatetimeIndex | pd.TimedeltaIndex):
            units = ("s", "ms", "us", "ns")
            for unit in units[units.index(times.unit) :]:
                ticks = self.step / pd.Timedelta(1, unit=unit)
                if ticks == int(ticks):
                    return times.as_unit(unit), int(ticks)
        if times.dtype.kind == "i" and self.step != int(self.step):
            return times.astype("float64"), self.step
        return times, int(self.step) if times.dtype.kind == "i" else self.step

    def wrong(self, times: Index, first: np.ndarray) -> np.ndarray:
        """Return which times do not lie one step behind those before them."""
        distances = distances_of(times)
        off = abs(distances - in_ticks(self.step, times)) > self.tolerance
        return np.concatenate([[False], off]) & ~first


@dataclasses.dataclass(frozen=True)
class CalendarGrid(TimeGrid):
    """Times at a distance that a calendar knows: days by the clock on the wall, months, business days.

    Attributes:
        step: An offset of pandas.
    """

    step: Any

    @property
    def days(self) -> Any:
        """How many days it is by the clock on the wall, as a `pandas.Timedelta`; None for others."""
        import pandas as pd

        spans = getattr(self.step, "kwds", {})
        return pd.Timedelta(days=spans["days"] * self.step.n) if set(spans) == {"days"} else None

    def after(self, starts: Index, counts: np.ndarray) -> Index:
        """Return times so many steps after others, an entry each."""
        import pandas as pd

        counts, wall, times = np.asarray(counts), on_wall(starts), pd.Series(starts)
        for count in np.unique(counts[counts > 0]):
            chosen = counts == count
            times[chosen] = with_walls_of(wall[chosen] + int(count) * self.step, starts)
        return pd.DatetimeIndex(times)

    def wrong(self, times: Index, first: np.ndarray) -> np.ndarray:
        """Return which times do not lie one step behind those before them."""
        begins, lengths = runs_of(first)
        expected = self.after(on_wall(times)[np.repeat(begins, lengths)], counted(lengths))
        return np.asarray(expected != on_wall(times))


def distances_of(times: Index) -> np.ndarray:
    """Return how far each time lies behind the one before, in ticks."""
    return np.diff(ticks_of(times))


def ticks_of(times: Index) -> np.ndarray:
    """Return times as numbers: whole ones of their unit, or real ones where these are such."""
    values = times.asi8 if hasattr(times, "asi8") else times.to_numpy()
    return np.asarray(values)


def in_ticks(step: Any, times: Index) -> Any:
    """Return a distance as `ticks_of` counts it."""
    import pandas as pd

    if isinstance(times, pd.PeriodIndex):
        return step.n
    if isinstance(times, pd.DatetimeIndex | pd.TimedeltaIndex):
        return pd.Timedelta(step) / pd.Timedelta(np.timedelta64(1, times.unit))
    return step


def on_wall(times: Index) -> Index:
    """Return what clocks on the wall show."""
    return times if getattr(times, "tz", None) is None else times.tz_localize(None)


def with_walls_of(wall: Index, like: Index) -> Index:
    """Return the times at which clocks on the wall show these: the first where they do so twice."""
    if like.tz is None:
        return wall
    return wall.tz_localize(like.tz, ambiguous=np.ones(len(wall), bool), nonexistent="shift_forward")

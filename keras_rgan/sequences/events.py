"""Marked events: checked, and in arrays that all have one length."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from keras_rgan.utils import checks


@dataclasses.dataclass(frozen=True)
class PaddedEvents:
    """Events of several sequences, and where each ends.

    Attributes:
        times: Of each event, and of the end behind the last, `(sequences, events + 1)`; from there on
            the same.
        marks: Of each event; -1 where there is none.
        num_marks: How many marks there are.
        ends: Until when each sequence was watched, `(sequences,)`.
    """

    times: np.ndarray
    marks: np.ndarray
    num_marks: int
    ends: np.ndarray

    @property
    def there(self) -> np.ndarray:
        """Where there is an event, `(sequences, events + 1)`."""
        return self.marks >= 0

    @property
    def steps(self) -> np.ndarray:
        """Where there is an event or an end, `(sequences, events + 1)`."""
        counts = self.there.sum(axis=1)
        return np.arange(self.times.shape[1]) <= counts[:, None]

    @classmethod
    def of(
        cls, times: Any, marks: Any, num_marks: int | None = None, horizon: float | None = None
    ) -> PaddedEvents:
        """Return events of lists, checked as `checked_events` does."""
        all_times, all_marks, num_marks = checked_events(times, marks, num_marks, horizon)
        lengths = np.array([len(t) for t in all_times])
        ends = np.array([t[-1] if len(t) else 0.0 for t in all_times])
        if horizon is not None:
            ends = np.full(len(lengths), float(horizon))
        there = np.arange(lengths.max(initial=0) + 1) < lengths[:, None]
        padded = np.repeat(ends[:, None], there.shape[1], axis=1)
        padded[there] = np.concatenate(all_times)
        numbers = np.full(there.shape, -1)
        numbers[there] = np.concatenate(all_marks)
        return cls(padded, numbers, num_marks, ends)


def checked_events(
    times: Any, marks: Any = None, num_marks: int | None = None, horizon: float | None = None
) -> tuple[list[np.ndarray], list[np.ndarray], int]:
    """Return the times and marks of sequences of events as arrays, and how many marks there are.

    Args:
        times: Of the events of each sequence: a list of arrays `(events,)`, each ascending from 0.
        marks: Of the same events, whole numbers from 0 on; None for one mark.
        num_marks: How many marks there are; one more than the largest where that is not told.
        horizon: What no time may exceed.

    Raises:
        ValueError: If there are no sequences, or one is refused, by its index.
    """
    if isinstance(times, np.ndarray) and times.ndim == 1 and times.dtype != object:
        raise ValueError(
            "Expected a list of sequences, each an array of times. Received: one array of shape "
            f"{times.shape}. Pass [times], or cut it with kr.data.event_windows first."
        )
    all_times = [_numbers("times", i, t) for i, t in enumerate(times)]
    if not all_times:
        raise ValueError("Expected one sequence of events at least. Received: none")
    if horizon is not None:
        horizon = checks.number("horizon", horizon, 1e-12, 1e12)
    for i, t in enumerate(all_times):
        _check_times(i, t, horizon)
    if num_marks is not None:
        num_marks = checks.positive_int("num_marks", num_marks)
    if marks is None:
        return all_times, [np.zeros(len(t), int) for t in all_times], num_marks or 1
    all_marks = [_numbers("marks", i, m) for i, m in enumerate(marks)]
    if len(all_marks) != len(all_times):
        raise ValueError(
            f"Expected marks of each of {len(all_times)} sequences. Received: marks of {len(all_marks)}"
        )
    largest = max((m.max(initial=0) for m in all_marks), default=0)
    count = num_marks or max(int(largest), 0) + 1
    for i, (t, m) in enumerate(zip(all_times, all_marks, strict=True)):
        if len(t) != len(m):
            raise ValueError(
                f"Expected a mark for each time. Received: {len(t)} times and {len(m)} marks of "
                f"sequence {i}"
            )
        wrong = np.flatnonzero((m < 0) | (m >= count) | (m != np.floor(m)))
        if len(wrong):
            raise ValueError(
                f"Marks must be whole numbers from 0 to {count - 1}. Received: {m[wrong[0]]:g} at "
                f"event {wrong[0]} of sequence {i}. Number the marks from 0 on (np.unique(..., "
                "return_inverse=True) does), or pass a larger num_marks=."
            )
    return all_times, [m.astype(int) for m in all_marks], count


def _numbers(name: str, index: int, values: Any) -> np.ndarray:
    if getattr(getattr(values, "dtype", None), "kind", "f") in "Mm":
        raise ValueError(
            f"`{name}` must be numbers. Received: dates or durations as sequence {index}. Say in which "
            "unit: (times - times[0]) / np.timedelta64(1, 'h')."
        )
    try:
        array = np.asarray(values, "float64")
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`{name}` must be numbers. Received: {values!r} as sequence {index}"
        ) from error
    if array.ndim != 1 or not np.isfinite(array).all():
        problem = f"shape {array.shape}" if array.ndim != 1 else "NaN or infinite values"
        raise ValueError(
            f"Each sequence of `{name}` must be finite numbers, (events,). Received: {problem} as "
            f"sequence {index}"
        )
    return array


def _check_times(index: int, times: np.ndarray, horizon: float | None) -> None:
    waits = np.diff(times, prepend=0.0)
    wrong = np.flatnonzero(waits < 0.0)
    if len(wrong):
        first = wrong[0]
        if first == 0:
            what = f"the first at {times[0]:g}. Count times from the beginning of the sequence"
        else:
            what = f"{times[first]:g} after {times[first - 1]:g}, at event {first}. Sort them"
        raise ValueError(
            "Times must ascend from 0: no waiting time is negative. Received: of sequence "
            f"{index} {what}."
        )
    if horizon is not None and len(times) and times[-1] > horizon:
        raise ValueError(
            f"No time may lie beyond the horizon, {horizon:g}. Received: {times[-1]:g} in sequence "
            f"{index}. Cut the sequences with kr.data.event_windows first."
        )

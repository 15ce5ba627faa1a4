"""Cutting a long stream of events into sequences."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from keras_rgan.sequences.events import checked_events
from keras_rgan.utils import checks


def event_windows(
    times: Any,
    marks: Any = None,
    *,
    num_events: int | None = None,
    horizon: float | None = None,
    end: float | None = None,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Cut a stream of events into windows, one after the other, each with a clock of its own from 0 on.

    Of `num_events` each: a window begins with the last event before it and lasts until its own last
    one, however long that takes. All have one length, and waiting times are those of the stream.

    Of a `horizon` each: a window begins where the one before ended, and has as many events as there
    are, none too. Its length tells how much went on; pass the horizon to `events_to_sequences` too.

    Args:
        times: Of the events, ascending from 0, `(events,)`.
        marks: Of the same; None for one mark.
        num_events: How many events a window has. What is left at the end is left out.
        horizon: How long a window lasts. Either this or `num_events`.
        end: Until when the stream was watched; windows that would last longer are left out. By default
            until its last event.

    Returns:
        Times and marks of the windows: lists of arrays.

    Raises:
        ValueError: If times are negative or unsorted, not one of `num_events` and `horizon` is given,
            or there is not one whole window.

    Example:
        >>> import keras_rgan as kr
        >>> stream = [0.5, 1.5, 1.75, 4.0, 6.5]
        >>> [t.tolist() for t in kr.data.event_windows(stream, num_events=2)[0]]
        [[0.5, 1.5], [0.25, 2.5]]
        >>> [t.tolist() for t in kr.data.event_windows(stream, horizon=2.0)[0]]
        [[0.5, 1.5, 1.75], [], [0.0]]
    """
    if (num_events is None) == (horizon is None):
        raise ValueError(
            "Pass either `num_events`, how many events a window has, or `horizon`, how long it lasts. "
            f"Received: num_events={num_events!r}, horizon={horizon!r}"
        )
    (values,), (numbers,), _ = checked_events([times], None if marks is None else [marks])
    last = values[-1] if len(values) else 0.0
    watched = last if end is None else checks.number("end", end, last)
    if num_events is not None:
        each = checks.positive_int("num_events", num_events)
        count = len(values) // each
        starts = np.concatenate([[0.0], values])[: count * each : each]
        ends = np.arange(count + 1) * each
        wanted, there = f"{each} events", f"{len(values)} events"
    else:
        length = checks.number("horizon", horizon, 1e-12, 1e12)
        count = int(np.floor(watched / length * (1.0 + 1e-12)))
        starts = np.arange(count) * length
        ends = np.searchsorted(values, np.arange(count + 1) * length)
        wanted, there = f"a time of {length:g}", f"a time of {watched:g}"
    if not count:
        raise ValueError(
            f"A window needs {wanted}. Received: a stream of {there}. Pass shorter windows."
        )
    pieces = [slice(a, b) for a, b in itertools.pairwise(ends)]
    parts = [values[piece] - start for piece, start in zip(pieces, starts, strict=True)]
    return [np.maximum(part, 0.0) for part in parts], [numbers[piece] for piece in pieces]

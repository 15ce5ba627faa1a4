"""Marked events as sequences, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_rgan.sequences.events import checked_events
from keras_rgan.utils import checks

ROOT = 3.0
"""Which root of waiting times sequences hold."""


def events_to_sequences(
    times: Sequence[Any],
    marks: Sequence[Any] | None = None,
    num_marks: int | None = None,
    horizon: float | None = None,
    root: float = ROOT,
) -> list[np.ndarray]:
    """Return marked events as sequences that `RecurrentGAN.fit` takes: a step for each event.

    A step holds the cube root of the time since the event before (of the first: since 0), and the mark,
    one-hot. The model draws marks as the categories they are. Waiting times themselves crowd near 0,
    and a few of them reach far; their cube roots are spread evenly about their middle (those of an
    exponential law are nearly normal), and a model learns them much better.

    With a horizon a sequence ends in a step more: the time from the last event to the horizon, and a
    mark of its own, "end", behind all others. So waiting times sum to the horizon, a sequence without
    events has a step too, and the length, which the model draws as it is in the data, is the number of
    events and one. Without a horizon a sequence ends with its last event, and how long nothing came
    after that is not learned: right for sequences of the first so many events, wrong for those that
    were watched for so long.

    Args:
        times: Of the events of each sequence: a list of arrays `(events,)`, each ascending from 0.
        marks: Of the same events, whole numbers from 0 on; None for one mark.
        num_marks: How many marks there are; one more than the largest where that is not told.
        horizon: Until when each sequence was watched; None where each ends with its last event.
        root: Which root of waiting times is taken; 1 for these themselves.

    Returns:
        A list of arrays `(steps, 1 + marks)` float32, one column more with a horizon; of one mark and
        no horizon `(steps, 1)`.

    Raises:
        ValueError: If times are negative, unsorted or beyond the horizon, marks are beyond their
            number, a sequence has no events and there is no horizon, or the root is below 1.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> kr.data.events_to_sequences([[8.0, 9.0]], [[1, 0]], horizon=36.0)[0].tolist()
        [[2.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0], [3.0, 0.0, 0.0, 1.0]]

    Reference:
        Du et al., "Recurrent Marked Temporal Point Processes: Embedding Event History to Vector", KDD
        2016 (waiting times and marks as a sequence); Wilson and Hilferty, "The Distribution of
        Chi-Square", 1931 (cube roots).
    """
    power = 1.0 / checks.number("root", root, 1.0)
    all_times, all_marks, num_marks = checked_events(times, marks, num_marks, horizon)
    empty = next((i for i, t in enumerate(all_times) if not len(t)), None)
    if horizon is None and empty is not None:
        raise ValueError(
            f"A sequence without events has no steps. Received: no events in sequence {empty}. Pass "
            "horizon=, until when sequences were watched, or leave it out."
        )
    width = num_marks + (horizon is not None)
    ones = np.eye(width) if width > 1 else np.zeros((1, 0))
    sequences = []
    for t, m in zip(all_times, all_marks, strict=True):
        if horizon is not None:
            t, m = np.append(t, horizon), np.append(m, num_marks)
        waits = np.diff(t, prepend=0.0) ** power
        sequences.append(np.concatenate([waits[:, None], ones[m]], axis=1).astype("float32"))
    return sequences


def sequences_to_events(
    sequences: Any, horizon: float | None = None, root: float = ROOT
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the times and marks of events, of sequences as `events_to_sequences` makes them.

    Waiting times whose root is below 0 count as 0, and of each step's marks the largest is taken. With
    a horizon the waiting times of a sequence are stretched, all by one factor, so that they end at the
    horizon, as those of data do.

    Args:
        sequences: A list of arrays `(steps, 1 + marks)`, or an array `(samples, steps, 1 + marks)`.
        horizon: Where one was given to `events_to_sequences`, the same: the last step is then no event.
            Without it the end of each sequence comes back as an event, of one mark more.
        root: As it was given to `events_to_sequences`.

    Returns:
        Times and marks: lists of arrays `(events,)`, times in float64.

    Raises:
        ValueError: If sequences have other shapes, hold NaN or infinite values, or with a horizon have
            no column for the end.

    Example:
        >>> import keras_rgan as kr
        >>> sequences = kr.data.events_to_sequences([[0.5, 2.0]], [[1, 0]], horizon=3.0)
        >>> times, marks = kr.data.sequences_to_events(sequences, horizon=3.0)
        >>> times[0].round(6).tolist(), marks[0].tolist()
        ([0.5, 2.0], [1, 0])
    """
    checks.number("root", root, 1.0)
    if horizon is not None:
        horizon = checks.number("horizon", horizon, 1e-12, 1e12)
    all_times, all_marks = [], []
    for i, sequence in enumerate(sequences):
        values = np.asarray(sequence, "float64")
        narrow = values.ndim == 2 and horizon is not None and values.shape[1] < 3
        if values.ndim != 2 or not values.size or narrow or not np.isfinite(values).all():
            columns = "1 + marks" if horizon is None else "1 + marks + 1"
            problem = f"shape {values.shape}"
            if values.ndim == 2 and values.size and not narrow:
                problem = "NaN or infinite values"
            raise ValueError(
                f"Expected sequences of finite numbers, (steps, {columns}), as "
                f"`events_to_sequences` makes them with horizon={horizon}. Received: {problem} as "
                f"sequence {i}"
            )
        times = np.cumsum(np.maximum(values[:, 0], 0.0) ** root)
        marks = np.argmax(values[:, 1:], axis=1) if values.shape[1] > 1 else np.zeros(len(values), int)
        if horizon is not None:
            times = times * (horizon / times[-1]) if times[-1] > 0.0 else times
            best = np.argmax(values[:-1, 1:-1], axis=1) if len(values) > 1 else np.zeros(0, int)
            times, marks = np.minimum(times[:-1], horizon), best
        all_times.append(times)
        all_marks.append(marks)
    return all_times, all_marks

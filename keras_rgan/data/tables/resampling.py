"""Rows at any times brought to one distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from keras_rgan.data.tables.feature_layout import FeatureLayout
from keras_rgan.data.tables.runs import counted
from keras_rgan.data.tables.segments import Segments
from keras_rgan.data.tables.time_grids import (
    CalendarGrid,
    EvenGrid,
    TimeGrid,
    on_wall,
    ticks_of,
    with_walls_of,
)

if TYPE_CHECKING:
    from pandas import Index


# A sequence of more steps than the first is refused if it has more of them than the second per row.
MOST_STEPS = 10_000_000
MOST_STEPS_OF_ROW = 1_000


class Resampled(NamedTuple):
    """Rows at one distance, one sequence behind the other.

    Attributes:
        values: Their features, `(rows, columns)`.
        times: Their times.
        segments: Which of them are one sequence.
    """

    values: np.ndarray
    times: Index
    segments: Segments


def resampled(
    values: np.ndarray,
    times: Index,
    segments: Segments,
    layout: FeatureLayout,
    grid: TimeGrid,
    missing: bool,
) -> Resampled:
    """Return rows at one distance: means within a step, straight lines or gaps between.

    Of categories the most frequent within a step, and the last between.

    Args:
        values: Features of rows, as `FeatureLayout.rows` has them.
        times: Their times, in any order.
        segments: Which of them are one sequence.
        layout: Which columns the features have.
        grid: The distance.
        missing: Whether to leave gaps between.

    Raises:
        ValueError: If there is nothing to draw lines between.
    """
    means, at, lengths = _means(values.astype("float64"), times, segments, grid)
    found = Segments(lengths, segments.keys, segments.id)
    for name in layout.categories:
        flags = means[:, layout.slices()[name]]
        flags[...] = _most_frequent(flags, found, missing)
    if not missing:
        _draw_lines(means, found)
        if np.isnan(means).any():
            raise ValueError("Expected values to interpolate between. Received: a feature without any")
    return Resampled(means, at, found)


def _means(
    values: np.ndarray, times: Index, segments: Segments, grid: TimeGrid
) -> tuple[np.ndarray, Index, np.ndarray]:
    """Return means within steps, NaN where a step has no value, their times and how many each has."""
    if isinstance(grid, EvenGrid):
        return _even_means(values, times, segments, grid)
    assert isinstance(grid, CalendarGrid)
    days = grid.days
    if days is None:
        return _calendar_means(values, times, segments, grid)
    means, at, lengths = _even_means(values, on_wall(times), segments, EvenGrid(days))
    return means, with_walls_of(at, times), lengths


def _even_means(
    values: np.ndarray, times: Index, segments: Segments, grid: EvenGrid
) -> tuple[np.ndarray, Index, np.ndarray]:
    from pandas import DatetimeIndex, Timedelta

    times, step = grid.in_units(times)
    ticks, begins = ticks_of(times), segments.begins
    starts = np.minimum.reduceat(ticks, begins)
    if isinstance(times, DatetimeIndex):
        order = np.lexsort((ticks, segments.of_rows))[begins]  # of each sequence the earliest row
        day = EvenGrid(Timedelta(days=1)).in_units(times)[1]
        # Whole days begin with the first day, as pandas has it.
        starts = starts - ticks_of(on_wall(times[order])) % (day if step % day == 0 else step)
    distance = ticks - np.repeat(starts, segments.lengths)
    if ticks.dtype.kind == "f":
        bins = np.floor(distance / step + 1e-9).astype(int)
    else:  # more than an int64 holds lies between the ends of one
        bins = (distance.astype("uint64") // np.uint64(step)).astype("int64")
    lengths = np.maximum.reduceat(bins, begins) + 1
    _check_size(lengths, segments.lengths, grid)
    offsets = np.cumsum(lengths) - lengths
    places, total = bins + np.repeat(offsets, segments.lengths), int(lengths.sum())
    known = ~np.isnan(values)
    counts = np.stack([np.bincount(places, k, total) for k in known.T], axis=1)
    sums = [np.bincount(places, v, total) for v in np.where(known, values, 0.0).T]
    with np.errstate(invalid="ignore"):
        means = np.stack(sums, axis=1) / counts
    return means, _from_ticks(np.repeat(starts, lengths) + counted(lengths) * step, times), lengths


def _check_size(lengths: np.ndarray, rows: np.ndarray, grid: TimeGrid) -> None:
    """Refuse a distance that is so fine that nearly all steps would be made up."""
    wasteful = (lengths > MOST_STEPS) & (lengths > MOST_STEPS_OF_ROW * rows)
    if wasteful.any():
        number = np.flatnonzero(wasteful)[0]
        raise ValueError(
            f"Expected resample= to be a distance of which at most {MOST_STEPS_OF_ROW:,} steps lie "
            f"between two rows. Received: {grid.step}, of which {lengths[number]:,} lie between the "
            f"{rows[number]:,} rows of one sequence. Pass a longer one, or tell sequences apart by id=."
        )


def _from_ticks(ticks: np.ndarray, like: Index) -> Index:
    """Return times of numbers as `ticks_of` counts them."""
    import pandas as pd

    if isinstance(like, pd.DatetimeIndex):
        naive = pd.DatetimeIndex(ticks.astype("int64").view(f"M8[{like.unit}]"))
        return naive if like.tz is None else naive.tz_localize("UTC").tz_convert(like.tz)
    if isinstance(like, pd.TimedeltaIndex):
        return pd.TimedeltaIndex(ticks.astype("int64").view(f"m8[{like.unit}]"))
    return pd.Index(ticks)


def _calendar_means(
    values: np.ndarray, times: Index, segments: Segments, grid: CalendarGrid
) -> tuple[np.ndarray, Index, np.ndarray]:
    import pandas as pd

    parts, rows = [], pd.DataFrame(values, index=on_wall(times))
    for begin, length in zip(segments.begins, segments.lengths, strict=True):
        parts.append(rows.iloc[begin : begin + length].resample(grid.step).mean())
    walls = parts[0].index.append([part.index for part in parts[1:]])
    lengths = np.array([len(part) for part in parts])
    return np.concatenate([part.to_numpy() for part in parts]), with_walls_of(walls, times), lengths


def _draw_lines(means: np.ndarray, segments: Segments) -> None:
    """Fill gaps by straight lines within each sequence, and by the nearest value at its ends."""
    gaps = np.isnan(means)
    for begin, length in zip(segments.begins, segments.lengths, strict=True):
        part, missing = means[begin : begin + length], gaps[begin : begin + length]
        for column in np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0)):
            places, unknown = np.arange(length), missing[:, column]
            part[unknown, column] = np.interp(places[unknown], places[~unknown], part[~unknown, column])


def _most_frequent(shares: np.ndarray, segments: Segments, missing: bool) -> np.ndarray:
    """Return flags of the most frequent category of each step; of the last one, or gaps, between."""
    empty = np.isnan(shares).any(axis=1)
    flags = np.eye(shares.shape[1])[np.where(empty[:, None], -1.0, shares).argmax(axis=1)]
    flags[empty] = np.nan
    return flags if missing else flags[_filled_from(empty, segments)]


def _filled_from(empty: np.ndarray, segments: Segments) -> np.ndarray:
    """Return from which row each takes its category: the last that has one, before all the first."""
    source = np.arange(len(empty))
    for begin, length in zip(segments.begins, segments.lengths, strict=True):
        known = np.flatnonzero(~empty[begin : begin + length])
        if len(known):
            last = np.maximum(np.searchsorted(known, np.arange(length), side="right") - 1, 0)
            source[begin : begin + length] = begin + known[last]
    return source

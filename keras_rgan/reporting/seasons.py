"""How features follow a clock: the step of a window, the hour or weekday that stands beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from keras_rgan.metrics.samples import Samples
from keras_rgan.reporting.findings import Finding

MOST_MOMENTS = 200
"""A condition of more values than this is no clock."""

FEWEST_VALUES = 5
"""Of fewer values in either set a moment says nothing."""

SWINGS = 0.15
"""A feature follows a clock whose means spread by more than so many of its deviations."""

OFF = 0.15
"""By so many deviations may means by a clock be off."""

ERRORS = 3.0
"""Or by so many standard errors."""


@dataclasses.dataclass(frozen=True)
class Season:
    """Means of features by a clock.

    Attributes:
        clock: What the clock is: "step", or the name of a condition.
        moments: What it shows, in order.
        real: Means of real samples, `(moments, features)`; NaN where little is known.
        made: Those of generated ones.
        error: Standard errors of the difference of both.
        deviation: The features' deviations, `(features,)`.
    """

    clock: str
    moments: list[Any]
    real: np.ndarray
    made: np.ndarray
    error: np.ndarray
    deviation: np.ndarray

    def follow(self) -> np.ndarray:
        """Return which features follow the clock in the data, `(features,)`."""
        return _swing(self.real, self.error) > SWINGS * self.deviation


def seasons_of(real: Samples, made: Samples, moments: Sequence[Any] | None = None) -> list[Season]:
    """Return by which clocks features move in the data, and how generated ones do.

    The step of a sequence is one, where sequences begin at the same point of the calendar or at an
    event. So is a condition at each step that both sets have, of a few values: an hour, a weekday.

    Args:
        real: Real samples.
        made: Generated ones.
        moments: What steps are called; None for their numbers.
    """
    steps = min(real.values.shape[1], made.values.shape[1])
    names: list[Any] = list(range(steps)) if moments is None else list(moments)[:steps]
    hands = [np.broadcast_to(np.arange(steps), (len(x.values), steps)) for x in (real, made)]
    found = [_season("step", names, hands, real, made)]
    for name in real.conditions:
        shown = [_shown(x.conditions.get(name), steps) for x in (real, made)]
        if shown[0] is None or shown[1] is None:
            continue
        every = np.concatenate([shown[0].ravel(), shown[1].ravel()])
        kinds, places = np.unique(every, return_inverse=True)
        if 1 < len(kinds) <= MOST_MOMENTS:
            parts = np.split(places, [shown[0].size])
            hands = [part.reshape(-1, steps) for part in parts]
            found.append(_season(name, kinds.tolist(), hands, real, made))
    return [season for season in found if season.follow().any()]


def of_seasons(names: Sequence[str], seasons: Sequence[Season]) -> Iterator[Finding]:
    """Yield features that do not follow a clock as they should.

    Args:
        names: The features' names.
        seasons: What `seasons_of` returned.
    """
    for season in seasons:
        level = np.nanmean(season.made - season.real, axis=0)
        off = season.made - season.real - level
        size = _root_mean_square(off)
        noise = _root_mean_square(season.error)
        for feature in map(int, np.flatnonzero(season.follow())):
            limit = max(OFF * season.deviation[feature], ERRORS * noise[feature])
            if size[feature] <= limit:
                continue
            worst = int(np.nanargmax(np.abs(off[:, feature])))
            yield Finding(
                "season",
                f"`{names[feature]}` does not follow the {season.clock} as in the data: its means are "
                f"off by {size[feature] / season.deviation[feature]:.2f} standard deviations, most at "
                f"{season.moments[worst]}.",
                "Longer training; give the clock as a condition at each step: "
                "fit((data, {'hour': hours})).",
                float(size[feature] / limit),
                (names[feature],),
            )


def _shown(values: Any, steps: int) -> np.ndarray | None:
    """Return what a condition shows at each step, `(samples, steps)`; None where it is no clock."""
    values = np.asarray(values)
    if values.ndim == 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim != 2 or values.shape[1] < steps:
        return None
    if values.dtype.kind == "f" and np.isnan(values).any():
        return None
    return values[:, :steps]


def _season(
    clock: str, moments: list[Any], hands: Sequence[np.ndarray], real: Samples, made: Samples
) -> Season:
    """Return means by a clock's hands, `(samples, steps)` of either set."""
    steps = hands[0].shape[1]
    means, errors = [], []
    for hand, samples in zip(hands, (real, made), strict=True):
        values = samples.values[:, :steps].astype("float64").reshape(hand.size, -1)
        mean, error = _by_moment(hand.ravel(), values, len(moments))
        means.append(mean)
        errors.append(error)
    deviation = np.nanstd(real.values.astype("float64"), axis=(0, 1))
    level = np.abs(np.nanmean(real.values.astype("float64"), axis=(0, 1)))
    moving = deviation > 1e-9 * level
    return Season(
        clock,
        moments,
        means[0],
        means[1],
        np.hypot(errors[0], errors[1]),
        np.where(moving, deviation, np.inf),
    )


def _by_moment(hand: np.ndarray, values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return means of values, `(rows, features)`, by moment, and their standard errors."""
    there = ~np.isnan(values)
    centre = np.nanmean(values, axis=0)
    filled = np.where(there, values - centre, 0.0)
    number, total, squares = (
        np.stack([np.bincount(hand, column, count) for column in part.T], axis=-1)
        for part in (there, filled, filled**2)
    )
    known = number >= FEWEST_VALUES
    number = np.where(known, number, np.nan)
    mean = total / number
    variance = np.maximum(squares / number - mean**2, 0.0)
    return mean + centre, np.sqrt(variance / number)


def _swing(means: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return how far means spread over a clock, less what chance makes of them."""
    told = (~np.isnan(means)).sum(axis=0) > 1
    swing = np.zeros(means.shape[-1])
    means, error = means[:, told], error[:, told]
    by_chance = _root_mean_square(error) ** 2
    swing[told] = np.sqrt(np.maximum(np.nanvar(means, axis=0) - by_chance, 0.0))
    return swing


def _root_mean_square(values: np.ndarray) -> np.ndarray:
    if np.isnan(values).all(axis=0).any():
        values = np.where(np.isnan(values).all(axis=0), 0.0, values)
    return np.sqrt(np.nanmean(values**2, axis=0))


def moments_of(data: Any, steps: int) -> list[str] | None:
    """Return what a table's steps are called by the calendar; None where sequences begin anywhere.

    Times of the day where all sequences begin at the same one and are no longer than a day, with days
    of the week where all begin on the same one, too.

    Args:
        data: A `SequenceTable`, or anything else, of which nothing is known.
        steps: How many steps the longest sequence has.
    """
    starts, grid = getattr(data, "starts", None), getattr(data, "grid", None)
    if (
        starts is None
        or grid is None
        or not hasattr(starts, "normalize")
        or not hasattr(grid.step, "value")
    ):
        return None
    since = starts - starts.normalize()
    if (since != since[0]).any():
        return None
    import pandas as pd

    times = pd.date_range(starts[0], periods=steps, freq=grid.step)
    whole_days = grid.step * steps > pd.Timedelta(days=1)
    if whole_days and (starts.dayofweek != starts.dayofweek[0]).any():
        return None
    return [str(moment) for moment in times.strftime("%a %H:%M" if whole_days else "%H:%M")]

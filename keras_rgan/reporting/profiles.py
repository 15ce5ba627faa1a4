"""What is measured of each feature of real and of generated samples."""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_rgan.metrics.spectral_difference import spectrum
from keras_rgan.sequences.statistics import support
from keras_rgan.sequences.statistics.lattice import lattice_step

OUTER = 0.002
"""The share of values beyond the quantiles that tails are measured by, on either side half of it."""

OFTEN = 0.02
"""A value that is so large a share of all is one that the feature takes again and again."""

FEWEST_DISTINCT = 10
"""Of features with more distinct values than this, whole numbers are numbers; with fewer, levels."""


@dataclasses.dataclass(frozen=True)
class Profile:
    """What is known of one feature of a set.

    Attributes:
        mean: The mean.
        deviation: The standard deviation.
        lower: How far the median lies above the quantile at `OUTER / 2`.
        upper: How far the quantile at 1 - `OUTER / 2` lies above the median.
        missing: The share of steps at which nothing was observed.
        whole: Whether all values are whole numbers.
        stepped: Whether they are few and lie on whole steps: counts, levels, readings in tenths.
        often: The values that are a large share of all, and these shares.
        distinct: How many distinct values there are.
        memory: The correlation of a value with the one a step before.
        steps: The mean size of the increment from step to step.
        peak: The frequency, in periods a sequence, at which the mean spectrum is strongest.
        rounding: By which share of itself a value is rounded where it is kept.
    """

    mean: float
    deviation: float
    lower: float
    upper: float
    missing: float
    whole: bool
    stepped: bool
    often: dict[float, float]
    distinct: int
    memory: float
    steps: float
    peak: int
    rounding: float


def profiles_of(samples: np.ndarray, counting: np.ndarray) -> list[Profile]:
    """Return what is known of each feature.

    Args:
        samples: `(samples, time, features)`, NaN where nothing was observed.
        counting: Which steps are before a sequence's end, `(samples, time)`.
    """
    return [_profile(samples[..., i], counting) for i in range(samples.shape[-1])]


def _profile(series: np.ndarray, counting: np.ndarray) -> Profile:
    """Return what is known of a feature, `(samples, time)`, in float64."""
    rounding = float(np.finfo(series.dtype).eps)
    series = series.astype("float64")
    values = series[~np.isnan(series)]
    low, median, high = np.quantile(values, [OUTER / 2.0, 0.5, 1.0 - OUTER / 2.0])
    distinct, counts = np.unique(values, return_counts=True)
    frequent = np.argsort(-counts)[:20]
    often = {
        float(distinct[i]): float(counts[i] / len(values))
        for i in frequent
        if counts[i] > max(OFTEN * len(values), 1)
    }
    centred = series - values.mean()
    pairs = ~np.isnan(series[:, 1:] - series[:, :-1])
    before, after = series[:, :-1][pairs], series[:, 1:][pairs]
    power = spectrum(centred[..., None])[:, 0]
    return Profile(
        mean=float(values.mean()),
        deviation=float(values.std()),
        lower=float(median - low),
        upper=float(high - median),
        missing=float(np.isnan(series[counting]).mean()),
        whole=bool(np.all(values == np.round(values))),
        stepped=len(distinct) <= support.MAX_VALUES and lattice_step(distinct) > 0.0,
        often=often,
        distinct=len(distinct),
        memory=_correlation(before, after),
        steps=float(np.abs(after - before).mean()) if len(after) else 0.0,
        peak=int(power[1:].argmax()) + 1 if len(power) > 1 else 0,
        rounding=rounding,
    )


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Return the correlation of pairs; 0 where one of them does not vary."""
    if not len(x) or np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return 0.0
    x, y = x - x.mean(), y - y.mean()
    return float((x * y).mean() / np.sqrt(np.square(x).mean() * np.square(y).mean()))

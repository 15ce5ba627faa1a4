"""Do intervals of draws hold what came as often as they should?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics.continuous_ranked_probability_score import check_draws
from keras_rgan.utils import checks


def interval_coverage(real: Any, draws: Any, level: float = 0.8, per_feature: bool = False) -> Any:
    """Return the share of values that lie in the central interval of draws of them.

    Args:
        real: What came, `(series, time, features)`; what is NaN does not count.
        draws: What was drawn, `(series, draws, time, features)`, as `RecurrentGAN.forecast` returns it.
        level: Share of the draws that the interval holds, between their quantiles at (1 - level) / 2
            and (1 + level) / 2.
        per_feature: Whether to return every feature's share rather than that of all values.

    Returns:
        A float, or an array `(features,)`; `level` is ideal, less for draws too sure of themselves.

    Raises:
        ValueError: If the shapes do not fit, draws hold NaN or infinite values, or the level is not
            between 0 and 1.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> normal = np.random.default_rng(0).normal
        >>> real, draws = normal(size=(200, 24, 1)), normal(size=(200, 1000, 24, 1))
        >>> round(kr.metrics.interval_coverage(real, draws), 1)
        0.8

    Reference:
        Gneiting, Balabdaoui and Raftery, "Probabilistic Forecasts, Calibration and Sharpness", JRSS B
        2007.
    """
    level = checks.number("level", level, 0.0, 1.0)
    real, draws = check_draws(real, draws)
    low, high = _interval(draws, level)
    inside = np.where(np.isnan(real), np.nan, (real >= low) & (real <= high))
    if not per_feature:
        return float(np.nanmean(inside))
    observed_counts = np.isfinite(inside).sum(axis=(0, 1))
    share = np.full(real.shape[-1], np.nan)
    return np.divide(
        np.nansum(inside, axis=(0, 1)), observed_counts, out=share, where=observed_counts > 0
    )


def _interval(draws: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the two quantiles of draws between which the central interval lies.

    As `np.quantile`, but a quantile that is one of the draws is that draw exactly, and holds a truth
    equal to it whatever rounding makes of its rank.
    """
    last = draws.shape[1] - 1
    rank = round((0.5 - 0.5 * level) * last, 9)
    first, share = int(rank), rank - int(rank)
    second = min(first + 1, last)
    draws = np.partition(draws, sorted({first, second, last - second, last - first}), axis=1)
    low = draws[:, first] + share * (draws[:, second] - draws[:, first])
    high = draws[:, last - first] - share * (draws[:, last - first] - draws[:, last - second])
    return low, high

"""How good are drawn futures, or draws of whatever was missing?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.sequences import reading


def continuous_ranked_probability_score(
    real: Any, draws: Any, per_feature: bool = False, unbiased: bool = True
) -> Any:
    """Return the mean continuous ranked probability score of draws, in the data's units.

    The mean distance of the draws to the truth less half their mean distance to each other: the
    absolute error of a forecast that is sure, and on average least for the true distribution.

    Args:
        real: What came, `(series, time, features)`; what is NaN is not scored.
        draws: What was drawn, `(series, draws, time, features)`, as `RecurrentGAN.forecast` returns it.
        per_feature: Whether to return every feature's score rather than the mean.
        unbiased: Whether draws are paired with others only, so that the score does not depend on
            their number. Without, they stand for a distribution of so many values.

    Returns:
        A float, or an array `(features,)`.

    Raises:
        ValueError: If the shapes do not fit, draws hold NaN or infinite values, or there is but one
            draw and `unbiased`.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> normal = np.random.default_rng(0).normal
        >>> real, draws = normal(size=(200, 24, 1)), normal(size=(200, 100, 24, 1))
        >>> round(kr.metrics.continuous_ranked_probability_score(real, draws), 2)  # 1 / sqrt(pi)
        0.56

    Reference:
        Gneiting and Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 2007.
    """
    real, draws = check_draws(real, draws)
    count = draws.shape[1]
    if unbiased and count < 2:
        raise ValueError(
            "Expected at least 2 draws, which are compared with each other. Received: 1. Pass "
            "unbiased=False for the absolute error of a single one."
        )
    total, observed_counts = np.zeros(real.shape[-1]), np.zeros(real.shape[-1])
    unit = _unit(real, draws)
    units = np.broadcast_to(unit, real.shape[1:]).copy()
    for truth, paths in zip(real, draws, strict=True):
        paths = np.sort(paths, axis=0)
        paths /= units
        paths -= truth / units
        errors = np.abs(paths).mean(axis=0)
        # Of sorted x_i the sum of all |x_i - x_j| is 2 sum (2 i - n + 1) x_i.
        weights = 2.0 * np.arange(count) - count + 1.0
        pairs = 2.0 * np.einsum("n,ntf->tf", weights, paths)
        spread = pairs / (count * (count - 1) if unbiased else count**2)
        scores = errors - 0.5 * spread
        total += np.nansum(scores, axis=0)
        observed_counts += np.isfinite(scores).sum(axis=0)
    if per_feature:
        scores = np.full_like(total, np.nan)
        return unit * np.divide(total, observed_counts, out=scores, where=observed_counts > 0)
    return float((unit * (total / observed_counts.sum())).sum())


def _unit(real: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return a power of two near the largest value of each feature, of which sums stay small."""
    rows = [x.reshape(-1, *real.shape[1:]) for x in (real, draws)]
    ends = [end.reduce(x, axis=0) for x in rows for end in (np.fmin, np.fmax)]
    size = np.fmax.reduce(np.abs(ends), axis=(0, 1))
    return np.where(size > 0, np.ldexp(1.0, np.frexp(size)[1] - 1), 1.0)


def check_draws(real: Any, draws: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the truth and the draws in float64, where their shapes fit.

    Raises:
        ValueError: If they do not, or draws hold NaN or infinite values.
    """
    real, draws = (reading.to_numpy(x).astype("float64", copy=False) for x in (real, draws))
    fits = real.ndim == 3 and draws.ndim == 4
    if not fits or real.shape != (draws.shape[0], *draws.shape[2:]) or not draws.size:
        raise ValueError(
            "Expected the truth of shape (series, time, features) and draws of shape (series, draws, "
            f"time, features). Received: {real.shape} and {draws.shape}"
        )
    problem = reading.describe_non_finite(draws)
    if problem:
        raise ValueError(f"Expected finite draws. Received: NaN or infinite values in {problem}")
    if np.isnan(real).all():
        raise ValueError("Expected one true value at the least. Received: NaN everywhere")
    return real, draws

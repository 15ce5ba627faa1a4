"""Do generated sequences remember as long as real ones?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics import post_hoc, samples
from keras_rgan.utils import checks


def autocorrelation(sequences: Any, max_lag: int | None = None) -> np.ndarray:
    """Return each feature's correlation with itself some steps later.

    Over all sequences, about the mean and over the variance of all steps, so that a level that
    differs between sequences counts as memory.

    Args:
        sequences: `(samples, time, features)`.
        max_lag: The largest lag; by default the length less one.

    Returns:
        `(max_lag + 1, features)`, 1 at lag 0; 0 for a constant feature.

    Raises:
        ValueError: If the sequences are of another rank or hold NaN or infinite values, or the lag is
            not below their length.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> alternating = np.tile([[[1.0], [-1.0]]], (10, 3, 1))
        >>> kr.metrics.autocorrelation(alternating)[:3, 0].round(3)
        array([ 1., -1.,  1.])

    Reference:
        Box and Jenkins, "Time Series Analysis", 1970.
    """
    (known,) = samples.with_gaps({"sequences": sequences})
    return _autocorrelation(known, max_lag)


def _autocorrelation(sequences: np.ndarray, max_lag: int | None) -> np.ndarray:
    """Return the autocorrelation of sequences that have been checked; NaN of a lag that none has."""
    length = sequences.shape[1]
    max_lag = length - 1 if max_lag is None else checks.non_negative_int("max_lag", max_lag)
    if max_lag >= length:
        raise ValueError(f"`max_lag` must be below the length {length}. Received: max_lag={max_lag}")
    centred = post_hoc.Range.of(sequences).enter(sequences)
    centred -= post_hoc.mean(centred)
    variance = post_hoc.mean(np.square(centred))
    products = [
        post_hoc.mean(centred[:, : length - lag] * centred[:, lag:]) for lag in range(max_lag + 1)
    ]
    return np.stack(products) / np.where(variance > 0, variance, 1.0)


def autocorrelation_difference(real: Any, generated: Any, max_lag: int | None = None) -> float:
    """Return the mean absolute difference of the autocorrelations.

    Args:
        real: Real sequences, `(samples, time, features)`.
        generated: Generated sequences, in any units per feature.
        max_lag: The largest lag; by default the length less one.

    Returns:
        The mean over lags from 1 and features; 0 where they agree.

    Raises:
        ValueError: If the sets differ in shape, are shorter than 2 steps or hold NaN or infinite
            values, or the lag is below 1.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> noise = np.random.default_rng(0).normal(size=(2000, 8, 1))
        >>> kr.metrics.autocorrelation_difference(noise, np.cumsum(noise, axis=1)) > 0.5
        True

    Reference:
        As an error of generated series: Wiese et al., "Quant GANs", 2020.
    """
    real, generated = samples.with_gaps({"real": real, "generated": generated})
    if real.shape[1] < 2:
        raise ValueError(f"Expected at least 2 steps. Received: shape {real.shape}")
    if max_lag is not None:
        checks.positive_int("max_lag", max_lag)
    difference = _autocorrelation(real, max_lag) - _autocorrelation(generated, max_lag)
    known = difference[1:][np.isfinite(difference[1:])]
    return float(np.abs(known).mean()) if known.size else 0.0

"""Do generated sequences swing as fast and as far as real ones?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics import post_hoc, samples


def spectral_difference(real: Any, generated: Any) -> float:
    """Return the difference of the power spectra, as a share of the real power.

    A feature's spectrum is the mean over sequences of the squared Fourier amplitudes about the real
    mean; the absolute differences are summed over frequencies and divided by the real sum, but for a
    feature that is constant in the real set.

    Args:
        real: Real sequences, `(samples, time, features)`, in any units.
        generated: Generated sequences, in the same units.

    Returns:
        The mean over features; 0 where the spectra agree, 1 for sequences that stand still at the mean.

    Raises:
        ValueError: If the sets differ in shape or hold NaN or infinite values.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(100, length=24, num_features=2)
        >>> flat = 0 * sines + sines.mean(axis=(0, 1))
        >>> round(kr.metrics.spectral_difference(sines, flat), 3)
        1.0

    Reference:
        Welch, "The Use of Fast Fourier Transform for the Estimation of Power Spectra", 1967, without
        windowing.
    """
    real, generated = samples.with_gaps({"real": real, "generated": generated})
    scale = post_hoc.Range.of(real)
    mean, spectra = None, []
    for sequences in (real, generated):
        entered = scale.enter(sequences)
        mean = post_hoc.mean(entered) if mean is None else mean
        entered -= mean
        spectra.append(_spectrum(entered))
    first, second = spectra
    total = first.sum(axis=0)
    return float((np.abs(first - second).sum(axis=0) / np.where(total > 0, total, 1.0)).mean())


def _spectrum(centred: np.ndarray) -> np.ndarray:
    """Return the mean of the squared Fourier amplitudes, `(frequencies, features)`.

    Of sequences with gaps, or of different lengths, by way of the products of values that are so many
    steps apart, of which the amplitudes are the transform.
    """
    if not np.isnan(centred).any():
        return np.square(np.abs(np.fft.rfft(centred, axis=1))).mean(axis=0)
    steps = centred.shape[1]
    products = [
        (steps - lag) * post_hoc.mean(centred[:, : steps - lag] * centred[:, lag:])
        for lag in range(steps)
    ]
    products = np.nan_to_num(products)
    lags, frequencies = np.arange(1, steps), np.arange(steps // 2 + 1)
    waves = np.cos(2.0 * np.pi * frequencies[:, None] * lags / steps)
    return products[0] + 2.0 * waves @ products[1:]

"""Do generated sequences swing as fast and as far as real ones?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics import post_hoc, samples
from keras_rgan.sequences.statistics import chunks


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
    first, second = spectra(real, generated)
    total = first.sum(axis=0)
    return float((np.abs(first - second).sum(axis=0) / np.where(total > 0, total, 1.0)).mean())


def spectra(real: np.ndarray, generated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean power of each frequency of either set, `(frequencies, features)`.

    About the real mean, in units of the real range.

    Args:
        real: Real sequences, NaN where there is nothing.
        generated: Generated ones, the same.
    """
    scale = post_hoc.Range.of(real)
    first = scale.enter(real)
    mean = post_hoc.mean(first)
    return spectrum(first - mean), spectrum(scale.enter(generated) - mean)


def spectrum(centred: np.ndarray) -> np.ndarray:
    """Return the mean of the squared Fourier amplitudes, `(frequencies, features)`.

    Of sequences with gaps, or of different lengths, by way of the products of values that are so many
    steps apart, of which the amplitudes are the transform.
    """
    there = ~np.isnan(centred)
    if there.all():
        return np.square(np.abs(np.fft.rfft(centred, axis=1))).mean(axis=0)
    steps = centred.shape[1]
    sums, counts = (_products(x, steps) for x in (np.where(there, centred, 0.0), there))
    counts = np.round(counts)
    means = np.where(counts > 0.0, sums, 0.0) / np.maximum(counts, 1.0)
    products = (steps - np.arange(steps))[:, None] * means
    lags, frequencies = np.arange(1, steps), np.arange(steps // 2 + 1)
    waves = np.cos(2.0 * np.pi * frequencies[:, None] * lags / steps)
    return products[0] + 2.0 * waves @ products[1:]


def _products(values: np.ndarray, steps: int) -> np.ndarray:
    """Return the sums of the products of values that are so many steps apart, `(steps, features)`."""
    total = 0.0
    for part in chunks.parts_of(values):
        total = total + np.square(np.abs(np.fft.rfft(part, 2 * steps, axis=1))).sum(axis=0)
    return np.fft.irfft(total, 2 * steps, axis=0)[:steps]

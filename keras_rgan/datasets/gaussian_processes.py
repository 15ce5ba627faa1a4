"""Smooth random functions."""

from __future__ import annotations

import numpy as np

from keras_rgan.utils import checks


def make_gaussian_processes(
    num_samples: int = 10_000,
    length: int = 30,
    num_features: int = 1,
    length_scale: float = 6.0,
    seed: int = 0,
) -> np.ndarray:
    """Draw independent, smooth functions of zero mean and unit variance.

    Values at steps s and t have the covariance exp(-(s - t)^2 / (2 length_scale^2)).

    Args:
        num_samples: Number of sequences.
        length: Steps of each.
        num_features: Functions in each.
        length_scale: Steps over which a function changes its mind.
        seed: Seed of the draws.

    Returns:
        `(num_samples, length, num_features)` float32.

    Raises:
        ValueError: If a number is not a positive integer, or the length scale not positive.

    Example:
        >>> import keras_rgan as kr
        >>> kr.datasets.make_gaussian_processes(100).shape
        (100, 30, 1)

    Reference:
        Esteban et al., "Real-valued (Medical) Time Series Generation with Recurrent Conditional
        GANs", 2017 (30 points on [0, 5] and a length scale of 1 there: 5.8 steps).
    """
    checks.positive_int("length", length)
    shape = (
        checks.positive_int("num_samples", num_samples),
        length,
        checks.positive_int("num_features", num_features),
    )
    lags = np.subtract.outer(np.arange(length), np.arange(length))
    scale = checks.number("length_scale", length_scale, 1e-6)
    values, vectors = np.linalg.eigh(np.exp(-0.5 * np.square(lags / scale)))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    noise = np.random.default_rng(seed).standard_normal(shape)
    return np.einsum("ts,nsf->ntf", root, noise).astype("float32")

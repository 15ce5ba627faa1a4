"""The benchmark's sine waves."""

from __future__ import annotations

import numpy as np

from keras_rgan.utils import checks


def make_sines(
    num_samples: int = 10_000, length: int = 24, num_features: int = 5, seed: int = 0
) -> np.ndarray:
    """Make independent sine waves of random frequency and phase.

    Every feature is (sin(frequency * t + phase) + 1) / 2 at t = 0 … length - 1, frequency and phase
    drawn from U(0, 0.1).

    Args:
        num_samples: Number of sequences.
        length: Steps of each.
        num_features: Waves in each.
        seed: Seed of the draws.

    Returns:
        `(num_samples, length, num_features)` float32, between 0 and 1.

    Example:
        >>> import keras_rgan as kr
        >>> kr.datasets.make_sines(100).shape
        (100, 24, 5)

    Reference:
        Yoon et al., "Time-series Generative Adversarial Networks", NeurIPS 2019 (its code's variant).
    """
    shape = (
        checks.positive_int("num_samples", num_samples),
        1,
        checks.positive_int("num_features", num_features),
    )
    random = np.random.default_rng(seed)
    frequency, phase = random.uniform(0.0, 0.1, shape), random.uniform(0.0, 0.1, shape)
    time = np.arange(checks.positive_int("length", length))[None, :, None]
    return ((np.sin(frequency * time + phase) + 1.0) / 2.0).astype("float32")

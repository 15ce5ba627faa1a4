"""The distance of two sets of points as two normal distributions."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.sequences import reading


def frechet_distance(real_features: Any, generated_features: Any) -> float:
    """Return the squared Fréchet distance of normal distributions fitted to two sets of features.

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)); the trace of the root is the sum of the singular values
    of C1^(1/2) C2^(1/2). Of features of a classifier this is what FID is of Inception's: values are of
    the features' own scale, so compare them with those of the same features alone, and with that of two
    sets of real ones. Of fewer samples than some ten times the number of features it is too large.

    Args:
        real_features: Features of real samples, `(samples, features)`.
        generated_features: The same of generated ones; there may be more or fewer of these.

    Returns:
        0 for sets of the same mean and covariance; lower is better.

    Raises:
        ValueError: If a set has another rank, fewer than two samples, another number of features, or
            NaN or infinite values.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> x = np.random.default_rng(0).normal(size=(1000, 4))
        >>> round(kr.metrics.frechet_distance(x, x + [2.0, 0.0, 0.0, 0.0]), 6)
        4.0

    Reference:
        Dowson and Landau, "The Fréchet Distance between Multivariate Normal Distributions", 1982;
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", NeurIPS 2017.
    """
    sets = [_checked(x) for x in (real_features, generated_features)]
    if sets[0].shape[1] != sets[1].shape[1]:
        raise ValueError(
            "Expected features of one kind. Received: "
            f"{sets[0].shape[1]} of each real sample, {sets[1].shape[1]} of each generated one"
        )
    means = [v.mean(axis=0) for v in sets]
    covariances = [np.atleast_2d(np.cov(v, rowvar=False)) for v in sets]
    roots = [_square_root(c) for c in covariances]
    common = np.linalg.svd(roots[0] @ roots[1], compute_uv=False).sum()
    traces = sum(np.trace(c) for c in covariances)
    return float(max(np.square(means[0] - means[1]).sum() + traces - 2.0 * common, 0.0))


def _checked(features: Any) -> np.ndarray:
    """Return features in float64, or refuse what is none."""
    values = reading.to_numpy(features)
    if values.dtype.kind not in "fiub":
        raise ValueError(f"Expected numbers as features. Received: an array of dtype {values.dtype}")
    values = values.astype("float64")
    if values.ndim != 2 or len(values) < 2:
        raise ValueError(
            "Expected features of two samples at least, (samples, features). Received: shape "
            f"{values.shape}. Put what a network makes of samples into rows, x.reshape(len(x), -1)."
        )
    wrong = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if wrong.size:
        raise ValueError(
            f"Expected finite features. Received: NaN or infinite values in {wrong.size} samples, the "
            f"first {wrong[0]}. Drop these first."
        )
    return values


def _square_root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T

"""Do the values of each feature have the real distribution?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics import post_hoc, samples


def marginal_wasserstein_distance(real: Any, generated: Any, per_feature: bool = False) -> Any:
    """Return how far the values of each feature must be moved to have the real distribution.

    The 1-Wasserstein distance of the values at all steps, in units of the feature's real standard
    deviation. That of a feature which is constant in the real set is in the feature's own units.

    Args:
        real: Real sequences, `(samples, time, features)`, in any units.
        generated: Generated sequences, in the same units.
        per_feature: Whether to return every feature's distance rather than the mean.

    Returns:
        A float, or an array `(features,)`; 0 where the distributions agree.

    Raises:
        ValueError: If the sets differ in shape or hold NaN or infinite values.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> x = np.random.default_rng(0).normal(size=(500, 8, 1))
        >>> round(kr.metrics.marginal_wasserstein_distance(x, x + 2 * x.std()), 3)
        2.0

    Reference:
        Villani, "Optimal Transport", 2009, for one dimension: the area between two distribution
        functions.
    """
    real, generated = samples.with_gaps({"real": real, "generated": generated})
    count = real.shape[-1]
    distances = np.array([_distance(real[..., [i]], generated[..., [i]]) for i in range(count)])
    return distances if per_feature else float(distances.mean())


def _distance(real: np.ndarray, generated: np.ndarray) -> float:
    """Return the area between the two empirical distribution functions, in real deviations."""
    scale = post_hoc.Range.of(real)
    x, y = (np.sort(v[~np.isnan(v)]) for v in (scale.enter(real), scale.enter(generated)))
    values = np.sort(np.concatenate([x, y]))
    shares = [np.searchsorted(v, values[:-1], side="right") / len(v) for v in (x, y)]
    return float(np.sum(np.abs(shares[0] - shares[1]) * np.diff(values)) / (x.std() or 1.0))

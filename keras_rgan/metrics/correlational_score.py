"""Do generated features move together as real ones do?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics import post_hoc, samples


def correlational_score(real: Any, generated: Any) -> float:
    """Return the summed difference of the correlations between features, over 10.

    The absolute differences of the lower triangle of the two matrices of correlations, each over all
    steps of all sequences; a constant feature correlates with nothing.

    Args:
        real: Real sequences, `(samples, time, features)`.
        generated: Generated sequences, in any units per feature.

    Returns:
        0 where the correlations agree; it grows with the number of pairs of features.

    Raises:
        ValueError: If the sets differ in shape or hold NaN or infinite values.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> x = np.random.default_rng(0).normal(size=(500, 8, 1))
        >>> together, against = np.concatenate([x, x], -1), np.concatenate([x, -x], -1)
        >>> round(kr.metrics.correlational_score(together, against), 3)
        0.2

    Reference:
        Ni et al., "Sig-Wasserstein GANs for Time Series Generation", ICAIF 2021; over 10 as in Yuan and
        Qiao, "Diffusion-TS", ICLR 2024.
    """
    sets = samples.with_gaps({"real": real, "generated": generated})
    first, second = (correlations(x) for x in sets)
    return float(np.abs(np.tril(first - second, -1)).sum() / 10.0)


def correlations(sequences: np.ndarray) -> np.ndarray:
    """Return the correlation of each two features, over the steps at which both are known."""
    rows = post_hoc.Range.of(sequences).enter(sequences).reshape(-1, sequences.shape[-1])
    there = ~np.isnan(rows)
    if not there.all():
        return _of_pairs(rows, there.astype("float64"))
    rows -= rows.mean(axis=0)
    spread = np.sqrt(np.square(rows).mean(axis=0))
    rows /= np.where(spread > 0, spread, 1.0)
    return rows.T @ rows / len(rows)


def _of_pairs(rows: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return correlations of each two columns, over the rows in which both are there."""
    values = np.where(there > 0.0, rows - np.nanmean(rows, axis=0), 0.0)
    counts = np.maximum(there.T @ there, 1.0)
    means = values.T @ there / counts  # of a column, where the other one is there too
    variances = np.square(values).T @ there / counts - np.square(means)
    covariances = values.T @ values / counts - means * means.T
    scale = np.sqrt(np.maximum(variances * variances.T, 0.0))
    return np.divide(covariances, scale, out=np.zeros_like(scale), where=scale > 1e-12)

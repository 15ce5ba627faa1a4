"""Are generated samples as far from real ones as these are from one another?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.utils import checks

FEWEST = 3
"""Of fewer samples distances have no deviation."""

POINTS = 4096
"""At so many points densities are compared."""

REACH = 4.0
"""So many bandwidths beyond the outermost distances they are taken for 0."""


def overlapping_area(real: Any, generated: Any, max_samples: int = 500, seed: int = 0) -> Any:
    """Return how far the distances within a real set and those to a generated one overlap.

    Of a statistic of each sample, Euclidean distances between pairs of real samples have one
    distribution, those between real and generated samples another. Each becomes a density (Gaussian
    kernels of Scott's bandwidth, the wider of the two); the area under both is 1 where they agree, 0
    where no distance occurs in both. A generated set that is too narrow loses as one does that lies
    elsewhere.

    Args:
        real: A statistic of real samples, `(samples,)` or `(samples, numbers)`; or a dict of such, as
            `note_statistics` returns.
        generated: The same of generated ones.
        max_samples: So many samples of either set are compared; of more, some that are drawn.
        seed: Of the draws.

    Returns:
        The area; of dicts a dict of areas.

    Raises:
        ValueError: If a set has fewer than three samples or holds NaN or infinite values, or the two
            differ in width or names.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> random = np.random.default_rng(0)
        >>> real, alike, apart = random.normal(size=(3, 300)) + [[0], [0], [8]]
        >>> kr.metrics.overlapping_area(real, alike) > 0.95
        True
        >>> kr.metrics.overlapping_area(real, apart) < 0.05
        True

    Reference:
        Yang and Lerch, "On the Evaluation of Generative Models in Music", Neural Computing and
        Applications 2020. Its code takes each set's own bandwidth, and leaves out what of the densities
        lies beyond the outermost distances: its areas are somewhat smaller.
    """
    if checks.positive_int("max_samples", max_samples) < FEWEST:
        raise ValueError(
            f"`max_samples` must be at least {FEWEST}. Received: max_samples={max_samples}"
        )
    if isinstance(real, dict) and isinstance(generated, dict):
        if set(real) != set(generated):
            raise ValueError(
                "Expected the same statistics of both sets. Received: "
                f"{sorted(real)} and {sorted(generated)}"
            )
        return {name: _area(real[name], generated[name], max_samples, seed, name) for name in real}
    return _area(real, generated, max_samples, seed, "the statistic")


def _area(real: Any, generated: Any, max_samples: int, seed: int, name: str) -> float:
    random = np.random.default_rng(seed)
    sets = [_some(x, name, max_samples, random) for x in (real, generated)]
    if sets[0].shape[1] != sets[1].shape[1]:
        raise ValueError(
            f"Expected {name} to have as many numbers in both sets. Received: {sets[0].shape[1]} and "
            f"{sets[1].shape[1]}"
        )
    within = _distances(sets[0], sets[0])[np.triu_indices(len(sets[0]), 1)]
    between = _distances(*sets).ravel()
    width = max(x.std(ddof=1) * len(x) ** -0.2 for x in (within, between))
    margin = REACH * width
    low = min(within.min(), between.min()) - margin
    high = max(within.max(), between.max()) + margin
    if high == low:  # all distances are one
        return 1.0
    step = (high - low) / (POINTS - 1)
    densities = [_density((x - low) / step, width / step) for x in (within, between)]
    return float(np.minimum(*densities).sum())


def _some(values: Any, name: str, most: int, random: np.random.Generator) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"Expected numbers as {name}. Received: an array of dtype {array.dtype}")
    array = array.astype("float64")
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or len(array) < FEWEST or not np.isfinite(array).all():
        raise ValueError(
            f"Expected finite numbers of three samples at least as {name}, (samples,) or (samples, "
            f"numbers). Received: {'NaN or infinite values in ' if array.ndim == 2 else ''}shape "
            f"{array.shape}"
        )
    return array if len(array) <= most else array[random.permutation(len(array))[:most]]


def _distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.sqrt(sum(np.square(np.subtract.outer(a, b)) for a, b in zip(x.T, y.T, strict=True)))


def _density(places: np.ndarray, width: float) -> np.ndarray:
    """Return shares of a density at whole places, each number spread over those beside it."""
    below = np.clip(np.floor(places).astype(int), 0, POINTS - 2)
    share = places - below
    mass: np.ndarray = np.bincount(below, 1.0 - share, POINTS) + np.bincount(below + 1, share, POINTS)
    mass = mass / len(places)
    if width < 0.25:  # no wider than a step
        return mass
    reach = int(np.ceil(REACH * width))
    kernel = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / width))
    return np.convolve(mass, kernel / kernel.sum())[reach : reach + POINTS]

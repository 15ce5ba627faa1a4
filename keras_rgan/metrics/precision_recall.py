"""Are generated sequences among the real ones, and are all real ones reached?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics import post_hoc, samples
from keras_rgan.utils import checks


def precision_recall(
    real: Any, generated: Any, neighbours: int = 5, max_samples: int = 2000, seed: int = 0
) -> dict[str, float]:
    """Return precision, recall, density and coverage by nearest neighbours.

    Around each sequence lies a ball that reaches to its fifth neighbour in its own set. Precision is
    the share of generated sequences within some real ball, recall the share of real ones within some
    generated ball; density the mean number of real balls around a generated sequence, over 5; coverage
    the share of real balls with a generated sequence inside. Sequences are points of time x features
    numbers, each feature min-max scaled by the real set.

    Args:
        real: Real sequences, `(samples, time, features)`, in any units.
        generated: Generated sequences, in the same units.
        neighbours: How many neighbours a ball holds.
        max_samples: The most sequences of either set, drawn at random.
        seed: Seed of that draw.

    Returns:
        Dict of `precision`, `recall`, `density` (all about 1 for sets of one distribution but for
        precision and recall, which stay below in many dimensions) and `coverage`.

    Raises:
        ValueError: If the sets differ in shape, are too few or hold NaN or infinite values.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(200, length=8, num_features=2)
        >>> kr.metrics.precision_recall(sines[:100], sines[100:])["coverage"] > 0.8
        True

    Reference:
        Kynkäänniemi et al., "Improved Precision and Recall Metric", NeurIPS 2019; Naeem et al.,
        "Reliable Fidelity and Diversity Metrics for Generative Models", ICML 2020.
    """
    checks.positive_int("neighbours", neighbours)
    given = {"real": real, "generated": generated}
    real, generated = samples.whole(given, min_samples=neighbours + 1)
    rng, scale = np.random.default_rng(seed), post_hoc.Range.of(real)
    sets = [
        scale.scaled(x[rng.permutation(len(x))[:max_samples]]).reshape(min(len(x), max_samples), -1)
        for x in (real, generated)
    ]
    radii = [np.partition(post_hoc.distances(x, x), neighbours, axis=1)[:, neighbours] for x in sets]
    between = post_hoc.distances(*sets)
    in_real, in_generated = between <= radii[0][:, None], between <= radii[1][None, :]
    return {
        "precision": float(in_real.any(axis=0).mean()),
        "recall": float(in_generated.any(axis=1).mean()),
        "density": float(in_real.sum(axis=0).mean() / neighbours),
        "coverage": float((between.min(axis=1) <= radii[0]).mean()),
    }

"""How well a judge that takes seconds tells generated sequences from real ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics import post_hoc, samples
from keras_rgan.metrics.judges import JUDGES
from keras_rgan.utils import checks


def quick_score(
    real: Any,
    generated: Any,
    *,
    units: int = 128,
    steps: int = 600,
    batch_size: int = 256,
    seed: int = 0,
) -> float:
    """Return by how much a quick judge is right more often than by chance, from 0 to 0.5.

    A network of two hidden layers sees a whole sequence at once: its levels, its increments, and how
    strong each frequency is in each feature. That takes seconds, where a recurrent judge takes a minute
    to see as much: that shapes come from clusters, that levels jump, that a rhythm is smeared. What it
    sees less of are events that may come anywhere: `discriminative_score` asks a stronger one, and
    `KeepBest` this one. 80 % of either set train it; it is asked about the rest.

    Args:
        real: Real sequences, `(samples, time, features)`, in their own units.
        generated: Generated ones, of the same length and features.
        units: Width of the hidden layers.
        steps: Steps of training.
        batch_size: How many sequences are in a batch, of both sets together.
        seed: Seed of split, weights and batches.

    Returns:
        |accuracy - 0.5| on held-out sequences, both sets counting alike; two sets of the same law give
        about 0.005 for 5,000 sequences, more for fewer.

    Raises:
        ValueError: If shapes differ or are not `(samples, time, features)`, there are fewer than 10
            sequences, or values are not finite.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(400, length=8, num_features=2)
        >>> kr.metrics.quick_score(sines[:200], 3 * sines[200:]) > 0.4
        True

    Reference:
        Lopez-Paz and Oquab, "Revisiting Classifier Two-Sample Tests", ICLR 2017.
    """
    given = {"real": real, "generated": generated}
    real, generated = samples.whole(given, min_samples=10)
    real, generated = post_hoc.min_max_scaled(real, generated)
    random, judge = np.random.default_rng(seed), JUDGES["dense"]
    for name, value in (("steps", steps), ("units", units), ("batch_size", batch_size)):
        checks.positive_int(name, value)
    return judge.advantage([real, generated], units, steps, max(batch_size // 2, 1), random)

"""How well a judge that takes seconds tells generated sequences from real ones."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.metrics import post_hoc, samples
from keras_rgan.sequences.statistics.random_features import standardized_views
from keras_rgan.utils import checks

MAX_NUMBERS = 2000
"""Of longer sequences the judge sees a part of so many numbers, at a place drawn for each."""


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
    sees less of are events that may come anywhere. 80 % of either set train it; it is asked about the
    rest.

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
    checks.positive_int("steps", steps)
    rng = np.random.default_rng(seed)
    sets = [_part(x, rng) for x in (real, generated)]
    sets = standardized_views(*sets)
    parts = [post_hoc.split(len(x), 0.8, rng) for x in sets]
    train = [x[i] for x, (i, _) in zip(sets, parts, strict=True)]
    test = [x[i] for x, (_, i) in zip(sets, parts, strict=True)]
    seeds = [int(rng.integers(2**31)) for _ in range(4)]
    width = checks.positive_int("units", units)
    layers = [
        keras.layers.Dense(
            count,
            activation,
            kernel_initializer=keras.initializers.GlorotUniform(child),
            dtype="float32",
        )
        for count, activation, child in zip(
            (width, width, 1), ("swish", "swish", None), seeds[:3], strict=True
        )
    ]
    judge = keras.Sequential([keras.Input((sets[0].shape[1],), dtype="float32"), *layers])
    half = max(checks.positive_int("batch_size", batch_size) // 2, 1)
    post_hoc.learn_to_tell(judge, train, steps, half, seeds[3])
    # Not by `predict`, of whose graphs, one for each judge, TensorFlow warns.
    return post_hoc.advantage(
        *(ops.convert_to_numpy(judge(ops.convert_to_tensor(x)))[:, 0] for x in test)
    )


def _part(sequences: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return parts of so many steps as are judged, which begin anywhere."""
    count, length, features = sequences.shape
    steps = min(length, max(MAX_NUMBERS // features, 2))
    if steps == length:
        return sequences
    first = rng.integers(length - steps + 1, size=count)
    return np.take_along_axis(sequences, (first[:, None] + np.arange(steps))[..., None], axis=1)

"""Did the generator copy its training data?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan import checks
from keras_rgan.metrics import post_hoc
from keras_rgan.metrics.score import Score


def memorisation(
    generated: Any, train: Any, holdout: Any, max_samples: int = 2000, repeats: int = 5, seed: int = 0
) -> Score:
    """Return the share of generated sequences that lie nearer to training than to held-out data.

    Each repeat draws as many training sequences as held-out ones and asks of every generated sequence
    which of the two sets its nearest neighbour is in. 0.5 where the generator knows nothing of the
    training data but its distribution, 1 where it copies. Hold out sequences of the same distribution
    that overlap none of the training data: a later part of a series may differ by itself; a real set
    in place of the generated one shows what 0.5 has become then.

    Args:
        generated: Generated sequences, `(samples, time, features)`.
        train: The sequences that were trained on, in the same units.
        holdout: Sequences that were not, in the same units.
        max_samples: The most generated and the most held-out sequences, drawn at random.
        repeats: How many draws of training sequences.
        seed: Seed of the draws.

    Returns:
        A `Score`, ideally 0.5.

    Raises:
        ValueError: If the sets differ in shape, hold NaN or infinite values, or fewer sequences were
            trained on than held out.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(300, length=8, num_features=2)
        >>> kr.metrics.memorisation(sines[:100], train=sines[:100], holdout=sines[200:]).mean
        1.0

    Reference:
        As the adversarial accuracy of nearest neighbours: Yale et al., "Generation and Evaluation of
        Privacy Preserving Synthetic Health Data", Neurocomputing 2020.
    """
    train, generated = post_hoc.pair(train, generated)
    train, holdout = post_hoc.pair(train, holdout)
    checks.positive_int("max_samples", max_samples)
    count = min(len(holdout), max_samples)
    if len(train) < count:
        raise ValueError(
            "Expected at least as many training sequences as held-out ones. Received: "
            f"{len(train)} and {len(holdout)}"
        )
    train, generated, holdout = post_hoc.min_max_scaled(train, generated, holdout)
    values = []
    for repeat in range(checks.positive_int("repeats", repeats)):
        rng = np.random.default_rng([seed, repeat])
        drawn = [
            x[rng.permutation(len(x))[:n]].reshape(min(len(x), n), -1)
            for x, n in ((generated, max_samples), (train, count), (holdout, count))
        ]
        nearest = [post_hoc.distances(drawn[0], other).min(axis=1) for other in drawn[1:]]
        values.append((nearest[0] < nearest[1]).mean() + 0.5 * (nearest[0] == nearest[1]).mean())
    return Score.of(values)

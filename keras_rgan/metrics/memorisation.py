"""Did the generator copy its training data?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics import neighbours, post_hoc, samples
from keras_rgan.metrics.score import Score
from keras_rgan.utils import checks


def memorisation(
    generated: Any,
    train: Any,
    holdout: Any,
    others: Any = None,
    max_samples: int = 2000,
    repeats: int = 5,
    seed: int = 0,
) -> Score:
    """Return the share of generated sequences that lie nearer to training than to held-out data.

    Each repeat draws as many training sequences as held-out ones and asks of every generated sequence
    which of the two sets its nearest neighbour is in. 0.5 where the generator knows nothing of the
    training data but its distribution, 1 where it copies. Hold out sequences of the same distribution
    that overlap none of the training data.

    Windows of one long series are not alike: those held out, in a block, lie close together, training
    ones everywhere, and even new sequences of the same kind are nearer to these. There, compare a block
    with its neighbours: pass held-out blocks as `holdout`, as many training windows from either side
    of each as `train`, and all the rest as `others`.

    Args:
        generated: Generated sequences, `(samples, time, features)`.
        train: The sequences that were trained on, in the same units.
        holdout: Sequences that were not, in the same units.
        others: More real sequences, trained on or not. A generated one that lies nearest to one of
            these is left out.
        max_samples: The most generated and the most held-out sequences, drawn at random.
        repeats: How many draws of training sequences.
        seed: Seed of the draws.

    Returns:
        A `Score`, ideally 0.5; NaN where every generated sequence was left out.

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
    sets = {"train": train, "generated": generated, "holdout": holdout}
    further = {} if others is None else {"others": others}
    train, generated, holdout, *more = samples.whole({**sets, **further})
    rest = more[0] if more else train[:0]
    checks.positive_int("max_samples", max_samples)
    count = min(len(holdout), max_samples)
    if len(train) < count:
        raise ValueError(
            "Expected at least as many training sequences as held-out ones. Received: "
            f"{len(train)} and {len(holdout)}"
        )
    scale = post_hoc.Range.of(train, holdout, rest)
    train, generated, holdout, rest = (scale.scaled(x) for x in (train, generated, holdout, rest))
    values = []
    for repeat in range(checks.positive_int("repeats", repeats)):
        rng = np.random.default_rng([seed, repeat])
        asked, trained, held = (
            x[rng.permutation(len(x))[:n]]
            for x, n in ((generated, max_samples), (train, count), (holdout, count))
        )
        to_train, to_held, to_rest = (neighbours.nearest(asked, x)[0] for x in (trained, held, rest))
        told = np.minimum(to_train, to_held) <= to_rest
        won = (to_train < to_held) + 0.5 * (to_train == to_held)
        values.append(won[told].mean() if told.any() else np.nan)
    return Score.of(values)

"""A score beside those of other real sequences and of a copula."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_rgan.baselines import GaussianCopula
from keras_rgan.metrics import post_hoc, samples
from keras_rgan.metrics.yardsticks import Yardsticks


def with_yardsticks(
    metric: Callable[[Any, Any], Any],
    real: Any,
    generated: Any,
    groups: Any = None,
    seed: int = 0,
) -> Yardsticks:
    """Return a score of generated sequences, of other real ones, and of a closed-form copula.

    The real sequences are halved at random, or by groups as wholes. The first half is what all others
    are held against; the second gives the floor, and is what the copula learns from. All three are of
    as many sequences, so that a judge has as much to learn from each.

    Args:
        metric: A function `f(real, generated)`, such as `metrics.discriminative_score`.
        real: Real sequences, in any form that metrics take.
        generated: Generated ones.
        groups: Of each real sequence its block (`data.window_blocks`), patient or device; -1 of those
            to leave out. None halves at random.
        seed: Of halves and of the copula.

    Raises:
        ValueError: If there are fewer than 20 real or 10 generated sequences, shapes differ, or groups
            are not one for each real sequence, or fewer than two.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(200, length=8, num_features=2)
        >>> distance = kr.metrics.marginal_wasserstein_distance
        >>> found = kr.metrics.with_yardsticks(distance, sines, 2 * sines)
        >>> found.score > 5 * found.floor
        True

    Reference:
        Lopez-Paz and Oquab, "Revisiting Classifier Two-Sample Tests", ICLR 2017.
    """
    known, made = samples.read({"real": real, "generated": generated}, 10)
    if len(known.values) < 20:
        raise ValueError(
            f"Expected at least 20 real sequences, to halve them. Received: {len(known.values)}"
        )
    random = np.random.default_rng(seed)
    held_together = post_hoc.checked_groups("groups", groups, known.values)
    rows = np.arange(len(known.values))
    if held_together is not None:
        rows = np.flatnonzero(post_hoc.in_a_group(held_together))
        held_together = held_together[rows]
    halves = [known.take(rows[i]) for i in post_hoc.split(len(rows), 0.5, random, held_together)]
    count = min(len(half.values) for half in (*halves, made))
    first, second, others = (x.take(random.permutation(len(x.values))[:count]) for x in (*halves, made))
    copied = of_a_copula(first, second, count, seed)
    return Yardsticks(
        metric(first.pair, others.pair),
        metric(first.pair, second.pair),
        None if copied is None else metric(first.pair, copied.pair),
    )


def of_a_copula(
    real: samples.Samples, others: samples.Samples, count: int, seed: int
) -> samples.Samples | None:
    """Return samples of a Gaussian copula of `others`, in the form of `real`; None where it fails."""
    try:
        made = GaussianCopula().fit(others.pair).generate(count, seed=seed)
    except (ValueError, np.linalg.LinAlgError):
        return None
    return samples.read({"real": real.pair, "copula": made}, 2)[1]

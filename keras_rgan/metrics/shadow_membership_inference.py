"""Can be told who was trained on, by one who can train models like it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_rgan.metrics import neighbours, samples
from keras_rgan.metrics.attack_score import AttackScore
from keras_rgan.metrics.records import Records, records_of
from keras_rgan.utils import checks


def shadow_membership_inference(
    fit_and_generate: Callable[[Any], Any],
    generated: Any,
    train: Any,
    holdout: Any,
    groups: Any = None,
    holdout_groups: Any = None,
    num_shadows: int = 8,
    max_samples: int = 2_000,
    seed: int = 0,
) -> AttackScore:
    """Attack generated sequences with models of one's own, each trained with and without a record.

    The attacker trains shadow models on other draws of the same groups, as many as were trained on, and
    looks at how near the nearest sequence that each generates comes to a record: of models that were
    trained on it and of others. A record was rather trained on where the distance of the model under
    attack is more likely among the first. No likelihood of the model is needed. It costs `num_shadows`
    trainings.

    Args:
        fit_and_generate: Trains a model on sequences, as `train` has them, and returns generated ones,
            about as many as `generated`.
        generated: Generated sequences of the model under attack.
        train: The sequences that it was trained on.
        holdout: Sequences that it was not, of groups of their own.
        groups: Of each training sequence whose, or of which block, it is; as in
            `closest_record_distance`.
        holdout_groups: The same of those held out.
        num_shadows: How many models are trained, two at the least. Every record is out of some, and in
            others.
        max_samples: The most generated sequences of each model, drawn at random.
        seed: Seed of the draws.

    Returns:
        An `AttackScore`.

    Raises:
        ValueError: If the sets differ in shape, held-out sequences overlap ones trained on,
            groups are not one for each sequence, or the shadows are too few for every record to be out
            of one.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(200, length=6, num_features=1)
        >>> told = kr.metrics.shadow_membership_inference(
        ...     lambda train: train, sines[:100], sines[:100], sines[100:], num_shadows=4
        ... )
        >>> told.auc > 0.95
        True

    Reference:
        Carlini et al., "Membership Inference Attacks From First Principles" (LiRA), S&P 2022; Stadler
        et al., "Synthetic Data - Anonymisation Groundhog Day", USENIX Security 2022 (shadow models of
        generators).
    """
    checks.positive_int("num_shadows", num_shadows)
    records = records_of(
        generated, train, holdout, groups, holdout_groups, max_samples=max_samples, seed=seed
    )
    sets = dict(
        zip(("train", "holdout"), samples.read({"train": train, "holdout": holdout}, 2), strict=True)
    )
    random = np.random.default_rng([seed, 23])
    inside = _memberships(records.is_train, num_shadows, random)
    target = _nearness(records, records.generated)
    shadows = []
    for taken in inside:
        chosen = np.flatnonzero(taken[records.groups])
        of_train = records.of_train[chosen]
        parts = [
            sets[name].take(records.rows[chosen[of_train == kind]])
            for name, kind in (("train", True), ("holdout", False))
        ]
        made = fit_and_generate(_joined(parts, random))
        shadows.append(_nearness(records, _points(made, records, seed)))
    scores = _log_ratios(target, np.stack(shadows), inside[:, records.groups])
    return AttackScore.of(scores, records.of_train, records.groups, seed=seed)


def _memberships(is_train: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Return which groups each shadow is trained on, `(count, groups)`: each about as often as others.

    Raises:
        ValueError: If there are too few shadows for every group to be out of one, and in one.
    """
    left_out = int((~is_train).sum())
    inside = np.ones((count, len(is_train)), bool)
    times = np.zeros(len(is_train))
    for shadow in inside:
        chosen = np.lexsort((random.random(len(times)), times))[:left_out]
        shadow[chosen] = False
        times[chosen] += 1
    if times.min() < 1 or times.max() == count:
        need = -(-len(is_train) // min(left_out, int(is_train.sum())))
        raise ValueError(
            f"Expected at least {max(need, 2)} shadows, so that each of {len(is_train)} groups is out "
            f"of one and in another. Received: num_shadows={count}. Or hold out more."
        )
    return inside


def _joined(parts: list[samples.Samples], random: np.random.Generator) -> Any:
    """Return sets as one, in any order, as a model takes it."""
    first = parts[0]
    whole = first._replace(
        values=np.concatenate([part.values for part in parts]),
        gaps=any(part.gaps for part in parts),
        lengths=None
        if first.lengths is None
        else np.concatenate([part.lengths for part in parts if part.lengths is not None]),
        conditions={
            name: np.concatenate([part.conditions[name] for part in parts]) for name in first.conditions
        },
    )
    return whole.take(random.permutation(len(whole.values))).pair


def _points(made: Any, records: Records, seed: int) -> np.ndarray:
    """Return what a shadow generated as points, as many as of the model under attack."""
    known = records.form.read("what fit_and_generate returns", made, 2)
    random = np.random.default_rng([seed, 29])
    return records.space.points(known[random.permutation(len(known))[: len(records.generated)]])


def _nearness(records: Records, made: np.ndarray) -> np.ndarray:
    """Return the logarithm of how near the nearest generated sequence comes to each real one."""
    distance, _ = neighbours.nearest(records.real, made)
    return np.log(distance + 1e-3 * max(float(np.median(distance)), 1e-30))


def _log_ratios(target: np.ndarray, shadows: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return how much likelier each record's distance is of models that were trained on it, as logs.

    Args:
        target: Of the model under attack, `(records,)`.
        shadows: Of each shadow, `(shadows, records)`.
        inside: Whether it was trained on each, likewise.
    """
    logs = []
    for kind in (inside, ~inside):
        count = kind.sum(axis=0)
        mean = np.where(kind, shadows, 0.0).sum(axis=0) / count
        apart = np.where(kind, shadows - mean, 0.0)
        # One deviation for all: of a few models none of a record is known.
        freedom = max(int((count - 1).sum()), 1)
        deviation = max(float(np.sqrt(np.square(apart).sum() / freedom)), 1e-3)
        logs.append(-0.5 * np.square((target - mean) / deviation) - np.log(deviation))
    ratio: np.ndarray = logs[0] - logs[1]
    return ratio

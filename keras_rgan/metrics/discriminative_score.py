"""Can a classifier, trained afterwards, tell generated sequences from real ones?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics import post_hoc, samples
from keras_rgan.metrics.score import Score
from keras_rgan.networks import RecurrentDiscriminator
from keras_rgan.utils import checks


def discriminative_score(
    real: Any,
    generated: Any,
    strict: bool = False,
    units: int | None = None,
    steps: int | None = None,
    batch_size: int = 128,
    repeats: int = 5,
    seed: int = 0,
    groups: Any = None,
    generated_groups: Any = None,
) -> Score:
    """Train a GRU to tell generated sequences from real ones; return |accuracy - 0.5|.

    Accuracy is the mean of the shares of real and of generated sequences that are told.

    0 is chance, 0.5 tells every sequence. The protocol of the TimeGAN paper: one layer of features //
    2 units, the logit from the last state, Adam(1e-3), 2,000 steps of 128 real and 128 generated
    sequences, judged on the fifth of either set that training did not see. That judge is tiny: with
    `strict` it has 64 units, reads last state and mean, and trains for 3,000 steps. Two halves of real
    data score not 0 but a floor that depends on the data; measure it beside.

    Windows that overlap, or come from one patient, lie on both sides of a random split, and a judge
    that learns them by heart is right about the others too. With `groups` it is asked about groups
    that it has not seen: it trains on 80 % of the groups.

    Args:
        real: Real sequences, `(samples, time, features)`, in any units.
        generated: Generated sequences, in the same units.
        strict: Whether to judge with the stronger classifier.
        units: Width of the classifier, in place of the protocol's.
        steps: Steps of training, in place of the protocol's.
        batch_size: How many of either set are in a batch.
        repeats: How many classifiers are trained, each on a split of its own.
        seed: Seed of all that is random.
        groups: Of each real sequence the group (a block of the series, a patient), `(samples,)`; a
            group's sequences are all trained on or all judged. None splits at random.
        generated_groups: The same of the generated sequences, for a floor, where other blocks of the
            real series stand for them.

    Returns:
        A `Score`, from 0 to 0.5, lower is better.

    Raises:
        ValueError: If the sets differ in shape, hold fewer than 10 sequences or NaN or infinite values,
            or groups are not one for each real sequence or fewer than two.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(200, length=8, num_features=2)
        >>> score = kr.metrics.discriminative_score(sines[:100], 3 * sines[100:], steps=50, repeats=1)
        >>> 0.0 <= score.mean <= 0.5
        True

    Reference:
        Yoon et al., "Time-series Generative Adversarial Networks", NeurIPS 2019.
    """
    given = {"real": real, "generated": generated}
    real, generated = samples.whole(given, min_samples=10)
    real, generated = post_hoc.min_max_scaled(real, generated)
    groups, generated_groups = (
        _checked(name, value, x)
        for name, value, x in (
            ("groups", groups, real),
            ("generated_groups", generated_groups, generated),
        )
    )
    width = checks.positive_int("units", units or (64 if strict else max(real.shape[-1] // 2, 1)))
    count = checks.positive_int("steps", steps or (3000 if strict else 2000))
    checks.positive_int("batch_size", batch_size)
    values = []
    for repeat in range(checks.positive_int("repeats", repeats)):
        rng = np.random.default_rng([seed, repeat])
        parts = [
            post_hoc.split(len(real), 0.8, rng, groups),
            post_hoc.split(len(generated), 0.8, rng, generated_groups),
        ]
        train = [x[i] for x, (i, _) in zip((real, generated), parts, strict=True)]
        test = [x[i] for x, (_, i) in zip((real, generated), parts, strict=True)]
        judge = RecurrentDiscriminator(
            width,
            bidirectional=False,
            pooling=("last", "mean") if strict else "last",
            seed=int(rng.integers(2**31)),
            dtype="float32",
        )
        post_hoc.learn_to_tell(judge, train, count, batch_size, int(rng.integers(2**31)))
        values.append(
            post_hoc.advantage(*(judge.predict(x, batch_size=1024, verbose=0)[:, 0] for x in test))
        )
    return Score.of(values)


def _checked(name: str, groups: Any, sequences: np.ndarray) -> np.ndarray | None:
    """Return which group each sequence is of; refuse what is not one for each, or one for all."""
    if groups is None:
        return None
    groups = np.asarray(groups)
    if groups.shape != (len(sequences),) or len(np.unique(groups)) < 2:
        raise ValueError(
            f"Expected `{name}` of shape ({len(sequences)},), one for each sequence, with at least "
            f"two groups. Received: shape {groups.shape}, {len(np.unique(groups))} groups"
        )
    return groups

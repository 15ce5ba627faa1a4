"""Can a judge, trained afterwards, tell generated sequences from real ones?"""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.metrics import post_hoc, samples
from keras_rgan.metrics.judges import JUDGES
from keras_rgan.metrics.score import Score
from keras_rgan.utils import checks


def discriminative_score(
    real: Any,
    generated: Any,
    judge: str = "quick",
    units: int | None = None,
    steps: int | None = None,
    batch_size: int = 128,
    repeats: int = 5,
    seed: int = 0,
    groups: Any = None,
    generated_groups: Any = None,
) -> Score:
    """Train a judge to tell generated sequences from real ones; return |accuracy - 0.5|.

    Accuracy is the mean of the shares of real and of generated sequences that are told, among the fifth
    of either set that the judge did not learn from. 0 is chance, 0.5 tells every sequence. Two halves
    of real data score not 0 but a floor that depends on the data; measure it beside. The judges:

    - "quick": two hidden layers that see a whole sequence at once, its increments, and how strong each
      frequency is; seconds each (`quick_score`).
    - "strict": a GRU of 64 units that reads last state and mean, and learns from 3,000 batches: a
      minute or more each. It sees events that may come anywhere, too.
    - "timegan": that of the TimeGAN paper, for figures beside published ones: a GRU of features // 2
      units, the logit from the last state, Adam(1e-3), 2,000 batches of 128 real and 128 generated
      sequences. It is tiny, and calls good what the others tell at once.

    Windows that overlap, or come from one patient, lie on both sides of a random split, and a judge
    that learns them by heart is right about the others too. With `groups` it is asked about groups
    that it has not seen: it trains on 80 % of the groups.

    Args:
        real: Real sequences, `(samples, time, features)`, in any units.
        generated: Generated sequences, in the same units.
        judge: Which judge: "quick", "strict" or "timegan".
        units: Width of the judge, in place of its own.
        steps: Steps of training, in place of its own.
        batch_size: How many of either set are in a batch.
        repeats: How many judges are trained, each on a split of its own.
        seed: Seed of all that is random.
        groups: Of each real sequence the group (a block of the series, a patient), `(samples,)`; a
            group's sequences are all trained on or all judged. None splits at random.
        generated_groups: The same of the generated sequences, for a floor, where other blocks of the
            real series stand for them.

    Returns:
        A `Score`, from 0 to 0.5, lower is better.

    Raises:
        ValueError: If the sets differ in shape, hold fewer than 10 sequences or NaN or infinite values,
            groups are not one for each real sequence or fewer than two, or the judge is
            unknown.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(200, length=8, num_features=2)
        >>> score = kr.metrics.discriminative_score(sines[:100], 3 * sines[100:], steps=50, repeats=1)
        >>> 0.0 <= score.mean <= 0.5
        True

    Reference:
        Yoon et al., "Time-series Generative Adversarial Networks", NeurIPS 2019; Lopez-Paz and Oquab,
        "Revisiting Classifier Two-Sample Tests", ICLR 2017.
    """
    kind = JUDGES[checks.one_of("judge", judge, JUDGES)]
    given = {"real": real, "generated": generated}
    real, generated = samples.whole(given, min_samples=10)
    real, generated = post_hoc.min_max_scaled(real, generated)
    held_together = [
        _checked("groups", groups, real),
        _checked("generated_groups", generated_groups, generated),
    ]
    width = checks.positive_int("units", units or kind.units(real.shape[-1]))
    count = checks.positive_int("steps", steps or kind.steps)
    checks.positive_int("batch_size", batch_size)
    values = []
    for repeat in range(checks.positive_int("repeats", repeats)):
        random = np.random.default_rng([seed, repeat])
        shown = kind.look([real, generated], random)
        values.append(kind.advantage(shown, width, count, batch_size, random, held_together))
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

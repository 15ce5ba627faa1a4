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
    repeats: int | None = None,
    seed: int = 0,
    groups: Any = None,
    generated_groups: Any = None,
) -> Score:
    """Train a judge to tell generated sequences from real ones; return |accuracy - 0.5|.

    Accuracy is the mean of the shares of real and of generated sequences that are told, among the fifth
    of either set that the judge did not learn from. 0 is chance, 0.5 tells every sequence. Two halves
    of real data score not 0 but a floor that depends on the data; measure it beside. The judges:

    - "quick": ridge regressions on some thousand statistics of each sequence (quantiles, products at
      lags, spectra, runs, extremes, values that come often or again) and on random convolutions, and
      two hidden layers that see it at once, weighed by a third part of the sequences that none learned
      from; seconds each. It looks at 10,000 sequences of either set.
    - "dense": those hidden layers alone (`quick_score`), which `KeepBest` asks while training.
    - "strict": a GRU of 64 units that reads last state and mean, and learns from 3,000 batches: a
      minute or more each. It sees events that may come anywhere, too.
    - "timegan": that of the TimeGAN paper, for figures beside published ones: a GRU of features // 2
      units, the logit from the last state, Adam(1e-3), 2,000 batches of 128 real and 128 generated
      sequences. It is tiny, and calls good what the others tell at once.

    Windows that overlap, or come from one patient, lie on both sides of a random split, and a judge
    that learns them by heart is right about the others too. With `groups` it is asked about groups
    that it has not seen: it trains on 80 % of the groups. By time: `data.window_blocks` gives the block
    of each window of a series, and -1 where it reaches over a cut; those are left out. By entity: name
    the patient, or the device, of each.

    Args:
        real: Real sequences, `(samples, time, features)`, in any units.
        generated: Generated sequences, in the same units.
        judge: Which judge: "quick", "dense", "strict" or "timegan".
        units: Width of the judge's network, in place of its own.
        steps: Steps of its training, in place of its own.
        batch_size: How many of either set are in a batch.
        repeats: How many judges are trained, each on a split of its own; None for 2 quick ones, or 5 of
            another.
        seed: Seed of all that is random.
        groups: Of each real sequence the group (a block of the series, a patient), `(samples,)`; a
            group's sequences are all trained on or all judged; -1 are left out. None splits at random.
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
    sets, held_together = [], []
    given_groups = {"groups": (groups, real), "generated_groups": (generated_groups, generated)}
    for name, (named, values) in given_groups.items():
        known = post_hoc.checked_groups(name, named, values)
        kept = slice(None) if known is None else post_hoc.in_a_group(known)
        sets.append(values[kept])
        held_together.append(None if known is None else known[kept])
    width = checks.positive_int("units", kind.units(real.shape[-1]) if units is None else units)
    count = checks.positive_int("steps", kind.steps if steps is None else steps)
    checks.positive_int("batch_size", batch_size)
    found = []
    for repeat in range(checks.positive_int("repeats", kind.repeats if repeats is None else repeats)):
        random = np.random.default_rng([seed, repeat])
        found.append(kind.advantage(sets, width, count, batch_size, random, held_together))
    return Score.of(found)

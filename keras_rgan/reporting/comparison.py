"""Generated samples held against real ones, by every measure, beside yardsticks."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from keras_rgan import metrics
from keras_rgan.metrics import samples as sample_sets
from keras_rgan.metrics.with_yardsticks import of_a_copula

MOST = 4_000
"""So many sequences of a set are looked at, at the most."""

MOST_NUMBERS = 20_000_000
"""So many numbers of a set, at the most."""

FEWEST = 20
"""Fewer sequences of a set are not looked at."""

REPEATS = 1
"""So many judges are asked: a quick one takes some ten seconds of 4,000 windows of 28 features."""

OF_ANOTHER_KIND = 0.1
"""Where a judge tells held-out from other real sequences by so much more than by chance, nothing is
held against them."""


@dataclasses.dataclass(frozen=True)
class Measure:
    """How a measure reads.

    Attributes:
        name: What it is called.
        asks: What it asks, for a reader.
        ideal: What equal sets come to.
        tolerance: How far from the real data's own value counts as good.
    """

    name: str
    asks: str
    ideal: float
    tolerance: float


MEASURES = (
    Measure(
        "discriminative score",
        "Can a judge tell the sets apart? 0: it guesses; 0.5: it always can",
        0.0,
        0.02,
    ),
    Measure(
        "marginal distance",
        "How far must each feature's values be moved, in standard deviations?",
        0.0,
        0.03,
    ),
    Measure("autocorrelation difference", "Do features remember as long as they should?", 0.0, 0.02),
    Measure("spectral difference", "Do they swing as fast and as far?", 0.0, 0.1),
    Measure("correlational score", "Do features move together as they should?", 0.0, 0.05),
    Measure("roughness", "How large are steps beside real ones?", 1.0, 0.05),
    Measure("precision", "Which share of generated sequences has real ones around it?", 1.0, 0.1),
    Measure("coverage", "Which share of real sequences has generated ones around it?", 1.0, 0.1),
)
"""The measures of a report."""


def measured(real: Any, made: Any, seed: int) -> dict[str, float]:
    """Return all of `MEASURES` of a set, by their names."""
    near = metrics.precision_recall(real, made, max_samples=1_000, seed=seed)
    judged = metrics.discriminative_score(real, made, repeats=REPEATS, seed=seed)
    return {
        "discriminative score": judged.mean,
        "marginal distance": metrics.marginal_wasserstein_distance(real, made),
        "autocorrelation difference": metrics.autocorrelation_difference(real, made),
        "spectral difference": metrics.spectral_difference(real, made),
        "correlational score": metrics.correlational_score(real, made),
        "roughness": metrics.roughness(real, made),
        "precision": near["precision"],
        "coverage": near["coverage"],
    }


@dataclasses.dataclass(frozen=True)
class Sets:
    """What is compared.

    Attributes:
        real: Real sequences that generated ones are held against: held out where there are some.
        generated: As many generated ones.
        train: What was trained on; None where nothing was held out.
        others: Real sequences other than `real`, for the floor.
        of_another_kind: By how much a judge told what was held out from the others, where that was too
            much to hold anything against it; else 0.
    """

    real: sample_sets.Samples
    generated: sample_sets.Samples
    train: sample_sets.Samples | None
    others: sample_sets.Samples
    of_another_kind: float = 0.0


def sets_of(generated: Any, real: Any, holdout: Any, seed: int) -> Sets:
    """Return the sets in one form, thinned where they are large.

    Without `holdout`, or where that is of another kind than the others (a later season), one half of
    the real sequences, drawn at random, stands for itself, and the other one for the floor.
    """
    given = {"real": real, "generated": generated}
    if holdout is not None:
        given["holdout"] = holdout
    read = dict(zip(given, sample_sets.read(given, FEWEST), strict=True))
    random = np.random.default_rng(seed)
    made = _thinned(read["generated"], random)
    told = 0.0
    if holdout is not None:
        held, train = (_thinned(read[name], random) for name in ("holdout", "real"))
        told = metrics.quick_score(held.pair, train.pair, seed=seed)
        if told <= OF_ANOTHER_KIND + 2.0 * _deviation(len(held.values), len(train.values)):
            return Sets(held, made, train, train)
    order = random.permutation(len(read["real"].values))
    one, other = (read["real"].take(part) for part in np.array_split(order, 2))
    return Sets(_thinned(one, random), made, None, _thinned(other, random), told)


def _deviation(*counts: int) -> float:
    """Return the standard deviation of what a judge that guesses is right about a fifth of two sets."""
    return 0.5 * float(np.sqrt(sum(0.25 / max(count // 5, 1) for count in counts)))


def _thinned(samples: sample_sets.Samples, random: np.random.Generator) -> sample_sets.Samples:
    """Return some of the samples, drawn at random, where there are many."""
    count, *rest = samples.values.shape
    most = max(min(MOST, MOST_NUMBERS // max(int(np.prod(rest)), 1)), 20)
    return samples if count <= most else samples.take(random.permutation(count)[:most])


def scores_of(sets: Sets, seed: int) -> dict[str, dict[str, Any]]:
    """Return every measure of generated samples, of other real ones, and of a copula's.

    Returns:
        By the measure's name `generated`, `floor`, `copula` (None where it cannot be had), `ideal`,
        `good` and what it asks.
    """
    real, copied = sets.real.pair, of_a_copula(sets.real, sets.others, len(sets.generated.values), seed)
    made, others = (measured(real, x.pair, seed) for x in (sets.generated, sets.others))
    of_copula = {} if copied is None else measured(real, copied.pair, seed)
    table: dict[str, dict[str, Any]] = {}
    for measure in MEASURES:
        value, floor = made[measure.name], others[measure.name]
        table[measure.name] = {
            "generated": value,
            "floor": floor,
            "copula": of_copula.get(measure.name),
            "ideal": measure.ideal,
            "good": abs(value - measure.ideal) <= abs(floor - measure.ideal) + measure.tolerance,
            "asks": measure.asks,
        }
    if sets.train is not None and len(sets.train.values) >= len(sets.real.values):
        known = metrics.memorisation(sets.generated.pair, sets.train.pair, sets.real.pair, seed=seed)
        table["memorisation"] = {
            "generated": known.mean,
            "floor": 0.5,
            "copula": None,
            "ideal": 0.5,
            "good": known.mean < 0.6,
            "asks": "Which share lies nearer to training than to held-out data? 0.5: no copying",
        }
    return table

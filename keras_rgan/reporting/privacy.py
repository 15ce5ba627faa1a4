"""One call that attacks generated samples, and says what was found and what that cannot show."""

from __future__ import annotations

import dataclasses
import json
import math
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from keras_rgan.metrics import samples as sample_sets
from keras_rgan.metrics.attack_score import AttackScore
from keras_rgan.metrics.attribute_inference import GuessedAttributes
from keras_rgan.metrics.attribute_inference import of_records as guessed_of
from keras_rgan.metrics.closest_record_distance import ClosestRecords, isolation_of
from keras_rgan.metrics.closest_record_distance import of_records as closest_of
from keras_rgan.metrics.exposed_outliers import LOOKED_AT, ExposedOutliers
from keras_rgan.metrics.exposed_outliers import of_records as outliers_of
from keras_rgan.metrics.membership_inference import LEAST_HELD_OUT
from keras_rgan.metrics.membership_inference import of_records as attacks_of
from keras_rgan.metrics.records import Records, records_of
from keras_rgan.utils import checks, saving

RISK = 0.05
"""How often a real set that nothing was learned of comes to an alarm, all tests together."""

CANNOT_SHOW = (
    "Passing shows that these attacks found nothing, not that none could: tests of nearest records "
    "pass data that other attacks break (arXiv 2505.01524). Only training with differential privacy "
    "bounds what any attack can know."
)
"""What stands below every result."""

SHARE = 0.1
"""Which share of records are outliers."""


@dataclasses.dataclass(frozen=True)
class PrivacyTest:
    """A test.

    Attributes:
        name: What it is called.
        found: What it found, a sentence.
        p_value: How likely that is by chance.
        alarm: Whether that is too unlikely, as one of several tests.
    """

    name: str
    found: str
    p_value: float
    alarm: bool


@dataclasses.dataclass(frozen=True)
class PrivacyReport:
    """What attacks on generated samples found.

    Attributes:
        level: "alarm", "passed", or "unknown" where there are too few groups to tell.
        verdict: The judgement in words.
        tests: Each test.
        closest: What `metrics.closest_record_distance` found, with copies as pairs of rows.
        attacks: What `metrics.membership_inference` found; nothing of fewer than four held-out groups.
        attributes: What `metrics.attribute_inference` found.
        outliers: What `metrics.exposed_outliers` found.
    """

    level: str
    verdict: str
    tests: list[PrivacyTest]
    closest: ClosestRecords
    attacks: dict[str, AttackScore]
    attributes: GuessedAttributes
    outliers: ExposedOutliers

    def __str__(self) -> str:
        lines = [self.verdict, ""]
        for test in self.tests:
            lines.append(f"{'ALARM ' if test.alarm else 'passed'} {test.name}: {test.found}")
        return "\n".join([*lines, "", CANNOT_SHOW])

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain dicts and lists."""
        return {**dataclasses.asdict(self), "cannot_show": CANNOT_SHOW}

    def to_json(self) -> str:
        """Return all of it as JSON."""
        return json.dumps(self.to_dict(), indent=2, default=float)

    def save(self, path: Any) -> None:
        """Write it as JSON where the path ends in `.json`, else as text.

        Args:
            path: A file; it appears whole or not at all.
        """
        text = self.to_json() if str(path).endswith(".json") else f"{self}\n"
        Path(path).parent.mkdir(parents=True, exist_ok=True)

        def write(part: str) -> None:
            Path(part).write_text(text, encoding="utf-8")

        saving.write_atomically(path, Path(path).suffix, write)


def privacy_report(
    generated: Any,
    train: Any,
    holdout: Any,
    groups: Any = None,
    holdout_groups: Any = None,
    path: Any = None,
    *,
    max_samples: int = 2_000,
    seed: int = 0,
) -> PrivacyReport:
    """Attack generated samples, as one who wants to know who was trained on would.

    How near they come to what was trained on, with exact and near copies; membership by distance and by
    density ratio (DOMIAS); secrets guessed; outliers singled out: each beside held-out records, with
    the chance of it, by entity or block. All tests together raise a false alarm over 1 in 20 fresh real
    sets at the most. Shadow models cost trainings, and stand apart:
    `metrics.shadow_membership_inference`.

    Args:
        generated: A model, of which as many samples are drawn as are looked at, or samples.
        train: The sequences that were trained on, as `fit` takes them.
        holdout: Sequences that were not: entities, or blocks of a series, drawn at random.
        groups: Of each training sequence whose, or of which block, it is. None: sequences that share
            half of their steps or more, as overlapping windows do, are one block, all others each its
            own.
        holdout_groups: The same of those held out.
        path: Where to write it, as `PrivacyReport.save`; None writes nothing.
        max_samples: The most generated samples. Of real ones 20,000 are looked at.
        seed: Seed of the draws.

    Returns:
        A `PrivacyReport`: print it, `save` it.

    Raises:
        ValueError: If the sets differ in shape, held-out sequences overlap ones trained on, fewer than
            four groups are held out, or groups are not one for each sequence.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(500, length=8, num_features=2)
        >>> kr.privacy_report(sines[:250], sines[:250], sines[250:]).level
        'alarm'

    Reference:
        Stadler et al., "Synthetic Data - Anonymisation Groundhog Day", USENIX Security 2022; van
        Breugel et al., "Membership Inference Attacks against Synthetic Data through Overfitting
        Detection" (DOMIAS), AISTATS 2023.
    """
    checks.positive_int("max_samples", max_samples)
    if hasattr(generated, "generate"):
        generated = generated.generate(max_samples, seed=seed)
    records = records_of(
        generated, train, holdout, groups, holdout_groups, max_samples=max_samples, seed=seed
    )
    sets = {"train": train, "generated": generated, "holdout": holdout}
    sets = dict(zip(sets, sample_sets.read(sets, 2), strict=True))
    result = _of(records, {name: samples.pair for name, samples in sets.items()}, seed)
    if path is not None:
        result.save(path)
    return result


def _of(records: Records, sets: dict[str, Any], seed: int) -> PrivacyReport:
    isolation = isolation_of(records, LOOKED_AT, np.random.default_rng([seed, 37]))
    closest = closest_of(records, seed, isolation)
    enough = closest.groups[1] >= LEAST_HELD_OUT
    attacks = attacks_of(records, "neighbours", 1, seed) if enough else {}
    guessed, outliers = (
        guessed_of(records, sets, None, seed),
        outliers_of(records, SHARE, seed, isolation),
    )
    low, high = closest.interval
    found = [
        (
            "nearest records",
            f"what was trained on is nearest at a share of {closest.share:.3f} ({low:.3f} … "
            f"{high:.3f}), for 0.5.",
            closest.p_value,
        ),
        (
            "near copies",
            f"{len(closest.near)} of {closest.generated} generated sequences, for "
            f"{closest.expected_near:.1f} by chance.",
            closest.near_p_value,
        ),
        (
            "exact copies",
            f"{len(closest.exact)} of {closest.generated} generated sequences.",
            closest.exact_p_value,
        ),
        *((f"membership by {name}", f"{score}.", score.p_value) for name, score in attacks.items()),
        ("attribute inference", str(guessed), guessed.p_value),
        ("outliers", str(outliers), outliers.p_value),
    ]
    tests = [PrivacyTest(*test, alarm=test[-1] * len(found) <= RISK) for test in found]
    level, verdict = _verdict(tests, closest)
    return PrivacyReport(level, verdict, tests, closest, attacks, guessed, outliers)


def _verdict(tests: list[PrivacyTest], closest: ClosestRecords) -> tuple[str, str]:
    """Return the level, and the judgement in words."""
    alarms = [test.name for test in tests if test.alarm]
    if alarms:
        return "alarm", (
            f"Training data shows in these samples, by {', '.join(alarms)}: do not pass them on. Train "
            "for less, or on more data; leave out who is singled out."
        )
    trained, held_out = closest.groups
    if held_out < LEAST_HELD_OUT or closest.least_p_value * len(tests) > RISK:
        return "unknown", (
            f"Not known: {trained} groups that were trained on and {held_out} that were held out are "
            "too few to tell learning by heart from chance. Hold out more entities, or several blocks "
            "that are spread over the series."
        )
    asked = held_out - held_out // 2  # the other half is the reference of one attack
    least = _least_area(trained, asked, RISK / len(tests))
    return "passed", (
        "None of these attacks finds that training data was learned by heart. Of "
        f"{trained} groups that were trained on and {held_out} that were held out, membership is "
        f"told from chance from an area of about {least:.2f} on (0.5 by chance); less may not be seen."
    )


def _least_area(trained: int, held_out: int, risk: float) -> float:
    """Return the least area under the curve that is an alarm, by Mann and Whitney's statistic."""
    deviation = math.sqrt((trained + held_out + 1) / (12.0 * trained * held_out))
    return min(0.5 + statistics.NormalDist().inv_cdf(1.0 - risk) * deviation, 1.0)

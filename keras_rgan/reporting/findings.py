"""What is wrong with samples, in words, with what can be done about it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from keras_rgan.reporting.profiles import FEWEST_DISTINCT, Profile

THIN = 0.75
"""Tails that reach so far, beside real ones, are too thin; and too thick by its inverse."""

SHARE = 0.05
"""By so much may the share of a value, of gaps, of a category be off."""

MEMORY = 0.1
"""By so much may the correlation from step to step be off."""

ROUGH = 1.25
"""By such a factor may steps be larger, or smaller."""

MOVED = 0.1
"""So many standard deviations may values have to be moved, and a mean lie elsewhere."""

TOGETHER = 0.15
"""By so much may the correlation of two features be off."""


NAMED = 8
"""So many further features are named."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """A fault.

    Attributes:
        kind: Which kind of fault, by which several are told in one.
        what: What is wrong, a sentence.
        remedy: What can be done.
        weight: How bad it is: 1 is what is just told.
        features: Names of the features that it concerns.
    """

    kind: str
    what: str
    remedy: str
    weight: float
    features: tuple[str, ...] = ()


def grouped(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings, the worst first, those of a kind with one remedy told in one."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: -finding.weight):
        kinds.setdefault((finding.kind, finding.remedy), []).append(finding)
    told = []
    for worst, *rest in kinds.values():
        names = list(dict.fromkeys(name for finding in rest for name in finding.features))
        names = [name for name in names if name not in worst.features]
        likewise = ", ".join(f"`{name}`" for name in names[:NAMED])
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        what = f"{worst.what} Likewise {likewise}{more}." if names else worst.what
        told.append(dataclasses.replace(worst, what=what, features=(*worst.features, *names)))
    return told


def of_features(
    names: Sequence[str], real: Sequence[Profile], made: Sequence[Profile], moved: np.ndarray
) -> Iterator[Finding]:
    """Yield the faults of features, one by one.

    Args:
        names: The features' names.
        real: What is known of the real ones.
        made: What is known of the generated ones.
        moved: How far values must be moved to have the real distribution, in deviations, `(features,)`.
    """
    for name, a, b, distance in zip(names, real, made, moved, strict=True):
        yield from _of_a_feature(name, a, b, float(distance))


def _of_a_feature(name: str, real: Profile, made: Profile, moved: float) -> Iterator[Finding]:
    if real.distinct == 1:
        apart = max(_rounding(real, made), 1e-9)
        if made.distinct > 1 or not np.isclose(made.mean, real.mean, rtol=apart, atol=0.0):
            yield Finding(
                "constant",
                f"`{name}` is {real.mean:.4g} throughout the data, and is not in the samples.",
                "Leave the column out; write it into the samples afterwards.",
                2.0,
                (name,),
            )
        return
    if made.distinct == 1:
        yield Finding(
            "collapsed",
            f"`{name}` stands still at {made.mean:.4g} in all samples.",
            "The generator has collapsed there: train anew with another seed, and look at "
            "`generator_loss`; gan.calibrate(data) mends values, not movement.",
            10.0,
            (name,),
        )
        return
    yield from _of_values(name, real, made, moved)
    yield from _of_movement(name, real, made)
    if abs(real.missing - made.missing) > SHARE and made.missing > 0.0:
        yield Finding(
            "gaps",
            f"`{name}` is missing at {made.missing:.0%} of the steps, in the data at "
            f"{real.missing:.0%}.",
            "Gaps are drawn from the data's rows by generate(missing=True): look whether the data that "
            "was trained on is this one.",
            abs(real.missing - made.missing) / SHARE,
            (name,),
        )


def _rounding(real: Profile, made: Profile) -> float:
    """Return by which share of itself a value of one set may differ from the same one of the other."""
    return 0.0 if real.rounding == made.rounding else 0.5 * max(real.rounding, made.rounding)


def _remedy(real: Profile, further: str) -> str:
    """Return what helps where values do not come as often as they should."""
    if real.stepped:  # which `SequenceScaler.calibrate` leaves alone
        return (
            "Train for longer, or with another seed; gan.calibrate(data) leaves values on steps alone."
        )
    return f"gan.calibrate(data) gives each feature its distribution{further}"


def _of_values(name: str, real: Profile, made: Profile, moved: float) -> Iterator[Finding]:
    """Yield faults of which values there are, whenever they come."""
    if real.whole and not made.whole:
        yield Finding(
            "whole numbers",
            f"`{name}` holds whole numbers in the data, and fractions in the samples.",
            "Train on this data with the default scaler, which keeps whole numbers; or round.",
            3.0,
            (name,),
        )
    for value, share in real.often.items():
        near = _rounding(real, made) * abs(value)
        there = sum(s for v, s in made.often.items() if abs(v - value) <= near)
        if abs(share - there) > max(SHARE, 0.2 * share):
            yield Finding(
                "frequent value",
                f"`{name}` is {value:.4g} at {share:.0%} of the steps, in the samples at {there:.0%}.",
                _remedy(real, ", its frequent values too."),
                abs(share - there) / SHARE,
                (name,),
            )
    if real.distinct > FEWEST_DISTINCT:
        for side, a, b in (("lower", real.lower, made.lower), ("upper", real.upper, made.upper)):
            reach = b / a if a > 0.0 else 1.0
            if not THIN <= reach <= 1.0 / THIN:
                kind = "thin" if reach < 1.0 else "thick"
                yield Finding(
                    "tail",
                    f"The {side} tail of `{name}` is too {kind}: it reaches {reach:.2f} times as far "
                    "from the median as in the data.",
                    _remedy(
                        real, "; where values span orders of magnitude, train on their logarithms."
                    ),
                    abs(np.log(max(reach, 1e-3))) / -np.log(THIN),
                    (name,),
                )
    if moved > MOVED:
        aside = (made.mean - real.mean) / (real.deviation or 1.0)
        where = (
            f": on average {abs(aside):.2f} too {'high' if aside > 0 else 'low'}"
            if abs(aside) > 0.05
            else ""
        )
        yield Finding(
            "values",
            f"The values of `{name}` are {moved:.2f} standard deviations from the data's{where}.",
            _remedy(real, "; longer training."),
            moved / MOVED,
            (name,),
        )


def _of_movement(name: str, real: Profile, made: Profile) -> Iterator[Finding]:
    """Yield faults of how values follow one another."""
    if real.steps > 0.0 and not 1.0 / ROUGH <= made.steps / real.steps <= ROUGH:
        ratio = made.steps / real.steps
        kind = "jitters" if ratio > 1.0 else "is too smooth"
        yield Finding(
            "movement",
            f"`{name}` {kind}: it moves {ratio:.2f} times as far from step to step as in the data.",
            "Longer training; look whether the data was smoothed or sampled otherwise.",
            abs(np.log(max(ratio, 1e-3))) / np.log(ROUGH),
            (name,),
        )
    if abs(real.memory - made.memory) > MEMORY:
        yield Finding(
            "memory",
            f"`{name}` remembers {'less' if made.memory < real.memory else 'more'} than in the data: a "
            f"value's correlation with the one before is {made.memory:.2f}, for {real.memory:.2f}.",
            "Longer training, or longer windows.",
            abs(real.memory - made.memory) / MEMORY,
            (name,),
        )


def of_pairs(names: Sequence[str], real: np.ndarray, made: np.ndarray) -> Iterator[Finding]:
    """Yield the pairs of features that move together otherwise, the worst three.

    Args:
        names: The features' names.
        real: Their correlations, `(features, features)`.
        made: The same of the generated ones.
    """
    off = np.tril(np.abs(real - made), -1)
    for place in np.argsort(-off, axis=None)[:3]:
        i, j = np.unravel_index(place, off.shape)
        if off[i, j] > TOGETHER:
            yield Finding(
                "together",
                f"`{names[j]}` and `{names[i]}` correlate by {made[i, j]:.2f}, in the data by "
                f"{real[i, j]:.2f}.",
                "Longer training; a wider discriminator: RecurrentGAN(discriminator={'units': 128}).",
                float(off[i, j]) / TOGETHER,
                (names[j], names[i]),
            )


def of_lengths(real: np.ndarray, made: np.ndarray) -> Iterator[Finding]:
    """Yield a fault of lengths, `(samples,)` of either set."""
    levels = np.linspace(0.05, 0.95, 19)
    off = np.abs(np.quantile(real, levels) - np.quantile(made, levels)).mean() / max(real.std(), 1.0)
    if off > 0.15:
        yield Finding(
            "lengths",
            f"Sequences are {made.mean():.1f} steps long on average, in the data {real.mean():.1f}.",
            "Lengths are drawn from the data's rows where none are asked for: look whether the data "
            "that was trained on is this one.",
            float(off) / 0.15,
        )


def of_scores(scores: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    """Yield what scores tell of the whole set."""
    cover = scores.get("coverage", {})
    if cover and cover["floor"] is not None and cover["generated"] < 0.8 * cover["floor"]:
        yield Finding(
            "coverage",
            f"Only {cover['generated']:.0%} of the real sequences have a generated one near them, of "
            f"other real ones {cover['floor']:.0%}: kinds of sequences are missing.",
            "Train anew with another seed or longer; give what kinds there are as a condition: "
            "fit((data, {'kind': kinds})).",
            3.0 * (1.0 - cover["generated"] / cover["floor"]) / 0.2,
        )
    copied = scores.get("memorisation", {})
    if copied and copied["generated"] > 0.5 + max(0.1, 2.0 * (copied["floor"] or 0.5) - 1.0):
        yield Finding(
            "copies",
            f"{copied['generated']:.0%} of the generated sequences lie nearer to what was trained on "
            "than to what was held out, for one half: the model may have copied.",
            "Train for less, or on more data; nobody's record should leave the building with these.",
            (copied["generated"] - 0.5) / 0.1,
        )


def of_what_was_held_out(told: float) -> Iterator[Finding]:
    """Yield that held-out sequences are of another kind, where a judge tells them by so much."""
    if told > 0.0:
        yield Finding(
            "holdout",
            "What was held out is of another kind than the other real sequences (a judge tells them by "
            f"{told:.2f}): nothing was held against it, and whether anything was copied is not known.",
            "Hold out parts that are spread over the series, such as every tenth week.",
            1.5,
        )


def of_no_attacks(why: str) -> Finding:
    """Return that it is not known whether training data was learned by heart."""
    return Finding(
        "privacy",
        "Whether training data was learned by heart is not known.",
        why,
        1.5,
    )

"""One call that tells how good samples are, why, and what to do next."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_rgan import metrics
from keras_rgan.data.named_columns import names_of, titles
from keras_rgan.metrics import samples as sample_sets
from keras_rgan.metrics.correlational_score import correlations
from keras_rgan.reporting import comparison, findings, page
from keras_rgan.reporting.findings import Finding
from keras_rgan.reporting.pictures import Drawn, Picture, copies, pictures_of
from keras_rgan.reporting.privacy import PrivacyReport, privacy_report
from keras_rgan.reporting.profiles import profiles_of
from keras_rgan.reporting.seasons import moments_of, of_seasons, seasons_of
from keras_rgan.utils import checks, saving

FEWEST = 40
"""Of fewer real sequences no measure says anything."""

LEVELS = (
    (0.02, "good", "Good: a judge hardly tells the samples from real ones"),
    (0.08, "fair", "Close: a judge tells some of the samples from real ones"),
    (0.2, "fair", "Not there yet: a judge tells many of the samples from real ones"),
    (0.5, "bad", "Poor: a judge tells most of the samples from real ones"),
)
"""By how much the judge's score lies above that of other real samples, at the most, and the words."""

SUFFIXES = (".html", ".htm", ".json")
"""Of the files that a report is written to."""


@dataclasses.dataclass(frozen=True)
class Report:
    """How good samples are.

    A notebook shows it as the page that `save` writes.

    Attributes:
        title: Its title.
        about: What was compared with what.
        level: "good", "fair" or "bad".
        verdict: The judgement in words, with the reason and the next step.
        scores: By the measure's name: `generated`, `floor` (other real samples), `copula`, `ideal`,
            `good` and what it `asks`.
        features: By the feature's name: `moved` (how far its values must be moved, in deviations) and
            what is known of it in the `real` and in the `generated` set.
        findings: What is wrong, the worst first.
        pictures: The pictures.
        privacy: What attacks on the samples found; None where nothing was held out of the same kind.
    """

    title: str
    about: str
    level: str
    verdict: str
    scores: dict[str, dict[str, Any]]
    features: dict[str, dict[str, Any]]
    findings: list[Finding]
    pictures: list[Picture] = dataclasses.field(repr=False)
    privacy: PrivacyReport | None = None

    def __str__(self) -> str:
        lines = [self.verdict, ""]
        for name, score in self.scores.items():
            lines.append(
                f"{name:28}{score['generated']:10.3f}   other real ones {score['floor']:.3f}"
                + ("" if score["copula"] is None else f", Gaussian copula {score['copula']:.3f}")
            )
        lines += [f"- {finding.what} {finding.remedy}" for finding in self.findings]
        return "\n".join(lines if self.privacy is None else [*lines, "", str(self.privacy)])

    def to_json(self) -> str:
        """Return all but the pictures as JSON."""
        fields = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in ("findings", "pictures", "privacy")
        }
        fields["findings"] = [dataclasses.asdict(finding) for finding in self.findings]
        fields["privacy"] = None if self.privacy is None else self.privacy.to_dict()
        return json.dumps(fields, indent=2, default=float)

    def save(self, path: Any) -> None:
        """Write it as one page of HTML, or as JSON where the path ends in `.json`.

        Args:
            path: A file; it appears whole or not at all.
        """
        _check_path(path)
        text = self.to_json() if Path(path).suffix.lower() == ".json" else page.page_of(self)
        Path(path).parent.mkdir(parents=True, exist_ok=True)

        def write(part: str) -> None:
            Path(part).write_text(text, encoding="utf-8")

        saving.write_atomically(path, Path(path).suffix, write)

    def _repr_html_(self) -> str:
        return page.section_of(self)


def report(
    generated: Any,
    real: Any,
    holdout: Any = None,
    path: Any = "report.html",
    *,
    names: Sequence[str] | None = None,
    groups: Any = None,
    holdout_groups: Any = None,
    title: str = "How good are the samples?",
    pictures: bool = True,
    seed: int = 0,
) -> Report:
    """Hold generated samples against real ones: a verdict, scores, faults by name, pictures.

    A verdict in words with the next step; scores beside those of other real samples and of a Gaussian
    copula; what is wrong, feature by feature, with what can be done; samples, values, tails, memory,
    rhythms, seasons, features together, sequences as points, and lengths, gaps and conditions where
    there are some. On up to 4,000 sequences of each set, in about a minute.

    Args:
        generated: A model, of which as many samples are drawn as there are real ones, or samples as
            `RecurrentGAN.generate` returns them.
        real: Real sequences, those that were trained on, as `fit` takes them in memory.
        holdout: Real sequences that were not trained on and overlap none that were. What is generated
            is then held against these, and it is asked, as `privacy_report` does, whether training data
            was learned by heart. None: one half
            of the real ones, drawn at random, stands for all, the other for the floor.
        path: Where to write the page; None writes none. A path that ends in `.json` gets JSON.
        names: The features' names; by default those that the model or table knows.
        groups: Of each real sequence whose, or of which block, it is, as `privacy_report` takes it.
        holdout_groups: The same of those held out.
        title: The page's title.
        pictures: Whether to draw; needs matplotlib and scikit-learn (`pip install 'keras_rgan[viz]'`).
        seed: Seed of all that is random.

    Returns:
        A `Report`: print it, show it in a notebook, `save` it as HTML or JSON.

    Raises:
        ImportError: If pictures are asked for and a package is missing.
        ValueError: If the sets differ in shape or number of features, or have fewer than 40 sequences.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(200, length=12, num_features=2)
        >>> found = kr.report(sines[:100] ** 2, sines[100:], path=None, pictures=False)
        >>> found.level, len(found.findings) > 0
        ('bad', True)

    Reference:
        Stenger et al., "Evaluation is Key: A Survey on Evaluation Measures for Synthetic Time Series",
        Journal of Big Data 2024.
    """
    checks.non_negative_int("seed", seed)
    if pictures:
        _check_packages()
    if path is not None:
        _check_path(path)
    given = _read(generated, real, holdout, seed)
    sets = comparison.sets_of(given["generated"], given["real"], given.get("holdout"), seed)
    if len(sets.real.values) < FEWEST // 2 or len(sets.generated.values) < FEWEST // 2:
        raise ValueError(
            f"Expected {FEWEST} real and {FEWEST // 2} generated sequences at least. Received: "
            f"{len(sets.real.values)} and {len(sets.generated.values)} to compare"
        )
    called = _names(names, generated, real, sets.real.values.shape[-1])
    scores = comparison.scores_of(sets, seed)
    known = [profiles_of(x.values, x.counting) for x in (sets.real, sets.generated)]
    moved = metrics.marginal_wasserstein_distance(sets.real.pair, sets.generated.pair, True)
    clocks = seasons_of(sets.real, sets.generated, moments_of(real, max(sets.real.values.shape[1], 1)))
    privacy, unknown = _privacy(sets, given, (groups, holdout_groups), seed)
    faults = [*_faults(sets, called, known, moved, scores), *of_seasons(called, clocks), *unknown]
    wrong = findings.grouped(faults)
    level, verdict = _verdict(scores, wrong, privacy)
    worst = {name: 0.0 for name in called}
    for fault in faults:
        worst.update({name: max(worst[name], fault.weight) for name in fault.features})
    order = sorted(range(len(called)), key=lambda i: (-worst[called[i]], -moved[i]))
    shown = Drawn(sets.real, sets.generated, called, order, clocks)
    drawn = pictures_of(shown, seed) if pictures else []
    if pictures and privacy is not None and privacy.level == "alarm" and privacy.closest.near:
        made, train = (given[name].values for name in ("generated", "real"))
        drawn.insert(0, copies(privacy.closest.near, made, train, called))
    result = Report(
        title,
        _about(sets),
        level,
        verdict,
        scores,
        {
            name: {
                "moved": float(moved[i]),
                "real": dataclasses.asdict(known[0][i]),
                "generated": dataclasses.asdict(known[1][i]),
            }
            for i, name in enumerate(called)
        },
        wrong,
        drawn,
        privacy,
    )
    if path is not None:
        result.save(path)
    return result


def _check_packages() -> None:
    try:
        import matplotlib  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"A report's pictures need {error.name}: pip install 'keras_rgan[viz]'. Or leave them out: "
            "pictures=False"
        ) from error


def _read(generated: Any, real: Any, holdout: Any, seed: int) -> dict[str, sample_sets.Samples]:
    """Return the sets in one form, of a model's samples if that is what is given."""
    (known,) = sample_sets.read({"real": real}, comparison.FEWEST)
    if hasattr(generated, "generate"):
        generated = generated.generate(min(len(known.values), comparison.MOST), seed=seed)
    sets = {"real": known, "generated": generated}
    if holdout is not None:
        sets["holdout"] = holdout
    return dict(zip(sets, sample_sets.read(sets, comparison.FEWEST), strict=True))


def _check_path(path: Any) -> None:
    """Refuse what no page can be written to.

    Raises:
        ValueError: If it is a folder, or of another format.
    """
    if Path(path).is_dir() or Path(path).suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"Expected a file whose name ends in {' or '.join(SUFFIXES)}, or None for none. Received: "
            f"path={str(path)!r}"
        )


def _names(names: Sequence[str] | None, generated: Any, real: Any, count: int) -> list[str]:
    """Return what features are called."""
    for known in (names, getattr(generated, "column_names", None), names_of(real)):
        if known is not None:
            if isinstance(known, str) or len(known) != count:
                known = [known] if isinstance(known, str) else known
                raise ValueError(f"Expected {count} names of features. Received: {list(known)}")
            if len({str(name) for name in known}) < count:
                raise ValueError(
                    f"Expected a name of its own for each feature. Received: {list(known)}. Pass names="
                )
            return titles(known, count)
    return titles(None, count)


def _faults(
    sets: comparison.Sets,
    names: list[str],
    known: list[list[Any]],
    moved: np.ndarray,
    scores: dict[str, dict[str, Any]],
) -> list[Finding]:
    """Return what is wrong, in any order."""
    found = [*findings.of_scores(scores), *findings.of_what_was_held_out(sets.of_another_kind)]
    found += findings.of_features(names, known[0], known[1], moved)
    if len(names) > 1:
        matrices = [correlations(samples.values) for samples in (sets.real, sets.generated)]
        found += findings.of_pairs(names, *matrices)
    if sets.real.lengths is not None and sets.generated.lengths is not None:
        found += findings.of_lengths(sets.real.lengths, sets.generated.lengths)
    return found


def _privacy(
    sets: comparison.Sets,
    given: dict[str, sample_sets.Samples],
    groups: tuple[Any, Any],
    seed: int,
) -> tuple[PrivacyReport | None, list[Finding]]:
    """Return what attacks found, or why that is not known."""
    if sets.train is None:
        return None, []
    try:
        made, train, holdout = (given[name] for name in ("generated", "real", "holdout"))
        return privacy_report(made, train, holdout, *groups, seed=seed), []
    except ValueError as error:
        return None, [findings.of_no_attacks(str(error))]


def _verdict(
    scores: dict[str, dict[str, Any]], wrong: list[Finding], privacy: PrivacyReport | None
) -> tuple[str, str]:
    """Return the level, and the judgement in words."""
    judged = scores["discriminative score"]
    above = judged["generated"] - judged["floor"]
    level, words = next(
        (level, words) for most, level, words in LEVELS if above <= most or most == LEVELS[-1][0]
    )
    verdict = f"{words} (score {judged['generated']:.3f}, other real ones {judged['floor']:.3f})."
    copula = judged["copula"]
    if copula is not None and copula < judged["generated"] - 0.02:
        level = "bad" if level == "bad" else "fair"
        verdict += (
            f" A Gaussian copula, which takes seconds, does better here ({copula:.3f}): train for "
            "longer, or use kr.baselines.GaussianCopula."
        )
    copied = scores.get("memorisation")
    if privacy is not None and privacy.level == "alarm":
        level = "bad"
        verdict += f" {privacy.verdict}"
    elif copied is not None and not copied["good"]:
        level = "bad"
        verdict += " Samples lie too near to what was trained on: do not pass them on."
    if wrong:
        verdict += f" First: {wrong[0].what} {wrong[0].remedy}"
    elif level != "good":
        verdict += (
            " No single feature is far off: what is wrong lies in how steps and features go together. "
            "Look at the pictures, train for longer, and compare with a larger generator."
        )
    return level, verdict


def _about(sets: comparison.Sets) -> str:
    """Return what was compared with what."""
    count, steps, features = sets.real.values.shape
    kind = (
        "real ones that were held out"
        if sets.train is not None
        else "real ones, one half of those given"
    )
    return (
        f"{len(sets.generated.values):,} generated sequences of {steps} steps and {features} features, "
        f"held against {count:,} {kind}. Other real ones, and a Gaussian copula of them, stand beside "
        "as yardsticks."
    )

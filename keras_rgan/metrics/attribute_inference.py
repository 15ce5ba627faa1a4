"""Can a secret of a record be guessed from what is generated?"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_rgan.metrics import post_hoc, resampling, samples
from keras_rgan.metrics.records import Records, records_of
from keras_rgan.utils import checks

LOOKED_AT = 500
"""The secrets of so many records of a kind are guessed, at the most."""


@dataclasses.dataclass(frozen=True)
class GuessedAttributes:
    """What `attribute_inference` found.

    Attributes:
        train: How wrong guesses are of records that were trained on, 0 for none: absolute errors in
            deviations, and the share of wrong categories.
        holdout: The same of records that were held out, the control.
        blind: The same, of all, of who guesses without looking: a record drawn at random.
        advantage: By how much those of `train` are better.
        interval: Its 95 % interval, groups drawn with replacement.
        p_value: How likely that is by chance, by shuffling which groups were held out.
        secrets: Of each secret what `train`, `holdout` and `blind` are, by its name.
    """

    train: float
    holdout: float
    blind: float
    advantage: float
    interval: tuple[float, float]
    p_value: float
    secrets: dict[str, dict[str, float]]

    def __str__(self) -> str:
        low, high = self.interval
        return (
            f"Guesses are wrong by {self.train:.3f} of records that were trained on, by "
            f"{self.holdout:.3f} of others and by {self.blind:.3f} blindly: an advantage of "
            f"{self.advantage:.3f} ({low:.3f} … {high:.3f}, p = {self.p_value:.3f})."
        )


def attribute_inference(
    generated: Any,
    train: Any,
    holdout: Any,
    groups: Any = None,
    holdout_groups: Any = None,
    secrets: Sequence[int | str] | None = None,
    max_samples: int = 2_000,
    seed: int = 0,
) -> GuessedAttributes:
    """Guess secrets of records from the generated sequence that is most like the rest of each.

    The attacker knows all of a record but its secret, looks for the generated one that is nearest in
    what is known, and takes over its secret. What can be guessed of held-out records as well is what
    the data is like, which a good model should tell; only what is guessed better of those that were
    trained on was given away.

    Args:
        generated: Generated sequences, whatever measures take.
        train: The sequences that were trained on.
        holdout: Sequences that were not, of groups of their own.
        groups: Of each training sequence whose, or of which block, it is; as in
            `closest_record_distance`.
        holdout_groups: The same of those held out.
        secrets: Numbers of features, of which a whole course is secret, and names of conditions that
            all sets have. None takes each of them, one at a time; of a single feature alone the second
            half of its steps.
        max_samples: The most generated sequences, drawn at random. Secrets of 500 records of either
            kind are guessed.
        seed: Seed of the draws.

    Returns:
        Errors, `advantage` with interval and p-value; see `GuessedAttributes`.

    Raises:
        ValueError: If the sets differ in shape, held-out sequences overlap ones that were trained on,
            groups are not one for each sequence, or a secret is unknown.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(300, length=8, num_features=2)
        >>> found = kr.metrics.attribute_inference(sines[:150], sines[:150], sines[150:])
        >>> found.train, found.holdout > 0.1, sorted(found.secrets)
        (0.0, True, ['feature 0', 'feature 1'])

    Reference:
        Stadler et al., "Synthetic Data - Anonymisation Groundhog Day", USENIX Security 2022; Giomi et
        al., "A Unified Framework for Quantifying Privacy Risk in Synthetic Data" (a control of held-out
        records), PETS 2023.
    """
    records = records_of(
        generated, train, holdout, groups, holdout_groups, max_samples=max_samples, seed=seed
    )
    sets = {"train": train, "generated": generated, "holdout": holdout}
    return of_records(records, sets, secrets, seed)


def of_records(
    records: Records,
    sets: Mapping[str, Any],
    secrets: Sequence[int | str] | None,
    seed: int,
) -> GuessedAttributes:
    """Return the same of sets that are in one form too."""
    random = np.random.default_rng([seed, 31])
    chosen = records.some(LOOKED_AT, random)
    member = records.of_train[chosen]
    read = dict(zip(sets, samples.read(sets, 2), strict=True))
    train, made, holdout = (read[name] for name in ("train", "generated", "holdout"))
    made = made.take(records.generated_rows)
    held = holdout.take(records.rows[chosen[~member]])
    targets = [train.take(records.rows[chosen[member]]), held]
    columns = _columns(targets, made)
    picked = _picked(columns, secrets, made.values.shape[-1])
    total = sum(column.apart() for column in columns.values())
    blind = random.integers(len(made.values), size=len(chosen))
    errors, of_chance = {}, {}
    for name, column in picked.items():
        guess = (total - column.apart()).argmin(axis=1)
        errors[name], of_chance[name] = column.errors(guess), column.errors(blind)
    return _told(errors, of_chance, member, records, chosen, random)


def _told(
    errors: dict[str, np.ndarray],
    blind: dict[str, np.ndarray],
    member: np.ndarray,
    records: Records,
    chosen: np.ndarray,
    random: np.random.Generator,
) -> GuessedAttributes:
    """Return what errors of each secret say, `(records,)` each."""
    whole = _mean_of_known(np.stack(list(errors.values())), axis=0)
    labels, groups = records.is_train, records.groups[chosen]
    known = ~np.isnan(whole)
    sums = np.bincount(groups[known], whole[known], len(labels))
    sizes = np.bincount(groups[known], minlength=len(labels)).astype("float64")

    def advantages(weights: np.ndarray, labels: np.ndarray) -> np.ndarray:
        of_train, of_others = weights * labels, weights * ~labels
        means = [(w @ sums) / np.maximum(w @ sizes, 1e-9) for w in (of_train, of_others)]
        apart: np.ndarray = means[1] - means[0]
        return apart

    advantage, by_chance = resampling.of_labels(labels, lambda way: advantages(1.0, way), random)  # type: ignore[arg-type]
    weights = np.empty((resampling.DRAWS, len(labels)))
    for kind in (True, False):
        weights[:, labels == kind] = resampling.drawn_weights(int((labels == kind).sum()), random)

    def means(of: dict[str, np.ndarray], name: str, kind: np.ndarray) -> float:
        return float(_mean_of_known(of[name][kind]))

    secrets = {
        name: {
            "train": means(errors, name, member),
            "holdout": means(errors, name, ~member),
            "blind": means(blind, name, np.ones(len(member), bool)),
        }
        for name in errors
    }
    return GuessedAttributes(
        float(_mean_of_known(whole[member])),
        float(_mean_of_known(whole[~member])),
        float(np.mean([told["blind"] for told in secrets.values()])),
        advantage,
        resampling.interval(advantages(weights, labels)),
        resampling.p_value(advantage, by_chance),
        secrets,
    )


@dataclasses.dataclass(frozen=True)
class Column:
    """A feature, or a condition, of records and of generated sequences.

    Attributes:
        records: In deviations `(records, numbers)`, NaN where there is none; of categories their codes.
        made: The same of the generated ones.
        categorical: Whether these are categories.
    """

    records: np.ndarray
    made: np.ndarray
    categorical: bool

    def apart(self) -> np.ndarray:
        """Return squared distances, `(records, generated)`; what is missing is in the middle."""
        if self.categorical:
            return (self.records[:, None] != self.made[None]).any(axis=-1).astype("float64")
        points = [np.nan_to_num(x) for x in (self.records, self.made)]
        return np.square(post_hoc.distances(*points))

    def errors(self, guess: np.ndarray) -> np.ndarray:
        """Return how wrong it is to take over the values of generated sequences, `(records,)`."""
        if self.categorical:
            return (self.records != self.made[guess]).any(axis=-1).astype("float64")
        apart = np.abs(self.records - self.made[guess])
        return _mean_of_known(apart, axis=1)


def _columns(targets: list[samples.Samples], made: samples.Samples) -> dict[str, Column]:
    """Return features and shared conditions by name; of a single one, two halves of its steps."""
    values = np.concatenate([target.values for target in targets])
    scale = post_hoc.Range.of(*(target.values for target in targets))
    values, others = (scale.scaled(x).astype("float64") for x in (values, made.values))
    columns: dict[str, Column] = {}
    for i in range(values.shape[-1]):
        columns[f"feature {i}"] = _column(values[..., i], others[..., i])
    shared = [
        name
        for name in made.conditions
        if all(name in target.conditions and name != "length" for target in targets)
    ]
    for name in shared:
        given = np.concatenate([target.conditions[name] for target in targets])
        columns[name] = _column(*(x.reshape(len(x), -1) for x in (given, made.conditions[name])))
    if len(columns) == 1:
        (column,) = columns.values()
        cut = column.records.shape[1] // 2
        parts = {"the first half": slice(cut), "the second half": slice(cut, None)}
        columns = {
            name: Column(column.records[:, part], column.made[:, part], False)
            for name, part in parts.items()
        }
    return columns


def _column(records: np.ndarray, made: np.ndarray) -> Column:
    """Return a column of values, in deviations where these are real numbers."""
    if records.dtype.kind != "f":
        codes = np.unique(np.concatenate([records, made]), return_inverse=True)[1]
        codes = codes.reshape(len(records) + len(made), -1)
        return Column(codes[: len(records)], codes[len(records) :], True)
    mean = _mean_of_known(records)
    deviation = np.sqrt(_mean_of_known((records - mean) ** 2))
    deviation = deviation if deviation > 0.0 else 1.0
    return Column((records - mean) / deviation, (made - mean) / deviation, False)


def _mean_of_known(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Return the mean of what is not NaN, and NaN where all is."""
    known = ~np.isnan(values)
    counts = known.sum(axis=axis)
    sums = np.where(known, values, 0.0).sum(axis=axis, dtype="float64")
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _picked(
    columns: dict[str, Column], secrets: Sequence[int | str] | None, count: int
) -> dict[str, Column]:
    """Return the columns that are secret.

    Raises:
        ValueError: If one is unknown.
    """
    if "the second half" in columns:
        return {"the second half": columns["the second half"]}
    if secrets is None:
        return columns
    names = [name if isinstance(name, str) else f"feature {name}" for name in secrets]
    for name, given in zip(names, secrets, strict=True):
        if name not in columns:
            known = [*range(count), *(n for n in columns if not n.startswith("feature "))]
            checks.one_of("secrets", given, known)
    return {name: columns[name] for name in names}

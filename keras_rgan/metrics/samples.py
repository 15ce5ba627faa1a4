"""Sets of samples as measures take them: whatever the library takes and makes, in one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from keras_rgan.layers import ConditionEncoder
from keras_rgan.sequences import reading
from keras_rgan.sequences.statistics import chunks
from keras_rgan.utils import advice

SEED = 0
"""Of which gaps of the data a generated sequence is looked at under."""


class Samples(NamedTuple):
    """A set of samples.

    Attributes:
        values: `(samples, time, features)`, NaN where nothing was observed, and behind an end. What is
            float32 stays so, all else is float64: of numbers far from zero, or of an extreme size,
            float32 may hold nothing of what tells them apart.
        gaps: Whether there is NaN before an end.
        lengths: `(samples,)`, or None where all are as long as the array.
        conditions: Of each sample, by name.
        frame: The shape of a step, where that is more than features: of a clip, whose pixels are these.
    """

    values: np.ndarray
    gaps: bool
    lengths: np.ndarray | None
    conditions: dict[str, np.ndarray]
    frame: tuple[int, ...] | None = None

    @property
    def counting(self) -> np.ndarray:
        """Which steps count, `(samples, time)`."""
        shape = self.values.shape[:2]
        if self.lengths is None:
            return np.ones(shape, bool)
        return reading.counting(self.lengths, shape[1])

    @property
    def pair(self) -> Any:
        """The samples as they came: with conditions, those of different lengths in a list."""
        whole = self.values
        if self.frame is not None:
            whole = whole.reshape(*whole.shape[:2], *self.frame)
        values = whole if self.lengths is None else reading.unpad(whole, self.lengths)
        return (values, self.conditions) if self.conditions else values

    def take(self, rows: np.ndarray) -> Samples:
        """Return some of the samples."""
        return self._replace(
            values=self.values[rows],
            lengths=None if self.lengths is None else self.lengths[rows],
            conditions={name: values[rows] for name, values in self.conditions.items()},
        )


class Form(NamedTuple):
    """How sets of samples become arrays without gaps, and others later as these did.

    Attributes:
        first: The set that the others are held against.
        name: What that is called.
        holes: Of the first set which values are missing, under which sets without gaps are looked at;
            None where it has no gaps.
        with_holes: Of which features it is shown whether a value was observed.
        lengths: Whether it is shown which steps count.
        conditions: The conditions that are shown.
        encoder: Makes columns of these, or None.
        mean: What stands for a value that is missing.
    """

    first: Samples
    name: str
    holes: np.ndarray | None
    with_holes: np.ndarray
    lengths: bool
    conditions: list[str]
    encoder: ConditionEncoder | None
    mean: np.ndarray

    @classmethod
    def of(cls, sets: Mapping[str, Samples]) -> Form:
        """Learn how sets become arrays, and say once what is looked at."""
        known, first = list(sets.values()), next(iter(sets.values()))
        holes = None
        notes: list[str] = []
        seen: list[str] = []
        if first.gaps:
            holes = ~_observed(first, None) & first.counting[..., None]
            if not all(samples.gaps for samples in known):
                notes.append(
                    "samples without gaps are looked at under the gaps of those that have some"
                )
        missing = [~_observed(samples, holes) & samples.counting[..., None] for samples in known]
        with_holes = np.any([hole.any(axis=(0, 1)) for hole in missing], axis=0)
        if with_holes.any():
            seen.append(f"which values of {int(with_holes.sum())} features are observed")
        lengths = any(samples.lengths is not None for samples in known)
        if lengths:
            seen.append("how long sequences are")
        shared = [n for n in first.conditions if all(n in samples.conditions for samples in known)]
        if shared:
            seen.append(f"the conditions {', '.join(map(repr, shared))}")
        if seen:
            notes.append(f"beside the values it sees {', '.join(seen)}")
        _tell("a judge or encoder", [*notes, *_left_out(known, shared)])
        there = np.where(_observed(first, holes), first.values, np.nan)
        mean = np.nanmean(there, axis=(0, 1), dtype="float64")
        name = next(iter(sets))
        return cls(first, name, holes, with_holes, lengths, shared, _encoder(known, shared), mean)

    def array(self, samples: Samples) -> np.ndarray:
        """Return a set as an array without gaps, with what is shown behind the features."""
        if not (self.with_holes.any() or self.lengths or self.conditions):
            return samples.values
        there = _observed(samples, self.holes)
        parts = [np.where(there, samples.values, self.mean)]
        if self.with_holes.any():
            parts.append(there[..., self.with_holes])
        if self.lengths:
            parts.append(samples.counting[..., None])
        if self.encoder is not None:
            rows = self.encoder.encode({name: samples.conditions[name] for name in self.conditions})
            columns = self.encoder(rows, length=samples.values.shape[1])
            parts.append(ops.convert_to_numpy(columns))
        return np.concatenate(parts, axis=-1)

    def read(self, name: str, data: Any, min_samples: int) -> np.ndarray:
        """Return a further set as an array like the others.

        Args:
            name: What it is called.
            data: The set, whatever measures take.
            min_samples: The fewest samples of it.

        Raises:
            ValueError: If it differs from the others in shape, or lacks conditions that they have.
        """
        samples, steps = _one(name, data, min_samples), self.first.values.shape[1]
        if self.lengths and samples.values.shape[1] <= steps:
            samples = _padded(samples, steps)
        _check_alike(self.name, self.first, name, samples)
        lacking = [condition for condition in self.conditions if condition not in samples.conditions]
        if lacking:
            raise ValueError(
                f"Expected the conditions {self.conditions} beside `{name}`, as beside `{self.name}`. "
                f"Received: {sorted(samples.conditions)}; missing: {lacking}. Return a pair "
                "(sequences, {name: values})."
            )
        if samples.lengths is not None and not self.lengths:
            raise ValueError(
                f"Expected `{name}` of one length, as `{self.name}`. Received: sequences of lengths "
                f"{int(samples.lengths.min())} to {int(samples.lengths.max())}"
            )
        return self.array(samples)


def with_gaps(sets: Mapping[str, Any], min_samples: int = 2) -> list[np.ndarray]:
    """Return sets of samples as arrays, for a measure that leaves out what is NaN.

    Args:
        sets: By name: arrays, lists of arrays of different lengths, tables, pairs with conditions.
        min_samples: The fewest samples of a set.

    Raises:
        ValueError: If samples are not `(time, features)`, differ in shape, are too few or infinite, or
            nothing is known of a feature.
    """
    known = read(sets, min_samples)
    notes = []
    if any(np.isnan(samples.values).any() for samples in known):
        notes.append("values that are missing, or behind a sequence's end, count nowhere")
    notes += _left_out(known, [])
    _tell("a statistic", notes)
    return [samples.values for samples in known]


def whole(sets: Mapping[str, Any], min_samples: int = 2) -> list[np.ndarray]:
    """Return sets of samples as arrays without gaps, for a judge.

    What is missing is filled by the first set's mean. Behind the features stand: of each that has gaps
    whether a value was observed; where sequences have lengths, which steps count; conditions that all
    sets have. Where the first set has gaps and another has none, as what is generated has unless it was
    asked for, values of that are left out as in the first.

    Args:
        sets: As in `with_gaps`; the first is the one that the others are held against.
        min_samples: The fewest samples of a set.

    Raises:
        ValueError: As `with_gaps`.
    """
    known = dict(zip(sets, read(sets, min_samples), strict=True))
    form = Form.of(known)
    return [form.array(samples) for samples in known.values()]


def read(sets: Mapping[str, Any], min_samples: int) -> list[Samples]:
    """Return sets in one form, all of as many steps; a set may be `Samples` already."""
    known = [_one(name, data, min_samples) for name, data in sets.items()]
    if any(samples.lengths is not None for samples in known):
        longest = max(samples.values.shape[1] for samples in known)
        known = [_padded(samples, longest) for samples in known]
    first = next(iter(sets))
    for name, samples in zip(sets, known, strict=True):
        _check_alike(first, known[0], name, samples)
    return known


def _check_alike(first: str, known: Samples, name: str, samples: Samples) -> None:
    """Refuse a set with gaps where the first has none, or of another shape.

    Raises:
        ValueError: If it is one.
    """
    if samples.gaps and not known.gaps:
        raise ValueError(
            f"Expected finite values, as `{first}` has. Received: `{name}` with NaN or infinite "
            f"values in {reading.describe_non_finite(samples.values)}. What makes it is broken, or "
            f"`{first}` lacks its gaps."
        )
    if samples.values.shape[1:] != known.values.shape[1:]:
        raise ValueError(
            f"Expected {first} and {name} samples of one length and number of features. "
            f"Received: {known.values.shape} and {samples.values.shape}"
        )


def _one(name: str, data: Any, min_samples: int) -> Samples:
    """Return a set in one form, after a check of what it is; `Samples` as they are."""
    if isinstance(data, Samples) and len(data.values) >= min_samples:
        return data
    if isinstance(data, Samples):
        data = data.pair
    if hasattr(data, "columns") and hasattr(data, "iloc"):
        raise ValueError(
            f"Expected `{name}` as sequences or as what keras_rgan.data.from_frame makes. Received: a "
            f"{type(data).__name__}. Pass `from_frame(frame, …)`, or the sequences themselves."
        )
    data, conditions = reading.gather(data)
    array = reading.to_numpy(data)
    frame = None
    if array.ndim > 3:  # frames: each pixel is a feature
        frame = tuple(array.shape[2:])
        array = array.reshape(*array.shape[:2], -1)
    if array.ndim != 3 or array.dtype.kind not in "fiub" or len(array) < min_samples:
        raise ValueError(
            f"Expected `{name}` of shape (samples, time, features) with at least {min_samples} "
            f"samples, or a list of arrays (time, features). Received: shape {array.shape}, dtype "
            f"{array.dtype}.{_instead(array)}"
        )
    if array.dtype != "float32":
        array = array.astype("float64", copy=False)
    if not chunks.is_finite(array, gaps=True):
        raise ValueError(
            f"Expected finite values. Received: `{name}` with NaN or infinite values in "
            f"{reading.describe_non_finite(array, gaps=True)}. Drop or fill them first."
        )
    given = dict(conditions or {})
    reading.check_rows(given, array)
    given.pop("observed", None)  # NaN says it
    lengths = given.pop("length", None)
    gaps = not _is_whole(array)  # what is padded repeats a sequence's last step
    if lengths is not None:
        lengths = np.ravel(reading.to_numpy(lengths)).astype(int)
        array = reading.hide(array, reading.counting(lengths, array.shape[1])[..., None])
    if not _is_whole(array):
        unknown = np.flatnonzero(np.isnan(array).all(axis=(0, 1))).tolist()
        if unknown:
            raise ValueError(
                f"Expected values of every feature. Received: `{name}`, of which features {unknown} "
                "are NaN throughout. Drop these from all sets."
            )
    return Samples(array, gaps, lengths, {k: reading.to_numpy(v) for k, v in given.items()}, frame)


def _instead(array: np.ndarray) -> str:
    """Return what there is for what is no sequence of numbers."""
    if not array.ndim:
        return (
            " Of a dataset pass what its batches hold: "
            "np.concatenate(list(dataset.as_numpy_iterator()))."
        )
    if array.dtype.kind not in "US" and not (array.ndim < 3 and array.dtype.kind in "iuO"):
        return ""
    return (
        " Text and ids of tokens are names: kr.metrics.bleu and self_bleu look at these, and "
        "TokenGAN.negative_log_likelihood at a model of them."
    )


def _is_whole(values: np.ndarray) -> bool:
    return not any(np.isnan(part).any() for part in chunks.parts_of(values))


def _padded(samples: Samples, steps: int) -> Samples:
    """Return samples of so many steps, all with lengths."""
    count, length = samples.values.shape[:2]
    ends = np.full(count, length) if samples.lengths is None else samples.lengths
    edges = [(0, 0), (0, steps - length), (0, 0)]
    values = np.pad(samples.values, edges, constant_values=np.nan)
    return samples._replace(values=values, lengths=ends)


def _observed(samples: Samples, holes: np.ndarray | None) -> np.ndarray:
    """Return which values of a set there are, or are looked at: without gaps, not those of holes."""
    there: np.ndarray = ~np.isnan(samples.values)
    if holes is not None and not samples.gaps:
        there &= ~_drawn(holes, len(there))
    return there


def _drawn(rows: np.ndarray, count: int) -> np.ndarray:
    """Return so many of some rows: each as often as can be."""
    random = np.random.default_rng(SEED)
    repeats = -(-count // len(rows))
    return rows[np.concatenate([random.permutation(len(rows)) for _ in range(repeats)])[:count]]


def _encoder(known: list[Samples], names: list[str]) -> ConditionEncoder | None:
    """Return what makes columns of conditions at each step, of those of all sets; None of no names."""
    if not names:
        return None
    encoder = ConditionEncoder()
    encoder.adapt(
        {name: np.concatenate([samples.conditions[name] for samples in known]) for name in names}
    )
    return encoder


def _left_out(known: list[Samples], shown: list[str]) -> list[str]:
    """Return which conditions a measure does not look at, in words."""
    names = {name for samples in known for name in samples.conditions} - set(shown)
    return [f"the conditions {', '.join(sorted(map(repr, names)))} are left out"] if names else []


def _tell(measure: str, notes: list[str]) -> None:
    if notes:
        advice.once(f"keras_rgan.metrics, {measure}: {'; '.join(notes)}.")

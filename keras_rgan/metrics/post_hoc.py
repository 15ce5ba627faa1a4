"""What measures share: checks, units, training on finished samples, distances."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.sequences.statistics import chunks

ROUNDING = 2.0**-48
"""A range that is a smaller share of the values is rounding: the feature is constant."""

BLOCK = 128
"""Of how many points distances are measured at a time."""

CACHED = 2**15
"""How many numbers are mapped at a time: few enough to be at hand for the next operation."""

FAR = 1e100
"""So many units from the real values all others are equally far: beyond, squares are no numbers."""

FAR_OF_FLOAT32 = 1e30
"""The same for what becomes float32, of which networks make sums."""


class RandomBatches(keras.utils.PyDataset):
    """So many batches, drawn anew each time by a function of a random generator."""

    def __init__(self, num_batches: int, draw: Callable[[np.random.Generator], Any], seed: int) -> None:
        super().__init__()
        self._num_batches, self.draw, self.seed = num_batches, draw, seed

    @property
    def num_batches(self) -> int:
        """How many batches there are."""
        return self._num_batches

    def __getitem__(self, index: int) -> Any:
        return self.draw(np.random.default_rng([self.seed, index]))


def train(
    model: keras.Model, steps: int, draw: Callable[[np.random.Generator], Any], seed: int
) -> None:
    """Train a compiled model on batches of `draw`, always in the same order."""
    with backend.collectable_graphs():
        model.fit(RandomBatches(steps, draw, seed), shuffle=False, verbose=0)


def learn_to_tell(
    judge: keras.Model, sets: Sequence[np.ndarray], steps: int, batch_size: int, seed: int
) -> None:
    """Train a judge to give real samples positive logits, and generated ones negative.

    Args:
        judge: A model from samples to logits, `(batch, 1)`.
        sets: Real and generated samples.
        steps: How many batches.
        batch_size: How many of either set are in one.
        seed: Of the batches.
    """
    judge.compile(
        optimizer=keras.optimizers.Adam(1e-3), loss=keras.losses.BinaryCrossentropy(from_logits=True)
    )
    labels = np.repeat(np.array([[1.0], [0.0]], "float32"), batch_size, axis=0)

    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        return np.concatenate([x[rng.integers(len(x), size=batch_size)] for x in sets]), labels

    train(judge, steps, draw, seed)


def advantage(real: np.ndarray, generated: np.ndarray) -> float:
    """Return by how much logits are right more often than by chance, both sets counting alike."""
    return abs(float(np.mean([(real > 0).mean(), (generated <= 0).mean()])) - 0.5)


@dataclasses.dataclass(frozen=True)
class Range:
    """Where the values of each feature of real sets lie, and units of their own for them.

    A set is the same in these units whatever those of the data are. Mapping to them is done in float64,
    before anything becomes narrower, and loses nothing: a centre among the values is subtracted, and
    a power of two divided by.

    Attributes:
        unit: A power of two, half to a quarter of the range, `(features,)`; 1 for a constant.
        low: The lowest value, in that unit.
        width: The range, in that unit; 0 for a constant.
        rounding: How far from a constant a value lies by rounding alone.
    """

    unit: np.ndarray
    low: np.ndarray
    width: np.ndarray
    rounding: np.ndarray

    @classmethod
    def of(cls, *sets: np.ndarray) -> Range:
        """Return the range of all sets, `(samples, time, features)`, together; some may be empty.

        What is NaN is in no range, and stays NaN.
        """
        some = [x for x in sets if x.size]
        low = np.min([_end(x, np.minimum, np.fmin) for x in some], axis=0).astype("float64")
        high = np.max([_end(x, np.maximum, np.fmax) for x in some], axis=0).astype("float64")
        half = 0.5 * high - 0.5 * low
        rounding = ROUNDING * np.maximum(np.abs(low), np.abs(high))
        constant = half <= 0.5 * rounding
        unit = np.where(constant, 1.0, np.ldexp(1.0, np.frexp(half)[1] - 1))
        width = np.where(constant, 0.0, high / unit - low / unit)
        return cls(unit, low / unit, width, rounding)

    def enter(self, values: np.ndarray) -> np.ndarray:
        """Return values, `(samples, time, features)`, in these units, in a new array of float64."""
        # Arrays of a sample's shape are many times faster than those of features alone.
        unit, low = (np.broadcast_to(x, values.shape[1:]).copy() for x in (self.unit, self.low))
        result = np.empty(values.shape)
        count = max(CACHED // max(low.size, 1), 1)
        for start in range(0, len(values), count):
            part = result[start : start + count]
            with np.errstate(over="ignore"):
                np.divide(values[start : start + count], unit, out=part)
            part -= low
            np.clip(part, -FAR, FAR, out=part)
        for i in np.flatnonzero(self.width == 0.0):
            result[..., i][np.abs(result[..., i]) <= self.rounding[i]] = 0.0
        return result

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Return values in units in which the range is 0 … 1, in float32."""
        width = np.where(self.width > 0.0, self.width, 1.0)
        result = np.empty(values.shape, "float32")
        done = 0
        for part in chunks.parts_of(values):
            entered = self.enter(part)
            entered /= np.broadcast_to(width, entered.shape[1:]).copy()
            result[done : done + len(part)] = as_float32(entered)
            done += len(part)
        return result


def _end(values: np.ndarray, plain: np.ufunc, with_gaps: np.ufunc) -> np.ndarray:
    """Return the lowest or highest value of each feature, but for what is NaN."""
    end = plain.reduce(plain.reduce(values, axis=0), axis=0)
    return with_gaps.reduce(with_gaps.reduce(values, axis=0), axis=0) if np.isnan(end).any() else end


def mean(values: np.ndarray) -> np.ndarray:
    """Return the mean of each feature, over samples and time, of what is not NaN; NaN of nothing."""
    there = ~np.isnan(values)
    if there.all():
        return values.mean(axis=(0, 1))
    counts = there.sum(axis=(0, 1))
    return np.where(
        counts > 0, np.where(there, values, 0.0).sum(axis=(0, 1)) / np.maximum(counts, 1), np.nan
    )


def as_float32(values: np.ndarray) -> np.ndarray:
    """Return values in float32, those that are too far for it as far as networks can take."""
    if values.dtype == "float32":
        return values
    return np.clip(values, -FAR_OF_FLOAT32, FAR_OF_FLOAT32).astype("float32")


def as_precise(*values: Any) -> tuple[Any, list[Any]]:
    """Return what a metric of batches is handed, no less precise than it is, and what computes with it.

    Returns:
        `numpy` and arrays in float64, whatever the backend computes in; of tensors, `keras.ops` and
        float64 where one of them is, float32 otherwise.
    """
    if not any(ops.is_tensor(x) for x in values):
        return np, [np.asarray(x, "float64") for x in values]
    tensors = [ops.convert_to_tensor(x) for x in values]
    double = any(keras.backend.standardize_dtype(x.dtype) == "float64" for x in tensors)
    return ops, [ops.cast(x, "float64" if double else "float32") for x in tensors]


def min_max_scaled(real: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
    """Return sets in units in which each feature of the real one fills 0 … 1."""
    scale = Range.of(real)
    return [scale.scaled(x) for x in (real, *others)]


def split(
    num_samples: int, share: float, rng: np.random.Generator, groups: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of a random share of samples, and of the rest; `groups` stay together."""
    if groups is not None:
        names, members = np.unique(groups, return_inverse=True)
        chosen = np.isin(members, split(len(names), share, rng)[0])
        return np.flatnonzero(chosen), np.flatnonzero(~chosen)
    order = rng.permutation(num_samples)
    cut = min(max(int(share * num_samples), 1), num_samples - 1)
    return order[:cut], order[cut:]


def distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances of two sets of points, `(len(x), len(y))`.

    About a median, which a few points far away leave where it is. Of points that are equal, 0: what
    rounding leaves of a difference of squares is no distance.
    """
    centre = np.median(x, axis=0).astype("float64")
    x, y = (v.astype("float64") - centre for v in (x, y))
    lengths = [np.square(v).sum(axis=1) for v in (x, y)]
    result = np.empty((len(x), len(y)))
    for start in range(0, len(x), BLOCK):
        rows = slice(start, start + BLOCK)
        sums = lengths[0][rows, None] + lengths[1]
        squares = np.matmul(x[rows], y.T, out=result[rows])
        squares *= -2.0
        squares += sums
        sums *= 32.0 * np.finfo("float64").eps
        squares[squares <= sums] = 0.0
        np.sqrt(squares, out=squares)
    return result


def checked_groups(name: str, groups: Any, sequences: np.ndarray) -> np.ndarray | None:
    """Return which group each sequence is of; refuse what is not one for each, or one for all."""
    if groups is None:
        return None
    groups = np.asarray(groups)
    if groups.dtype.kind == "f" and (np.isnan(groups).any() or (groups != np.round(groups)).any()):
        raise ValueError(
            f"Expected `{name}` as names or whole numbers. Received: "
            f"{groups[groups != np.round(groups)][0]}. A measured value is no group: cut it into a few."
        )
    kept = len(np.unique(groups[in_a_group(groups)]))
    if groups.shape != (len(sequences),) or kept < 2:
        raise ValueError(
            f"Expected `{name}` of shape ({len(sequences)},), one for each sequence, with at least "
            f"two groups. Received: shape {groups.shape}, {kept} groups"
        )
    return groups


def in_a_group(groups: np.ndarray) -> np.ndarray:
    """Return which groups are not -1, which is none."""
    return groups != -1 if groups.dtype.kind in "iuf" else np.ones(groups.shape, bool)

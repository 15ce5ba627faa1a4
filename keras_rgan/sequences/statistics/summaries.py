"""Numbers that sum a sequence up, of which a judge makes out what tells two sets apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from keras_rgan.sequences.statistics import chunks

MAX_FEATURES = 24
"""Of so many features there are statistics at the most; of more a judge sees some, and mixtures."""

MAX_PRODUCTS = 800
"""So many products of two values at a lag there are at the most: all of six features."""

TYPICAL = 0.8
"""The mean size of a standardized normal value."""

LAGS = (0, 1, 2, 3, 5, 8)

LEVELS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
"""Which quantiles of a sequence are taken."""

EXACT = 1e-6
"""Values nearer to one another than this share of the range are the same."""

BLOCK = 4
"""So many steps in a row that come again are a repetition."""

MOST_APART = 64
"""Repetitions are looked for so many steps apart at the most."""


class Summaries(NamedTuple):
    """What is counted of a sequence, chosen for a kind of data.

    Attributes:
        kept: Which features are looked at as they are.
        mixture: What features are mixed by before, `(features, mixed)`.
        mean: Of each mixed feature.
        deviation: Of each mixed feature.
        pairs: Of each product its two factors and the lag, `(products, 3)`: of twice as many columns as
            there are mixed features, whose second half are sizes.
        usual: Of each set and feature the values that come often, in order.
    """

    kept: np.ndarray
    mixture: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    pairs: np.ndarray
    usual: list[list[np.ndarray]]

    @classmethod
    def of(cls, real: np.ndarray, other: np.ndarray, random: np.random.Generator) -> Summaries:
        """Choose what is counted of two sets, whose values lie about in 0 … 1."""
        features = real.shape[-1]
        kept, mixture = np.arange(features), np.eye(features, dtype="float32")
        if features > MAX_FEATURES:
            kept = random.permutation(features)[: MAX_FEATURES * 2 // 3]
            drawn = random.normal(size=(features, MAX_FEATURES - len(kept))) / np.sqrt(features)
            mixture = np.concatenate([mixture[:, kept], drawn.astype("float32")], axis=1)
        mixed = real @ mixture
        deviation = mixed.std(axis=(0, 1))
        return cls(
            kept,
            mixture,
            mixed.mean(axis=(0, 1)),
            np.where(deviation > 0.0, deviation, 1.0),
            _pairs(mixture.shape[1], real.shape[1], random),
            [[_usual(x[..., i]) for i in kept] for x in (real, other)],
        )

    def __call__(self, sequences: np.ndarray) -> np.ndarray:
        """Return the numbers of sequences, `(samples, numbers)`."""
        return np.concatenate([self._of_part(x) for x in chunks.parts_of(sequences)])

    def _of_part(self, sequences: np.ndarray) -> np.ndarray:
        count = len(sequences)
        z = np.ascontiguousarray((sequences @ self.mixture - self.mean) / self.deviation)
        z = np.clip(z, -30.0, 30.0)
        seen = [_of_levels(z), _of_increments(z), _of_shape(z), self._products(z)]
        bare = sequences[..., self.kept]
        seen += [_exactness(bare, usual) for usual in self.usual]
        seen += [_repetition(bare), np.stack([*_runs(z)], axis=-1)]
        return np.concatenate([x.reshape(count, -1) for x in seen], axis=1).astype("float32")

    def _products(self, z: np.ndarray) -> np.ndarray:
        """Return means over time of products of values, or sizes, at some lags."""
        size = np.abs(z)
        columns = np.moveaxis(np.concatenate([z, size - TYPICAL], axis=-1), -1, 0).copy()
        result = np.empty((len(z), len(self.pairs)), "float32")
        for k, (i, j, lag) in enumerate(self.pairs):
            first, second = columns[i][:, : z.shape[1] - lag], columns[j][:, lag:]
            result[:, k] = np.einsum("nt,nt->n", first, second) / first.shape[1]
        return result


def _pairs(features: int, length: int, random: np.random.Generator) -> np.ndarray:
    """Return which products are taken: values of one step first, then others drawn at random."""
    first = [(i, j, 0) for i in range(features) for j in range(i + 1)]
    rest = [
        (i, j, lag)
        for lag in LAGS
        for i in range(2 * features)
        for j in range(2 * features)
        if lag < length and not (lag == 0 and (j > i or i < features))
    ]
    chosen = first + [rest[i] for i in random.permutation(len(rest))]
    return np.array(chosen[:MAX_PRODUCTS])


def _of_levels(z: np.ndarray) -> np.ndarray:
    """Return quantiles, moments, ends, and where the extremes lie, `(samples, numbers, features)`."""
    length = z.shape[1]
    mean, deviation = z.mean(axis=1), z.std(axis=1)
    centred = (z - mean[:, None]) / (deviation[:, None] + 1e-3)
    places = np.round(np.array(LEVELS) * (length - 1)).astype(int)
    quantiles = np.moveaxis(np.sort(z, axis=1)[:, np.unique(places)], 1, 0)
    cubes = centred**3
    return np.stack(
        [
            *quantiles,
            mean,
            deviation,
            z[:, 0],
            z[:, -1],
            cubes.mean(axis=1),
            (cubes * centred).mean(axis=1),
            np.square(z).mean(axis=1),
            z.argmax(axis=1) / length,
            z.argmin(axis=1) / length,
        ],
        axis=1,
    )


def _of_increments(z: np.ndarray) -> np.ndarray:
    """Return how large, lopsided and lasting increments are, `(samples, numbers, features)`."""
    steps = np.diff(z, axis=1, append=z[:, -1:] if z.shape[1] == 1 else np.empty_like(z[:, :0]))
    size = np.sort(np.abs(steps), axis=1)
    width = np.sqrt(np.square(steps).mean(axis=1)) + 1e-3
    turns = np.diff(steps, axis=1) if steps.shape[1] > 1 else np.zeros_like(steps)
    return np.stack(
        [
            np.log(size.mean(axis=1) + 1e-3),
            np.log(size[:, -1] + 1e-3),
            np.log(size[:, -min(2, size.shape[1])] + 1e-3),
            np.log(size[:, 0] + 1e-4),
            size[:, -1] / width,
            size[:, size.shape[1] // 2] / width,
            (steps**3).mean(axis=1) / width**3,
            np.log(np.square(turns).mean(axis=1) + 1e-6),
            np.log(np.abs(turns).max(axis=1) + 1e-3),
            np.log(np.abs(turns).max(axis=1) / (np.abs(turns).mean(axis=1) + 1e-3) + 1e-3),
            steps.max(axis=1),
            steps.min(axis=1),
        ],
        axis=1,
    )


def _of_shape(z: np.ndarray) -> np.ndarray:
    """Return trends, what lies beside them, and what kind of spectrum there is."""
    time = np.linspace(-1.0, 1.0, z.shape[1], dtype="float32")
    square = time**2 - np.mean(time**2)
    centred = z - z.mean(axis=1, keepdims=True)
    parts = []
    for curve in (time, square):
        parts.append(np.einsum("t,ntf->nf", curve, centred) / max(float(np.square(curve).sum()), 1e-6))
    left = centred - time[:, None] * parts[0][:, None]
    power = np.square(np.abs(np.fft.rfft(centred, axis=1)))[:, 1:]
    total = power.sum(axis=1, keepdims=True) + 1e-6
    share = power / total if power.shape[1] else np.ones_like(z[:, :1])
    place = np.arange(share.shape[1])[:, None] / max(share.shape[1], 1)
    asymmetry = (
        (z[:, 1:] ** 2 * z[:, :-1] - z[:, 1:] * z[:, :-1] ** 2).mean(axis=1)
        if z.shape[1] > 1
        else z[:, 0]
    )
    parts += [
        np.abs(parts[0]),
        np.log(np.square(left).mean(axis=1) + 1e-6),
        (share * place).sum(axis=1),
        -(share * np.log(share + 1e-6)).sum(axis=1),
        share.max(axis=1),
        share.argmax(axis=1) / share.shape[1],
        asymmetry,
    ]
    return np.stack(parts, axis=1)


def _runs(z: np.ndarray) -> list[np.ndarray]:
    """Return turning points, crossings of the mean, and longest runs, `(samples, features)` each."""
    rising = np.diff(z, axis=1) > 0.0
    above = z > z.mean(axis=1, keepdims=True)
    far = above[:, :0] if z.shape[1] < 2 else above
    changes = [
        np.mean(x[:, 1:] != x[:, :-1], axis=1) if x.shape[1] > 1 else 0.0 * z[:, 0]
        for x in (rising, far)
    ]
    longest = [_longest(x) for x in (rising, ~rising, above, ~above)]
    return [*changes, *longest]


def _longest(flags: np.ndarray) -> np.ndarray:
    """Return the length of the longest run of what is true, as a share, `(samples, features)`."""
    run = np.zeros((len(flags), flags.shape[2]), "float32")
    best = run.copy()
    for i in range(flags.shape[1]):
        run = (run + 1.0) * flags[:, i]
        np.maximum(best, run, out=best)
    return best / max(flags.shape[1], 1)


def _usual(values: np.ndarray) -> np.ndarray:
    """Return the values that come often: in more than a few sequences, and more than 0.5 % of all."""
    flat = values[: max(1 + 20_000 // values.shape[1], 2)].ravel()
    found, counts = np.unique(np.round(flat / EXACT), return_counts=True)
    return found[counts > max(0.005 * len(flat), 2 * values.shape[1])] * EXACT


def _exactness(sequences: np.ndarray, usual: list[np.ndarray]) -> np.ndarray:
    """Return which share of each feature's values is one that comes often, or the same as before."""
    result = np.zeros((len(sequences), 2, len(usual)), "float32")
    for i, known in enumerate(usual):
        values = sequences[..., i]
        same = np.abs(np.diff(values, axis=1)) < EXACT
        result[:, 1, i] = same.mean(axis=1) if same.shape[1] else 0.0
        if len(known):
            place = np.searchsorted(known, values).clip(1, max(len(known) - 1, 1))
            near = np.minimum(
                np.abs(values - known[place - 1]), np.abs(values - known[place % len(known)])
            )
            result[:, 0, i] = (near < 2.0 * EXACT).mean(axis=1)
    return result


def _repetition(sequences: np.ndarray) -> np.ndarray:
    """Return how near two blocks of steps come to one another: of all features, and of single ones."""
    length = sequences.shape[1]
    best = np.full((len(sequences), sequences.shape[2] + 1), np.inf, "float32")
    for lag in range(BLOCK, min(length - BLOCK, MOST_APART) + 1):
        apart = np.abs(sequences[:, lag:] - sequences[:, :-lag])
        summed = sum(apart[:, k : apart.shape[1] - BLOCK + 1 + k] for k in range(BLOCK))
        np.minimum(best[:, 1:], summed.min(axis=1), out=best[:, 1:])
        np.minimum(best[:, 0], summed.sum(axis=2).min(axis=1), out=best[:, 0])
    return np.log(np.where(np.isfinite(best), best, 0.0) + 1e-4)

"""What of a sequence a judge is shown, and a judge of it in closed form."""

from __future__ import annotations

import numpy as np

WIDTH = 512
"""How many random features there are."""

RIDGE = 0.01
"""Of the regression, in units of the features."""

ROUNDING = 1e-9
"""Answers closer to 0 are none."""

FARTHEST = 8.0
"""So many deviations from the mean all numbers look the same."""


def views(sequences: np.ndarray, increment: np.ndarray) -> np.ndarray:
    """Return levels, increments and how strong each frequency is, `(samples, numbers)`.

    Args:
        sequences: `(samples, time, features)`.
        increment: The size of usual increments, `(features,)`.
    """
    increments = np.arcsinh(np.diff(sequences, axis=1) / increment)
    power = np.abs(np.fft.rfft(sequences - sequences.mean(axis=1, keepdims=True), axis=1))[:, 1:]
    seen = (sequences, increments, np.log(power + 1e-3))
    return np.concatenate([view.reshape(len(sequences), -1) for view in seen], axis=1)


def standardized_views(real: np.ndarray, other: np.ndarray) -> list[np.ndarray]:
    """Return what a judge is shown of two sets, in deviations of the real one, float32.

    Args:
        real: `(samples, time, features)`, whose values lie about from 0 to 1.
        other: The same of the other set.
    """
    increments = np.abs(np.diff(real, axis=1)).sum(axis=(0, 1))
    increment = np.where(increments > 0.0, increments / max(len(real) * (real.shape[1] - 1), 1), 1.0)
    sets = [views(x, increment) for x in (real, other)]
    mean, deviation = sets[0].mean(axis=0), sets[0].std(axis=0)
    deviation = np.where(deviation > 0.0, deviation, 1.0)
    return [np.clip((x - mean) / deviation, -FARTHEST, FARTHEST).astype("float32") for x in sets]


def random_feature_score(real: np.ndarray, other: np.ndarray, random: np.random.Generator) -> float:
    """Return by how much a judge in closed form is right more often than by chance, 0 to 0.5.

    Its features are drawn at random, and a ridge regression on half of either set weighs them; it is
    asked about the other halves. Takes some tenths of a second.

    Args:
        real: `(samples, time, features)`, in any order.
        other: The same of the other set.
        random: Where the features come from.

    Reference:
        Rahimi and Recht, "Weighted Sums of Random Kitchen Sinks", NeurIPS 2008.
    """
    low, high = real.min(axis=(0, 1)), real.max(axis=(0, 1))
    width = np.where(high > low, high - low, 1.0)
    shown = standardized_views((real - low) / width, (other - low) / width)
    scale = 2.0 / np.sqrt(max(shown[0].shape[1], 1))
    weights = random.normal(size=(shown[0].shape[1], WIDTH)).astype("float32") * np.float32(scale)
    bias = random.uniform(-2.0, 2.0, size=WIDTH).astype("float32")
    features = [np.maximum(x @ weights + bias, 0.0).astype("float64") for x in shown]
    halves = [(x[: len(x) // 2], x[len(x) // 2 :]) for x in features]
    train = np.concatenate([first for first, _ in halves])
    signs = (1.0, -1.0)
    # Both sets count alike: the labels of either come to the same sum, the mean lies between theirs.
    labels = np.concatenate(
        [
            np.full(len(x), sign * len(train) / len(x))
            for sign, (x, _) in zip(signs, halves, strict=True)
        ]
    )
    mean = np.mean([first.mean(axis=0) for first, _ in halves], axis=0)
    centred = train - mean
    gram = centred.T @ centred / len(train) + RIDGE * np.eye(WIDTH)
    solution = np.linalg.solve(gram, centred.T @ labels / len(train))
    right = []
    for sign, (_, asked) in zip(signs, halves, strict=True):
        answers = sign * ((asked - mean) @ solution)
        undecided = np.abs(answers) < ROUNDING
        right.append((answers >= ROUNDING).mean() + 0.5 * undecided.mean())
    return float(abs(np.mean(right) - 0.5))

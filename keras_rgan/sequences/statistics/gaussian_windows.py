"""Windows as one Gaussian vector, given what stands beside them, and how they go on."""

from __future__ import annotations

import numpy as np

RIDGE = 1e-3
"""Of the regression, in units of the variance of what it is on."""


class GaussianWindows:
    """Mean and covariance of windows; a vector autoregression beyond the steps that a block holds.

    Covariances are shrunk towards a multiple of the identity by as much as their sampling error asks
    for (Ledoit and Wolf, 2004), and where values are missing taken over those pairs that there are.

    Args:
        windows: `(samples, time, columns)`, NaN where a value is missing.
        beside: What stands beside each window, `(samples, count)`; its mean is a linear function of it.
        max_numbers: How many numbers a block has at most.
    """

    def __init__(self, windows: np.ndarray, beside: np.ndarray, max_numbers: int) -> None:
        _, self.length, self.num_columns = windows.shape
        self.block = max(min(self.length, max_numbers // self.num_columns), 1)
        flat = windows.reshape(len(windows), -1)
        there = ~np.isnan(flat)
        step_mean = np.where(there, flat, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
        flat = np.where(there, flat, step_mean)
        self.centre = beside.mean(axis=0)
        self.slopes = regression(beside - self.centre, flat - step_mean)
        self.mean = step_mean.reshape(windows.shape[1:])
        left = (flat - step_mean - (beside - self.centre) @ self.slopes).reshape(windows.shape)
        there = there.reshape(windows.shape)
        first = slice(0, self.block)
        self.covariance = covariance_of(left[:, first], there[:, first])
        self.factor = _root(self.covariance)
        pooled = self.covariance
        if self.block < self.length:
            starts = range(0, self.length - self.block + 1, max(self.block // 4, 1))
            parts = [np.s_[:, start : start + self.block] for start in starts]
            pooled = covariance_of(*(np.concatenate([x[p] for p in parts]) for x in (left, there)))
        self.weights, self.innovations = _step(pooled, self.num_columns)

    def draw(
        self, num_samples: int, length: int, beside: np.ndarray, random: np.random.Generator
    ) -> np.ndarray:
        """Return windows, `(num_samples, length, columns)`.

        Args:
            num_samples: How many.
            length: Of how many steps.
            beside: What stands beside each.
            random: Where the draws come from.
        """
        count = max(length, self.block)
        left = np.empty((num_samples, count, self.num_columns))
        noise = random.standard_normal((num_samples, self.block * self.num_columns))
        left[:, : self.block] = (noise @ self.factor.T).reshape(num_samples, self.block, -1)
        for step in range(self.block, count):
            past = left[:, step - self.block + 1 : step].reshape(num_samples, -1)
            noise = random.standard_normal((num_samples, self.num_columns))
            left[:, step] = past @ self.weights.T + noise @ self.innovations.T
        steps = np.minimum(np.arange(length), self.length - 1)
        slopes = self.slopes.reshape(len(self.slopes), self.length, self.num_columns)[:, steps]
        mean = self.mean[steps] + np.tensordot(beside - self.centre, slopes, 1)
        return left[:, :length] + mean


def covariance_of(windows: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return the covariance of the numbers of windows, shrunk, of those pairs that are there.

    Args:
        windows: `(samples, time, columns)` with mean 0.
        there: Which values count.
    """
    flat = np.where(there, windows, 0.0).reshape(len(windows), -1)
    counts = there.reshape(len(windows), -1).astype("float64")
    pairs = counts.T @ counts if not there.all() else np.full((flat.shape[1],) * 2, float(len(flat)))
    raw = flat.T @ flat / np.maximum(pairs, 1.0)
    size = len(raw)
    level = np.trace(raw) / size
    distance = np.sum((raw - level * np.eye(size)) ** 2)
    spread = np.sum((flat**2).T @ (flat**2) / np.maximum(pairs, 1.0) - raw**2) / len(flat)
    share = 1.0 if distance <= 0.0 else float(np.clip(spread / distance, 0.0, 1.0))
    return (1.0 - share) * raw + share * level * np.eye(size)


def regression(inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Return the slopes of outputs on inputs, both with mean 0."""
    if not inputs.shape[1]:
        return np.zeros((0, outputs.shape[1]))
    gram = inputs.T @ inputs
    ridge = RIDGE * max(np.trace(gram) / len(gram), 1e-12)
    return np.linalg.solve(gram + ridge * np.eye(len(gram)), inputs.T @ outputs)


def _root(covariance: np.ndarray) -> np.ndarray:
    """Return a factor `a` of `a @ a.T`, of what is not quite positive too."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def _step(covariance: np.ndarray, num_columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return by what the last step of a block follows from the others, and a factor of what is new."""
    past, new = covariance[:-num_columns, :-num_columns], covariance[-num_columns:, -num_columns:]
    across = covariance[-num_columns:, :-num_columns]
    values, vectors = np.linalg.eigh(past) if len(past) else (np.empty(0), np.empty((0, 0)))
    floor = 1e-9 * values.max(initial=0.0)
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=values > floor)
    weights = across @ (vectors * inverse) @ vectors.T
    return weights, _root(new - weights @ across.T)

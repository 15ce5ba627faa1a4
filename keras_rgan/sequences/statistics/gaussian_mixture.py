"""Mixtures of Gaussians with full covariances."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from keras_rgan.sequences.statistics.clusters import cluster_means, members

ROUNDS = 25
"""How many rounds there are by default."""

RIDGE = 1e-5
"""What is added to variances, of rows of variance 1."""

LEAST_LIKELY = 1e-4
"""Rows that are less likely of a component say nothing of its covariance."""

SHRINKAGE = 0.1
"""So many rows, for each of their numbers and one more, count as much as the covariance of all
components: one of few rows is no copy of these."""


def fit_mixture(
    rows: np.ndarray, count: int, random: np.random.Generator, rounds: int = ROUNDS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shares, means and covariances of a mixture that rows are likely under.

    Args:
        rows: `(samples, numbers)`, of variance 1 about.
        count: How many components, at the most.
        random: Where the starts come from.
        rounds: How many rounds of expectation and maximization there are.

    Returns:
        `(components,)`, `(components, numbers)` and `(components, numbers, numbers)`.

    Reference:
        Dempster, Laird and Rubin, "Maximum Likelihood from Incomplete Data via the EM Algorithm",
        Journal of the Royal Statistical Society B, 1977.
    """
    means = cluster_means(rows, count, random)
    likely = np.eye(len(means))[members(rows, means)]
    shares, means, covariances = _maximized(rows, likely)
    for _ in range(rounds):
        likely = responsibilities(rows, shares, means, covariances)
        shares, means, covariances = _maximized(rows, likely)
    return shares, means, covariances


def responsibilities(
    rows: np.ndarray, shares: np.ndarray, means: np.ndarray, covariances: np.ndarray
) -> np.ndarray:
    """Return how likely each row is of each component, `(samples, components)`."""
    logs = np.empty((len(rows), len(shares)))
    for i, (share, mean, covariance) in enumerate(zip(shares, means, covariances, strict=True)):
        factor = np.linalg.cholesky(covariance)
        left = (rows - mean) @ np.linalg.inv(factor).T
        logs[:, i] = np.log(share) - np.log(np.diag(factor)).sum() - 0.5 * np.square(left).sum(axis=1)
    likely = np.exp(logs - logs.max(axis=1, keepdims=True))
    result: np.ndarray = likely / likely.sum(axis=1, keepdims=True)
    return result


def _maximized(rows: np.ndarray, likely: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shares, means and covariances given how likely rows are of each component."""
    sizes = likely.sum(axis=0) + 1e-9
    means = likely.T @ rows / sizes[:, None]
    width = rows.shape[1]
    scatters = np.empty((len(sizes), width, width))
    for i, mean in enumerate(means):
        near = likely[:, i] > LEAST_LIKELY
        left = rows[near] - mean
        scatters[i] = (left * likely[near, i : i + 1]).T @ left
    pooled, weight = scatters.sum(axis=0) / len(rows), 1.0 + SHRINKAGE * width
    covariances = (scatters + weight * pooled) / (sizes[:, None, None] + weight)
    covariances += RIDGE * np.eye(width)
    return sizes / sizes.sum(), means, covariances


def step_laws(
    shares: np.ndarray, means: np.ndarray, covariances: np.ndarray, size: int
) -> dict[str, np.ndarray]:
    """Return the laws of the last numbers of rows given the first ones, as `MixtureCell` has them.

    Args:
        shares: Of a mixture of the rows.
        means: Its means.
        covariances: Its covariances.
        size: How many numbers are the first.
    """
    past, across = covariances[:, :size, :size], covariances[:, size:, :size]
    factor = np.linalg.cholesky(past)
    whiten = np.linalg.inv(factor)
    follow = across @ np.linalg.inv(past)
    new = covariances[:, size:, size:] - follow @ across.transpose(0, 2, 1)
    new += 1e-9 * np.eye(new.shape[1])
    return {
        "logs": np.log(shares) - np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1),
        "centres": means[:, :size],
        "whiten": whiten,
        "mean": means[:, size:],
        "follow": follow.transpose(0, 2, 1),
        "new": np.linalg.cholesky(new).transpose(0, 2, 1),
    }


def start_laws(shares: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> dict[str, np.ndarray]:
    """Return how rows are drawn of a mixture, as `MixtureProcess` has it."""
    factors = np.linalg.cholesky(covariances).transpose(0, 2, 1)
    return {"bounds": bounds_of(shares), "means": means, "factors": factors}


def bounds_of(shares: np.ndarray) -> np.ndarray:
    """Return between which values of N(0, 1) noise draws each of some parts."""
    upto = np.clip(np.cumsum(shares)[:-1], 1e-9, 1.0 - 1e-9)
    return np.array([NormalDist().inv_cdf(p) for p in upto])

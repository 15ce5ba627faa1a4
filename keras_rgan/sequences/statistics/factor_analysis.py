"""Common factors of many numbers."""

from __future__ import annotations

import numpy as np

ROUNDS = 12
"""How often noise and loadings are found of one another."""

SETTLED = 2e-3
"""Shares of noise that change by less are found."""

ROUNDING = 1e-20
"""A number of which the variance is a smaller share of the largest one does not vary."""

LEAST_NOISE = 1e-3
"""The least share of a number's variance that is its own."""


def factor_analysis(covariance: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Return loadings, `(numbers, factors)`, and the noise's variances, `(numbers,)`, of a covariance.

    Loadings and noise are found of one another in turn: those of the greatest likelihood for the noise,
    then the noise that is left of the variances.

    Args:
        covariance: `(numbers, numbers)`, symmetric; a number of variance 0 has neither.
        rank: How many factors.

    Reference:
        Jöreskog, "Some contributions to maximum likelihood factor analysis", Psychometrika 1967;
        Barber, "Bayesian Reasoning and Machine Learning", 2012, section 21.2.
    """
    variance = np.diag(covariance).copy()
    still = variance <= ROUNDING * variance.max(initial=0.0)
    unit = np.sqrt(np.where(still, 1.0, variance))
    correlation = covariance / np.outer(unit, unit)
    noise = np.full(len(variance), 0.5)
    for _ in range(ROUNDS):
        before = noise
        root = np.sqrt(noise)
        values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
        values, vectors = values[-rank:], vectors[:, -rank:]
        loadings = root[:, None] * vectors * np.sqrt(np.maximum(values - 1.0, 0.0))
        noise = np.clip(1.0 - np.square(loadings).sum(axis=1), LEAST_NOISE, 1.0)
        if np.abs(noise - before).max(initial=0.0) < SETTLED:
            break
    loadings = np.where(still[:, None], 0.0, loadings)
    return loadings * unit[:, None], np.where(still, 0.0, noise * variance)

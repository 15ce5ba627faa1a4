"""Mixtures of Gaussians, and the laws that follow from them."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from keras_rgan.sequences.statistics.gaussian_mixture import (
    bounds_of,
    fit_mixture,
    responsibilities,
    start_laws,
    step_laws,
)

RANDOM = np.random.default_rng(0)
SHARES = np.array([0.6, 0.3, 0.1])
MEANS = np.array([[0.0, 0.0, 0.0], [3.0, -3.0, 1.0], [-4.0, 1.0, 5.0]])
FACTORS = np.stack([np.tril(RANDOM.normal(size=(3, 3)) * 0.3) + 0.5 * np.eye(3) for _ in range(3)])
COVARIANCES = FACTORS @ FACTORS.transpose(0, 2, 1)
KIND = RANDOM.choice(3, 20_000, p=SHARES)
ROWS = MEANS[KIND] + np.einsum("nij,nj->ni", FACTORS[KIND], RANDOM.normal(size=(20_000, 3)))


def test_a_mixture_is_found():
    shares, means, covariances = fit_mixture(ROWS, 3, np.random.default_rng(1))
    order = np.argsort(-shares)
    np.testing.assert_allclose(shares[order], SHARES, atol=0.01)
    np.testing.assert_allclose(means[order], MEANS, atol=0.05)
    np.testing.assert_allclose(covariances[order], COVARIANCES, atol=0.06)


def test_it_is_about_as_likely_as_the_one_of_scikit_learn():
    from sklearn.mixture import GaussianMixture

    other = GaussianMixture(3, random_state=0, init_params="k-means++").fit(ROWS)
    shares, means, covariances = fit_mixture(ROWS, 3, np.random.default_rng(1))
    density = sum(
        share * multivariate_normal(mean, covariance).pdf(ROWS)
        for share, mean, covariance in zip(shares, means, covariances, strict=True)
    )
    assert np.mean(np.log(density)) == pytest.approx(other.score(ROWS), abs=0.01)


def test_how_likely_a_row_is_of_each_component():
    densities = np.stack(
        [
            share * multivariate_normal(mean, covariance).pdf(ROWS[:50])
            for share, mean, covariance in zip(SHARES, MEANS, COVARIANCES, strict=True)
        ],
        axis=1,
    )
    expected = densities / densities.sum(axis=1, keepdims=True)
    found = responsibilities(ROWS[:50], SHARES, MEANS, COVARIANCES)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_a_component_of_one_row_is_no_copy_of_it():
    rows = np.concatenate([np.random.default_rng(0).normal(size=(500, 2)), [[40.0, 40.0]]])
    shares, means, covariances = fit_mixture(rows, 2, np.random.default_rng(0))
    lone = int(np.argmin(shares))
    np.testing.assert_allclose(means[lone], 40.0, atol=0.1)
    assert np.diag(covariances[lone]).min() > 0.2


def test_the_laws_of_what_follows_are_those_of_conditional_gaussians():
    """Of (x, y) ~ N(m, S) it is y | x ~ N(m_y + S_yx S_xx^-1 (x - m_x), S_yy - S_yx S_xx^-1 S_xy)."""
    laws = step_laws(SHARES, MEANS, COVARIANCES, 2)
    for i, covariance in enumerate(COVARIANCES):
        slope = np.linalg.solve(covariance[:2, :2], covariance[:2, 2:])
        left = covariance[2:, 2:] - covariance[2:, :2] @ slope
        np.testing.assert_allclose(laws["follow"][i], slope, atol=1e-9)
        np.testing.assert_allclose(laws["new"][i].T @ laws["new"][i], left, atol=1e-7)
        x = np.array([0.3, -0.7])
        whitened = laws["whiten"][i] @ (x - laws["centres"][i])
        log = laws["logs"][i] - 0.5 * whitened @ whitened
        density = multivariate_normal(MEANS[i, :2], covariance[:2, :2]).pdf(x)
        assert log - np.log(2.0 * np.pi) == pytest.approx(np.log(SHARES[i] * density))


def test_starts_are_drawn_as_often_as_they_are():
    noise = np.random.default_rng(1).normal(size=100_000)
    part = (noise[:, None] > bounds_of(SHARES)).sum(axis=1)
    np.testing.assert_allclose(np.bincount(part) / len(noise), SHARES, atol=0.005)
    factors = start_laws(SHARES, MEANS, COVARIANCES)["factors"]
    np.testing.assert_allclose(factors.transpose(0, 2, 1) @ factors, COVARIANCES, atol=1e-9)

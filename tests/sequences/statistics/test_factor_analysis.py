"""Loadings and noise beside scikit-learn's, by how likely the data is."""

import numpy as np
from sklearn.decomposition import FactorAnalysis

from keras_rgan.sequences.statistics.factor_analysis import factor_analysis


def likelihood(covariance, model):
    sign, log = np.linalg.slogdet(model)
    assert sign == 1.0
    return -0.5 * (log + np.trace(np.linalg.solve(model, covariance)))


def drawn():
    random = np.random.default_rng(0)
    loadings = random.normal(size=(12, 3))
    noise = random.uniform(0.2, 2.0, 12)
    rows = random.normal(size=(3000, 3)) @ loadings.T + random.normal(size=(3000, 12)) * np.sqrt(noise)
    return rows * np.geomspace(0.01, 100.0, 12), noise * np.geomspace(0.01, 100.0, 12) ** 2


def test_it_is_as_likely_as_scikit_learns():
    rows, noise = drawn()
    covariance = np.cov(rows.T, bias=True)
    loadings, found = factor_analysis(covariance, 3)
    best = FactorAnalysis(3, tol=1e-6, max_iter=5000, svd_method="lapack").fit(rows).get_covariance()
    ours = likelihood(covariance, loadings @ loadings.T + np.diag(found))
    assert ours > likelihood(covariance, best) - 0.01
    np.testing.assert_allclose(found, noise, rtol=0.25)


def test_numbers_that_do_not_vary_have_neither_loadings_nor_noise():
    covariance = np.diag([1.0, 0.0, 4.0, 1.0])
    covariance[0, 3] = covariance[3, 0] = 0.8
    loadings, noise = factor_analysis(covariance, 2)
    assert np.isfinite(loadings).all()
    assert noise[1] == 0.0
    assert not loadings[1].any()
    np.testing.assert_allclose((loadings @ loadings.T + np.diag(noise))[0, 3], 0.8, atol=0.05)

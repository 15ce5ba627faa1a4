"""What common factors tell, beside the covariance of all numbers inverted."""

import numpy as np
from keras import ops

from keras_rgan.sequences.factors import posterior
from tests.testing import to_numpy

NUMBERS, FACTORS, CENTRES = 9, 3, 4


def law(seed=0):
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.ones(CENTRES))
    return (
        2.0 * random.normal(size=(CENTRES, NUMBERS)),
        np.log(shares),
        random.normal(size=(NUMBERS, FACTORS)),
        random.uniform(0.1, 1.0, NUMBERS),
    )


def found(*arrays):
    tensors = (ops.convert_to_tensor(np.asarray(x, "float32")) for x in arrays)
    return [to_numpy(x) for x in posterior(*tensors)]


def by_inversion(values, observed, centres, logs, loadings, noise):
    """Return mean and variance of what is not observed of one row, from each centre's Gaussian."""
    covariance = loadings @ loadings.T + np.diag(noise)
    there, asked = observed > 0, observed == 0
    inverse = np.linalg.inv(covariance[np.ix_(there, there)])
    left = (values - centres)[:, there]
    likely = np.exp(logs - 0.5 * np.einsum("ki,ij,kj->k", left, inverse, left))
    likely /= likely.sum()
    slopes = covariance[np.ix_(asked, there)] @ inverse
    means = centres[:, asked] + left @ slopes.T
    within = np.diag(covariance)[asked] - np.sum(slopes * covariance[np.ix_(asked, there)], axis=1)
    mean = likely @ means
    return mean, within + likely @ np.square(means - mean)


def test_it_is_the_gaussian_conditional_about_each_centre():
    random = np.random.default_rng(1)
    centres, logs, loadings, noise = law()
    values = centres[random.integers(CENTRES, size=20)] + random.normal(size=(20, NUMBERS))
    observed = (random.random((20, NUMBERS)) < 0.5).astype("float32")
    observed[0] = 0.0  # nothing
    wrong = np.where(observed > 0, values, 1e6).astype("float32")  # which is not looked at
    mean, variance = found(wrong, observed, centres, logs, loadings, noise)
    for i in range(20):
        asked = observed[i] == 0
        expected = by_inversion(values[i], observed[i], centres, logs, loadings, noise)
        np.testing.assert_allclose(mean[i, asked], expected[0], rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(variance[i, asked], expected[1], rtol=1e-3, atol=1e-3)


def test_far_from_zero_it_is_as_precise():
    centres, logs, loadings, noise = law()
    random = np.random.default_rng(2)
    values = centres[[0, 1]] + random.normal(size=(2, NUMBERS))
    observed = np.tile(np.arange(NUMBERS) % 2, (2, 1)).astype("float32")
    both = []
    for shift in (0.0, 300.0):
        mean, variance = found(values + shift, observed, centres + shift, logs, loadings, noise)
        both.append((mean - shift, variance))
    for one, other in zip(*both, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)

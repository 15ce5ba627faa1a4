"""Epsilon, against published figures, closed forms and the package's own accountants."""

import math
import sys

import dp_accounting
import numpy as np
import pytest
from scipy import optimize, stats

from keras_rgan.training.privacy_accounting import (
    Mechanism,
    epsilon_of,
    noise_for,
    package,
    updates_within,
)
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def without_limit(num_samples, batch_size, noise):
    return Mechanism(num_samples, batch_size / num_samples, num_samples, noise)


def test_no_more_than_the_published_figures():
    # TF Privacy's MNIST tutorial, 60 epochs of batches of 256 with noise 1.1: 2.6 by Renyi divergences
    # as of today, 3.0 when it was written; exact losses lie a tenth below the first.
    mnist = epsilon_of({without_limit(60000, 256, 1.1): 60 * 60000 // 256}, 1e-5)
    assert 2.3 < mnist < 2.597
    # Abadi et al., 2016, section 3.2 and figure 2: 1.26 with q = 0.01, noise 4, 10,000 updates
    assert 0.9 < epsilon_of({Mechanism(60000, 0.01, 60000, 4.0): 10_000}, 1e-5) < 1.26


def test_the_same_as_the_packages_accountants():
    event = dp_accounting.PoissonSampledDpEvent(0.02, dp_accounting.GaussianDpEvent(1.0))
    exact, renyi = dp_accounting.pld.PLDAccountant(), dp_accounting.rdp.RdpAccountant()
    for accountant in (exact, renyi):
        accountant.compose(event, 500)
    ours = epsilon_of({without_limit(5000, 100, 1.0): 500}, 1e-5)
    assert exact.get_epsilon(1e-5) - 1e-6 <= ours < 1.002 * exact.get_epsilon(1e-5)
    assert ours < renyi.get_epsilon(1e-5)


@pytest.mark.parametrize("updates", [1, 50])
def test_of_all_samples_as_the_closed_form(updates):
    # Balle and Wang, "Improving the Gaussian Mechanism", ICML 2018, theorem 8
    noise = 8.0
    mean = math.sqrt(updates) / noise

    def delta(epsilon):
        a, b = mean / 2 - epsilon / mean, -mean / 2 - epsilon / mean
        return stats.norm.cdf(a) - math.exp(epsilon) * stats.norm.cdf(b)

    exact = optimize.brentq(lambda epsilon: delta(epsilon) - 1e-5, 1e-6, 50.0)
    assert exact <= epsilon_of({Mechanism.of(40, 40, noise): updates}, 1e-5) < 1.01 * exact + 2e-3


def test_room_for_a_sample_costs_next_to_nothing_and_little_room_much():
    roomy = Mechanism.of(2000, 32, 1.0)
    assert roomy.capacity == 66
    assert roomy.batch_size == 32
    free = epsilon_of({without_limit(2000, 32, 1.0): 1000}, 1e-5)
    assert free <= epsilon_of({roomy: 1000}, 1e-5) < 1.001 * free
    assert epsilon_of({roomy._replace(capacity=40): 1000}, 1e-5) > 1.5 * free


def test_grows_with_updates_and_falls_with_noise():
    counts = [epsilon_of({Mechanism.of(500, 50, 1.0): n}, 1e-5) for n in (0, 1, 10, 100)]
    noises = [epsilon_of({Mechanism.of(500, 50, s): 10}, 1e-5) for s in (0.0, 0.8, 1.6, 3.2)]
    assert counts[0] == 0.0
    assert (np.diff(counts) > 0).all()
    assert noises[0] == math.inf
    assert (np.diff(noises[1:]) < 0).all()


def test_updates_of_two_kinds_add_up():
    one, other = Mechanism.of(500, 50, 1.0), Mechanism.of(500, 50, 2.0)
    both = epsilon_of({one: 10, other: 40}, 1e-5)
    assert both > max(epsilon_of({one: 10}, 1e-5), epsilon_of({other: 40}, 1e-5))
    assert epsilon_of({one: 4, one._replace(capacity=500): 6}, 1e-5) == pytest.approx(
        epsilon_of({one: 10}, 1e-5), rel=1e-3
    )


def test_as_many_updates_as_fit_and_no_more():
    mechanism, before = Mechanism.of(500, 50, 1.0), {Mechanism.of(500, 50, 2.0): 20}
    count = updates_within(mechanism, 3.0, 1e-5, before)
    assert epsilon_of({**before, mechanism: count}, 1e-5) <= 3.0
    assert epsilon_of({**before, mechanism: count + 1}, 1e-5) > 3.0
    assert updates_within(mechanism, 0.01, 1e-5) == 0


def test_the_noise_for_a_budget_spends_it():
    noise = noise_for(lambda s: Mechanism.of(500, 50, s), 100, 2.0, 1e-5)
    assert 1.98 < epsilon_of({Mechanism.of(500, 50, noise): 100}, 1e-5) <= 2.0


def test_without_the_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "dp_accounting", None)
    with pytest.raises(ModuleNotFoundError, match="pip install 'dp-accounting>=0.6'"):
        package()


def test_of_little_noise_as_the_closed_form_in_little_memory():
    # Of all samples at once losses are N(m²/2, m²), with m = 1/noise: Balle and Wang, theorem 8
    for noise in (0.02, 0.1):
        exact = 0.5 / noise**2 + stats.norm.isf(1e-5) / noise
        found = epsilon_of({Mechanism.of(40, 40, noise): 1}, 1e-5)
        assert 0.99 * exact < found < 1.01 * exact
    mixed = {Mechanism.of(500, 50, 0.05): 3, Mechanism.of(500, 50, 1.0): 3}
    assert epsilon_of(mixed, 1e-5) > epsilon_of({Mechanism.of(500, 50, 0.05): 3}, 1e-5)


def test_an_epsilon_that_no_noise_comes_to_is_refused():
    with pytest.raises(ValueError, match="`epsilon` is too small for the accountant"):
        noise_for(lambda noise: Mechanism.of(2000, 64, noise), 1600, 1e-4, 1e-5)

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

import keras_rgan as kr
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH
Hawkes = kr.baselines.HawkesProcess
BASE, EXCITATION, DECAY = [0.4, 0.3], [[0.4, 0.2], [0.3, 0.3]], 2.0


@pytest.fixture(scope="module")
def process():
    return Hawkes(BASE, EXCITATION, DECAY)


@pytest.fixture(scope="module")
def drawn(process):
    return process.generate(2000, horizon=10.0, seed=0)


def rate(k, t, times, marks):
    """The rate of mark k at a moment, from the definition."""
    before = times < t
    steps = np.asarray(EXCITATION)[k][marks[before]] * DECAY * np.exp(-DECAY * (t - times[before]))
    return BASE[k] + steps.sum()


def test_the_definition(process, drawn):
    """Clocks and likelihood are integrals and products of the rate, which quadrature finds too."""
    times, marks = ([x[i] for i in (3, 8)] for x in drawn)
    clocks = process.rescale(times, marks, 10.0)
    expected = [[], [], []]
    carried, likelihood = np.zeros(3), 0.0
    for t, m in zip(times, marks, strict=True):
        edges = np.concatenate([[0.0], t, [10.0]])
        for i, (a, b) in enumerate(itertools.pairwise(edges)):
            spent = [integrate.quad(lambda s, k=k, t=t, m=m: rate(k, s, t, m), a, b)[0] for k in (0, 1)]
            carried += [*spent, sum(spent)]
            likelihood -= sum(spent)
            if i < len(t):
                likelihood += np.log(rate(m[i], b, t, m))
                for k in (m[i], 2):
                    expected[k].append(carried[k])
                    carried[k] = 0.0
    for found, wanted in zip(clocks, expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert process.log_likelihood(times, marks, 10.0) == pytest.approx(likelihood, abs=1e-6)


def test_draws_follow_the_law(process, drawn):
    for waits in process.rescale(*drawn, 10.0):
        assert stats.kstest(waits, "expon").pvalue > 0.01
    times, marks = process.generate(2000, num_events=15, seed=1)
    assert {len(t) for t in times} == {15}
    assert all((np.diff(t) > 0).all() for t in times)
    for waits in process.rescale(times, marks):
        assert stats.kstest(waits, "expon").pvalue > 0.01


def test_mean_numbers():
    """Of one mark the mean rate solves m' = decay (base - (1 - excitation) m), from base on."""
    times, _ = Hawkes([1.0], [[0.5]], 2.0).generate(4000, horizon=6.0, seed=0)
    expected = integrate.quad(lambda t: 2.0 - np.exp(-t), 0.0, 6.0)[0]  # the solution
    assert np.mean([len(t) for t in times]) == pytest.approx(expected, rel=0.02)


def test_without_excitation_it_is_poisson():
    times, marks = Hawkes([1.0, 0.5]).generate(3000, horizon=4.0, seed=0)
    counts = np.array([len(t) for t in times])
    assert counts.mean() == pytest.approx(6.0, abs=0.15)
    assert counts.var() == pytest.approx(6.0, rel=0.1)
    assert np.concatenate(marks).mean() == pytest.approx(1.0 / 3.0, abs=0.015)


def test_fit_finds_the_law(process, drawn):
    fitted = Hawkes.fit(*drawn, decay=DECAY, horizon=10.0)
    np.testing.assert_allclose(fitted.base_rates, BASE, atol=0.04)
    np.testing.assert_allclose(fitted.excitation, EXCITATION, atol=0.06)
    assert fitted.branching_ratio == pytest.approx(0.6, abs=0.05)
    own = fitted.log_likelihood(*drawn, 10.0)
    assert own > process.log_likelihood(*drawn, 10.0)  # the likeliest
    for change in (0.95, 1.05):
        nearby = Hawkes(fitted.base_rates * change, fitted.excitation, DECAY)
        assert nearby.log_likelihood(*drawn, 10.0) < own
    times, marks = (x[:300] for x in drawn)
    assert 1.0 < Hawkes.fit(times, marks, horizon=10.0).decay < 4.0


def test_seeds(process):
    first, again, other = (process.generate(5, num_events=4, seed=s)[0] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_bad_arguments(process):
    refuses(lambda: Hawkes([-1.0]), "`base_rates` must be finite numbers of at least 0")
    refuses(lambda: Hawkes([0.0, 0.0]), "Some base rate must be positive")
    refuses(lambda: Hawkes([1.0], [[0.1, 0.2]]), "a row and a column for each of the 1 base rates")
    refuses(lambda: Hawkes([1.0], [[1.2]]).generate(1, horizon=1.0), "breed without end.*1.200")
    refuses(lambda: process.generate(1), "either `horizon`.*or `num_events`")
    refuses(lambda: process.rescale([[1.0]], [[2]]), "whole numbers from 0 to 1. Received: 2")
    refuses(lambda: Hawkes.fit([[]], [[]], horizon=1.0), "`fit` needs events")
    refuses(lambda: Hawkes.fit([[0.0, 0.0]], None), "needs time between events")


def test_sequences_are_whole_or_refused(process, monkeypatch):
    monkeypatch.setattr("keras_rgan.baselines.hawkes_process.MAX_ROUNDS", 50)
    refuses(
        lambda: process.generate(2, horizon=1000.0, seed=0), "50 events.*horizon=1000.0.*1.78 times"
    )
    refuses(lambda: process.generate(2, num_events=60, seed=0), "num_events=60")
    assert [len(times) for times in process.generate(2, num_events=5, seed=0)[0]] == [5, 5]

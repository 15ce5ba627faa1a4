"""What the quick judge sees that its network alone does not, and what it finds in real data: nothing."""

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.metrics.committee import PRIOR, Rows, _regressions, _weighed
from tests.testing import all_on_torch, slow_but_on_torch

COUNT, LENGTH = 700, 24


def memory(seed, count=COUNT):
    """Three features of an autoregression."""
    steps = np.random.default_rng(seed).normal(size=(count, LENGTH, 3))
    for i in range(1, LENGTH):
        steps[:, i] += 0.6 * steps[:, i - 1]
    return steps


def with_spikes(samples, seed):
    random = np.random.default_rng(seed)
    rows = np.flatnonzero(random.random(len(samples)) < 0.7)
    samples[rows, random.integers(LENGTH, size=len(rows)), random.integers(3, size=len(rows))] += 10.0
    return samples


def following(leading, samples):
    """A feature follows the size of another one three steps before."""
    samples = samples.copy()
    samples[:, 3:, 1] += np.abs(leading[:, :-3, 0])
    return samples


def copied(samples, seed):
    samples = samples.copy()
    for row, first in zip(
        samples, np.random.default_rng(seed).integers(6, size=len(samples)), strict=True
    ):
        row[first + 12 : first + 18] = row[first : first + 6]
    return samples


def turned(samples, seed):
    """Phases of either feature turned by angles of their own: powers stay."""
    random = np.random.default_rng(seed)
    spectra = np.fft.rfft(samples, axis=1)
    spectra[:, 1:-1] *= np.exp(2j * np.pi * random.random(spectra[:, 1:-1].shape))
    return np.fft.irfft(spectra, LENGTH, axis=1)


def beats(seed):
    random = np.random.default_rng(seed)
    phase = (np.arange(LENGTH) / random.uniform(6, 11, (COUNT, 1)) + random.random((COUNT, 1))) % 1.0
    return (np.exp(-(((phase - 0.3) / 0.06) ** 2)) + 0.02 * random.normal(size=phase.shape))[..., None]


FAULTS = {
    "rare events anywhere": (lambda: (with_spikes(memory(0), 2), memory(1)), 0.25),
    "a relation at a lag": (
        lambda: (following(memory(0), memory(0)), following(memory(3), memory(1))),
        0.25,
    ),
    "a block that comes again": (lambda: (memory(0), copied(memory(1), 2)), 0.4),
    "whole numbers": (lambda: (np.round(memory(0)), np.round(memory(1)) + 0.01 * memory(2)), 0.45),
    "phases of heartbeats": (lambda: (beats(0), turned(beats(1), 2)), 0.45),
    "tails": (lambda: (memory(0), 1.5 * np.arcsinh(memory(1))), 0.1),
}
"""Of each the two sets, and by how much the judge must be right."""


@pytest.mark.parametrize("fault", all_on_torch(FAULTS, ["rare events anywhere"]))
def test_it_sees(fault):
    made, least = FAULTS[fault]
    score = kr.metrics.discriminative_score(*made(), repeats=1, steps=60)
    assert score.mean > least


@slow_but_on_torch
@pytest.mark.parametrize("law", [memory, beats])
def test_fresh_data_is_real(law):
    """280 answers are right by chance with a deviation of .03."""
    score = kr.metrics.discriminative_score(law(4), law(5), repeats=1, steps=60)
    assert score.mean < 0.09


def test_uneven_sets_count_alike():
    """Of one law, five times as many of either: an answer of always the same is worth nothing."""
    score = kr.metrics.discriminative_score(memory(0), memory(1, 160), repeats=1, steps=30)
    assert score.mean < 0.12


@pytest.mark.parametrize("shape", [(12, 1, 1), (12, 2, 1), (14, 5, 30), (12, 9, 1)])
def test_small_and_odd_shapes(shape):
    x = np.random.default_rng(0).normal(size=shape)
    assert 0.0 <= kr.metrics.discriminative_score(x, x + 1.0, repeats=1, steps=3).mean <= 0.5


def test_constants():
    ones = np.ones((20, 6, 2))
    assert kr.metrics.discriminative_score(ones, ones, repeats=1, steps=2).mean == 0.0


def test_no_row_is_asked_about_that_was_learned_from():
    groups = np.repeat(np.arange(8), 5)
    rows = Rows.of(40, groups, np.random.default_rng(0))
    np.testing.assert_array_equal(np.sort(np.concatenate(rows)), np.arange(40))
    seen = [set(groups[part]) for part in rows]
    assert sum(map(len, seen)) == len(set.union(*seen))
    alone = Rows.of(40, np.repeat([0, 1], 20), np.random.default_rng(0))
    assert min(map(len, alone)) > 0
    assert not set(np.concatenate(alone[:2])) & set(alone[2])


@pytest.mark.parametrize("columns", [5, 60])
def test_a_regression_is_that_of_scikit_learn(columns):
    from sklearn.linear_model import Ridge

    random = np.random.default_rng(0)
    real, made = random.normal(size=(2, 20, columns)).astype("float32")
    x, y = np.concatenate([real, made]), np.repeat([1.0, -1.0], 20)
    size = 40 * 0.1 * np.var(x, axis=0).mean()
    by_hand = Ridge(alpha=size).fit(x, y).predict(x)
    np.testing.assert_allclose(_regressions([real, made])(0.1)(x), by_hand, atol=1e-4)


@slow_but_on_torch
def test_members_are_weighed_as_scipy_does_also_where_one_sequence_is_far_off():
    optimize = pytest.importorskip("scipy.optimize")
    random = np.random.default_rng(0)
    for count in (50, 500):
        held = np.concatenate(
            [random.normal(0.5, 1.0, (count, 3)), random.normal(-0.5, 1.0, (count, 3))]
        )
        for far in (0.0, 1e4):
            held[-1, 0] += far
            x = np.column_stack([held / held.std(axis=0), np.ones(2 * count)]).clip(-30.0, 30.0)
            real, prior = np.repeat([1.0, 0.0], count), np.array([1.0, 1.0, 1.0, 0.0]) / 3.0

            def loss(slopes, x=x, real=real, prior=prior):
                surprise = np.logaddexp(0.0, x @ slopes) - real * (x @ slopes)
                return surprise.sum() + 0.5 * PRIOR * np.square(slopes - prior).sum()

            best = optimize.minimize(loss, prior, method="BFGS").x
            np.testing.assert_allclose(_weighed(held, held, count, count), x @ best, atol=1e-3)

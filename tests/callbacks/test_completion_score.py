"""Completions are scored against what was hidden."""

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.callbacks.completion_score import completion_score
from tests.testing import slow_but_on_torch, windows


class Oracle:
    """A model that fills gaps in one of some ways, as `impute` does."""

    def __init__(self, real, spread, with_lengths=False):
        self.real, self.spread, self.asked = real, spread, []
        self.layout = type("Layout", (), {"length": int(with_lengths)})()

    def impute(self, x, num_samples, seed, conditions):
        self.asked.append(x)
        noise = np.random.default_rng(0).normal(size=(len(x), num_samples, *self.real.shape[1:]))
        drawn = self.real[: len(x), None] + self.spread * noise
        return [d[:, : len(row)] for d, row in zip(drawn, x, strict=True)]


def test_the_truth_scores_zero_and_noise_scores_its_spread():
    """Two draws N(y, s) of a truth y: E|a - y| - E|a - b| / 2 = s (sqrt(2 / pi) - 1 / sqrt(pi))."""
    real = np.random.default_rng(1).normal(size=(900, 12, 2)) * [1.0, 100.0]
    assert completion_score(Oracle(real, 0.0), real, None) == 0.0
    scale = np.array([0.1, 10.0])
    noisy, twice = (completion_score(Oracle(real, k * scale), real, None) for k in (1, 2))
    assert noisy > 0.0
    assert twice == pytest.approx(2.0 * noisy, rel=1e-6)
    # A line is off by E|x - y| where one value is known, by E|y| where none is.
    expected = 0.1 * (np.sqrt(2.0 / np.pi) - 1.0 / np.sqrt(np.pi))
    assert expected / 1.128 < noisy < expected / 0.798


def test_the_same_is_hidden_every_time_and_nothing_beyond_the_end():
    real = windows(50, length=10)
    ends = np.arange(50) % 8 + 3
    model = Oracle(real, 1.0, with_lengths=True)
    scores = [completion_score(model, real, {"length": ends}) for _ in range(2)]
    assert scores[0] == scores[1]
    first, second = model.asked
    for x, again, end in zip(first, second, ends, strict=True):
        assert len(x) == end
        np.testing.assert_array_equal(x, again)


@slow_but_on_torch
def test_a_model_that_completes_is_chosen_by_its_completions():
    data = windows(80, length=8)
    gan = kr.RecurrentGAN(completion=True, seed=0)
    gan.compile()
    best = kr.callbacks.KeepBest(data, looks=[0, 4])
    gan.fit(data, batch_size=20, epochs=1, verbose=0, callbacks=[best])
    judge = best.scoring.score()["val_judge"]
    assert best.best[0] in (0, 4)
    assert best.looked[-1][1] > judge or best.best[0] == 0
    assert "the judge's score and that of completions are" in best.summary()

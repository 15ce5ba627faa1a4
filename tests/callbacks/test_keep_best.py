"""What is kept of training is what a judge told least from the data."""

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.callbacks.keep_best import small_judge
from tests.testing import dense_gan, refuses, state_of, windows

DATA = windows(32)


def trained(scores, epochs=3, **options):
    """Return a callback whose judge says these scores one after another, its model, and states seen."""
    gan, states, said = dense_gan(), [], iter(scores)
    gan.compile()

    def score(real, generated):
        states.append(state_of(gan))
        return next(said)

    best = kr.callbacks.KeepBest(DATA, looks=[0, 4], score=score, **options)
    history = gan.fit(DATA, batch_size=8, epochs=epochs, verbose=0, callbacks=[best])
    return best, gan, states, history.history


@pytest.mark.parametrize(
    ("scores", "kept"),
    [
        ([0.1, 0.4, 0.3, 0.2], 0),  # the start
        ([0.4, 0.1, 0.3, 0.2], 1),
        ([0.4, 0.3, 0.2, 0.1], 3),
        ([0.4, 0.1, 0.105, 0.2], 2),  # later within the margin
        ([0.4, 0.1, 0.108, 0.116], 2),  # which does not add up
    ],
)
def test_the_state_told_least_comes_back(scores, kept):
    best, gan, states, logs = trained(scores)
    assert best.looked == list(zip([0, 4, 8, 12], scores, strict=True))
    assert best.best == best.looked[kept]
    for a, b in zip(states[kept], state_of(gan), strict=True):
        np.testing.assert_array_equal(a, b)
    assert logs["val_judge"] == scores[1:]
    gan.fit(DATA, batch_size=8, verbose=0)


def test_training_ends_when_nothing_gets_better():
    best, *_, logs = trained([0.3, 0.1, 0.2, 0.2, 0.0], epochs=9, patience=2)
    assert [updates for updates, _ in best.looked] == [0, 4, 8, 12]
    assert len(logs["val_judge"]) == 3
    assert best.best == (4, 0.1)


def test_the_small_judge():
    data = windows(200)
    assert small_judge(data[:100], data[100:] * 3.0) > 0.4
    assert small_judge(data, np.full_like(data, np.nan)) == 0.5


def test_looks_that_do_not_rise_are_refused():
    refuses(lambda: kr.callbacks.KeepBest(DATA, looks=[0]), r"two numbers of updates.*\[0\]")
    refuses(lambda: kr.callbacks.KeepBest(DATA, looks=[4, 4]), r"larger than the one before.*\[4, 4\]")
    refuses(lambda: kr.callbacks.KeepBest(DATA, patience=0), "patience")

"""What is kept of training is what a judge told least from the data."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.callbacks import keep_best
from keras_rgan.callbacks.keep_best import small_judge
from tests.testing import (
    all_on_torch,
    dense_gan,
    refuses,
    slow_but_on_torch,
    state_of,
    to_numpy,
    windows,
)

DATA = windows(32)


def trained(scores, epochs=3, callbacks=(), **options):
    """Return a callback whose judge says these scores one after another, its model, and states seen."""
    gan, states, said = dense_gan(), [], iter(scores)
    gan.compile()

    def score(real, generated):
        states.append(state_of(gan))
        return next(said)

    best = kr.callbacks.KeepBest(DATA, looks=[0, 4], score=score, **options)
    history = gan.fit(DATA, batch_size=8, epochs=epochs, verbose=0, callbacks=[best, *callbacks])
    return best, gan, states, history.history


@slow_but_on_torch
@pytest.mark.parametrize(
    ("scores", "kept"),
    [
        ([0.1, 0.4, 0.3, 0.2], 0),  # the start
        ([0.4, 0.1, 0.3, 0.2], 1),
        ([0.4, 0.3, 0.2, 0.1], 3),
        ([0.4, 0.1, 0.105, 0.2], 2),  # later within the margin
        ([0.4, 0.1, 0.108, 0.116], 2),  # which does not add up
        ([0.1, 0.095, 0.092, 0.105], 0),  # hardly better than the start
        ([0.1, 0.095, 0.08, 0.085], 3),  # clearly better, and later
        ([0.5, 0.5, 0.5, 0.5], 3),  # a start that is nothing
    ],
)
def test_the_state_told_least_comes_back(scores, kept):
    best, gan, states, logs = trained(scores)
    assert best.looked == list(zip([0, 4, 8, 12], scores, strict=True))
    assert best.best == best.looked[kept]
    for a, b in zip(states[kept], state_of(gan), strict=True):
        np.testing.assert_array_equal(a, b)
    assert logs["val_judge"] == scores[1:]
    gan.fit(DATA, batch_size=8, verbose=0, epochs=1)


@slow_but_on_torch
def test_training_ends_when_nothing_gets_better():
    best, *_, logs = trained([0.3, 0.1, 0.2, 0.2, 0.0], epochs=9, patience=2)
    assert [updates for updates, _ in best.looked] == [0, 4, 8, 12]
    assert len(logs["val_judge"]) == 3
    assert best.best == (4, 0.1)


class Rates(keras.callbacks.Callback):
    """Notes the rate of each epoch, and the state before it."""

    def on_train_begin(self, logs=None):
        self.rates, self.states = [], []

    def on_epoch_begin(self, epoch, logs=None):
        self.rates.append(float(to_numpy(self.model.generator_optimizer.learning_rate)))

    def on_epoch_end(self, epoch, logs=None):
        self.states.append([to_numpy(w.value) for w in self.model.weights])


def test_it_settles_and_ends():
    rates = Rates()
    best, gan, states, _ = trained(
        [0.4, 0.1, 0.3, 0.2, 0.25, 0.05], epochs=9, callbacks=[rates], patience=2, settle=2 / 3
    )
    # After 12 updates, two looks without a better one: 8 more, two epochs, each with a look.
    assert [updates for updates, _ in best.looked] == [0, 4, 8, 12, 16, 20]
    middle = 0.1 + 0.9 * 0.5  # of a cosine from 1 to 0.1
    np.testing.assert_allclose(rates.rates, np.array([1, 1, 1, 1, middle]) * 1e-3, rtol=1e-5)
    assert best.best == (20, 0.05)
    assert float(to_numpy(gan.generator_optimizer.learning_rate)) == pytest.approx(1e-3)
    different = [
        v.path
        for v, a, b in zip(gan.state_variables(), states[5], state_of(gan), strict=True)
        if (a != b).any()
    ]
    assert all(path.endswith("learning_rate") for path in different)


@slow_but_on_torch
@pytest.mark.parametrize(
    ("quick", "told", "kept"),
    [
        # Of the start, updates 4 to 16, and the end; of the best, the end, and the start
        ([0.4, 0.1, 0.3, 0.3, 0.3, 0.3], [0.3, 0.0], 20),
        ([0.4, 0.1, 0.3, 0.3, 0.3, 0.3], [0.3, 0.08], 4),  # by chance
        ([0.4, 0.1, 0.3, 0.3, 0.3, 0.3], [0.3, 0.4], 4),
        ([0.4, 0.1, 0.4, 0.4, 0.4, 0.4], [], 4),  # no judge could make up for it
        ([0.2, 0.1, 0.3, 0.3, 0.3, 0.3], [0.3, 0.4, 0.1], 0),
        ([0.2, 0.1, 0.3, 0.3, 0.3, 0.3], [0.3, 0.4, 0.16], 4),
        ([0.2, 0.1, 0.3, 0.3, 0.3, 0.3], [0.3, 0.02, 0.1], 0),
        ([0.2, 0.15, 0.1, 0.08, 0.05, 0.04], [0.3, 0.08], 0),  # of the end, and the start
        ([0.2, 0.15, 0.1, 0.08, 0.05, 0.04], [0.2, 0.09], 20),
    ],
)
def test_where_the_judges_may_differ_both_are_asked(quick, told, kept, monkeypatch):
    said, asked = iter(quick), iter(told)
    monkeypatch.setattr(keep_best, "quick_score", lambda real, generated: next(said))
    monkeypatch.setattr(keep_best, "recurrent_judge", lambda real, generated, updates: next(asked))
    gan, states = dense_gan(), []
    gan.compile()
    best = kr.callbacks.KeepBest(DATA, looks=[0, 4], patience=2, settle=2 / 3, updates=12)
    keep = keras.callbacks.LambdaCallback(
        on_train_begin=lambda *_: states.append(state_of(gan)),
        on_epoch_end=lambda *_: states.append(state_of(gan)),
    )
    gan.fit(DATA, batch_size=8, epochs=9, verbose=0, callbacks=[keep, best])
    assert next(said, None) is next(asked, None) is None
    assert best.best == (kept, quick[kept // 4])
    assert best.overruled == (quick[kept // 4] > min(quick))
    monkeypatch.setattr(keep_best, "quick_score", lambda real, generated: 0.0)
    words = (
        f"update {kept}, which a recurrent judge prefers: the judge's score is {quick[kept // 4]:.3f}"
    )
    assert (words in best.summary()) == best.overruled
    for v, a, b in zip(gan.state_variables(), states[kept // 4], state_of(gan), strict=True):
        assert v.path.endswith("learning_rate") or (a == b).all()


@slow_but_on_torch
@pytest.mark.parametrize("options", [{}, {"settle": 2 / 3, "score": lambda *_: 0.1}])
def test_the_start_is_held_in_memory_where_another_judge_is_asked_alone(options, monkeypatch):
    monkeypatch.setattr(keep_best, "quick_score", lambda real, generated: 0.1)
    held = []
    for more in (options, {"settle": 2 / 3}):
        gan = dense_gan()
        gan.compile()
        best = kr.callbacks.KeepBest(DATA, looks=[0, 4], updates=4, **more)
        look = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda *_, best=best: held.append(bool(best._begun))
        )
        gan.fit(DATA, batch_size=8, epochs=1, verbose=0, callbacks=[best, look])
    assert held == [False, True]


@slow_but_on_torch
def test_the_recurrent_judge():
    data = windows(400)
    assert keep_best.recurrent_judge(data[:200], data[200:] * 3.0, 300) > 0.3
    assert keep_best.recurrent_judge(data, np.full_like(data, np.nan), 300) == 0.5


@slow_but_on_torch
def test_what_began_best_is_not_settled():
    best, *_ = trained([0.1, 0.4, 0.3], epochs=9, updates=8, settle=0.5)
    assert [updates for updates, _ in best.looked] == [0, 4, 8]
    assert best.best == (0, 0.1)


@slow_but_on_torch
@pytest.mark.parametrize(("after", "kept"), [(0.2, True), (0.4, False)])
def test_calibration_is_kept_where_the_judge_does_not_tell_more(after, kept):
    best, gan, *_ = trained([0.3, 0.2, after], epochs=1, calibrate=DATA)
    assert best.calibrated is kept
    assert best.looked == [(0, 0.3), (4, 0.2)]
    assert to_numpy(gan.scaler.calibrated).any() == kept


@slow_but_on_torch
def test_a_feature_that_calibration_harms_stays_as_it_was(monkeypatch):
    told = {0: iter([0.4, 0.1]), 1: iter([0.1, 0.4])}  # after and before
    monkeypatch.setattr(keep_best, "_told", lambda real, made, feature: next(told[feature]))
    best, gan, *_ = trained([0.3, 0.2, 0.1, 0.0], epochs=1, calibrate=DATA)
    assert best.left_out == [0]
    assert best.summary().endswith(", calibrated but for feature 0.")
    assert to_numpy(gan.scaler.calibrated).tolist() == [0.0, 1.0]


def test_one_feature_is_told_by_its_rhythm():
    data = windows(400, length=12)
    shuffled = data[200:].copy()
    shuffled[..., 1] = np.random.default_rng(0).permuted(shuffled[..., 1], axis=1)
    assert keep_best._told(data[:200], shuffled, 0) < 0.1
    assert keep_best._told(data[:200], shuffled, 1) > 0.3


class Kill(keras.callbacks.Callback):
    """Ends as a killed process does."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


@slow_but_on_torch
@pytest.mark.parametrize("epoch", all_on_torch([2, 3, 4], [3]))
def test_a_run_that_was_killed_goes_on_with_what_was_best(epoch, tmp_path):
    scores = {0: 0.4, 4: 0.1, 8: 0.3, 12: 0.2, 16: 0.2, 20: 0.15}

    def run(*others, **options):
        keras.utils.set_random_seed(3)
        gan = dense_gan()
        gan.compile()
        best = kr.callbacks.KeepBest(DATA, looks=[0, 4], patience=2, settle=2 / 3, score=said(gan))
        gan.fit(DATA, batch_size=8, epochs=9, verbose=0, callbacks=[best, *others], **options)
        return best, gan

    def said(gan):
        def score(real, generated):
            return scores[int(to_numpy(gan.optimizer.iterations))]

        return score

    straight, gan = run()
    with pytest.raises(KeyboardInterrupt):
        run(keras.callbacks.BackupAndRestore(tmp_path / "backup"), Kill(epoch))
    again, resumed = run(keras.callbacks.BackupAndRestore(tmp_path / "backup"))
    assert again.looked == straight.looked
    assert again.best == straight.best == (4, 0.1)
    for a, b in zip(state_of(gan), state_of(resumed), strict=True):
        np.testing.assert_array_equal(a, b)


@slow_but_on_torch
@pytest.mark.parametrize("best_before", [0, 4])
def test_a_run_that_was_killed_goes_on_with_what_it_began_at(best_before, tmp_path, monkeypatch):
    scores = {0: 0.2, 4: 0.3, 8: 0.3, 12: 0.1, 16: 0.1, 20: 0.1} | ({4: 0.15} if best_before else {})

    def run(*others):
        keras.utils.set_random_seed(3)
        gan = dense_gan()
        gan.compile()

        def done():
            return int(to_numpy(gan.optimizer.iterations))

        monkeypatch.setattr(keep_best, "quick_score", lambda real, generated: scores[done()])
        monkeypatch.setattr(keep_best, "recurrent_judge", lambda *_: 0.1 if done() == 0 else 0.4)
        best = kr.callbacks.KeepBest(DATA, looks=[0, 4], settle=2 / 3, updates=12)
        gan.fit(DATA, batch_size=8, epochs=9, verbose=0, callbacks=[best, *others])
        return best, gan

    straight, gan = run()
    with pytest.raises(KeyboardInterrupt):
        run(keras.callbacks.BackupAndRestore(tmp_path / "backup"), Kill(2))
    again, resumed = run(keras.callbacks.BackupAndRestore(tmp_path / "backup"))
    assert again.looked == straight.looked
    assert again.best == straight.best == (0, 0.2)
    for a, b in zip(state_of(gan), state_of(resumed), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_record_that_is_damaged_is_named(tmp_path):
    (tmp_path / "keep_best.npz").write_bytes(b"PK")
    (tmp_path / "training_metadata.json").write_text('{"epoch": 1, "batch": 0}')
    gan = dense_gan()
    gan.compile()
    backup = keras.callbacks.BackupAndRestore(tmp_path)
    best = kr.callbacks.KeepBest(DATA, looks=[0, 4])
    with pytest.raises(OSError, match=r"keep_best.npz.*is damaged. Delete it"):
        gan.fit(DATA, batch_size=8, epochs=2, verbose=0, callbacks=[best, backup])


@slow_but_on_torch
def test_it_says_what_was_kept(capsys):
    best, *_ = trained([0.3, 0.2, 0.25, 0.01, 0.02], epochs=2, calibrate=DATA)
    assert capsys.readouterr().out == ""
    assert best.summary() == (
        "Kept the weights of update 4: the judge's score is 0.200 (0.300 before the first update, 0.020 "
        "of two halves of the real data), calibrated."
    )


@slow_but_on_torch
def test_the_small_judge():
    data = windows(200)
    assert small_judge(data[:100], data[100:] * 3.0) > 0.4
    assert small_judge(data, np.full_like(data, np.nan)) == 0.5


def test_looks_that_do_not_rise_are_refused():
    refuses(lambda: kr.callbacks.KeepBest(DATA, looks=[0]), r"two numbers of updates.*\[0\]")
    refuses(lambda: kr.callbacks.KeepBest(DATA, looks=[4, 4]), r"larger than the one before.*\[4, 4\]")
    refuses(lambda: kr.callbacks.KeepBest(DATA, patience=0), "patience")

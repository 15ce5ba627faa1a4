"""How long `fit` trains by itself, what it keeps, and what it is left out for."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.callbacks import keep_best
from keras_rgan.training import course
from tests.testing import dense_gan, refuses, slow_but_on_torch, state_of, to_numpy, windows

DATA = windows(80)


@pytest.fixture
def short(monkeypatch):
    """Updates by the ten, and a judge that likes what came later; its questions are returned."""
    asked = []

    def judge(real, generated):
        asked.append(real)
        return 0.4 / len(asked)

    for name, value in {
        "MOST_UPDATES": 24,
        "LEAST_UPDATES": 6,
        "LONG": 20,
        "JUDGED": 40,
        "FEWEST_JUDGED": 16,
    }.items():
        monkeypatch.setattr(course, name, value)
    monkeypatch.setattr(course, "LOOKS", (0, 8, 16))
    monkeypatch.setattr(keep_best, "quick_score", judge)
    return asked


def made(**options):
    gan = dense_gan()
    gan.compile(**options)
    return gan


def updates_of(gan):
    return int(to_numpy(gan.optimizer.iterations))


def test_fit_ends_by_itself_and_keeps_the_best(short):
    gan = made()
    history = gan.fit(DATA, batch_size=8, verbose=0)
    # 10 steps an epoch: looks after 0, 10, 20 and 30; then 45 more, until 80; calibrated.
    assert updates_of(gan) == 80
    assert len(history.epoch) == 8
    assert history.history["val_judge"] == pytest.approx([0.4 / n for n in range(2, 10)])
    assert len(short) == 10
    assert all(len(real) == 40 for real in short)
    assert to_numpy(gan.scaler.calibrated).any()


@slow_but_on_torch
def test_of_little_data_it_ends_after_fewer(short):
    gan = made()
    gan.fit(DATA[:8], batch_size=8, verbose=0)
    assert short == []  # of so few the judge can say nothing
    assert updates_of(gan) == 60  # 24 and one and a half times as many, where 50 epochs would be more
    gan = made()
    gan.fit(DATA[:64], batch_size=64, verbose=0)
    assert updates_of(gan) == 60  # of one update each


@slow_but_on_torch
@pytest.mark.parametrize(
    ("keep", "epochs", "looks"),
    [("auto", 1, 0), ("auto", 2, 2), (False, 2, 0), (True, 1, 2), (False, "auto", 0)],
)
def test_when_the_judge_looks(short, keep, epochs, looks):
    gan = made(keep_best=keep)
    gan.fit(DATA, batch_size=8, epochs=epochs, verbose=0)
    assert len(short) == looks
    assert made(keep_best=keep).get_compile_config()["keep_best"] == keep


@slow_but_on_torch
def test_a_judge_of_the_users_takes_its_place(short):
    own = kr.callbacks.KeepBest(DATA, looks=[0, 1000], score=lambda real, generated: 0.1)
    gan = made()
    gan.fit(DATA, batch_size=8, epochs=2, verbose=0, callbacks=[own])
    assert short == []
    assert [updates for updates, _ in own.looked] == [0, 20]


@slow_but_on_torch
def test_what_is_held_out_is_what_is_judged_by(short):
    gan = made()
    gan.fit(DATA, batch_size=8, epochs=2, verbose=0, validation_data=DATA[40:] + 1.0)
    assert all(real.min() >= DATA[40:].min() + 0.9 for real in short)


@slow_but_on_torch
def test_datasets_and_generators(short):
    class Batches(keras.utils.PyDataset):
        def __init__(self):
            super().__init__()

        def __len__(self):
            return 5

        def __getitem__(self, index):
            return DATA[16 * index : 16 * (index + 1)]

    gan = made()
    gan.fit(Batches(), verbose=0)
    assert len(short) > 2
    short.clear()
    gan = made()
    gan.adapt(DATA)
    gan.fit(iter([DATA[:16]] * 40), epochs=2, steps_per_epoch=10, verbose=0)
    gan.fit(iter([DATA[:16]] * 1000), verbose=0)  # of no known end
    assert updates_of(gan) == 20 + 60
    assert short == []


@slow_but_on_torch
def test_a_run_that_was_killed_goes_on_with_its_own_judge(short, tmp_path):
    class Kill(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    def run(*callbacks):
        keras.utils.set_random_seed(3)
        gan = made()
        gan.fit(DATA, batch_size=8, verbose=0, shuffle=False, callbacks=list(callbacks))
        return state_of(gan)

    straight = run()
    short.clear()
    with pytest.raises(KeyboardInterrupt):
        run(keras.callbacks.BackupAndRestore(tmp_path / "backup"), Kill())
    for a, b in zip(straight, run(keras.callbacks.BackupAndRestore(tmp_path / "backup")), strict=True):
        np.testing.assert_array_equal(a, b)


def test_bad_arguments():
    refuses(lambda: made(keep_best="best"), r"keep_best.*'auto'.*'best'")
    refuses(lambda: made().fit(DATA, epochs="all"), r"epochs.*'all'")
    refuses(lambda: made().fit(DATA, epochs=2.5), r"epochs.*2\.5")


@slow_but_on_torch
def test_callbacks_can_ask_for_more(tmp_path):
    """To see the data, to look first, and to know where a backup is."""

    class Early(keras.callbacks.Callback):
        looks_first = True
        backup = None

        def see_data(self, source, validation):
            self.seen = len(source.data), len(validation.data)

    class Late(keras.callbacks.Callback):
        backup = "of its own"

    early, late = Early(), Late()
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    assert course.with_first([late, early, backup], "first") == [early, "first", late, backup]
    assert early.backup == tmp_path / "backup"
    assert late.backup == "of its own"
    made().fit(DATA, batch_size=8, epochs=1, verbose=0, validation_split=0.2, callbacks=[late, early])
    assert early.seen == (64, 16)

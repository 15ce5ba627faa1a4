"""A doctor does what it is told, says so, goes on beside a backup, and bears all kinds of data."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.callbacks.doctor import Symptom
from tests.callbacks.test_training_doctor import DATA, found, looked_after
from tests.testing import (
    all_on_torch,
    completing_gan,
    dense_gan,
    recurrent_gan,
    refuses,
    slow_but_on_torch,
    to_numpy,
    windows,
    with_gaps,
)


class Sick(Symptom):
    """Is there in some epochs."""

    illness = "sick"

    def __init__(self, *epochs, slows=("generator", "discriminator")):
        self.epochs, self.slows = epochs, slows

    def examine(self, chart):
        if not chart.epochs or chart.epochs[-1].number not in self.epochs:
            return None
        return self.found(chart, "it is sick", "wait", epoch=chart.epochs[-1].number)


class Weights(keras.callbacks.Callback):
    """Writes down the generator's weights and both rates at the beginning of epochs."""

    def on_train_begin(self, logs=None):
        self.weights, self.rates = [], []

    def on_epoch_begin(self, epoch, logs=None):
        self.weights.append(self.model.generator.get_weights())

    def on_train_batch_end(self, batch, logs=None):
        pair = self.model.generator_optimizer, self.model.discriminator_optimizer
        if not batch:
            self.rates.append([float(to_numpy(o.learning_rate)) for o in pair])


def compiled(**options):
    gan = dense_gan()
    gan.compile(**options)
    return gan


@slow_but_on_torch
def test_an_illness_is_told_when_it_comes_and_comes_again():
    said = []
    doctor = looked_after(
        compiled(), epochs=6, symptoms=[Sick(2, 3, 5)], print_fn=said.append, every=99
    )
    assert [(d.illness, d.epoch, d.update) for d in doctor.diagnoses] == [
        ("sick", 2, 16),
        ("sick", 5, 40),
    ]
    assert said == doctor.summary().splitlines()
    assert said[0] == "Epoch 2: sick: it is sick. Remedy: wait."
    assert len(doctor.chart.looks) == 1, "the first epoch's end, and none for 99 updates"


@slow_but_on_torch
def test_it_is_said_where_fit_is_verbose(capsys):
    looked_after(compiled(), epochs=3, symptoms=[Sick(1, 3)], verbose=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "Epoch 1: sick: it is sick. Remedy: wait.", "before the next epoch's line"
    assert lines[3] == "Epoch 2/3"
    assert lines[-1] == "Epoch 3: sick: it is sick. Remedy: wait."
    looked_after(compiled(), epochs=3, symptoms=[Sick(1)])
    assert capsys.readouterr().out == ""


@slow_but_on_torch
def test_it_stops():
    said = []
    doctor = looked_after(
        compiled(), epochs=6, symptoms=[Sick(2)], action={"sick": "stop"}, print_fn=said.append
    )
    assert len(doctor.chart.epochs) == 2
    assert said[-1] == "Training stops here."
    doctor = looked_after(compiled(), windows(20), 6, 10, action={"too_little_data": "stop"})
    assert len(doctor.chart.epochs) <= 1
    doctor = looked_after(compiled(), windows(20), 2, 10, action="stop")
    assert len(doctor.chart.epochs) == 2, "what no action mends is said"


@pytest.mark.parametrize("budget", all_on_torch([False, True], [False]))
def test_it_lowers_rates(budget):
    """Those of a `TimeBudget` too, which sets them anew in every epoch."""
    weights = Weights()
    others = [kr.callbacks.TimeBudget(1e6, decay_share=0.5, updates=8000)] if budget else []
    looked_after(
        compiled(),
        epochs=5,
        symptoms=[Sick(2, 4, slows=("discriminator",))],
        action="lower_rates",
        rate_factor=0.5,
        callbacks=[weights, *others],
    )
    expected = np.array([[1, 1], [1, 1], [1, 0.5], [1, 0.5], [1, 0.25]]) * 1e-3
    np.testing.assert_allclose(weights.rates, expected, rtol=1e-5)


@slow_but_on_torch
def test_a_schedule_stays():
    said = []
    schedule = keras.optimizers.schedules.ExponentialDecay(1e-3, 100, 0.9)
    gan = compiled(generator_optimizer=keras.optimizers.Adam(schedule), discriminator_optimizer=None)
    looked_after(gan, symptoms=[Sick(1)], action="lower_rates", print_fn=said.append)
    assert "The generator's learning rate follows a schedule, and stays." in said


def test_it_goes_back_to_what_was_well():
    weights, said = Weights(), []
    doctor = looked_after(
        compiled(),
        epochs=5,
        symptoms=[Sick(3)],
        action="restore",
        callbacks=[weights],
        print_fn=said.append,
    )
    for a, b in zip(weights.weights[2], weights.weights[3], strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(weights.weights[3], weights.weights[4], strict=True):
        assert (a != b).any()
    np.testing.assert_allclose(weights.rates[3], [3e-4, 3e-4], rtol=1e-5)
    assert "The weights of update 16 are back." in said
    assert [e.updates for e in doctor.chart.epochs] == [8, 16, 32, 40]
    assert int(to_numpy(doctor.model.optimizer.iterations)) == 40


@slow_but_on_torch
def test_it_does_not_go_back_for_ever():
    """Nor more than once in an epoch."""
    again = Sick(2)
    again.illness = "sick as well"
    doctor = looked_after(compiled(), epochs=9, symptoms=[Sick(2, 4, 5, 6), again], action="restore")
    assert [d.epoch for d in doctor.diagnoses] == [2, 2, 4, 5]
    assert doctor.model.stop_training


@slow_but_on_torch
def test_it_mends_steps_that_are_not_finite():
    """And `fit` does not end with an error: the weights before are back, and rates are lower."""
    gan = compiled(discriminator_optimizer=keras.optimizers.SGD(1e21))
    options = {"action": "restore", "rate_factor": 1e-24, "epochs": 3}
    doctor = looked_after(gan, **options)
    assert found(doctor) == ["not_finite"]
    assert [e.undone for e in doctor.chart.epochs] == [0, 0]
    assert all(np.isfinite(w).all() for w in gan.get_weights())


@slow_but_on_torch
@pytest.mark.parametrize("epoch", [2, 3])
def test_a_run_that_was_killed_goes_on(epoch, tmp_path):
    class Kill(keras.callbacks.Callback):
        def on_epoch_begin(self, number, logs=None):
            if number == epoch:
                raise KeyboardInterrupt

    def run(*callbacks):
        keras.utils.set_random_seed(0)
        return looked_after(
            compiled(), epochs=5, symptoms=[Sick(2, 3)], callbacks=callbacks, shuffle=False
        )

    straight = run()
    with pytest.raises(KeyboardInterrupt):
        run(keras.callbacks.BackupAndRestore(tmp_path / "backup"), Kill())
    again = run(keras.callbacks.BackupAndRestore(tmp_path / "backup"))
    assert again.diagnoses == straight.diagnoses
    assert again.chart == straight.chart


@slow_but_on_torch
def test_a_record_that_is_damaged_is_named(tmp_path):
    (tmp_path / "training_doctor.npz").write_bytes(b"PK")
    (tmp_path / "training_metadata.json").write_text('{"epoch": 1, "batch": 0}')
    with pytest.raises(OSError, match=r"training_doctor.npz.*damaged. Delete it"):
        looked_after(compiled(), callbacks=[keras.callbacks.BackupAndRestore(tmp_path)])


@slow_but_on_torch
def test_a_further_fit_without_a_backup_knows_nothing_of_the_one_before(tmp_path):
    doctor, best = kr.callbacks.TrainingDoctor(), kr.callbacks.KeepBest(DATA, looks=[0, 4])
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup", delete_checkpoint=False)
    compiled().fit(DATA, batch_size=64, epochs=3, verbose=0, callbacks=[doctor, best, backup])
    assert len(doctor.chart.epochs) == 3
    files = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "backup").iterdir()}
    assert {"keep_best.npz", "training_doctor.npz"} <= set(files)
    compiled().fit(DATA, batch_size=64, epochs=1, verbose=0, callbacks=[doctor, best])
    assert len(doctor.chart.epochs) == 1
    assert best.looked[0][0] == 0
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "backup").iterdir()} == files


@slow_but_on_torch
@pytest.mark.parametrize("norms", [True, False])
def test_norms_are_logged_or_not(norms):
    doctor = kr.callbacks.TrainingDoctor(norms=norms)
    gan = compiled(jit_compile=False)
    history = gan.fit(DATA, batch_size=64, epochs=1, verbose=0, callbacks=[doctor]).history
    names = {f"{r}_{k}_norm" for r in ("generator", "discriminator") for k in ("weight", "gradient")}
    assert names & set(history) == (names if norms else set())
    squares = sum(np.square(w).sum(dtype="float64") for w in gan.generator.get_weights())
    if norms:
        assert history["generator_weight_norm"][0] == pytest.approx(squares**0.5, rel=1e-6)


# All kinds of data


def lists():
    return [x[: 3 + i % 4] for i, x in enumerate(windows(120))]


def tokens():
    options = {"units": 4, "embedding_dim": 3}
    gan = kr.TokenGAN(7, options, {"filters": 2, "embedding_dim": 3}, seed=0)
    gan.compile(warm_up=4)
    return gan


def clips():
    sizes = {"units": 4, "filters": 2}
    gan = kr.RecurrentGAN({**sizes, "latent_dim": 3}, sizes, seed=0)
    gan.compile()
    return gan


def small(**options):
    gan = kr.RecurrentGAN({"units": 16}, {"units": 16}, seed=0, **options)
    gan.compile()
    return gan


def vectors():
    generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(5)])
    discriminator = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)])
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile()
    return gan


KINDS = {
    "labels": (small, lambda: (windows(120), {"label": np.arange(120) % 3})),
    "lengths": (small, lists),
    "gaps": (completing_gan, lambda: with_gaps(windows(120))[1]),
    "ranges": (lambda: small(scaler="per_sample"), lambda: windows(120)),
    "tokens": (tokens, lambda: np.random.default_rng(0).integers(7, size=(120, 5))),
    "clips": (clips, lambda: kr.datasets.make_moving_digits(120, 3, size=10, num_digits=1)[0]),
    "vectors": (
        vectors,
        lambda: np.random.default_rng(0).normal(size=(120, 5)).astype("float32"),
    ),
}


@slow_but_on_torch
@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_of_data(kind):
    make, data = KINDS[kind]
    doctor = looked_after(make(), data(), epochs=2, batch_size=60)
    assert len(doctor.chart.looks) == 2
    assert found(doctor) == (["size_misfit"] if kind == "gaps" else []), "which has 4 units"
    assert all(np.isfinite(list(epoch.logs.values())).all() for epoch in doctor.chart.epochs)


@slow_but_on_torch
def test_datasets_are_seen_by_examples():
    class Batches(keras.utils.PyDataset):
        num_batches = 2

        def __getitem__(self, index):
            return windows(40, seed=index)

    doctor = looked_after(compiled(), Batches(), batch_size=None)
    assert len(doctor.chart.looks) == 2
    assert doctor.chart.facts.num_sequences is None


@slow_but_on_torch
def test_beside_keep_best_and_without_epochs():
    gan = recurrent_gan()
    gan.compile()
    keras.config.set_max_steps_per_epoch(2)
    try:
        budget = kr.callbacks.TimeBudget(1e6, updates=6)
        doctor = looked_after(gan, epochs="auto", callbacks=[budget])
    finally:
        keras.config.set_max_steps_per_epoch(None)
    assert [e.updates for e in doctor.chart.epochs] == [2, 4, 6]


@slow_but_on_torch
def test_a_model_that_was_saved_on_the_way_loads(tmp_path):
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "gan.keras")
    gan = compiled()
    looked_after(gan, callbacks=[checkpoint])
    loaded = kr.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(loaded.generate(3, seed=0), gan.generate(3, seed=0))


def test_bad_arguments():
    make = kr.callbacks.TrainingDoctor
    refuses(lambda: make("heal"), "`action` must be one of 'say', 'stop', 'lower_rates', 'restore'")
    refuses(lambda: make({"flu": "say"}), "`illness` must be one of 'scale_misfit'.*'flu'")
    refuses(lambda: make({"collapse": "stay"}), "`action` must be one of.*'stay'")
    refuses(lambda: make(symptoms=[Sick]), "`symptoms` must be instances of")
    refuses(lambda: make(norms="some"), "`norms` must be one of True, False, 'auto'")
    refuses(lambda: make(every=0), "`every` must be an integer")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    x = np.zeros((4, 2), "float32")
    refuses(lambda: model.fit(x, x[:, :1], callbacks=[make()], verbose=0), "Received: a Sequential")

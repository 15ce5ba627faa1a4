"""Each illness is provoked, healthy training raises nothing, and training is not disturbed."""

import re

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.callbacks.doctor.of_training import YOUNG
from tests.testing import (
    all_on_torch,
    dense_gan,
    recurrent_gan,
    slow_but_on_torch,
    state_of,
    windows,
)

DATA = windows(128)


def looked_after(gan, data=DATA, epochs=2, batch_size=16, action="say", verbose=0, **options):
    """Return a doctor that has looked after a fit."""
    settings = {
        k: options.pop(k) for k in ("every", "symptoms", "print_fn", "rate_factor") if k in options
    }
    doctor = kr.callbacks.TrainingDoctor(action, **{"every": 1, "num_samples": 64, **settings})
    callbacks = [*options.pop("callbacks", []), doctor]
    gan.fit(data, batch_size=batch_size, epochs=epochs, callbacks=callbacks, verbose=verbose, **options)
    return doctor


def found(doctor):
    return [diagnosis.illness for diagnosis in doctor.diagnoses]


def one(doctor, illness):
    """Return the first diagnosis of an illness."""
    return next(d for d in doctor.diagnoses if d.illness == illness)


def dense(in_units=8, activation=None, seed=1):
    """Return networks without a start from the data, the generator's ending as asked for."""
    keras.utils.set_random_seed(seed)
    generator = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(in_units, activation="tanh"),
            keras.layers.Dense(12, activation=activation),
            keras.layers.Reshape((6, 2)),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((6, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(in_units, activation="tanh"),
            keras.layers.Dense(1),
        ]
    )
    return generator, discriminator


# What must not be


CASES = [(dense_gan, "auto"), (recurrent_gan, "auto"), (dense_gan, "wasserstein")]


@pytest.mark.parametrize("case", all_on_torch(CASES, CASES[:1]))
def test_training_is_the_same_bit_by_bit(case):
    make, loss = case
    states = []
    for looks in (False, True):
        keras.utils.set_random_seed(0)
        gan = make()
        gan.compile(loss=loss)
        options = {"validation_data": windows(16, seed=5)}
        if looks:
            doctor = looked_after(gan, epochs=3, **options)
            assert len(doctor.chart.looks) == 3
        else:
            gan.fit(DATA, batch_size=16, epochs=3, verbose=0, **options)
        states.append(state_of(gan))
    for a, b in zip(*states, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_found_in_healthy_training(seed):
    keras.utils.set_random_seed(seed)
    data = kr.datasets.make_sines(1280, length=8, num_features=2, seed=seed)
    gan = kr.RecurrentGAN(seed=seed)
    gan.compile()
    doctor = looked_after(
        gan, data[:1024], epochs=20, batch_size=32, every=64, validation_data=data[1024:]
    )
    assert doctor.summary() == "Nothing was found in 640 updates."
    assert len(doctor.chart.looks) == 10


@slow_but_on_torch
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_nothing_is_found_in_a_short_healthy_training(seed):
    keras.utils.set_random_seed(seed)
    gan = kr.RecurrentGAN(*dense(16, seed=seed), seed=seed)
    gan.compile()
    data = windows(320, seed=seed)
    doctor = looked_after(
        gan, data[:256], epochs=12, batch_size=16, every=50, validation_data=data[256:]
    )
    assert doctor.summary() == "Nothing was found in 192 updates."


# Illnesses of the data and the networks


@slow_but_on_torch
def test_too_little_data():
    gan = dense_gan()
    gan.compile()
    doctor = looked_after(gan, windows(20), batch_size=10)
    diagnosis = one(doctor, "too_little_data")
    assert (diagnosis.update, diagnosis.epoch) == (0, 0)
    assert diagnosis.evidence == {"sequences": 20, "apart": 20}
    assert "only 20 sequences" in diagnosis.line()
    assert found(doctor) == ["too_little_data"]


@slow_but_on_torch
@pytest.mark.parametrize("number", [1, 5])
def test_copies_count_once(number):
    copies = np.random.default_rng(0).normal(size=(number, 6, 2))[np.arange(600) % number]
    gan = dense_gan()
    gan.compile()
    doctor = looked_after(gan, copies.astype("float32"), epochs=1)
    assert one(doctor, "too_little_data").evidence["apart"] == number


@slow_but_on_torch
def test_windows_that_overlap_count_once():
    series = np.random.default_rng(0).normal(size=(300, 2)).cumsum(axis=0).astype("float32")
    gan = dense_gan()
    gan.compile()
    doctor = looked_after(gan, kr.data.sliding_windows(series, 6), epochs=1)
    diagnosis = one(doctor, "too_little_data")
    assert diagnosis.evidence == {"sequences": 295, "apart": 50}
    assert "295 sequences overlap, and have the steps of only 50 that share no step" in diagnosis.what


@slow_but_on_torch
@pytest.mark.parametrize(
    ("make", "data", "said"),
    [
        (
            lambda: kr.RecurrentGAN(*dense(activation="tanh"), scaler=None),
            3.0 * np.sin(DATA),
            "of feature 0 lie outside of -1 … 1, where the generator's tanh ends. Remedy: make the model",
        ),
        (
            lambda: kr.RecurrentGAN(*dense(activation="sigmoid")),
            DATA,
            "where the generator's sigmoid ends. Remedy: end the generator in a linear layer",
        ),
        (
            lambda: kr.RecurrentGAN(*dense(), scaler=None),
            DATA,
            "98 % of the values of feature 1 lie between 110 and 115, and networks expect some",
        ),
        (
            lambda: kr.RecurrentGAN(*dense()),
            np.where(np.arange(128)[:, None, None] == 5, 1e5 * DATA, DATA),
            "a few far ones take up the range. Remedy: drop or clip the outliers",
        ),
    ],
)
def test_a_scale_that_does_not_fit(make, data, said):
    gan = make()
    gan.compile()
    doctor = looked_after(gan, data.astype("float32"), epochs=1)
    assert re.search(said, one(doctor, "scale_misfit").line())
    assert found(doctor) == ["scale_misfit"]


@slow_but_on_torch
def test_a_scaler_that_knows_other_data():
    gan = dense_gan()
    gan.compile()
    gan.fit(DATA, batch_size=64, epochs=1, verbose=0)
    with pytest.warns(UserWarning, match="times as far"):
        doctor = looked_after(gan, 100.0 * DATA, epochs=1)
    assert "which was adapted to other data" in one(doctor, "scale_misfit").what


@slow_but_on_torch
@pytest.mark.parametrize(
    ("make", "data", "said"),
    [
        (
            lambda: kr.RecurrentGAN({"units": 3}, {"units": 8}, seed=0),
            DATA,
            "the generator has 3 units, and networks made for such data have 48",
        ),
        (
            lambda: kr.RecurrentGAN({"linear_process": 0, "noise_dim": 1}, {"units": 20}, seed=0),
            np.random.default_rng(0).normal(size=(128, 6, 6)).astype("float32"),
            "independent numbers are new at a step of the data, and the generator has 1 of noise",
        ),
        (
            lambda: kr.RecurrentGAN(*dense(2000), seed=0),
            DATA,
            "the generator has 34,012 weights for 1,536 numbers in the data",
        ),
    ],
)
def test_networks_that_do_not_fit(make, data, said):
    gan = make()
    gan.compile()
    doctor = looked_after(gan, data, epochs=1, batch_size=64)
    assert said in one(doctor, "size_misfit").what
    assert found(doctor) == ["size_misfit"]


@slow_but_on_torch
def test_networks_that_are_made_for_clips_are_not_too_large_for_them():
    clips = np.random.default_rng(0).normal(size=(20, 3, 8, 8, 1)).astype("float32")
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    doctor = looked_after(gan, clips, epochs=1, batch_size=10)
    assert sum(np.prod(v.shape) for v in gan.generator.trainable_variables) > 10 * clips.size
    assert found(doctor) == ["too_little_data"]


# Illnesses of training


def test_gradients_that_explode():
    gan = dense_gan()
    gan.compile(discriminator_optimizer=keras.optimizers.Adam(10.0))
    diagnosis = one(looked_after(gan), "exploding_gradients")
    assert diagnosis.epoch == 1
    assert "the discriminator's weights grew" in diagnosis.what
    assert diagnosis.evidence["now"] > 10.0 * diagnosis.evidence["before"]


@slow_but_on_torch
def test_steps_that_are_not_finite(capsys):
    """Which `fit` ends with an error for; the doctor says so before it does."""
    gan = dense_gan()
    gan.compile(discriminator_optimizer=keras.optimizers.SGD(1e30))
    doctor = kr.callbacks.TrainingDoctor()
    with pytest.raises(FloatingPointError, match="the first in step 1"):
        gan.fit(DATA, batch_size=16, epochs=2, callbacks=[doctor], verbose=2)
    diagnosis = one(doctor, "not_finite")
    assert diagnosis.evidence["undone"] == 8
    assert "and were undone. Remedy: lower the learning rates" in capsys.readouterr().out


@slow_but_on_torch
def test_a_generator_of_one_constant_has_collapsed():
    generator, discriminator = dense()
    constant = keras.Sequential([keras.Input((4,)), keras.layers.Rescaling(0.0), *generator.layers])
    gan = kr.RecurrentGAN(constant, discriminator, seed=0)
    gan.compile(penalties=None, generator_optimizer=None)
    doctor = looked_after(gan, epochs=80, every=50, action={"collapse": "stop"})
    diagnosis = one(doctor, "collapse")
    assert doctor.chart.epochs[-1].number == diagnosis.epoch, "training stopped"
    assert YOUNG <= diagnosis.update < YOUNG + 200
    assert diagnosis.evidence["spread"] < 0.01
    assert "two generated sequences differ by" in diagnosis.what


@slow_but_on_torch
def test_a_judge_that_has_won():
    gan = kr.RecurrentGAN(*dense(32), seed=0)
    gan.compile(
        loss="minimax",
        penalties=None,
        generator_optimizer=keras.optimizers.Adam(1e-5),
        discriminator_optimizer=keras.optimizers.Adam(1e-3 * 100),
    )
    doctor = looked_after(gan, epochs=60, every=50, action={"judge_won": "stop"})
    diagnosis = one(doctor, "judge_won")
    assert diagnosis.evidence["real_score"] > diagnosis.evidence["fake_score"] + 3.0
    assert "told every real sequence" in diagnosis.what


@slow_but_on_torch
def test_a_judge_that_has_lost():
    gan = kr.RecurrentGAN(*dense(), seed=0)
    gan.compile(discriminator_optimizer=keras.optimizers.SGD(1e-6), penalties=None)
    gan.adapt(DATA)
    gan.discriminator.layers[-1].kernel.assign(0.0 * gan.discriminator.layers[-1].kernel)
    doctor = looked_after(gan, epochs=60, every=50, action={"judge_lost": "stop"})
    diagnosis = one(doctor, "judge_lost")
    assert diagnosis.evidence["told"] > 0.3
    assert diagnosis.evidence["chance"] == pytest.approx(np.log(2.0), rel=1e-5)


@slow_but_on_torch
def test_a_critic_that_has_lost_and_one_that_is_well():
    """Under a Wasserstein loss, which tells neither."""
    settings = {"loss": "wasserstein", "penalties": None}
    gan = kr.RecurrentGAN(*dense(), seed=0)
    gan.compile(discriminator_optimizer=keras.optimizers.SGD(1e-6), **settings)
    doctor = looked_after(gan, epochs=75, every=50, action={"judge_lost": "stop"})
    diagnosis = one(doctor, "judge_lost")
    assert diagnosis.evidence["told"] > 0.3
    assert diagnosis.evidence["ranked"] < 0.6
    gan = kr.RecurrentGAN(*dense(), seed=0)
    gan.compile(discriminator_steps=2, **{**settings, "penalties": [kr.penalties.GradientPenalty()]})
    doctor = looked_after(gan, epochs=50, every=50)
    assert max(look.ranked for look in doctor.chart.looks) > 0.9
    assert "judge_lost" not in found(doctor)


@slow_but_on_torch
def test_what_is_memorised_and_since_when():
    gan = kr.RecurrentGAN(*dense(64), seed=0)
    gan.compile(penalties=None)
    held_out = {"validation_data": windows(64, seed=9), "validation_batch_size": 64}
    doctor = looked_after(gan, windows(8), 400, 8, "stop", every=50, **held_out)
    diagnosis = one(doctor, "memorising")
    assert 0 < diagnosis.evidence["began"] == diagnosis.update < 8 * diagnosis.epoch
    assert diagnosis.evidence["share"] > 0.5
    assert "real_score has left val_real_score since about update" in diagnosis.what


@slow_but_on_torch
def test_samples_that_go_round():
    """The Dirac-GAN of Mescheder et al., 2018: a mean to learn, and a line that judges it."""
    generator = keras.Sequential([keras.Input((6, 2)), keras.layers.Dense(2)])
    discriminator = keras.Sequential(
        [keras.Input((6, 2)), keras.layers.Flatten(), keras.layers.Dense(1, kernel_initializer="zeros")]
    )
    gan = kr.RecurrentGAN(generator, discriminator, scaler="standard", seed=0)
    gan.compile(
        loss="wasserstein",
        penalties=None,
        ema=None,
        generator_optimizer=keras.optimizers.SGD(0.1),
        discriminator_optimizer=keras.optimizers.SGD(0.1),
    )
    doctor = looked_after(gan, epochs=60, batch_size=8, every=16, action={"oscillation": "stop"})
    diagnosis = one(doctor, "oscillation")
    assert diagnosis.evidence["move"] > 0.15
    assert diagnosis.evidence["led"] < 0.35

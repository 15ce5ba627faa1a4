"""keras-tuner drives searches; what is asked here is what it gets from the hypermodel."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.hypermodels.recurrent_gan_hyper_model import HYPERPARAMETERS
from tests.testing import assert_close, slow_but_on_torch, windows

DATA = windows(32)
SMALL = {"generator_units": 8, "discriminator_units": 8, "num_layers": 1, "batch_size": 16}
OBJECTIVE = keras_tuner.Objective("val_mmd", "min")


def hypermodel(**hyperparameters):
    return kr.hypermodels.RecurrentGANHyperModel(DATA, {**SMALL, **hyperparameters}, seed=0)


def search(tuner, **kwargs):
    tuner.search(DATA[:24], validation_data=DATA[24:], verbose=0, **kwargs)


@pytest.mark.parametrize("num_features", [2, 9])
def test_the_defaults_are_the_default_recipe(num_features):
    data = np.random.default_rng(0).normal(size=(8, 6, num_features))
    expected = kr.RecurrentGAN(seed=0)
    expected.compile()
    expected.adapt(data)
    found = kr.hypermodels.RecurrentGANHyperModel(data, seed=0).build(keras_tuner.HyperParameters())
    for role in ("generator", "discriminator"):
        networks = [getattr(gan, role).get_config() for gan in (found, expected)]
        assert networks[0] == networks[1]
    recipes = [gan.get_compile_config() for gan in (found, expected)]
    for recipe in recipes:
        for role in ("generator", "discriminator"):
            optimizer = recipe[f"{role}_optimizer"]["config"]
            assert optimizer.pop("learning_rate") == pytest.approx(1e-3)
            del optimizer["name"]
    assert recipes[0] == recipes[1]
    for one, other in zip(found.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@slow_but_on_torch
def test_every_value_builds_what_it_says():
    hp = keras_tuner.HyperParameters()
    asked = hypermodel(cell="lstm", noise="step", loss="wasserstein", ema=[0.9, 0.99])
    asked.given.update(penalty="approximate_gradient_penalty", penalty_weight=0.5, num_layers=2)
    asked.given.update(generator_learning_rate=2e-3, discriminator_learning_rate=5e-4)
    gan = asked.build(hp)
    assert set(hp.values) == set(HYPERPARAMETERS)
    assert (gan.generator.units, gan.generator.latent_dim, gan.generator.num_layers) == (8, 0, 2)
    config = gan.get_compile_config()
    assert config["loss"]["class_name"] == "WassersteinLoss"
    (penalty,) = config["penalties"]
    assert penalty["class_name"] == "ApproximateGradientPenalty"
    assert penalty["config"]["weight"] == 5.0
    assert config["ema"] == 0.9
    assert float(keras.ops.convert_to_numpy(gan.generator_optimizer.learning_rate)) == pytest.approx(
        2e-3
    )
    rate = gan.discriminator_optimizer.learning_rate
    assert float(keras.ops.convert_to_numpy(rate)) == pytest.approx(5e-4)
    gan = hypermodel(noise="sequence").build(keras_tuner.HyperParameters())
    assert gan.generator.noise_dim == 0


def test_what_is_usual_of_a_list_and_of_a_loss():
    asked = hypermodel(loss="wasserstein", ema=[0.9, 0.999])
    config = asked.build(keras_tuner.HyperParameters()).get_compile_config()
    assert config["ema"] == 0.999
    assert config["penalties"][0]["class_name"] == "ApproximateGradientPenalty"


def test_further_arguments_come_on_top():
    asked = kr.hypermodels.RecurrentGANHyperModel(
        DATA,
        SMALL,
        model={"completion": True, "generator": {"latent_dim": 4}},
        compile={"discriminator_steps": 2, "generator_optimizer": keras.optimizers.Adam(0.5)},
    )
    gan, other = (asked.build(keras_tuner.HyperParameters()) for _ in range(2))
    assert gan.generator_optimizer is not other.generator_optimizer
    assert float(keras.ops.convert_to_numpy(other.generator_optimizer.learning_rate)) == 0.5
    assert gan.completion
    assert (gan.generator.latent_dim, gan.generator.units) == (4, 8)
    assert gan.get_compile_config()["discriminator_steps"] == 2


def test_refuses():
    with pytest.raises(ValueError, match="`hyperparameters` must be one of 'cell'.*Did you mean 'ema'"):
        hypermodel(emma=0.9)
    with pytest.raises(ValueError, match="`ema` expects a value or a list of some. Received: \\[\\]"):
        hypermodel(ema=[])
    with pytest.raises(ValueError, match="`noise` must be one of 'both'"):
        hypermodel(noise=["both", "stp"])
    with pytest.raises(ValueError, match="Pass the seed as seed="):
        kr.hypermodels.RecurrentGANHyperModel(DATA, model={"seed": 1})
    with pytest.raises(ValueError, match="Cut a long series with keras_rgan.data.sliding_windows"):
        kr.hypermodels.RecurrentGANHyperModel(np.zeros((10, 3)))


@slow_but_on_torch
def test_the_batch_size_is_the_trials():
    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(batch)

    asked, hp = hypermodel(batch_size=8), keras_tuner.HyperParameters()
    asked.fit(hp, asked.build(hp), DATA, epochs=1, verbose=0, callbacks=[Watch()])
    assert len(seen) == 4
    seen.clear()
    asked.fit(hp, asked.build(hp), DATA[:5], epochs=1, verbose=0, callbacks=[Watch()])
    assert len(seen) == 1
    seen.clear()
    pairs = [DATA[:16], DATA[16:]]

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            return pairs[index]

    asked.fit(hp, asked.build(hp), Batches(), epochs=1, verbose=0, callbacks=[Watch()])
    assert len(seen) == 2


@slow_but_on_torch
def test_a_search_goes_on_and_gives_back_the_best_model_whole(tmp_path):
    def tuner(trials):
        return keras_tuner.RandomSearch(
            hypermodel(ema=[0.5, 0.9], loss="relativistic"),
            OBJECTIVE,
            max_trials=trials,
            seed=0,
            directory=tmp_path,
            project_name="search",
        )

    first = tuner(1)
    search(first, epochs=2)
    done = set(first.oracle.trials)
    assert len(done) == 1
    second = tuner(2)  # as after a kill
    search(second, epochs=2)
    assert done < set(second.oracle.trials)
    assert len(second.oracle.trials) == 2
    (best,) = second.get_best_models()
    trial = second.oracle.get_best_trials()[0]
    scores = best.evaluate(DATA[24:], batch_size=16, return_dict=True, verbose=0)
    assert scores["mmd"] == pytest.approx(trial.score, rel=1e-4, abs=1e-6)
    made = best.generate(5, seed=0)
    assert made.shape == (5, *DATA.shape[1:])
    best.save(tmp_path / "best.keras")
    np.testing.assert_allclose(
        keras.saving.load_model(tmp_path / "best.keras").generate(5, seed=0), made, atol=1e-5
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["BayesianOptimization", "Hyperband"])
def test_other_tuners(kind, tmp_path):
    options = {"max_trials": 2} if kind == "BayesianOptimization" else {"max_epochs": 2, "factor": 2}
    tuner = getattr(keras_tuner, kind)(
        hypermodel(noise="both", loss="relativistic", penalty="approximate_r1_r2", cell="gru"),
        OBJECTIVE,
        seed=0,
        directory=tmp_path,
        **options,
    )
    search(tuner, epochs=1) if kind == "BayesianOptimization" else search(tuner)
    assert {t.status for t in tuner.oracle.trials.values()} == {"COMPLETED"}
    rounds = [t.hyperparameters.values.get("tuner/round", 0) for t in tuner.oracle.trials.values()]
    assert max(rounds) > 0 or kind == "BayesianOptimization"
    assert np.isfinite(tuner.oracle.get_best_trials()[0].score)


@slow_but_on_torch
def test_a_model_of_ones_own(tmp_path):
    def build(hp):
        gan = kr.RecurrentGAN(generator={"units": hp.Int("units", 4, 8, step=4)}, seed=0)
        gan.compile(generator_optimizer=keras.optimizers.Adam(hp.Float("rate", 1e-4, 1e-3)))
        gan.adapt(DATA)
        return gan

    tuner = keras_tuner.RandomSearch(build, OBJECTIVE, max_trials=1, seed=0, directory=tmp_path)
    search(tuner, epochs=1, batch_size=8)
    units = tuner.get_best_hyperparameters()[0].get("units")
    assert tuner.get_best_models()[0].generator.units == units


WORKER = """
import sys
import keras_tuner
from tests.hypermodels.test_recurrent_gan_hyper_model import OBJECTIVE, hypermodel, search

tuner = keras_tuner.RandomSearch(
    hypermodel(loss="relativistic"), OBJECTIVE, max_trials=2, seed=0, directory=sys.argv[1]
)
search(tuner, epochs=1)
"""


@slow_but_on_torch
def test_chief_and_workers_are_processes(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    shared = {**os.environ, "KERASTUNER_ORACLE_IP": "127.0.0.1", "KERASTUNER_ORACLE_PORT": port}
    processes = {}
    for name in ("chief", "tuner0", "tuner1"):
        processes[name] = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(tmp_path)],
            env={**shared, "KERASTUNER_TUNER_ID": name},
            cwd=Path(__file__).parents[2],
            stderr=subprocess.PIPE,
            text=True,
        )
    try:
        for name in ("tuner0", "tuner1"):
            _, errors = processes[name].communicate(timeout=300)
            assert processes[name].returncode == 0, errors[-2000:]
    finally:
        for process in processes.values():
            process.kill()
    trials = list(tmp_path.glob("untitled_project/trial_*"))
    assert len(trials) == 2
    assert all((trial / "checkpoint.weights.h5").exists() for trial in trials)


CASES = {
    "a default model": (lambda: kr.RecurrentGAN(seed=0), False),
    "doppelganger": (
        lambda: kr.applications.doppelganger(
            4, 3, attribute_units=4, discriminator_units=4, discriminator_layers=2, seed=0
        ),
        True,
    ),
    "one that completes": (lambda: kr.RecurrentGAN({"units": 4}, {"units": 4}, completion=True), True),
}


@slow_but_on_torch
@pytest.mark.parametrize("name", CASES)
def test_weights_load_into_a_model_that_is_made_by_the_same_code(name, tmp_path):
    make, labelled = CASES[name]
    one_hot = np.eye(3, dtype="float32")[np.arange(40 * 6).reshape(40, 6) % 3]
    data = np.concatenate([windows(40, 6), one_hot], axis=-1)
    data = (data, {"label": np.arange(40) % 2}) if labelled else data
    gan, copy = make(), make()
    for model in (gan, copy):
        model.compile()
    gan.fit(data, batch_size=20, epochs=1, verbose=0)
    gan.save_weights(tmp_path / "best.weights.h5")
    copy.build_from_config(json.loads(json.dumps(gan.get_build_config())))
    copy.load_weights(tmp_path / "best.weights.h5")
    assert_close(copy.generate(5, seed=1), gan.generate(5, seed=1), 0.0)
    copy.fit(data, batch_size=20, epochs=1, verbose=0)


@slow_but_on_torch
def test_the_best_doppelganger_of_a_search(tmp_path):
    data = windows(40, 6), {"label": np.arange(40) % 2}

    def build(hyperparameters):
        units = hyperparameters.Int("units", 4, 8, step=4)
        return kr.applications.doppelganger(units, 3, discriminator_units=4, seed=0)

    tuner = keras_tuner.RandomSearch(
        build, keras_tuner.Objective("val_mmd", "min"), max_trials=2, directory=tmp_path
    )
    tuner.search(data, batch_size=20, epochs=1, validation_data=data, verbose=0)
    (best,) = tuner.get_best_models(1)
    score = tuner.oracle.get_best_trials(1)[0].score
    found = best.evaluate(data, batch_size=20, verbose=0, return_dict=True)
    assert found["mmd"] == pytest.approx(score)

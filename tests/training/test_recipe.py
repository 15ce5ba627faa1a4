"""What `compile` resolves its arguments to, and how that is saved."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    dense_gan,
    slow_but_on_torch,
    windows,
)


def test_the_default_recipe_is_the_documented_one():
    gan = dense_gan()
    gan.compile()
    recipe = gan._recipe
    assert isinstance(recipe.loss, kr.losses.RelativisticLoss)
    kinds = [type(p) for p in recipe.penalties]
    assert kinds == [kr.penalties.ApproximateR1Penalty, kr.penalties.ApproximateR2Penalty]
    assert [(p.weight, p.every) for p in recipe.penalties] == [(4.0, 2), (4.0, 2)]
    assert recipe.ema == 0.999
    assert [m.name for m in recipe.metrics] == ["mmd"]
    for optimizer in gan.optimizer.optimizers:
        config = optimizer.get_config()
        assert config["name"] in ("generator_optimizer", "discriminator_optimizer")
        assert (config["beta_1"], config["beta_2"]) == (0.0, 0.99)
        assert config["learning_rate"] == pytest.approx(1e-3)


def test_the_wasserstein_loss_brings_its_penalty():
    gan = dense_gan()
    gan.compile(loss="wasserstein")
    (penalty,) = gan._recipe.penalties
    assert isinstance(penalty, kr.penalties.ApproximateGradientPenalty)
    assert (penalty.weight, penalty.every) == (10.0, 2)


@slow_but_on_torch
def test_the_loss_of_many_features_is_the_wasserstein_loss(tmp_path):
    few, many = np.zeros((4, 6, 8)), np.random.default_rng(0).normal(size=(4, 6, 9))
    small = {"units": 4}

    def kinds(data, loss="auto", recompile=False, **options):
        gan = kr.RecurrentGAN(small, small, seed=0, **options)
        gan.compile(loss=loss)
        gan.adapt(data)
        if recompile:
            gan.compile()
        gan.save(tmp_path / "gan.keras")
        copy = keras.saving.load_model(tmp_path / "gan.keras")
        assert copy.get_compile_config() == gan.get_compile_config()
        config = gan.get_compile_config()
        return config["loss"]["class_name"], [p["class_name"] for p in config["penalties"]]

    pairing = "RelativisticLoss", ["ApproximateR1Penalty", "ApproximateR2Penalty"]
    critic = "WassersteinLoss", ["ApproximateGradientPenalty"]
    assert kinds(few) == pairing
    assert kinds(many) == critic
    assert kinds(many, "relativistic") == pairing
    assert kinds(many, "relativistic", recompile=True) == critic
    assert kinds(many, completion=True) == pairing
    chosen = np.eye(3)[np.random.default_rng(1).integers(3, size=(4, 6))]
    assert kinds(np.concatenate([many, chosen], axis=-1)) == pairing
    unbuilt = kr.RecurrentGAN(small, small)
    unbuilt.compile()
    unbuilt.save(tmp_path / "unbuilt.keras")
    copy = keras.saving.load_model(tmp_path / "unbuilt.keras")
    copy.adapt(many)
    assert copy.get_compile_config()["loss"]["class_name"] == critic[0]


def test_parts_by_name_by_object_and_off():
    gan = dense_gan()
    gan.compile(
        loss=kr.losses.HingeLoss(),
        penalties=["r1", kr.penalties.R2Penalty(0.5)],
        generator_optimizer="adam",
        discriminator_optimizer=keras.optimizers.RMSprop(1e-4),
        ema=None,
        metrics=None,
    )
    assert [p.weight for p in gan._recipe.penalties] == [1.0, 0.5]
    gan.compile(penalties=None, metrics=kr.metrics.MaximumMeanDiscrepancy(name="other"))
    history = gan.fit(windows(), validation_data=windows(), verbose=0, epochs=1).history
    assert "val_other" in history
    assert "penalty" not in history


def test_compile_refuses():
    gan = dense_gan()
    with pytest.raises(
        TypeError,
        match=r"unexpected arguments \['optimizer'\]. A GAN has two optimizers: pass generator_opt",
    ):
        gan.compile(optimizer="adam")
    with pytest.raises(ValueError, match="`loss` must be one of 'minimax'"):
        gan.compile(loss="mse")
    with pytest.raises(ValueError, match="`loss` cannot be None"):
        gan.compile(loss=None)
    with pytest.raises(
        ValueError, match="`generator_optimizer` must be 'auto', a name such as 'adam'.*'adm'"
    ):
        gan.compile(generator_optimizer="adm")
    optimizer = keras.optimizers.Adam()
    with pytest.raises(ValueError, match="One optimizer cannot serve both networks"):
        gan.compile(generator_optimizer=optimizer, discriminator_optimizer=optimizer)
    with pytest.raises(ValueError, match="`discriminator_steps` must be an integer of at least 1"):
        gan.compile(discriminator_steps=0)
    with pytest.raises(ValueError, match="`ema` must be a number between 0 and 1"):
        gan.compile(ema=2.0)
    with pytest.raises(ValueError, match="`ema` must be a number"):
        gan.compile(ema="fast")


def test_compile_config_round_trip(tmp_path):
    gan = dense_gan()
    schedule = keras.optimizers.schedules.ExponentialDecay(1e-3, 10, 0.5)
    gan.compile(
        loss=kr.losses.NonSaturatingLoss(label_smoothing=0.1),
        penalties=[kr.penalties.R1Penalty(0.3, interval=2)],
        generator_optimizer=keras.optimizers.Adam(schedule),
        discriminator_optimizer="rmsprop",
        discriminator_steps=2,
        ema=0.5,
        metrics=[kr.metrics.MaximumMeanDiscrepancy(name="own", bandwidth=2.0)],
        prediction_weight=0.7,
    )
    gan.fit(windows(), verbose=0, epochs=1)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    recipe = loaded._recipe
    assert recipe.loss.label_smoothing == 0.1
    assert (recipe.penalties[0].weight, recipe.penalties[0].interval) == (0.3, 2)
    assert (recipe.discriminator_steps, recipe.ema, recipe.prediction_weight) == (2, 0.5, 0.7)
    assert (recipe.metrics[0].name, recipe.metrics[0].bandwidth) == ("own", 2.0)
    assert type(loaded.optimizer.discriminator_optimizer).__name__ == "RMSprop"
    rate = loaded.optimizer.generator_optimizer.get_config()["learning_rate"]
    assert rate["class_name"] == "ExponentialDecay"

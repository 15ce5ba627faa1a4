import functools

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan import backend
from tests.testing import (
    assert_close,
    dense_gan,
    dense_networks,
    recurrent_gan,
    recurrent_networks,
    run_gan_test,
    state_of,
    to_numpy,
    windows,
)


def test_trains_evaluates_generates_and_saves(tmp_path):
    generator, _ = recurrent_networks()
    discriminator = kr.networks.RecurrentDiscriminator(4, dropout=0.1, minibatch_group_size=4, seed=2)
    run_gan_test(kr.RecurrentGAN(generator, discriminator, seed=0), windows(), tmp_path)


def test_networks_that_differ_in_some_arguments(tmp_path):
    changes = {"units": 8, "cell": "lstm", "seed": 1}
    gan = kr.RecurrentGAN(changes, {"units": 6, "bidirectional": False}, seed=0)
    before = kr.RecurrentGAN.from_config(gan.get_config())
    data = windows(8)
    for one in (gan, before):
        one.compile()
        one.adapt(data)
        assert (one.generator.units, one.generator.hidden_units) == (8, 8)
        assert one.generator.get_config()["smoothing"]
        assert (one.discriminator.units, one.discriminator.bidirectional) == (6, False)
    np.testing.assert_array_equal(before.generate(2, seed=0), gan.generate(2, seed=0))
    gan.save(tmp_path / "gan.keras")
    copy = keras.saving.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(copy.generate(2, seed=0), gan.generate(2, seed=0))
    for wrong, message in (
        ({"units": 8, "num_features": 3}, "`generator argument` must be one of 'units'"),
        ({"unit": 8}, "Did you mean 'units'"),
        (8, "must be a Keras model or layer, or None or a dict of arguments"),
    ):
        with pytest.raises(ValueError, match=message):
            kr.RecurrentGAN(wrong)


def test_networks_are_sized_from_the_data(tmp_path):
    gan = kr.RecurrentGAN(seed=0)
    gan.adapt(windows(num_features=2))
    assert gan.generator.num_features == 2
    assert (gan.generator.units, gan.discriminator.units) == (48, 48)
    wide = kr.RecurrentGAN(seed=0)
    wide.build((None, 24, 28))
    assert (wide.generator.units, wide.discriminator.units) == (128, 64)


def test_second_increments_are_looked_at_where_every_feature_bends_slowly():
    def increments(data):
        gan = kr.RecurrentGAN(seed=0)
        gan.adapt(data)
        return gan.discriminator.increments

    sines = np.sin(np.linspace(0.0, 3.0, 24)[:, None] + np.arange(40.0)[:, None, None])
    noise = np.random.default_rng(0).normal(size=(40, 24, 1))
    assert increments(sines) == 2
    assert increments(np.concatenate([sines, noise], axis=-1)) == 1
    assert increments(np.concatenate([sines, np.ones((40, 24, 1))], axis=-1)) == 2
    assert increments(sines[:, :2]) == 1  # nothing to see
    assert increments(np.cumsum(noise, axis=1)) == 1  # a random walk


# compile


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
    history = gan.fit(windows(), validation_data=windows(), verbose=0).history
    assert "val_other" in history
    assert "penalty" not in history


@pytest.mark.parametrize("loss", ["minimax", "non_saturating", "least_squares", "hinge", "wasserstein"])
def test_every_loss_trains(loss):
    gan = dense_gan()
    gan.compile(loss=loss)
    history = gan.fit(windows(), epochs=2, verbose=0).history
    assert all(np.isfinite(v).all() for v in history.values())


@pytest.mark.parametrize(
    ("penalty", "attention_heads"), [("gradient_penalty", 2), ("r1", 0), ("r2", 0)]
)
def test_exact_penalties_train_a_recurrent_discriminator(penalty, attention_heads):
    generator, _ = recurrent_networks()
    discriminator = kr.networks.RecurrentDiscriminator(
        4, bidirectional=False, attention_heads=attention_heads, seed=2
    )
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile(penalties=penalty)
    history = gan.fit(windows(), batch_size=20, verbose=0).history
    assert history["penalty"][0] > 0.0
    fused = any(getattr(layer, "use_cudnn", False) for layer in gan.discriminator._flatten_layers())
    assert fused is backend.loops_differentiate_twice()


def test_discriminator_steps():
    data = windows(20)
    weights = []
    for steps in (1, 3):
        gan = dense_gan()
        gan.compile(discriminator_steps=steps, generator_optimizer=None)
        gan.fit(data, batch_size=20, verbose=0)
        weights.append(gan.discriminator.get_weights()[0])
    assert not np.allclose(*weights)


def test_regularizers_of_weights_count():
    generator, _ = dense_networks()
    discriminator = keras.Sequential(
        [
            keras.Input((6, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(1e3)),
        ]
    )
    gan = kr.RecurrentGAN(generator, discriminator)
    gan.compile(penalties=None, discriminator_optimizer=keras.optimizers.SGD(1e-4))
    gan.adapt(windows())
    before = np.abs(gan.discriminator.get_weights()[0]).sum()
    gan.fit(windows(), batch_size=20, verbose=0)  # 2 steps, each shrinks by a factor of 1 - 0.2
    after = np.abs(gan.discriminator.get_weights()[0]).sum()
    assert after == pytest.approx(before * 0.64, rel=0.01)


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


# The average of the generator's weights


def test_ema_follows_its_formula():
    gan = dense_gan()
    gan.compile(ema=0.2)
    data = windows(10)
    gan.adapt(data)
    variables = gan.generator.trainable_variables
    averages = [to_numpy(v.value) for v in variables]
    for step in range(4):
        gan.fit(data, batch_size=10, verbose=0)
        decay = min(0.2, (1 + step) / (10 + step))
        averages = [
            decay * a + (1 - decay) * to_numpy(v.value)
            for a, v in zip(averages, variables, strict=True)
        ]
    for average, variable in zip(averages, gan.ema_weights, strict=True):
        np.testing.assert_allclose(to_numpy(variable.value), average, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("ema", [0.999, None])
def test_generating_uses_the_average(ema):
    gan = dense_gan(scaler=None)
    gan.compile(ema=ema)
    gan.fit(windows() / 100.0, batch_size=10, epochs=2, verbose=0)
    noise = gan.sample_noise(4, seed=0)
    last = to_numpy(gan.generator(noise))
    weights = [to_numpy(v.value) for v in gan.ema_weights]
    for variable, weight in zip(gan.generator.weights, weights, strict=True):
        variable.assign(weight)
    averaged = to_numpy(gan.generator(noise))
    np.testing.assert_allclose(to_numpy(gan(noise)), averaged, rtol=1e-5, atol=1e-5)
    assert np.allclose(last, averaged, atol=1e-6) == (ema is None)


def test_evaluation_uses_the_average_and_repeats_its_noise():
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), epochs=2, verbose=0)
    first = gan.evaluate(windows(), batch_size=20, return_dict=True, verbose=0)
    second = gan.evaluate(windows(), batch_size=20, return_dict=True, verbose=0)
    assert first == second
    for variable in gan.generator.trainable_variables:
        variable.assign(ops.zeros(variable.shape))
    assert gan.evaluate(windows(), batch_size=20, return_dict=True, verbose=0) == first


def test_evaluation_agrees_with_its_parts():
    """What `evaluate` reports, computed outside of it."""
    gan = dense_gan(scaler=None)
    gan.compile(loss="hinge")
    real = windows(20) / 100.0
    gan.fit(real, batch_size=20, verbose=0)
    scores = gan.evaluate(real, batch_size=20, return_dict=True, verbose=0)
    seed = keras.random.SeedGenerator(0)
    seed.state.assign(gan._evaluation_start)
    fake = gan(gan._noise_spec.draw(20, 6, seed))
    judgements = [to_numpy(gan.discriminator(x)) for x in (real, fake)]
    metric = kr.metrics.MaximumMeanDiscrepancy()
    metric.update_state(real, fake)
    expected = {
        "real_score": judgements[0].mean(),
        "fake_score": judgements[1].mean(),
        "generator_loss": -judgements[1].mean(),
        "discriminator_loss": np.maximum(0, 1 - judgements[0]).mean()
        + np.maximum(0, 1 + judgements[1]).mean(),
        "mmd": float(metric.result()),
    }
    assert scores == pytest.approx(expected, rel=1e-4, abs=1e-5)


# fit


def test_logs_are_means_over_the_epoch_under_the_documented_names():
    gan = dense_gan()
    gan.compile(loss="wasserstein", generator_optimizer=None, discriminator_optimizer=None)
    seen = []

    class Record(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append({k: float(v) for k, v in logs.items()})

    history = gan.fit(
        windows(),
        batch_size=10,
        shuffle=False,
        validation_data=windows(),
        verbose=0,
        callbacks=[Record()],
    ).history
    names = ["discriminator_loss", "fake_score", "generator_loss", "penalty", "real_score"]
    validation = [
        "val_discriminator_loss",
        "val_fake_score",
        "val_generator_loss",
        "val_mmd",
        "val_real_score",
    ]
    assert sorted(history) == names + validation
    # With networks that stand still the real score's mean over the epoch is that over the data
    scaled = gan.scaler(windows())
    expected = to_numpy(gan.discriminator(scaled)).mean()
    assert history["real_score"][0] == pytest.approx(float(expected), rel=1e-3)
    assert seen[-1]["real_score"] == pytest.approx(history["real_score"][0], rel=1e-5)


def test_partial_batches_count():
    gan = dense_gan()
    gan.compile()
    steps = []

    class Record(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            steps.append(batch)

    gan.fit(windows(45), batch_size=20, verbose=0, callbacks=[Record()])
    assert len(steps) == 3


def test_validation_split_adapts_to_the_training_part():
    data = windows(40)
    data[30:] += 1000.0
    gan = dense_gan()
    gan.compile()
    history = gan.fit(data, batch_size=10, validation_split=0.25, verbose=0).history
    assert "val_mmd" in history
    scaled = to_numpy(gan.scaler(data[:30]))
    assert scaled.max() == pytest.approx(1.0, abs=1e-5)


def test_sequences_of_another_length_can_follow():
    gan = recurrent_gan()
    gan.compile()
    gan.fit(windows(length=6), batch_size=20, verbose=0)
    gan.fit(windows(length=9), batch_size=20, verbose=0)
    assert gan.generate(2).shape == (2, 6, 2)


def test_train_and_test_on_batch():
    gan = dense_gan()
    gan.compile()
    logs = gan.train_on_batch(windows(8), return_dict=True)
    assert set(logs) >= {"generator_loss", "discriminator_loss"}
    assert "mmd" in gan.test_on_batch(windows(8), return_dict=True)


def test_dropout_fires_and_leaves_the_penalty_alone():
    """The penalty of a flat discriminator is zero, whatever its dropout does in training."""
    generator, _ = dense_networks()
    kernel = keras.initializers.Zeros()
    discriminator = keras.Sequential(
        [
            keras.Input((6, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(8, kernel_initializer=kernel, bias_initializer="ones"),
            keras.layers.Dropout(0.5, seed=0),
            keras.layers.Dense(1),
        ]
    )
    gan = kr.RecurrentGAN(generator, discriminator)
    gan.compile(
        generator_optimizer=None,
        discriminator_optimizer=None,
        loss="wasserstein",
        penalties="approximate_r1",
    )
    history = gan.fit(windows(), verbose=0).history
    assert history["penalty"][0] == 0.0
    assert history["real_score"][0] != history["fake_score"][0]  # two draws of the dropout


def test_batch_normalization_learns_its_statistics():
    generator = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(12),
            keras.layers.BatchNormalization(),
            keras.layers.Reshape((6, 2)),
        ]
    )
    gan = kr.RecurrentGAN(generator, dense_networks()[1])
    gan.compile()
    gan.fit(windows(), batch_size=10, verbose=0)
    moving_mean = generator.layers[1].moving_mean
    assert np.abs(to_numpy(moving_mean.value)).max() > 0.0
    gan.evaluate(windows(), verbose=0)


def test_next_step_prediction_trains_both_networks():
    discriminator = kr.networks.RecurrentDiscriminator(
        4, bidirectional=False, next_step_prediction=True
    )
    gan = kr.RecurrentGAN(recurrent_gan().generator, discriminator)
    gan.compile()
    history = gan.fit(windows(), validation_data=windows(), batch_size=20, verbose=0).history
    assert history["prediction_loss"][0] > 0.0
    assert history["val_prediction_loss"][0] > 0.0
    # Switched off, the head gets no gradient and stands still
    head = discriminator.prediction_head
    before = head.get_weights()[0]
    gan.compile(prediction_weight=0.0)
    gan.fit(windows(), batch_size=20, verbose=0)
    np.testing.assert_allclose(head.get_weights()[0], before, atol=1e-6)


# Generating


def test_one_seed_gives_one_set_of_samples_however_it_is_cut():
    gan = recurrent_gan()
    gan.adapt(windows())
    whole = gan.generate(10, seed=7)
    np.testing.assert_array_equal(gan.generate(10, seed=7), whole)
    np.testing.assert_allclose(gan.generate(10, seed=7, batch_size=3), whole, rtol=1e-5)
    np.testing.assert_allclose(gan.generate(4, seed=7), whole[:4], rtol=1e-5)
    assert not np.allclose(gan.generate(10, seed=8), whole)


def test_without_a_seed_every_call_differs_and_the_models_seed_fixes_all():
    runs = []
    for _ in range(2):
        gan = recurrent_gan(seed=3)
        gan.adapt(windows())
        runs.append([gan.generate(4), gan.generate(4)])
    assert not np.allclose(runs[0][0], runs[0][1])
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    np.testing.assert_array_equal(runs[0][1], runs[1][1])


def test_batches_joined_are_the_samples():
    gan = recurrent_gan()
    gan.adapt(windows())
    parts = list(gan.generate_batches(10, batch_size=4, seed=1))
    assert [len(p) for p in parts] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(parts), gan.generate(10, batch_size=4, seed=1))


def test_any_length():
    gan = recurrent_gan()
    gan.adapt(windows())
    assert gan.generate(3, length=50).shape == (3, 50, 2)
    assert gan.generate(3, length=2).shape == (3, 2, 2)


def test_samples_are_in_the_units_of_the_data():
    data = windows()
    gan = dense_gan()
    gan.adapt(data)
    samples, scaled = gan.generate(50, seed=0), gan.generate(50, seed=0, scaled=True)
    low, high = data.min(axis=(0, 1)), data.max(axis=(0, 1))
    np.testing.assert_allclose((scaled + 1.0) / 2.0 * (high - low) + low, samples, rtol=1e-5)
    assert (samples >= low).all()
    assert (samples <= high).all()


def test_samples_keep_to_the_values_of_the_data():
    """Counts come out as counts, and a feature that is another's copy as its copy."""
    rng = np.random.default_rng(0)
    level = rng.normal(size=(40, 6))
    data = np.stack([5.0 * rng.poisson(2.0, (40, 6)), level, level], axis=-1).astype("float32")
    gan = kr.RecurrentGAN(*recurrent_networks(num_features=3), seed=0)
    gan.compile()
    gan.fit(data, batch_size=20, verbose=0)
    for samples in (gan.generate(30, seed=0), to_numpy(gan(gan.sample_noise(5)))):
        counts = samples[..., 0] / 5.0
        np.testing.assert_allclose(counts, np.round(counts), atol=1e-5)
        np.testing.assert_array_equal(samples[..., 1], samples[..., 2])


def test_the_discriminator_sees_copies_as_copies(monkeypatch):
    level = windows(num_features=1)
    seen = []
    look = kr.RecurrentGAN._look
    monkeypatch.setattr(
        kr.RecurrentGAN, "_look", lambda self, x, columns: seen.append(x) or look(self, x, columns)
    )
    gan = kr.RecurrentGAN(*recurrent_networks(), seed=0)
    gan.compile(run_eagerly=True)
    gan.fit(np.concatenate([level, level], axis=-1), batch_size=20, verbose=0)
    for samples in map(to_numpy, seen[:2]):  # real and generated
        np.testing.assert_array_equal(samples[..., 0], samples[..., 1])


def test_call_predict_and_generate_agree():
    gan = recurrent_gan()
    gan.adapt(windows())
    noise = gan.sample_noise(5, seed=4)
    expected = gan.generate(5, seed=4)
    np.testing.assert_allclose(to_numpy(gan(noise)), expected, rtol=1e-5)
    np.testing.assert_allclose(gan.predict(noise, verbose=0), expected, rtol=1e-5)


def test_generating_does_not_change_training():
    states = []
    for generate in (False, True):
        gan = dense_gan()
        gan.compile()
        gan.fit(windows(), shuffle=False, verbose=0)
        if generate:
            gan.generate(7)
            gan.evaluate(windows(), verbose=0)
        gan.fit(windows(), shuffle=False, verbose=0)
        states.append([gan.get_weights(), gan.discriminator.get_weights()])
    assert_close(*states, tolerance=0.0)


@pytest.mark.parametrize("seed", [None, 1])
def test_generating_inside_of_a_batch_callback(seed):
    gan = dense_gan()
    gan.compile()
    shapes = []

    class Generate(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            shapes.append(self.model.generate(2, seed=seed).shape)

    gan.fit(windows(), batch_size=20, epochs=2, verbose=0, callbacks=[Generate()])
    assert shapes == [(2, 6, 2)] * 4


def test_a_generator_with_its_own_noise_shape():
    class Own(keras.layers.Layer):
        def call(self, inputs):
            return ops.cumsum(inputs, axis=1)

    gan = kr.RecurrentGAN(Own(), dense_networks()[1], noise_shape=(None, 2), scaler=None)
    gan.build((None, 6, 2))
    assert gan.sample_noise(3).shape == (3, 6, 2)
    noise = gan.sample_noise(3, length=9)
    np.testing.assert_allclose(to_numpy(gan(noise)), noise.cumsum(axis=1), rtol=1e-5)


def test_untrained_weights_of_given_networks_may_generate():
    gan = kr.RecurrentGAN(*dense_networks(), scaler=None)
    assert gan.generate(3).shape == (3, 6, 2)


# Seeds


def test_seed_fixes_training():
    weights = []
    for seed in (5, 5, 6):
        gan = kr.RecurrentGAN(seed=seed)
        gan.build((None, 3, 1))
        gan.compile(run_eagerly=True)
        gan.fit(windows(16, 3, 1), batch_size=16, shuffle=False, verbose=0)
        weights.append(np.concatenate([w.ravel() for w in gan.get_weights()]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.allclose(weights[0], weights[2])


# Saving


def test_config_round_trip():
    gan = dense_gan(scaler="robust", noise="uniform", noise_mean=0.9, noise_scale=0.1)
    config = keras.saving.serialize_keras_object(gan)
    copy = keras.saving.deserialize_keras_object(config)
    assert (copy.noise, copy.noise_mean, copy.noise_scale, copy.seed) == ("uniform", 0.9, 0.1, 0)
    assert copy.scaler.kind == "robust"
    assert type(copy.generator) is keras.Sequential


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
    gan.fit(windows(), verbose=0)
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


def test_loading_without_compiling(tmp_path):
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras", compile=False)
    np.testing.assert_array_equal(loaded.generate(3, seed=0), gan.generate(3, seed=0))
    loaded.compile()
    loaded.fit(windows(), verbose=0)


def test_random_states_are_saved(tmp_path):
    """Noise and dropout go on where they stopped.

    The dropout has a seed because Keras leaves an unseeded one on torch to torch's global generator.
    """
    generator, _ = dense_networks()
    discriminator = keras.Sequential(
        [
            keras.Input((6, 2)),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5, seed=1),
            keras.layers.Dense(1),
        ]
    )
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile()
    gan.fit(windows(), batch_size=10, shuffle=False, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    for model in (gan, loaded):
        model.fit(windows(), batch_size=10, shuffle=False, verbose=0)
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(gan.generate(3), loaded.generate(3))


def test_a_model_saved_before_it_saw_data(tmp_path):
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    with pytest.warns(UserWarning, match="not yet been built"):
        gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    loaded.fit(windows(16, 4, 1), batch_size=16, verbose=0)


def test_clone():
    gan = dense_gan()
    clone = keras.models.clone_model(gan)
    assert isinstance(clone, kr.RecurrentGAN)
    clone.compile()
    clone.fit(windows(), verbose=0)


def test_summary_names_the_parts(capsys):
    gan = recurrent_gan()
    gan.adapt(windows())
    gan.summary()
    printed = capsys.readouterr().out
    assert "RecurrentGenerator" in printed
    assert "RecurrentDiscriminator" in printed


# What may change after `compile`


def test_freezing_a_layer(tmp_path):
    """Takes effect with the next `compile`, as in Keras; generating and files stay whole."""
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), batch_size=20, verbose=0)
    frozen = gan.generator.layers[0]
    frozen.trainable = False
    assert gan.generate(2).shape == (2, 6, 2)
    gan.fit(windows(), batch_size=20, verbose=0)
    gan.compile()
    before = frozen.get_weights()
    others = gan.generator.layers[1].get_weights()
    gan.fit(windows(), batch_size=20, verbose=0)
    assert_close(frozen.get_weights(), before, 0.0)
    assert not np.array_equal(gan.generator.layers[1].get_weights()[0], others[0])
    gan.save(tmp_path / "frozen.keras")
    loaded = keras.models.load_model(tmp_path / "frozen.keras")
    assert_close(loaded.generate(2, seed=0), gan.generate(2, seed=0))
    loaded.fit(windows(), batch_size=20, verbose=0)
    assert_close(loaded.generator.layers[0].get_weights(), before, 0.0)


def test_compiling_anew_keeps_the_average():
    gan = dense_gan()
    gan.compile(ema=0.9)
    gan.fit(windows(), batch_size=4, epochs=2, verbose=0)
    before = to_numpy(gan.ema_weights[0].value)
    gan.compile(ema=0.9)
    gan.fit(windows(), batch_size=40, verbose=0)
    expected = before + (1 - 21 / 30) * (to_numpy(gan.generator.weights[0].value) - before)
    np.testing.assert_allclose(to_numpy(gan.ema_weights[0].value), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.skipif(backend.loops_differentiate_twice(), reason="they stay with every penalty")
def test_fused_kernels_return_with_penalties_without_derivatives():
    gan = recurrent_gan()
    gan.compile(penalties="r1")
    gan.adapt(windows())
    layer = gan.discriminator.forward_layers[0]
    assert layer.use_cudnn is False
    gan.compile()
    assert layer.use_cudnn == "auto"


# Evaluation


def test_evaluation_draws_the_same_noise_after_loading(tmp_path):
    gan = dense_gan(seed=None)
    gan.compile()
    gan.fit(windows(), batch_size=20, validation_data=windows(), verbose=0)
    before = gan.evaluate(windows(), batch_size=20, return_dict=True, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    after = loaded.evaluate(windows(), batch_size=20, return_dict=True, verbose=0)
    for name, value in before.items():
        assert after[name] == pytest.approx(value, rel=1e-4, abs=1e-5), name


def test_metrics_names_are_those_of_the_list():
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), batch_size=20, verbose=0)
    values = gan.evaluate(windows(), batch_size=20, verbose=0)
    named = gan.evaluate(windows(), batch_size=20, verbose=0, return_dict=True)
    assert dict(zip(gan.metrics_names, values, strict=True)) == named
    assert "mmd" in named


def test_arguments_by_position():
    """In Keras's order."""
    gan = dense_gan()
    gan.compile()
    history = gan.fit(windows(), None, 20, 3, 0, None, 0.0, windows(20), False)
    assert history.epoch == [0, 1, 2]
    assert "val_mmd" in history.history
    assert len(gan.evaluate(windows(), None, 20, 0)) == len(gan.metrics_names)


# Networks and data that need care


@keras.saving.register_keras_serializable(package="tests")
class Jitter(keras.layers.Layer):
    """Adds noise of its own, when it generates too."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(3)

    def call(self, inputs):
        return inputs + keras.random.normal(ops.shape(inputs), seed=self.seed_generator)


def test_a_generator_with_draws_of_its_own_goes_on_with_them():
    _, discriminator = dense_networks()
    generator = keras.Sequential([keras.Input((6, 2)), Jitter()])
    gan = kr.RecurrentGAN(generator, discriminator, noise_scale=0.0, scaler=None)
    gan.compile()
    gan.adapt(windows())
    samples = gan.generate(40, batch_size=20, seed=0)
    assert not np.allclose(samples[:20], samples[20:])


def test_activity_regularizers_are_refused():
    generator, _ = dense_networks()
    discriminator = keras.Sequential(
        [
            keras.Input((6, 2)),
            keras.layers.Flatten(),
            keras.layers.Dense(1, activity_regularizer="l2", name="judge"),
        ]
    )
    with pytest.raises(ValueError, match="discriminator's layer 'judge' has an activity_regularizer"):
        kr.RecurrentGAN(generator, discriminator).adapt(windows())


def test_probabilities_are_expected_of_a_linear_ending():
    gan = recurrent_gan()
    with pytest.raises(
        ValueError, match="expects probabilities, and the discriminator ends in a linear"
    ):
        gan.compile(loss=kr.losses.NonSaturatingLoss(from_logits=False))


def test_the_scaler_sees_all_of_a_finite_dataset():
    """Whatever `steps_per_epoch` says."""

    class Growing(keras.utils.PyDataset):
        num_batches = 4

        def __getitem__(self, index):
            return windows(8) + 1000.0 * index

    gan = dense_gan(scaler="standard")
    gan.compile()
    gan.fit(Growing(), steps_per_epoch=2, epochs=2, verbose=0)
    assert to_numpy(gan.scaler.offset.value).mean() > 1500.0


def test_training_on_batches_keeps_the_scaler():
    gan = dense_gan()
    gan.compile()
    gan.adapt(windows())
    before = gan.scaler.get_weights()
    gan.train_on_batch(windows(8) * 2)
    assert_close(gan.scaler.get_weights(), before, 0.0)


# One pass for all


@pytest.mark.parametrize("prediction", [False, True])
def test_judging_sets_in_one_pass_is_judging_them_one_by_one(monkeypatch, prediction):
    weights = []
    for together in (True, False):
        generator, _ = recurrent_networks()
        discriminator = kr.networks.RecurrentDiscriminator(
            4, next_step_prediction=prediction, convolution_units=3, increments=1, seed=2
        )
        monkeypatch.setattr(type(discriminator), "judges_one_by_one", together)
        gan = kr.RecurrentGAN(generator, discriminator, seed=0)
        gan.compile(
            generator_optimizer=keras.optimizers.SGD(0.05),
            discriminator_optimizer=keras.optimizers.SGD(0.05),
        )
        gan.fit(windows(24), batch_size=10, shuffle=False, verbose=0)
        weights.append(gan.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_the_networks_adapt_to_the_scaled_data(tmp_path):
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, smoothing=True, seed=1)
    discriminator = kr.networks.RecurrentDiscriminator(4, increments=1, seed=2)
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    data = windows()
    gan.compile()
    gan.adapt(data)
    scaled = to_numpy(gan.scaler(data))
    view = discriminator.view
    np.testing.assert_allclose(to_numpy(view.mean.value), scaled.mean(axis=(0, 1)), atol=1e-5)
    steps = np.abs(np.diff(scaled, axis=1)).mean(axis=(0, 1))
    np.testing.assert_allclose(to_numpy(view.increment.value)[0], steps, rtol=1e-4)
    within = scaled.var(axis=1).mean(axis=0)
    pace = 0.5 * np.square(np.diff(scaled, axis=1)).mean(axis=(0, 1)) / within
    logits = to_numpy(generator.smoother.logits.value)
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), np.clip(pace, 0.02, 0.98), rtol=1e-3)
    noise = gan.sample_noise(2, seed=0)
    raw = to_numpy(gan.scaler.restore(generator(noise)))
    np.testing.assert_allclose(to_numpy(gan(noise)), raw, rtol=1e-4)  # the average knows it too
    gan.fit(data, batch_size=20, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    loaded.fit(data, batch_size=20, verbose=0)
    assert_close(loaded.discriminator.view.get_weights(), view.get_weights(), 0.0)


def test_networks_made_for_an_adapted_scaler_adapt_too():
    data = windows()
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(data)
    gan = kr.RecurrentGAN(scaler=scaler, seed=0)
    gan.adapt(data)
    assert not to_numpy(gan.generator.smoother.gates.value).any()  # sines never hold
    other = kr.RecurrentGAN(gan.generator, gan.discriminator, scaler=scaler, seed=0)
    gan.generator.smoother.logits.assign([1.5, -1.5])
    other.adapt(data)
    assert_close(gan.generator.smoother.logits.value, np.array([1.5, -1.5]))  # as it was learned


def test_a_smoothed_generator_continues_its_sequences():
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, smoothing=True, seed=1)
    rng = np.random.default_rng(0)
    latent, noise = rng.normal(size=(2, 3)), rng.normal(size=(2, 7, 2))
    whole = generator({"latent": latent, "noise": noise})
    first, state = generator.continue_from({"latent": latent, "noise": noise[:, :3]})
    second, _ = generator.continue_from({"latent": latent, "noise": noise[:, 3:]}, state)
    joined = np.concatenate([to_numpy(first), to_numpy(second)], axis=1)
    np.testing.assert_allclose(joined, to_numpy(whole), rtol=1e-4, atol=1e-5)


def test_names_in_a_users_discriminator_mean_nothing():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.look = keras.layers.Flatten()
            self.judge = keras.layers.Dense(1)

        def call(self, inputs):
            return self.judge(self.look(inputs) * 2.0)

    gan = kr.RecurrentGAN(dense_networks()[0], Own(), seed=0)
    gan.compile(penalties=None)
    gan.fit(windows(), batch_size=20, verbose=0)
    scores = gan.evaluate(windows(), batch_size=40, return_dict=True, verbose=0)
    judged = to_numpy(gan.discriminator(gan.scaler(windows())))
    assert scores["real_score"] == pytest.approx(float(judged.mean()), rel=1e-4, abs=1e-5)


def test_calibration_gives_generated_values_the_data_s_distribution(tmp_path):
    x = windows(200)
    gan = dense_gan()
    gan.compile()
    gan.fit(x, batch_size=20, epochs=1, verbose=0)
    distance = functools.partial(kr.metrics.marginal_wasserstein_distance, x)
    with gan.scaler.unconstrained():
        before = gan.generate(300, seed=1)
    gan.calibrate(x)
    after = gan.generate(300, seed=1)
    assert distance(after) < 0.2 * distance(before)
    order = np.argsort(before[..., 0].ravel())
    assert (np.diff(after[..., 0].ravel()[order]) >= -1e-4).all()  # float32 of 110

    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert_close(loaded.generate(10, seed=1), gan.generate(10, seed=1), 1e-5)

    gan.fit(x, batch_size=20, epochs=1, verbose=0)  # what was measured is of other weights
    again = gan.generate(300, seed=1)
    with gan.scaler.unconstrained():
        plain = gan.generate(300, seed=1)
    assert_close(again, np.clip(plain, x.min(axis=(0, 1)), x.max(axis=(0, 1))), 1e-5)


def test_calibration_needs_a_scaler_and_data():
    with pytest.raises(ValueError, match="this model has none"):
        dense_gan(scaler=None).calibrate(windows())
    gan = dense_gan()
    with pytest.raises(ValueError, match="never adapted"):
        gan.calibrate(windows())
    gan.adapt(windows())
    with pytest.raises(ValueError, match="Received"):
        gan.calibrate(windows(num_features=3))

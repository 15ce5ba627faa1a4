"""What a private model refuses, each by name and with a way to mend it."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, dense_networks, recurrent_networks, refuses
from tests.training.test_private_regime import private_gan, scaler, sines

pytestmark = ON_TORCH

PRIVACY = {"noise_multiplier": 1.0, "delta": 1e-3, "seed": 5}


def privacy(**changes):
    return kr.DifferentialPrivacy(**{**PRIVACY, **changes})


def with_layer(*layers):
    generator, _ = dense_networks()
    stack = [keras.Input((6, 2)), keras.layers.Flatten(), keras.layers.Dense(4), *layers]
    return generator, keras.Sequential([*stack, keras.layers.Dense(1)])


RECIPES = {
    "the loss RelativisticLoss": {"loss": "relativistic"},
    "the penalty GradientPenalty": {"penalties": "gradient_penalty"},
    "the penalty ApproximateGradientPenalty": {"penalties": "approximate_gradient_penalty"},
    "the penalty ApproximateR1Penalty": {"penalties": [kr.penalties.ApproximateR1Penalty(every=2)]},
    "keep_best=True": {"keep_best": True},
    "discriminator_optimizer=None": {"discriminator_optimizer": None},
}


@pytest.mark.parametrize("words", RECIPES)
def test_recipes(words):
    gan = kr.RecurrentGAN(*dense_networks(), scaler=scaler())
    message = f"With `privacy`, {words}.* is refused: .*(Pass|Leave)"
    refuses(lambda: gan.compile(privacy=privacy(), **RECIPES[words]), message)
    assert not gan.compiled


LAYERS = {
    "BatchNormalization": keras.layers.BatchNormalization,
    "MinibatchStdDev": kr.layers.MinibatchStdDev,
    "MinibatchDiscrimination": lambda: kr.layers.MinibatchDiscrimination(2, 2),
    "Dropout": lambda: keras.layers.Dropout(0.2),
    "SpectralNormalization": lambda: keras.layers.SpectralNormalization(keras.layers.Dense(2)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_of_the_discriminator(name):
    gan = kr.RecurrentGAN(*with_layer(LAYERS[name]()), scaler=scaler())
    refuses(
        lambda: gan.compile(privacy=privacy()),
        rf"the layer .* \({name}\) in the discriminator .*[Tt]ake",
    )


def test_layers_of_a_discriminator_that_is_made_later():
    gan = kr.RecurrentGAN({"units": 3}, {"minibatch_group_size": 4}, scaler=scaler())
    gan.compile(privacy=privacy())
    refuses(lambda: gan.fit(sines(), verbose=0), r"\(MinibatchStdDev\) in the discriminator")


def adapted(**conditions):
    encoder = kr.layers.ConditionEncoder()
    encoder.adapt(conditions)
    return encoder


MODELS = {
    "a SequenceScaler that takes its ranges from data": {"scaler": "auto"},
    "a PerSampleScaler that takes its ranges from data": {"scaler": "per_sample"},
    "completion=True": {"completion": True},
    "attributes='generated'": {"attributes": "generated"},
    "a model of conditions that it takes from the data": {"conditions": kr.layers.ConditionEncoder()},
    "a model of conditions at each step, 'c',": {"conditions": adapted(c=np.zeros((4, 6, 1)))},
    "a model of conditions at each step, 'length',": {"conditions": adapted(length=np.array([3, 6]))},
    "the capability Capability": {"capabilities": [kr.conditioning.Capability()]},
    "a generator that begins as a process": {"generator": {"linear_process": 3}},
}


@pytest.mark.parametrize("words", MODELS)
def test_models(words):
    gan = kr.RecurrentGAN(**{"scaler": scaler(), **MODELS[words]})
    refuses(lambda: gan.compile(privacy=privacy()), f"With `privacy`, {words}.* is refused")


def test_models_of_another_kind():
    refuses(lambda: kr.TokenGAN(4).compile(privacy=privacy()), "TokenGAN with phases .*kr.RecurrentGAN")


def test_a_scaler_that_has_seen_data_since():
    for change in ("adapt", "widen"):
        own = scaler()
        getattr(own, change)(sines())
        gan = kr.RecurrentGAN(*dense_networks(), scaler=own)
        refuses(lambda gan=gan: gan.compile(privacy=privacy()), "takes its ranges from data")
    own = scaler()
    own.calibrate(sines(), sines() ** 2)
    gan = kr.RecurrentGAN(*dense_networks(), scaler=own)
    refuses(lambda: gan.compile(privacy=privacy()), "takes its ranges from data")


SOURCES = {
    "data with 'label' beside": lambda: (sines(), {"label": np.arange(40) % 2}),
    "data with 'length' beside": lambda: [x[: 3 + i % 3] for i, x in enumerate(sines())],
    "data as a Batches": lambda: Batches(),
}


class Batches(keras.utils.PyDataset):
    num_batches = 2

    def __getitem__(self, index):
        return sines(8)


@pytest.mark.parametrize("words", SOURCES)
def test_data(words):
    gan = private_gan()
    before = gan.get_weights()
    refuses(lambda: gan.fit(SOURCES[words](), epochs=1, verbose=0), f"With `privacy`, {words}")
    assert all((a == b).all() for a, b in zip(before, gan.get_weights(), strict=True))


def test_methods_that_look_at_data():
    gan = private_gan()
    refuses(lambda: gan.adapt(sines()), r"`privacy`, adapt is refused.*gan.build\(\(None, steps")
    refuses(lambda: gan.calibrate(sines()), "calibrate is refused.*Leave it out")
    refuses(lambda: gan.train_on_batch(sines(8)), r"train_on_batch is refused.*fit\(array")
    refuses(lambda: gan.fit(sines(), verbose=0), 'epochs="auto" is refused.*max_epsilon')
    keeper = kr.callbacks.KeepBest(sines())
    refuses(lambda: gan.fit(sines(), epochs=1, callbacks=[keeper], verbose=0), "the callback KeepBest")
    assert gan.record.total == 0
    assert gan.record.clean


def test_a_model_that_has_seen_data():
    gan = kr.RecurrentGAN(*dense_networks(), scaler=scaler(), seed=0)
    gan.adapt(sines())
    gan.compile(privacy=privacy())
    refuses(lambda: gan.fit(sines(), epochs=1, verbose=0), "has seen data before is refused.*new Recur")


def test_half_precision_with_scaled_losses():
    keras.config.set_dtype_policy("mixed_float16")
    gan = kr.RecurrentGAN(*recurrent_networks(), scaler=scaler(), seed=0)
    refuses(lambda: gan.compile(privacy=privacy()), r"scales losses \(mixed_float16\)")


def test_validation_is_told_of():
    gan = private_gan()
    with pytest.warns(UserWarning, match="not part of the epsilon"):
        history = gan.fit(sines(), batch_size=8, epochs=1, validation_data=sines(16), verbose=0)
    assert "val_mmd" in history.history


def test_what_is_no_privacy():
    gan = kr.RecurrentGAN(*dense_networks())
    refuses(lambda: gan.compile(privacy=1.0), "`privacy` must be a keras_rgan.DifferentialPrivacy")


def test_a_sequence_with_an_endless_gradient_changes_nothing():
    gan = private_gan(noise=0.0, clipping_norm=1.0)
    data, other = sines(), private_gan(noise=0.0, clipping_norm=1.0)
    data[3] = 1e30  # in every sample, of all 40
    weights = []
    for each, model in ((data, gan), (np.delete(data, 3, axis=0), other)):
        model.fit(each, batch_size=len(each), epochs=2, verbose=0)
        weights.append(model.get_weights())
    assert gan.record.total == 2
    assert all(np.isfinite(w).all() for w in weights[0])
    assert max(np.abs(a - b).max() for a, b in zip(*weights, strict=True)) < 0.1


def test_data_with_conditions_that_the_encoder_does_not_know():
    gan = kr.RecurrentGAN(
        {"units": 3}, {"units": 3}, scaler=scaler(), conditions=adapted(label=np.arange(2))
    )
    gan.compile(privacy=privacy())
    data = sines(), {"label": np.arange(40) % 2, "age": np.arange(40.0)}
    refuses(lambda: gan.fit(data, epochs=1, verbose=0), "data with 'age' beside .* is refused")
    refuses(
        lambda: gan.fit((sines(), {"label": np.arange(40)}), epochs=1, verbose=0),
        "categories of the condition 'label'",
    )
    refuses(lambda: gan.fit(sines(), epochs=1, verbose=0), r"takes the conditions \['label'\]")
    assert gan.record.total == 0


def test_a_generator_in_which_conditions_mix():
    latent, columns = keras.Input((6, 2)), keras.Input((6, 2))
    mixed = keras.layers.BatchNormalization()(keras.layers.Concatenate()([latent, columns]))
    generator = keras.Model({"noise": latent, "conditions": columns}, keras.layers.Dense(2)(mixed))
    gan = kr.RecurrentGAN(generator, scaler=scaler(), conditions=adapted(label=np.arange(2)))
    refuses(lambda: gan.compile(privacy=privacy()), r"\(BatchNormalization\) in the generator")

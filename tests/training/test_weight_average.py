"""The average of the generator's weights."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from tests.testing import assert_close, dense_gan, dense_networks, to_numpy, windows


def test_ema_follows_its_formula():
    gan = dense_gan()
    gan.compile(ema=0.2)
    data = windows(10)
    gan.adapt(data)
    variables = gan.generator.trainable_variables
    averages = [to_numpy(v.value) for v in variables]
    for step in range(4):
        gan.fit(data, batch_size=10, verbose=0, epochs=1)
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


def test_compiling_anew_keeps_the_average():
    gan = dense_gan()
    gan.compile(ema=0.9)
    gan.fit(windows(), batch_size=4, epochs=2, verbose=0)
    before = to_numpy(gan.ema_weights[0].value)
    gan.compile(ema=0.9)
    gan.fit(windows(), batch_size=40, verbose=0, epochs=1)
    expected = before + (1 - 21 / 30) * (to_numpy(gan.generator.weights[0].value) - before)
    np.testing.assert_allclose(to_numpy(gan.ema_weights[0].value), expected, rtol=1e-5, atol=1e-7)


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


def test_averages_stand_in_within_a_scope_alone():
    gan = dense_gan()
    gan.adapt(windows())
    noise = gan.sample_noise(3, seed=0)
    before = to_numpy(gan.generator(noise))
    for variable in gan.generator.trainable_variables:
        variable.assign(0.0 * variable)
    with gan.average.scope(gan.generator):
        assert_close(gan.generator(noise), before, 1e-6)
    assert not to_numpy(gan.generator(noise)).any()
    gan.average.begin()
    with gan.average.scope(gan.generator):
        assert not to_numpy(gan.generator(noise)).any()

"""How a model comes by its networks, and they by their shapes."""

import keras
import numpy as np
from keras import ops

import keras_rgan as kr
from tests.testing import (
    dense_gan,
    dense_networks,
    to_numpy,
)


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


def test_config_round_trip():
    gan = dense_gan(scaler="robust", noise="uniform", noise_mean=0.9, noise_scale=0.1)
    config = keras.saving.serialize_keras_object(gan)
    copy = keras.saving.deserialize_keras_object(config)
    assert (copy.noise, copy.noise_mean, copy.noise_scale, copy.seed) == ("uniform", 0.9, 0.1, 0)
    assert copy.scaler.kind == "robust"
    assert type(copy.generator) is keras.Sequential

"""Discriminators whose call is a look, and then a judgement of it."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.networks.discriminator import Discriminator
from tests.testing import ON_TORCH, to_numpy

pytestmark = ON_TORCH

SAMPLES = np.random.default_rng(0).normal(size=(3, 6, 8, 8, 1)).astype("float32")


@pytest.mark.parametrize(
    ("network", "samples"),
    [
        (lambda: kr.networks.RecurrentDiscriminator(4, seed=0), SAMPLES[..., 0, 0]),
        (lambda: kr.networks.VideoDiscriminator(seed=0), SAMPLES),
    ],
)
def test_a_call_is_a_look_and_then_a_judgement(network, samples):
    discriminator = network()
    assert isinstance(discriminator, Discriminator)
    assert type(discriminator).call is Discriminator.call
    called = to_numpy(discriminator(keras.ops.convert_to_tensor(samples)))
    look = discriminator.look(keras.ops.convert_to_tensor(samples))
    np.testing.assert_allclose(called, to_numpy(discriminator.judge(look)), rtol=1e-5, atol=1e-6)

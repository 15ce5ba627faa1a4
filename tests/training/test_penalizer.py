"""The penalties of a recipe, in a step."""

import keras
import pytest

import keras_rgan as kr
from keras_rgan import backend
from keras_rgan.backend import internals
from tests.testing import (
    ON_TORCH,
    dense_networks,
    recurrent_networks,
    windows,
)


@pytest.mark.parametrize(
    ("penalty", "attention_heads"),
    [("gradient_penalty", 2), *(pytest.param(p, 0, marks=ON_TORCH) for p in ("r1", "r2"))],
)
def test_exact_penalties_train_a_recurrent_discriminator(penalty, attention_heads):
    generator, _ = recurrent_networks()
    discriminator = kr.networks.RecurrentDiscriminator(
        4, bidirectional=False, attention_heads=attention_heads, seed=2
    )
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile(penalties=penalty)
    history = gan.fit(windows(), batch_size=20, verbose=0, epochs=1).history
    assert history["penalty"][0] > 0.0
    fused = any(getattr(layer, "use_cudnn", False) for layer in internals.layers_of(gan.discriminator))
    assert fused is backend.loops_differentiate_twice()


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
    history = gan.fit(windows(), verbose=0, epochs=1).history
    assert history["penalty"][0] == 0.0
    assert history["real_score"][0] != history["fake_score"][0]  # two draws of the dropout

"""The model as a whole: it trains, generates, and survives its files."""

import keras
import numpy as np

import keras_rgan as kr
from tests.testing import (
    assert_close,
    dense_gan,
    dense_networks,
    recurrent_gan,
    recurrent_networks,
    run_gan_test,
    slow_on_jax,
    to_numpy,
    windows,
)


def test_trains_evaluates_generates_and_saves(tmp_path):
    generator, _ = recurrent_networks()
    discriminator = kr.networks.RecurrentDiscriminator(4, dropout=0.1, minibatch_group_size=4, seed=2)
    run_gan_test(kr.RecurrentGAN(generator, discriminator, seed=0), windows(), tmp_path)


@slow_on_jax
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
    gan.fit(windows(), batch_size=10, verbose=0, epochs=1)
    moving_mean = generator.layers[1].moving_mean
    assert np.abs(to_numpy(moving_mean.value)).max() > 0.0
    gan.evaluate(windows(), verbose=0)


def test_generating_does_not_change_training():
    states = []
    for generate in (False, True):
        gan = dense_gan()
        gan.compile()
        gan.fit(windows(), shuffle=False, verbose=0, epochs=1)
        if generate:
            gan.generate(7)
            gan.evaluate(windows(), verbose=0)
        gan.fit(windows(), shuffle=False, verbose=0, epochs=1)
        states.append([gan.get_weights(), gan.discriminator.get_weights()])
    assert_close(*states, tolerance=0.0)


@slow_on_jax
def test_seed_fixes_training():
    weights = []
    for seed in (5, 5, 6):
        gan = kr.RecurrentGAN(seed=seed)
        gan.build((None, 3, 1))
        gan.compile(run_eagerly=True)
        gan.fit(windows(16, 3, 1), batch_size=16, shuffle=False, verbose=0, epochs=1)
        weights.append(np.concatenate([w.ravel() for w in gan.get_weights()]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.allclose(weights[0], weights[2])


@slow_on_jax
def test_clone():
    gan = dense_gan()
    clone = keras.models.clone_model(gan)
    assert isinstance(clone, kr.RecurrentGAN)
    clone.compile()
    clone.fit(windows(), verbose=0, epochs=1)


def test_summary_names_the_parts(capsys):
    gan = recurrent_gan()
    gan.adapt(windows())
    gan.summary()
    printed = capsys.readouterr().out
    assert "RecurrentGenerator" in printed
    assert "RecurrentDiscriminator" in printed

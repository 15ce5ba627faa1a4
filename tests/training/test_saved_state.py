"""Averages and random states in files."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.training.saved_state import FORMAT, load_state, save_state, seeds_of
from tests.testing import dense_gan, dense_networks, state_of, to_numpy, windows


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
    gan.fit(windows(), batch_size=10, shuffle=False, verbose=0, epochs=1)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    for model in (gan, loaded):
        model.fit(windows(), batch_size=10, shuffle=False, verbose=0, epochs=1)
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(gan.generate(3), loaded.generate(3))


def test_seeds_have_the_names_of_who_draws():
    generator = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(12), keras.layers.Reshape((6, 2))]
    )
    discriminator = keras.Sequential(
        [keras.Input((6, 2)), keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(1)]
    )
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.adapt(windows())
    assert list(seeds_of(gan)) == ["training", "evaluation", "sampling", "discriminator_0"]


def test_files_by_name_and_by_position_are_read():
    """Release 0.1.0 stored seeds by position, without a format."""
    gan, store = dense_gan(), {}
    gan.adapt(windows())
    save_state(gan, store)
    assert int(store["format"]) == FORMAT
    names = ("training", "evaluation", "sampling")
    old = {f"seed_{i}": store[f"seed_{name}"] for i, name in enumerate(names)}
    rest = {k: v for k, v in store.items() if k.startswith("ema")}
    for entries in (store, {**old, **rest}):
        copy = dense_gan(seed=9)
        copy.adapt(windows())
        load_state(copy, entries)
        for name, state in seeds_of(copy).items():
            np.testing.assert_array_equal(to_numpy(state.value), store[f"seed_{name}"])
    del store["seed_training"]
    with pytest.raises(ValueError, match="Expected: 8 entries .* Received: 7"):
        load_state(gan, store)

"""A model's variables have one order and one set of names, whatever made it: weights go from one to another."""

import re

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.files import make
from tests.testing import (
    dense_networks,
    recurrent_networks,
    slow_but_on_torch,
    windows,
)

MAKERS = {maker.__name__: maker for maker in make.MODELS[:-1]}


def names_of(variables):
    """Return paths, without the numbers that Keras gives to what has no name."""
    return [re.sub(r"_\d+(?=[/_]|$)", "", v.path) for v in variables]


def assert_same_names(one, other):
    assert [v.path for v in one.weights] == [v.path for v in other.weights]
    assert [v.path for v in one.trainable_variables] == [v.path for v in other.trainable_variables]
    assert names_of(one.variables) == names_of(other.variables)
    assert [v.path for v in one.optimizer.variables] == [v.path for v in other.optimizer.variables]


def assert_interchangeable(one, other):
    """Check that weights of one make the other generate the same."""
    other.set_weights([np.zeros_like(w) for w in other.get_weights()])
    other.set_weights(one.get_weights())
    made, expected = (gan.generate(3, seed=1) for gan in (other, one))
    for a, b in zip(keras.tree.flatten(made), keras.tree.flatten(expected), strict=True):
        np.testing.assert_array_equal(a, b)


def again(gan, path):
    gan.save(path)
    return keras.models.load_model(path)


@slow_but_on_torch
@pytest.mark.parametrize("name", list(MAKERS))
def test_fresh_loaded_and_twice_loaded_models(name, tmp_path):
    gan = MAKERS[name]()
    loaded = again(gan, tmp_path / "one.keras")
    twice = again(loaded, tmp_path / "two.keras")
    for other in (loaded, twice):
        assert_same_names(gan, other)
        assert_interchangeable(gan, other)
    assert_interchangeable(twice, gan)


OWN = {
    "dense, built": lambda: dense_networks(),
    "recurrent, not built": lambda: recurrent_networks(),
    "recurrent, built": lambda: built(recurrent_networks()),
    "one of each": lambda: (built(recurrent_networks())[0], None),
    "arguments": lambda: ({"units": 3}, dense_networks()[1]),
}


def built(networks):
    generator, discriminator = networks
    generator({"latent": np.zeros((1, 3)), "noise": np.zeros((1, 6, 2))})
    discriminator(np.zeros((1, 6, 2)))
    return networks


@slow_but_on_torch
@pytest.mark.parametrize("name", list(OWN))
@pytest.mark.parametrize("scaler", ["auto", "given"])
def test_networks_and_scalers_of_the_users_own(name, scaler, tmp_path):
    """Networks that were built before keep the paths that Keras gives; the order is the same."""
    if scaler == "given":
        scaler = kr.layers.SequenceScaler("standard")
        scaler.adapt(windows())
    gan = kr.RecurrentGAN(*OWN[name](), scaler=scaler, seed=0)
    gan.compile()
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    loaded = again(gan, tmp_path / "one.keras")
    twice = again(loaded, tmp_path / "two.keras")
    for other in (loaded, twice):
        shapes = [[v.shape for v in x.variables] for x in (gan, other)]
        assert shapes[0] == shapes[1]
        shapes = [[v.shape for v in x.optimizer.variables] for x in (gan, other)]
        assert shapes[0] == shapes[1]
        assert_interchangeable(gan, other)
    assert_same_names(loaded, twice)


@slow_but_on_torch
def test_models_that_are_told_the_data_in_other_ways_are_alike():
    x, models = windows(), []
    for way in ("fit", "adapt", "compile first", "train_on_batch"):
        gan = make.small()
        if way == "compile first":
            gan.compile()
        if way in ("adapt", "compile first"):
            gan.adapt(x)
        if not gan.compiled:
            gan.compile()
        if way == "fit":
            gan.fit(x, batch_size=20, verbose=0, epochs=1)
        if way == "train_on_batch":
            gan.train_on_batch(x)
        models.append(gan)
    for gan in models[1:]:
        assert len(gan.weights) == len(models[0].weights)
        assert names_of(gan.weights) == names_of(models[0].weights)
        assert names_of(gan.optimizer.variables) == names_of(models[0].optimizer.variables)
        assert_interchangeable(models[0], gan)

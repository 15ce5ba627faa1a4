import random

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan import backend
from keras_rgan.layers import recurrence
from tests.testing import assert_close, to_numpy

X = np.random.default_rng(0).normal(size=(3, 8, 2)).astype("float32")


def make(cell="gru", **kwargs):
    (layer,) = recurrence.stack(4, cell, 1, seed=0, dtype="float32", **kwargs)
    layer.build(X.shape)
    return layer


@pytest.mark.parametrize("cell", ["gru", "lstm", "min_gru", keras.layers.SimpleRNNCell(4)])
@pytest.mark.parametrize("go_backwards", [False, True])
def test_truncation_leaves_values_as_they_are(cell, go_backwards):
    layer = make(cell, go_backwards=go_backwards)
    mask = np.array([[True] * 8, [True] * 4 + [False] * 4, [False] * 4 + [True] * 4])
    for known in (None, mask):
        whole = recurrence.run(layer, X, mask=known, training=True)
        for truncation in (1, 3, 4, 8, 9):
            parts = recurrence.run(layer, X, mask=known, training=True, truncation=truncation)
            assert_close(parts, whole, 1e-5)


@pytest.mark.parametrize("go_backwards", [False, True])
def test_no_gradient_flows_past_a_part(go_backwards):
    layer = make(go_backwards=go_backwards)

    def last(x, truncation):
        outputs, *_ = recurrence.run(layer, x, training=True, truncation=truncation)
        return ops.sum(outputs[:, -1])

    def gradient(truncation):
        found = to_numpy(
            backend.input_gradient(lambda x: last(x, truncation), ops.convert_to_tensor(X))
        )
        return found[:, ::-1] if go_backwards else found

    whole, parts = gradient(None), gradient(3)  # parts end after steps 3, 6 and 8
    assert np.abs(whole).max(axis=(0, 2)).min() > 0
    assert not parts[:, :6].any()
    assert_close(parts[:, 6:], whole[:, 6:], 1e-6)


def test_truncation_needs_a_length_in_training_only():
    layer = make()
    unknown = keras.KerasTensor((None, None, 2))
    assert recurrence.run(layer, unknown, truncation=4)[0].shape == (None, None, 4)
    with pytest.raises(ValueError, match="sequences of a known length"):
        recurrence.run(layer, unknown, training=True, truncation=4)


CELLS = {
    "gru": lambda: keras.layers.GRUCell(4, dropout=0.5),
    "elman": lambda: kr.layers.ElmanCell(3, output_units=4),
    "stacked": lambda: keras.layers.StackedRNNCells(
        [keras.layers.LSTMCell(3), keras.layers.SimpleRNNCell(4, recurrent_dropout=0.2)]
    ),
}


def networks(cell, seed):
    return (
        kr.layers.RecurrentNoiseEncoder(4, cell, num_layers=2, seed=seed),
        kr.networks.RecurrentGenerator(2, 4, 2, cell, noise_dim=2, latent_dim=3, seed=seed),
        kr.networks.RecurrentDiscriminator(4, 2, cell, seed=seed),
    )


def weights(cell, seed):
    """Return the weights of networks, and what they make in training, with dropout."""
    found = []
    inputs = {"latent": X[:, 0], "noise": X}, {"latent": X[:, 0, [0, 1, 0]], "noise": X}, X
    for network, x in zip(networks(cell, seed), inputs, strict=True):
        outputs = network(x, training=True)
        found.extend(
            [*(to_numpy(w.value) for w in network.weights), *keras.tree.flatten(to_numpy(outputs))]
        )
    return found


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_of_keras_has_the_networks_seed(name):
    cell = CELLS[name]()
    one = weights(cell, 0)
    keras.random.normal((3,)), keras.layers.Dense(3).build((2, 2)), random.random()  # unrelated draws
    for a, b in zip(one, weights(CELLS[name](), 0), strict=True):
        np.testing.assert_array_equal(a, b)
    kernels = [(a, b) for a, b in zip(one, weights(cell, 1), strict=True) if a.ndim == 2 and a.any()]
    assert all((a != b).any() for a, b in kernels)


@pytest.mark.parametrize("name", CELLS)
def test_layers_and_directions_differ_and_come_back_from_a_config(name):
    """The config has the cell as it was given: each layer of a copy finds seeds of its own."""
    cell = CELLS[name]()
    before = keras.saving.serialize_keras_object(cell)
    discriminator = kr.networks.RecurrentDiscriminator(4, 2, cell, seed=0)
    assert keras.saving.serialize_keras_object(cell) == before == discriminator.get_config()["cell"]
    copy = kr.networks.RecurrentDiscriminator.from_config(discriminator.get_config())
    for network in (discriminator, copy):
        network.build((None, 8, 4))
    for a, b in zip(discriminator.weights, copy.weights, strict=True):
        assert a.path.split("/")[1:] == b.path.split("/")[1:]
        np.testing.assert_array_equal(to_numpy(a.value), to_numpy(b.value))
    layers = [*discriminator.forward_layers, *discriminator.backward_layers]
    kernels = [to_numpy(layer.weights[1].value) for layer in layers]  # recurrent: all of one shape
    assert len({kernel.tobytes() for kernel in kernels}) == 4


def test_seeds_that_were_given_stay():
    cell = keras.layers.GRUCell(4, kernel_initializer=keras.initializers.GlorotUniform(seed=3))
    layers = recurrence.stack(4, cell, 2, seed=0, dtype="float32")
    for layer in layers:
        layer.build((None, None, 4))
        expected = to_numpy(keras.initializers.GlorotUniform(seed=3)((4, 12)))
        np.testing.assert_array_equal(to_numpy(layer.cell.kernel.value), expected)
    first, second = (to_numpy(layer.cell.recurrent_kernel.value) for layer in layers)
    assert (first != second).any()


@pytest.mark.parametrize(
    "cell", [3, None, keras.layers.Dense(4), keras.layers.GRU(4), keras.layers.GRUCell]
)
def test_refuses_what_is_no_cell(cell):
    with pytest.raises(ValueError, match="or a Keras cell such as .* Received: cell="):
        recurrence.stack(4, cell, 1, seed=0, dtype="float32")
    if isinstance(cell, keras.layers.Layer):
        with pytest.raises(ValueError, match="or a Keras cell such as .* Received: cell=<"):
            recurrence.stack(4, keras.saving.serialize_keras_object(cell), 1, seed=0, dtype="float32")

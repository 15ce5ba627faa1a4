"""The cell that reads its own output, by hand."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, refuses, to_numpy

RANDOM = np.random.default_rng(0)


def simple(activation=None):
    return kr.layers.FeedbackCell(keras.layers.SimpleRNNCell(4), 3, activation)


def test_is_the_recursion_that_it_says():
    cell = simple("tanh")
    layer = keras.layers.RNN(cell, return_sequences=True)
    x = RANDOM.normal(size=(2, 5, 2)).astype("float32")
    made = to_numpy(layer(x))
    kernel, recurrent, bias = (to_numpy(v.value) for v in cell.cell.trainable_variables)
    weights, offset = to_numpy(cell.output_kernel.value), to_numpy(cell.output_bias.value)
    hidden, last = np.zeros((2, 4)), np.zeros((2, 3))
    for t in range(5):
        hidden = np.tanh(np.concatenate([x[:, t], last], 1) @ kernel + hidden @ recurrent + bias)
        last = np.tanh(hidden @ weights + offset)
        np.testing.assert_allclose(made[:, t], last, atol=1e-5)


def test_takes_the_last_output_as_given():
    layer = keras.layers.RNN(simple(), return_sequences=True)
    x = RANDOM.normal(size=(2, 5, 2)).astype("float32")
    free = to_numpy(layer(x))
    before = np.concatenate([np.zeros((2, 1, 3), "float32"), free[:, :-1]], axis=1)
    np.testing.assert_allclose(to_numpy(layer(np.concatenate([x, before], 2))), free, atol=1e-5)
    other = to_numpy(layer(np.concatenate([x, before + 1.0], 2)))
    assert np.abs(other - free).max() > 1e-3


@pytest.mark.parametrize("unused", [0])
class TestLayer:
    """A good citizen."""

    pytestmark = ON_TORCH

    def test_layer(self, unused, tmp_path):
        def make():
            cells = [keras.layers.LSTMCell(4, seed=1), keras.layers.GRUCell(3, seed=2)]
            for i, cell in enumerate(cells):
                cell.kernel_initializer = keras.initializers.GlorotUniform(seed=i)
                cell.recurrent_initializer = keras.initializers.Orthogonal(seed=i)
            stack = keras.layers.StackedRNNCells(cells)
            cell = kr.layers.FeedbackCell(stack, 2, "tanh", keras.initializers.GlorotUniform(seed=1))
            return keras.layers.RNN(cell, return_sequences=True)

        layer = make()
        x = RANDOM.normal(size=(2, 5, 3)).astype("float32")
        made = to_numpy(layer(x))
        assert made.shape == (2, 5, 2)
        model = keras.Sequential([keras.Input((5, 3)), layer])
        model.save(tmp_path / "layer.keras")
        loaded = keras.models.load_model(tmp_path / "layer.keras")
        np.testing.assert_allclose(to_numpy(loaded(x)), made, atol=1e-6)

    def test_refuses(self, unused):
        refuses(lambda: kr.layers.FeedbackCell("lstm", 3), "must be a Keras cell")
        refuses(lambda: kr.layers.FeedbackCell(keras.layers.GRUCell(3), 0), "`output_units`")

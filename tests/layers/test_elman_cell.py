import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, run_layer_test, run_serialization_test, to_numpy


def by_hand(cell, x, f, g):
    """h_t = f(W x_t + U h_{t-1} + b), y_t = g(V h_t + c), in NumPy."""
    w, u, b, v, c = (to_numpy(p.value) for p in cell.weights)
    h = np.zeros((len(x), u.shape[0]))
    outputs = []
    for t in range(x.shape[1]):
        h = f(x[:, t] @ w + h @ u + b)
        outputs.append(g(h @ v + c))
    return np.stack(outputs, axis=1), h


def relu(z):
    return np.maximum(z, 0.0)


@pytest.mark.parametrize(
    ("activation", "output_activation", "f", "g"),
    [("tanh", None, np.tanh, lambda z: z), ("relu", "sigmoid", relu, lambda z: 1 / (1 + np.exp(-z)))],
)
def test_numbers_follow_the_formulas(activation, output_activation, f, g):
    cell = kr.layers.ElmanCell(
        5, 3, activation, output_activation, bias_initializer=keras.initializers.RandomNormal(seed=1)
    )
    x = np.random.default_rng(0).normal(size=(4, 7, 2)).astype("float32")
    layer = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    outputs, last_output, last_state = layer(x)
    expected, state = by_hand(cell, x, f, g)
    assert_close(outputs, expected.astype("float32"), 1e-5)
    assert_close(last_output, expected[:, -1].astype("float32"), 1e-5)
    assert_close(last_state, state.astype("float32"), 1e-5)


def test_masked_steps_change_nothing():
    cell = kr.layers.ElmanCell(5, 5)
    layer = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    x = np.random.default_rng(0).normal(size=(2, 6, 3)).astype("float32")
    mask = np.array([[True] * 6, [True] * 4 + [False] * 2])
    outputs, _, state = layer(x, mask=mask)
    short, _, short_state = layer(x[1:, :4])
    assert_close(outputs[1:, :4], short, 1e-6)
    assert_close(outputs[1, 5], short[0, 3], 1e-6)  # the output before the mask is repeated
    assert_close(state[1:], short_state, 1e-6)


def test_is_a_layer(tmp_path):
    run_serialization_test(kr.layers.ElmanCell(4, 3, "relu", "sigmoid"))
    x = np.random.default_rng(0).normal(size=(2, 6, 3))
    model_layer = keras.layers.RNN(kr.layers.ElmanCell(4, 3), return_sequences=True)
    model = keras.Sequential([keras.Input((None, 3)), model_layer])
    model.save(tmp_path / "elman.keras")
    loaded = keras.models.load_model(tmp_path / "elman.keras")
    assert_close(loaded(x.astype("float32")), model(x.astype("float32")))


def test_serves_the_noise_encoder(tmp_path):
    run_layer_test(
        lambda: kr.layers.RecurrentNoiseEncoder(3, cell=kr.layers.ElmanCell(4, 3)),
        np.ones((2, 6, 2)),
        (2, 6, 3),
        tmp_path,
    )


def test_bad_sizes():
    with pytest.raises(
        ValueError, match=r"`units` must be an integer of at least 1. Received: units=0"
    ):
        kr.layers.ElmanCell(0, 3)
    with pytest.raises(ValueError, match="`output_units` must be an integer"):
        kr.layers.ElmanCell(3, 2.5)

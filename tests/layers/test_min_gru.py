import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, run_layer_test, slow_but_on_torch, windows

INPUTS = np.random.default_rng(0).normal(size=(5, 7, 3)).astype("float32")
STATE = np.random.default_rng(1).normal(size=(5, 4)).astype("float32")
MASK = np.arange(7)[None] < np.array([7, 3, 5, 1, 7])[:, None]


def make(**kwargs):
    layer = kr.layers.MinGRU(4, return_sequences=True, return_state=True, **kwargs)
    layer.build(INPUTS.shape)
    rng = np.random.default_rng(2)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    return layer


def step_by_step(layer, inputs, state, mask=None):
    kernel, bias = layer.get_weights()
    outputs = []
    for t in range(inputs.shape[1]):
        gate, candidate = np.split(inputs[:, t] @ kernel + bias, 2, axis=-1)
        gate = 1.0 / (1.0 + np.exp(-gate))
        if mask is not None:
            gate = gate * mask[:, t, None]
        state = (1.0 - gate) * state + gate * candidate
        outputs.append(state)
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize("sequences", [False, True])
def test_is_a_keras_layer(sequences, tmp_path):
    run_layer_test(
        lambda: kr.layers.MinGRU(
            4, return_sequences=sequences, kernel_initializer=keras.initializers.GlorotUniform(seed=0)
        ),
        INPUTS,
        (5, 7, 4) if sequences else (5, 4),
        tmp_path,
        mask=MASK if sequences else None,
        output_mask=MASK,
        tolerance=1e-5,
    )


def test_formula_step_by_step():
    layer = make()
    outputs, last = layer(INPUTS)
    expected = step_by_step(layer, INPUTS, np.zeros((5, 4)))
    assert_close(outputs, expected.astype("float32"), 1e-5)
    assert_close(last, outputs[:, -1])
    outputs, _ = layer(INPUTS, initial_state=[STATE], mask=MASK)
    expected = step_by_step(layer, INPUTS, STATE, MASK)
    assert_close(outputs, expected.astype("float32"), 1e-5)


@pytest.mark.parametrize("length", [1, 2, 3, 8, 13])
def test_any_length(length):
    inputs = np.random.default_rng(length).normal(size=(5, length, 3)).astype("float32")
    layer = make()
    expected = step_by_step(layer, inputs, STATE).astype("float32")
    assert_close(layer(inputs, initial_state=STATE)[0], expected, 1e-5)
    one_by_one = keras.layers.RNN(layer.cell, return_sequences=True)
    assert_close(one_by_one(inputs, initial_state=STATE), expected, 1e-5)


def test_backwards_is_forwards_of_the_reverse():
    forward, backward = make(), make(go_backwards=True)
    assert_close(backward(INPUTS, mask=MASK), forward(INPUTS[:, ::-1], mask=MASK[:, ::-1]), 1e-6)


def test_an_unknown_length_gives_the_same():
    layer = make()
    sequence = keras.Input((None, 3))
    model = keras.Model(sequence, layer(sequence))
    for length in (1, 7):
        assert_close(model(INPUTS[:, :length]), layer(INPUTS[:, :length]), 1e-5)
        assert_close(model.predict(INPUTS[:, :length], verbose=0), layer(INPUTS[:, :length]), 1e-5)


def test_thousands_of_steps_stay_exact():
    inputs = np.random.default_rng(3).normal(size=(2, 3000, 3)).astype("float32")
    layer = make()
    expected = step_by_step(layer, inputs.astype("float64"), np.zeros((2, 4)))
    assert_close(layer(inputs)[0], expected.astype("float32"), 1e-4)


@slow_but_on_torch
def test_learns():
    """To say whether the first value was positive, forty steps later."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(512, 40, 1)).astype("float32")
    y = (x[:, 0] > 0).astype("float32")
    x = np.concatenate([x, np.arange(40)[None, :, None] == np.zeros((512, 1, 1))], axis=-1)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([kr.layers.MinGRU(8), keras.layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.05), loss)
    model.fit(x.astype("float32"), y, epochs=40, batch_size=64, verbose=0)
    assert model.evaluate(x.astype("float32"), y, verbose=0) < 0.2


@slow_but_on_torch
@pytest.mark.parametrize("bidirectional", [False, True])
def test_in_the_networks(bidirectional, tmp_path):
    generator = kr.networks.RecurrentGenerator(2, 4, 2, cell="min_gru", latent_dim=3, noise_dim=2)
    discriminator = kr.networks.RecurrentDiscriminator(
        4, 2, cell="min_gru", bidirectional=bidirectional
    )
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile(penalties="r1")  # differentiates a gradient
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert_close(loaded.generate(3, seed=0), gan.generate(3, seed=0), 1e-5)
    assert gan.generate(3, length=20).shape == (3, 20, 2)


def test_refuses():
    with pytest.raises(ValueError, match="`units` must be an integer of at least 1"):
        kr.layers.MinGRU(0)

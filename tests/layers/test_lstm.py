import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan import backend
from tests.testing import BACKEND, assert_close, assert_same_gradients, run_layer_test

INPUTS = np.random.default_rng(0).normal(size=(5, 7, 3)).astype("float32")
STATE, CARRY = np.random.default_rng(1).normal(size=(2, 5, 4)).astype("float32")

on_tensorflow = pytest.mark.skipif(BACKEND != "tensorflow", reason="the faster way is TensorFlow's")


def pair(**kwargs):
    """Return the layer and Keras's with the same weights."""
    options = {"return_sequences": True, "return_state": True, **kwargs}
    layers = kr.layers.LSTM(4, **options), keras.layers.LSTM(4, **options)
    for layer in layers:
        layer.build(INPUTS.shape)
        rng = np.random.default_rng(2)
        layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    return layers


def test_is_a_keras_layer(tmp_path):
    run_layer_test(lambda: kr.layers.LSTM(4, seed=0), INPUTS, (5, 4), tmp_path, tolerance=1e-5)
    run_layer_test(
        lambda: kr.layers.LSTM(4, seed=0, return_sequences=True, return_state=True),
        INPUTS,
        [(5, 7, 4), (5, 4), (5, 4)],
        tmp_path,
        tolerance=1e-5,
    )


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"go_backwards": True},
        {"return_sequences": False},
        {"unit_forget_bias": False},
        {"use_bias": False},
        {"activation": "relu"},
        {"use_cudnn": False},
    ],
)
@pytest.mark.parametrize("mask", [False, True])
def test_the_same_numbers_as_keras(kwargs, mask):
    layer, reference = pair(**kwargs)
    options = {"initial_state": [STATE, CARRY]}
    if mask:
        options["mask"] = np.arange(7)[None] < np.array([7, 3, 5, 1, 7])[:, None]
    assert_close(layer(INPUTS, **options), reference(INPUTS, **options), 1e-5)


@pytest.mark.skipif(BACKEND == "jax", reason="there the layer is Keras's")
@pytest.mark.parametrize("go_backwards", [False, True])
def test_the_same_gradients_as_keras(go_backwards):
    assert_same_gradients(*pair(go_backwards=go_backwards), INPUTS, [STATE, CARRY])


@pytest.mark.skipif(BACKEND == "jax", reason="there the layer is Keras's")
def test_the_faster_way_is_taken_where_it_can_be(monkeypatch):
    calls = []
    way = backend.lstm
    monkeypatch.setattr(backend, "lstm", lambda *args: calls.append(1) or way(*args))
    kr.layers.LSTM(4)(INPUTS)
    assert calls == [1]
    kr.layers.LSTM(4, use_cudnn=False)(INPUTS)
    kr.layers.LSTM(4, dropout=0.5)(INPUTS, training=True)
    kr.layers.LSTM(4)(INPUTS, mask=np.ones((5, 7), bool))
    assert calls == [1]
    kr.layers.LSTM(4, dropout=0.5)(INPUTS, training=False)
    assert calls == [1, 1]


def test_a_length_that_is_not_known_gives_the_same():
    layer, reference = pair(return_state=False)
    sequence = keras.Input((None, 3))
    model = keras.Model(sequence, layer(sequence))
    for length in (1, 7):
        part = INPUTS[:, :length]
        assert_close(model.predict(part, verbose=0), reference(part), 1e-5)


def test_a_stateful_layer_trains():
    model = keras.Sequential([keras.Input(batch_shape=INPUTS.shape), kr.layers.LSTM(4, stateful=True)])
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(INPUTS, STATE, batch_size=5, epochs=2, verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.isfinite(new).all()
        assert np.abs(new - old).max() > 0.0


@on_tensorflow
def test_a_second_derivative_is_refused():
    import tensorflow as tf

    inputs = tf.constant(INPUTS)
    for use_cudnn in ("auto", False):
        layer = kr.layers.LSTM(4, use_cudnn=use_cudnn)
        with tf.GradientTape() as outer:
            outer.watch(inputs)
            with tf.GradientTape() as inner:
                inner.watch(inputs)
                total = tf.reduce_sum(layer(inputs))
            slope = tf.reduce_sum(tf.square(inner.gradient(total, inputs)))
        if use_cudnn is False:
            assert np.abs(outer.gradient(slope, inputs)).max() > 0.0
        else:
            with pytest.raises(NotImplementedError, match="no second derivative. Pass use_cudnn=False"):
                outer.gradient(slope, inputs)

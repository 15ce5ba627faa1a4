import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan import backend
from tests.testing import BACKEND, assert_close, assert_same_gradients, run_layer_test, to_numpy

INPUTS = np.random.default_rng(0).normal(size=(5, 7, 3)).astype("float32")
STATE = np.random.default_rng(1).normal(size=(5, 4)).astype("float32")

on_tensorflow = pytest.mark.skipif(BACKEND != "tensorflow", reason="the faster way is TensorFlow's")


def pair(**kwargs):
    """Return the layer and Keras's with the same weights."""
    options = {"return_sequences": True, "return_state": True, **kwargs}
    layers = kr.layers.GRU(4, **options), keras.layers.GRU(4, **options)
    for layer in layers:
        layer.build(INPUTS.shape)
        rng = np.random.default_rng(2)
        layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    return layers


def test_is_a_keras_layer(tmp_path):
    run_layer_test(lambda: kr.layers.GRU(4, seed=0), INPUTS, (5, 4), tmp_path, tolerance=1e-5)
    run_layer_test(
        lambda: kr.layers.GRU(4, seed=0, return_sequences=True, return_state=True),
        INPUTS,
        [(5, 7, 4), (5, 4)],
        tmp_path,
        tolerance=1e-5,
    )


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"go_backwards": True},
        {"return_sequences": False},
        {"reset_after": False},
        {"use_bias": False},
        {"activation": "relu"},
        {"use_cudnn": False},
    ],
)
@pytest.mark.parametrize("mask", [False, True])
def test_the_same_numbers_as_keras(kwargs, mask):
    layer, reference = pair(**kwargs)
    options = {"initial_state": STATE}
    if mask:
        options["mask"] = np.arange(7)[None] < np.array([7, 3, 5, 1, 7])[:, None]
    assert_close(layer(INPUTS, **options), reference(INPUTS, **options), 1e-5)


@pytest.mark.skipif(BACKEND == "jax", reason="there the layer is Keras's")
@pytest.mark.parametrize("go_backwards", [False, True])
def test_the_same_gradients_as_keras(go_backwards):
    assert_same_gradients(*pair(go_backwards=go_backwards), INPUTS, [STATE])


@pytest.mark.skipif(BACKEND == "jax", reason="there the layer is Keras's")
def test_the_faster_way_is_taken_where_it_can_be(monkeypatch):
    calls = []
    way = backend.gru
    monkeypatch.setattr(backend, "gru", lambda *args: calls.append(1) or way(*args))
    kr.layers.GRU(4)(INPUTS)
    assert calls == [1]
    kr.layers.GRU(4, use_cudnn=False)(INPUTS)
    kr.layers.GRU(4, dropout=0.5)(INPUTS, training=True)
    kr.layers.GRU(4)(INPUTS, mask=np.ones((5, 7), bool))
    assert calls == [1]
    kr.layers.GRU(4, dropout=0.5)(INPUTS, training=False)
    assert calls == [1, 1]


@pytest.mark.skipif(BACKEND == "jax", reason="there the layer is Keras's")
@pytest.mark.parametrize("length", [65, 96])
@pytest.mark.parametrize("go_backwards", [False, True])
def test_long_sequences_give_the_same(length, go_backwards):
    layers = pair(go_backwards=go_backwards)
    inputs = np.random.default_rng(3).normal(size=(2, length, 3)).astype("float32")
    assert_close(layers[0](inputs), layers[1](inputs), 1e-5)
    assert_same_gradients(*layers, inputs, [STATE[:2]])


def test_a_length_that_is_not_known_gives_the_same():
    layer, reference = pair(return_state=False)
    sequence = keras.Input((None, 3))
    model = keras.Model(sequence, layer(sequence))
    for length in (1, 7):
        part = INPUTS[:, :length]
        assert_close(model.predict(part, verbose=0), reference(part), 1e-5)


def test_a_stateful_layer_trains():
    model = keras.Sequential([keras.Input(batch_shape=INPUTS.shape), kr.layers.GRU(4, stateful=True)])
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
        layer = kr.layers.GRU(4, use_cudnn=use_cudnn)
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


def test_learns():
    """The last input that was above 0, which a state must keep."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 6, 1)).astype("float32")
    y = x[:, 2] > 0.0
    model = keras.Sequential([kr.layers.GRU(8, seed=0), keras.layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss)
    losses = model.fit(x, y, epochs=25, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < 0.3 < losses[0]
    assert to_numpy(ops.convert_to_tensor(model(x))).shape == (256, 1)

"""What holds of both layers that have a loop of their own."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan import backend
from tests.testing import BACKEND, assert_close, assert_same_gradients, run_layer_test

INPUTS = np.random.default_rng(0).normal(size=(5, 7, 3)).astype("float32")
STATES = list(np.random.default_rng(1).normal(size=(2, 5, 4)).astype("float32"))

KINDS = {"GRU": STATES[:1], "LSTM": STATES}
"""The layers and as many states as they have."""

each = pytest.mark.parametrize("kind", KINDS)


def pair(kind, **kwargs):
    """Return the layer and Keras's with the same weights."""
    options = {"return_sequences": True, "return_state": True, **kwargs}
    layers = [getattr(module, kind)(4, **options) for module in (kr.layers, keras.layers)]
    for layer in layers:
        layer.build(INPUTS.shape)
        rng = np.random.default_rng(2)
        layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    return layers


@each
def test_is_a_keras_layer(kind, tmp_path):
    layer, states = getattr(kr.layers, kind), [(5, 4)] * len(KINDS[kind])
    run_layer_test(lambda: layer(4, seed=0), INPUTS, (5, 4), tmp_path, tolerance=1e-5)
    run_layer_test(
        lambda: layer(4, seed=0, return_sequences=True, return_state=True),
        INPUTS,
        [(5, 7, 4), *states],
        tmp_path,
        tolerance=1e-5,
    )


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        *(
            (kind, kwargs)
            for kind in KINDS
            for kwargs in (
                {},
                {"go_backwards": True},
                {"return_sequences": False},
                {"use_bias": False},
                {"activation": "relu"},
                {"use_cudnn": False},
            )
        ),
        ("GRU", {"reset_after": False}),
        ("LSTM", {"unit_forget_bias": False}),
    ],
)
@pytest.mark.parametrize("mask", [False, True])
def test_the_same_numbers_as_keras(kind, kwargs, mask):
    layer, reference = pair(kind, **kwargs)
    options = {"initial_state": KINDS[kind]}
    if mask:
        options["mask"] = np.arange(7)[None] < np.array([7, 3, 5, 1, 7])[:, None]
    assert_close(layer(INPUTS, **options), reference(INPUTS, **options), 1e-5)


@each
@pytest.mark.parametrize("go_backwards", [False, True])
def test_the_same_gradients_as_keras(kind, go_backwards):
    assert_same_gradients(*pair(kind, go_backwards=go_backwards), INPUTS, KINDS[kind])


@each
def test_the_own_loop_is_run_where_it_can_be(kind, monkeypatch):
    calls, layer = [], getattr(kr.layers, kind)
    way = getattr(backend, kind.lower())
    monkeypatch.setattr(backend, kind.lower(), lambda *args: calls.append(1) or way(*args))
    layer(4)(INPUTS)
    assert calls == [1]
    layer(4, use_cudnn=False)(INPUTS)
    layer(4, dropout=0.5)(INPUTS, training=True)
    layer(4)(INPUTS, mask=np.ones((5, 7), bool))
    assert calls == [1]
    layer(4, dropout=0.5)(INPUTS, training=False)
    assert calls == [1, 1]


@each
@pytest.mark.parametrize(("length", "go_backwards"), [(17, False), (96, True)])
def test_long_sequences_give_the_same(kind, length, go_backwards):
    layers = pair(kind, go_backwards=go_backwards)
    inputs = np.random.default_rng(3).normal(size=(2, length, 3)).astype("float32")
    for training in (True, False):
        assert_close(layers[0](inputs, training=training), layers[1](inputs), 1e-5)
    assert_same_gradients(*layers, inputs, [state[:2] for state in KINDS[kind]])


@pytest.mark.skipif(BACKEND != "tensorflow", reason="there parts of a batch run side by side")
def test_parts_of_a_batch_give_the_same_together(monkeypatch):
    import tensorflow as tf

    from keras_rgan.backend.tensorflow import gru_loops

    monkeypatch.setattr(gru_loops, "count_parts", lambda batch_size: 3)
    layers = pair("GRU", go_backwards=True)
    inputs = np.random.default_rng(3).normal(size=(5, 17, 3)).astype("float32")
    for batch in (1, 2, 5):  # of which parts may be empty
        assert_same_gradients(*layers, inputs[:batch], [STATES[0][:batch]])
    open_batch = tf.function(layers[0], input_signature=[tf.TensorSpec((None, 17, 3))])
    for batch in (1, 5):
        assert_close(open_batch(inputs[:batch]), layers[1](inputs[:batch]), 1e-5)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="there a loop can be one that ONNX lacks")
@each
@pytest.mark.parametrize("length", [7, 17])
def test_a_model_of_it_goes_to_onnx(kind, length, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    sequence = keras.Input((length, 3))
    model = keras.Model(sequence, getattr(kr.layers, kind)(4, seed=0, use_cudnn=False)(sequence))
    inputs = np.random.default_rng(3).normal(size=(2, length, 3)).astype("float32")
    expected = model(inputs)
    path = str(tmp_path / "model.onnx")
    model.export(path, format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(path)
    (made,) = session.run(None, {session.get_inputs()[0].name: inputs})
    assert_close(made, expected, 1e-5)


@each
def test_a_length_that_is_not_known_gives_the_same(kind):
    layer, reference = pair(kind, return_state=False)
    sequence = keras.Input((None, 3))
    model = keras.Model(sequence, layer(sequence))
    for length in (1, 7):
        part = INPUTS[:, :length]
        assert_close(model.predict(part, verbose=0), reference(part), 1e-5)


@each
def test_a_stateful_layer_trains(kind):
    layer = getattr(kr.layers, kind)(4, stateful=True)
    model = keras.Sequential([keras.Input(batch_shape=INPUTS.shape), layer])
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(INPUTS, STATES[0], batch_size=5, epochs=2, verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.isfinite(new).all()
        assert np.abs(new - old).max() > 0.0


@pytest.mark.skipif(BACKEND == "tensorflow", reason="there the loops have none")
@each
def test_the_same_second_derivatives_as_keras(kind):
    def total(layer, x):
        return sum(keras.ops.sum(keras.ops.sin(y)) for y in layer(x, initial_state=KINDS[kind]))

    def steepness(layer):
        if BACKEND == "jax":
            import jax

            slope = jax.grad(lambda x: total(layer, x))
            return jax.grad(lambda x: (slope(x) ** 2).sum())(INPUTS)
        import torch

        x = torch.tensor(INPUTS, requires_grad=True)
        (slope,) = torch.autograd.grad(total(layer, x), x, create_graph=True)
        return torch.autograd.grad(slope.square().sum(), x)[0]

    assert_close(*map(steepness, pair(kind)), 1e-4)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="elsewhere there is one")
@each
def test_a_second_derivative_is_refused(kind):
    import tensorflow as tf

    inputs = tf.constant(INPUTS)
    for use_cudnn in ("auto", False):
        layer = getattr(kr.layers, kind)(4, use_cudnn=use_cudnn)
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

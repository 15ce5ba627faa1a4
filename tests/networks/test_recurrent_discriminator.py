import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, run_layer_test, to_numpy

X = np.random.default_rng(0).normal(size=(4, 6, 2)).astype("float32")


def make(units=5, **kwargs):
    return kr.networks.RecurrentDiscriminator(units, **{"seed": 0, **kwargs})


@pytest.mark.parametrize(
    ("kwargs", "shape"),
    [
        ({}, (4, 1)),
        ({"cell": "lstm", "num_layers": 2, "pooling": "last"}, (4, 1)),
        ({"bidirectional": False, "pooling": "mean", "minibatch_group_size": 2}, (4, 1)),
        ({"per_step": True, "dropout": 0.5}, (4, 6, 1)),
        ({"next_step_prediction": True}, [(4, 1), (4, 5, 2)]),
        ({"per_step": True, "next_step_prediction": True}, [(4, 6, 1), (4, 5, 2)]),
        ({"increments": 2, "convolution_units": 3}, (4, 1)),
        ({"attention_heads": 2, "units": 4}, (4, 1)),
        ({"truncation": 4, "num_layers": 2}, (4, 1)),
        ({"increments": 2, "per_step": True, "next_step_prediction": True}, [(4, 6, 1), (4, 5, 2)]),
    ],
)
def test_is_a_model(kwargs, shape, tmp_path):
    run_layer_test(lambda: make(**kwargs), X, shape, tmp_path, half=False, tolerance=1e-5)


def test_masks_of_steps_are_passed_on():
    mask = np.ones((4, 6), bool)
    assert make(per_step=True).compute_mask(X, mask) is mask
    assert make().compute_mask(X, mask) is None


def test_any_length():
    discriminator = make()
    for length in (1, 6, 50):
        assert tuple(discriminator(np.ones((2, length, 2), "float32")).shape) == (2, 1)


def test_layout_against_keras_layers():
    """One bidirectional layer, last states and means: as written with Keras's own layers."""
    discriminator = make()
    outputs = to_numpy(discriminator(X))
    forward, backward = (
        keras.layers.GRU(5, return_sequences=True),
        keras.layers.GRU(5, return_sequences=True, go_backwards=True),
    )
    for layer, source in (
        (forward, discriminator.forward_layers),
        (backward, discriminator.backward_layers),
    ):
        layer.build(X.shape)
        layer.set_weights(source[0].get_weights())
    f, b = to_numpy(forward(X)), to_numpy(backward(X))
    features = np.concatenate([f[:, -1], b[:, -1], f.mean(axis=1), b.mean(axis=1)], axis=-1)
    kernel, bias = (to_numpy(w.value) for w in discriminator.head.weights)
    assert_close(outputs, features @ kernel + bias, 1e-5)


@pytest.mark.parametrize(
    "kwargs",
    [{}, {"num_layers": 2}, {"convolution_units": 3}, {"increments": 2}, {"attention_heads": 1}],
)
def test_padding_changes_nothing(kwargs):
    discriminator = make(**kwargs)
    mask = np.array([[True] * 4 + [False] * 2] * 4)
    padded = X.copy()
    padded[:, 4:] = 1e3
    discriminator(X)
    if discriminator.attention is not None:
        discriminator.attention.gain.assign(1.0)
    assert_close(discriminator(padded, mask=mask), discriminator(X[:, :4]), 1e-5)


def test_judgement_of_a_step_in_one_direction_looks_back_only():
    discriminator = make(bidirectional=False, per_step=True)
    changed = X.copy()
    changed[:, 3] += 1.0
    difference = np.abs(to_numpy(discriminator(changed)) - to_numpy(discriminator(X)))
    assert (difference[:, :3] == 0.0).all()
    assert (difference[:, 3:] > 0.0).any()


@pytest.mark.parametrize("bidirectional", [True, False])
def test_prediction_looks_back_only(bidirectional):
    """The prediction of step t + 1 stands at t and reads steps up to t."""
    discriminator = make(bidirectional=bidirectional, next_step_prediction=True)
    changed = X.copy()
    changed[:, 3] += 1.0
    before, after = (to_numpy(discriminator(x)["prediction"]) for x in (X, changed))
    difference = np.abs(after - before).max(axis=(0, 2))
    assert (difference[:3] == 0.0).all()
    assert (difference[3:] > 0.0).all()


def test_dropout_fires_in_training_only():
    discriminator = make(dropout=0.5)
    assert_close(discriminator(X, training=False), discriminator(X, training=False), 0.0)
    outputs = [to_numpy(discriminator(X, training=True)) for _ in range(2)]
    assert not np.allclose(*outputs)


def test_seed_fixes_the_weights():
    assert_close(make()(X), make()(X), 0.0)
    assert not np.allclose(to_numpy(make()(X)), to_numpy(make(seed=1)(X)))


def test_own_cell():
    cell = kr.layers.ElmanCell(4, 5)
    discriminator = make(cell=cell, num_layers=2)
    assert tuple(discriminator(X).shape) == (4, 1)


def test_bad_arguments():
    with pytest.raises(
        ValueError, match="`pooling` must be one of 'last', 'mean'. Received: pooling='max'"
    ):
        make(pooling="max")
    with pytest.raises(ValueError, match="through the mean over its steps.*Add 'mean'"):
        make(pooling="last", attention_heads=2)
    with pytest.raises(ValueError, match=r"at least one of \('last', 'mean'\)"):
        make(pooling=())
    with pytest.raises(ValueError, match="`dropout` must be a number between 0 and 1"):
        make(dropout=1.5)
    with pytest.raises(ValueError, match="`units` must be an integer"):
        make(units=0)
    with pytest.raises(ValueError, match="A convolutional branch judges whole sequences"):
        make(per_step=True, convolution_units=3)


def test_a_call_is_look_and_judge():
    discriminator = make(increments=2, convolution_units=3)
    judgement = discriminator(X)
    seen = discriminator.look(X)
    assert tuple(seen.shape) == (4, 6, 6)
    assert_close(discriminator.judge(seen), judgement, 1e-6)
    assert make().look(X) is X


@pytest.mark.parametrize("per_step", [False, True])
def test_a_judgement_is_a_dense_layer_on_features(per_step):
    network = kr.networks.RecurrentDiscriminator(4, per_step=per_step, seed=1)
    x = np.random.default_rng(0).normal(size=(3, 5, 2)).astype("float32")
    said = to_numpy(network(x))
    kernel, bias = network.head.get_weights()
    np.testing.assert_allclose(said, to_numpy(network.features(x)) @ kernel + bias, atol=1e-5)


@pytest.mark.parametrize("unused", [0])
def test_static_conditions_can_stand_beside_every_step_as_they_are(unused):
    plain = kr.networks.RecurrentDiscriminator(4, static_conditions=2, condition_dim=0, seed=1)
    beside = kr.networks.RecurrentDiscriminator(4, seed=1)
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    columns = np.repeat(np.eye(2, dtype="float32")[:, None], 5, axis=1)
    said = plain({"sequences": x, "conditions": columns})
    assert plain.projection is None
    assert_close(said, beside(np.concatenate([x, columns], axis=-1)))

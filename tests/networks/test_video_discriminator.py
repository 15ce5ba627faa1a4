import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, refuses, run_layer_test, slow_on_jax, to_numpy

CLIPS = np.random.default_rng(0).normal(size=(4, 5, 9, 8, 2)).astype("float32")
COLUMNS = np.tile(np.random.default_rng(1).normal(size=(4, 1, 3)).astype("float32"), (1, 5, 1))


def make(**kwargs):
    return kr.networks.VideoDiscriminator(**{"units": 4, "filters": 2, "seed": 0, **kwargs})


@slow_on_jax
@pytest.mark.parametrize(
    ("kwargs", "inputs"),
    [
        ({"static_conditions": 3}, {"sequences": CLIPS, "conditions": COLUMNS}),
        ({}, CLIPS),
        ({"differences": False, "cell": "lstm", "num_layers": 2, "minibatch_group_size": 2}, CLIPS),
    ],
)
def test_is_a_model(kwargs, inputs, tmp_path):
    run_layer_test(lambda: make(**kwargs), inputs, (4, 1), tmp_path, half=False, tolerance=1e-5)


def test_layout_against_keras_layers():
    """Convolutions of frames and their differences, two recurrences, a hidden layer: by Keras's own."""
    discriminator = make()
    judgement = to_numpy(discriminator(CLIPS))
    steps = np.concatenate([np.diff(CLIPS, axis=1), np.zeros_like(CLIPS[:, :1])], axis=1)
    frames = np.concatenate([CLIPS, steps], axis=-1).reshape(20, 9, 8, 4)
    read = keras.layers.Conv2D(2, 4, strides=2, padding="same", activation="swish")
    dense = keras.layers.Dense(4, activation="swish")
    read.build(frames.shape)
    read.set_weights(discriminator.reader.convolutions[0].get_weights())
    seen = to_numpy(read(frames))
    seen = np.concatenate([seen.reshape(20, -1), seen.max(axis=(1, 2))], axis=-1)
    dense.build(seen.shape)
    dense.set_weights(discriminator.reader.dense.get_weights())
    codes = to_numpy(dense(seen)).reshape(4, 5, 4)
    forward = keras.layers.GRU(4, return_sequences=True)
    backward = keras.layers.GRU(4, return_sequences=True, go_backwards=True)
    for layer, own in (
        (forward, discriminator.forward_layers),
        (backward, discriminator.backward_layers),
    ):
        layer.build(codes.shape)
        layer.set_weights(own[0].get_weights())
    f, b = to_numpy(forward(codes)), to_numpy(backward(codes))
    means = [x.mean(axis=1) for x in (f, b, codes)]
    features = np.concatenate([f[:, -1], b[:, -1], *means, codes.max(axis=1)], axis=-1)
    kernel, bias = discriminator.hidden.get_weights()
    features = features @ kernel + bias
    features = features / (1.0 + np.exp(-features))
    kernel, bias = discriminator.head.get_weights()
    features = features @ kernel + bias
    assert_close(judgement, features, 1e-4)


def test_a_call_is_look_and_judge():
    discriminator = make(static_conditions=3)
    inputs = {"sequences": CLIPS, "conditions": COLUMNS}
    look = discriminator.look(inputs)
    assert tuple(look.shape) == (4, 5, 9, 8, 5)
    assert_close(discriminator(inputs), discriminator.judge(look), 1e-6)
    other = {"sequences": CLIPS, "conditions": COLUMNS[::-1]}
    assert np.abs(to_numpy(discriminator(other)) - to_numpy(discriminator(inputs))).max() > 1e-4


def test_samples_are_judged_one_by_one_unless_their_spread_is():
    assert make().judges_one_by_one
    assert not make(minibatch_group_size=2).judges_one_by_one
    discriminator = make()
    assert_close(discriminator(CLIPS[:1]), to_numpy(discriminator(CLIPS))[:1], 1e-5)


def test_wrong_clips():
    for x, words in (
        (CLIPS[..., 0], r"judges clips, \(samples, time, height, width, channels\).*\(4, 5, 9, 8\)"),
        (CLIPS[:, :, :3], "at least 4 by 4 pixels"),
    ):
        refuses(lambda x=x: make()(x), words)
    refuses(lambda: make(static_conditions=3)(CLIPS), "Expected 3 columns of conditions")

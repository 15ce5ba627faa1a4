"""What a discriminator ends in, and what a loss expects."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.networks.endings import check_ending
from tests.testing import recurrent_gan, refuses, to_numpy


def test_probabilities_are_expected_of_a_linear_ending():
    gan = recurrent_gan()
    with pytest.raises(
        ValueError, match="expects probabilities, and the discriminator ends in a linear"
    ):
        gan.compile(loss=kr.losses.NonSaturatingLoss(from_logits=False))


LOGITS, PROBABILITIES = kr.losses.NonSaturatingLoss(), kr.losses.NonSaturatingLoss(from_logits=False)


def sequential(activation, *behind):
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation), *behind])


def functional(activation):
    inputs = keras.Input((3,))
    outputs = keras.layers.Dense(1, activation)(keras.layers.Dense(2, "sigmoid")(inputs))
    return keras.Model(inputs, keras.layers.Reshape((1,))(outputs))


@pytest.mark.parametrize("make", [sequential, functional, lambda a: keras.layers.Dense(1, a)])
def test_the_last_activation_decides(make):
    check_ending(make(None), LOGITS)
    check_ending(make("sigmoid"), PROBABILITIES)
    refuses(lambda: check_ending(make("sigmoid"), LOGITS), "ends in a sigmoid, and NonSat.* logits")
    refuses(lambda: check_ending(make(None), PROBABILITIES), "ends in a linear layer")


def test_layers_that_hand_on_and_layers_of_activations_are_seen_through():
    shaping = keras.layers.Reshape((1, 1)), keras.layers.Dropout(0.1)
    refuses(lambda: check_ending(sequential("sigmoid", *shaping), LOGITS), "ends in a sigmoid")
    activation = keras.layers.Activation("sigmoid")
    refuses(lambda: check_ending(sequential(None, activation), LOGITS), "ends in a sigmoid")
    nested = keras.Sequential([keras.Input((3,)), sequential("softmax")])
    refuses(lambda: check_ending(nested, LOGITS), "ends in a softmax")


class Own(keras.Model):
    """Its layers stand in another order than they are called."""

    def __init__(self, last):
        super().__init__()
        self.head = keras.layers.Dense(1, last)
        self.gate = keras.layers.Dense(1, "sigmoid")

    def call(self, inputs):
        return self.head(self.gate(inputs))


def test_a_subclassed_model_is_judged_by_what_it_says():
    """Where it cannot be asked, nothing is refused."""
    samples = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
    model = Own("linear")
    model.head.build((None, 1))
    model.head.set_weights([np.array([[5.0]]), np.array([-2.0])])
    check_ending(model, LOGITS)
    check_ending(model, LOGITS, lambda size: to_numpy(model(size * samples)))
    bounded = Own("sigmoid")
    refuses(
        lambda: check_ending(bounded, LOGITS, lambda size: to_numpy(bounded(size * samples))),
        "ends in a sigmoid",
    )

"""How any discriminator is asked."""

import types

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan.backend import internals
from keras_rgan.sequences.batch import Batch
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.training.judge import Judge, draws_at_random, parts_of
from tests.testing import (
    dense_networks,
    recurrent_networks,
    slow_but_on_torch,
    to_numpy,
    windows,
)


@slow_but_on_torch
@pytest.mark.parametrize("prediction", [False, True])
def test_judging_sets_in_one_pass_is_judging_them_one_by_one(monkeypatch, prediction):
    weights = []
    for together in (True, False):
        generator, _ = recurrent_networks()
        discriminator = kr.networks.RecurrentDiscriminator(
            4, next_step_prediction=prediction, convolution_units=3, increments=1, seed=2
        )
        monkeypatch.setattr(type(discriminator), "judges_one_by_one", together)
        gan = kr.RecurrentGAN(generator, discriminator, seed=0)
        gan.compile(
            generator_optimizer=keras.optimizers.SGD(0.05),
            discriminator_optimizer=keras.optimizers.SGD(0.05),
        )
        gan.fit(windows(24), batch_size=10, shuffle=False, verbose=0, epochs=1)
        weights.append(gan.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_names_in_a_users_discriminator_mean_nothing():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.look = keras.layers.Flatten()
            self.judge = keras.layers.Dense(1)

        def call(self, inputs):
            return self.judge(self.look(inputs) * 2.0)

    gan = kr.RecurrentGAN(dense_networks()[0], Own(), seed=0)
    gan.compile(penalties=None)
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    scores = gan.evaluate(windows(), batch_size=40, return_dict=True, verbose=0)
    judged = to_numpy(gan.discriminator(gan.scaler(windows())))
    assert scores["real_score"] == pytest.approx(float(judged.mean()), rel=1e-4, abs=1e-5)


LENGTHS = ColumnLayout(length=2)


def judge_of(discriminator, layout=LENGTHS):
    model = types.SimpleNamespace(discriminator=discriminator, layout=layout)
    model.as_judged = lambda sequences: sequences
    return Judge(model)


def test_what_a_discriminator_returns_is_split():
    assert parts_of(1) == (1, None)
    assert parts_of({"judgement": 1}) == (1, None)
    assert parts_of({"judgement": 1, "prediction": 2}) == (1, 2)


def test_columns_stand_behind_the_features_of_a_look():
    def own(inputs, training):
        return keras.ops.sum(inputs["sequences"], axis=1) - inputs["conditions"][:, 0, 1:]

    judge = judge_of(own)
    sequences = np.random.default_rng(0).normal(size=(3, 4, 1)).astype("float32")
    columns = np.tile(np.array([1.0, 0.5], "float32"), (3, 4, 1))
    look = judge.look(Batch(ops.convert_to_tensor(sequences), ops.convert_to_tensor(columns)))
    np.testing.assert_array_equal(to_numpy(look), np.concatenate([sequences, columns], axis=-1))
    judged = judge(look, training=False)
    np.testing.assert_allclose(to_numpy(judged.judgement), sequences.sum(axis=1) - 0.5, rtol=1e-5)
    assert judged.prediction is None


def test_steps_that_do_not_count_have_no_weight():
    """Plain means of what is weighted are those over the steps that count."""
    judge = judge_of(None)
    counts = (np.arange(4) < np.array([[1], [4]]))[..., None].astype("float32")
    look = ops.convert_to_tensor(np.concatenate([np.zeros((2, 4, 1)), counts, counts], -1), "float32")
    judgement = np.arange(8.0, dtype="float32").reshape(2, 4, 1)
    assert judge.weights_of(look) is None  # where sequences are judged as a whole
    judge.per_step = True
    weighted = to_numpy(judge.weighted(look, ops.convert_to_tensor(judgement)))
    np.testing.assert_allclose(weighted.mean(axis=1)[:, 0], [0.0, (4 + 5 + 6 + 7) / 4], rtol=1e-5)


def test_draws_are_told_by_layers():
    assert draws_at_random([keras.layers.Dropout(0.5)])
    assert not draws_at_random([keras.layers.Dropout(0.0), keras.layers.Dense(1)])
    assert draws_at_random([keras.layers.GaussianNoise(0.1)])
    assert not draws_at_random(internals.layers_of(keras.layers.GRU(2)))
    assert draws_at_random(internals.layers_of(keras.layers.GRU(2, recurrent_dropout=0.1)))

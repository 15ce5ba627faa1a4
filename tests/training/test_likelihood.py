import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan.sequences.batch import Batch
from keras_rgan.training.likelihood import negative_log_likelihood
from tests.testing import to_numpy


def test_it_is_the_mean_over_the_tokens_that_count():
    generator = kr.networks.TokenGenerator(5, units=4, embedding_dim=3, temporal_conditions=1, seed=0)
    ids = np.random.default_rng(0).integers(5, size=(2, 3))
    one_hot = np.eye(5, dtype="float32")[ids]
    one_hot[1, 1:] = 0.0  # of length 1
    columns = np.ones((2, 3, 1), "float32")
    generator({"noise": np.zeros((2, 3, 1), "float32"), "conditions": columns})
    batch = Batch(ops.convert_to_tensor(one_hot), ops.convert_to_tensor(columns))
    loss, number = map(to_numpy, negative_log_likelihood(generator, batch))
    logs = to_numpy(generator.log_likelihood(ids, columns))
    assert number == 4.0
    assert loss == pytest.approx(-(logs[0].sum() + logs[1, 0]) / 4.0, rel=1e-5)


def test_a_warm_up_comes_to_the_frequencies_of_the_data():
    """Without anything to tell positions apart but what came before: the law of a Markov chain."""
    random = np.random.default_rng(0)
    chain = np.array([[0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]])
    ids = random.integers(3, size=(512, 1))
    for _ in range(3):
        steps = (random.random((512, 1)) > np.cumsum(chain[ids[:, -1]], axis=1)[:, :-1]).sum(axis=1)
        ids = np.concatenate([ids, steps[:, None]], axis=1)
    gan = kr.TokenGAN(3, {"units": 16}, {"filters": 4}, seed=0)
    gan.compile(warm_up=1_000, ema=0.9, generator_optimizer="adam")
    gan.generator_optimizer.learning_rate = 0.02
    history = gan.fit(ids, batch_size=128, epochs=30, verbose=0)
    entropy = -(np.log(1.0 / 3.0) + 3.0 * (chain * np.log(chain)).sum(axis=1).mean()) / 4.0
    assert history.history["negative_log_likelihood"][-1] == pytest.approx(entropy, abs=0.03)
    assert history.history["discriminator_loss"] == [0.0] * 30
    made = gan.generate(2_000, seed=0)
    pairs = np.zeros((3, 3))
    np.add.at(pairs, (made[:, :-1], made[:, 1:]), 1)
    np.testing.assert_allclose(pairs / pairs.sum(axis=1, keepdims=True), chain, atol=0.06)

import itertools

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan import backend
from tests.testing import refuses, run_layer_test, slow_on_jax, to_numpy


def made(**options):
    return kr.networks.TokenGenerator(5, units=4, embedding_dim=3, seed=0, **options)


def noise_of(count, length=3, seed=0):
    return np.random.default_rng(seed).normal(size=(count, length, 1)).astype("float32")


@slow_on_jax
@pytest.mark.parametrize("columns", [0, 2])
def test_a_good_citizen(tmp_path, columns):
    inputs = {"noise": noise_of(2)}
    if columns:
        inputs["conditions"] = np.ones((2, 3, columns), "float32")
    run_layer_test(
        lambda: made(temporal_conditions=columns, num_layers=2), inputs, (2, 3, 5), tmp_path, half=False
    )


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_likelihoods_are_of_a_distribution(cell):
    """All sequences of three tokens together are certain."""
    generator = made(cell=cell)
    generator({"noise": noise_of(1)})
    generator.head.kernel.assign(3.0 * generator.head.kernel)
    ids = np.array(list(itertools.product(range(5), repeat=3)))
    logs = to_numpy(generator.log_likelihood(ids))
    assert np.exp(logs.sum(axis=1)).sum() == pytest.approx(1.0, abs=1e-5)


def test_it_writes_what_it_says_is_likely():
    """The loop that draws and the pass that reads are the same model."""
    generator = made(temporal_conditions=1)
    columns = np.linspace(-1.0, 1.0, 3, dtype="float32").reshape(1, 3, 1)
    generator({"noise": noise_of(1), "conditions": columns})
    for layer in (generator.head, generator.recurrent_layers[0].cell):
        layer.kernel.assign(6.0 * layer.kernel)
    count = 20_000
    inputs = {"noise": noise_of(count), "conditions": np.repeat(columns, count, axis=0)}
    ids = to_numpy(ops.argmax(generator(inputs), axis=-1))
    codes, counts = np.unique(ids @ [25, 5, 1], return_counts=True)
    sequences = np.stack([codes // 25, codes // 5 % 5, codes % 5], axis=-1)
    beside = np.repeat(columns, len(codes), axis=0)
    expected = np.exp(to_numpy(generator.log_likelihood(sequences, beside)).sum(axis=1))
    error = np.sqrt(expected / count) + 1e-4
    assert (np.abs(counts / count - expected) < 5.0 * error).all()
    assert expected.max() > 3.0 * expected.mean(), "the weights were such that likelihoods differ"


def test_temperature_makes_likely_tokens_likelier():
    generator = made()
    generator({"noise": noise_of(1)})
    generator.head.bias.assign(np.array([2.0, 0.0, 0.0, 0.0, 0.0]))
    shares = []
    for temperature in (2.0, 1.0, 0.5):
        generator.temperature.set(temperature)
        shares.append(float(ops.mean(generator({"noise": noise_of(500)})[..., 0])))
    assert shares[0] < shares[1] < shares[2]


def test_what_stands_for_a_draw_is_a_gumbel_softmax_of_it():
    """Its largest entry is what was drawn, and over draws all of it is distributed as Gumbel's."""
    generator = made()
    generator.build({"noise": (None, 2, 1)})
    generator.head.bias.assign(np.array([1.0, 0.5, 0.0, -0.5, -1.0]))
    noise = {"noise": noise_of(20_000, length=1)}
    soft = to_numpy(generator(noise, training=True))[:, 0]
    np.testing.assert_array_equal(soft.argmax(-1), to_numpy(generator(noise)).argmax(-1)[:, 0])
    np.testing.assert_allclose(soft.sum(axis=-1), 1.0, atol=1e-5)
    # Of the same law: logits with Gumbel noise, drawn plainly.
    logits = to_numpy(generator.log_probabilities(np.zeros((1, 1), "int32")))[0, 0]
    plain = logits + np.random.default_rng(1).gumbel(size=(20_000, 5))
    expected = np.exp(plain) / np.exp(plain).sum(axis=-1, keepdims=True)
    for moment in (lambda x: x.mean(axis=0), lambda x: np.cov(x.T), lambda x: (x**3).mean(axis=0)):
        np.testing.assert_allclose(moment(soft), moment(expected), atol=0.01)
    generator.relaxation.set(0.01)
    assert to_numpy(generator(noise, training=True)).max(axis=-1).mean() > 0.99


def test_straight_through_looks_one_hot():
    generator = made(straight_through=True)
    outputs = to_numpy(generator({"noise": noise_of(4)}, training=True))
    np.testing.assert_allclose(np.sort(outputs, axis=-1)[..., -1], 1.0, atol=1e-5)


@pytest.mark.parametrize("straight_through", [False, True])
def test_the_game_has_a_gradient(straight_through):
    gan = kr.TokenGAN(
        5, made(straight_through=straight_through), kr.networks.TokenDiscriminator(5, filters=3), seed=0
    )
    gan.compile(warm_up=0, generator_optimizer=keras.optimizers.SGD(1.0))
    gan.adapt(np.array([[0, 1, 2], [3, 4, 0]]))
    before = [to_numpy(v.value) + 0.0 for v in gan.generator.trainable_variables]
    gan.train_on_batch(np.array([[0, 1, 2], [3, 4, 0]]))
    for variable, value in zip(gan.generator.trainable_variables, before, strict=True):
        assert np.abs(to_numpy(variable.value) - value).max() > 0.0, variable.path


def test_dropout_drops_while_likelihoods_are_learned_alone():
    generator = made(dropout=0.5)
    noise = {"noise": noise_of(2)}
    with backend.no_gradient():
        generator(noise)
        ids = np.zeros((2, 3), "int32")
        plain, dropped = (generator.log_likelihood(ids, training=t) for t in (False, True))
        assert np.abs(to_numpy(plain - dropped)).max() > 1e-4
        np.testing.assert_array_equal(to_numpy(generator(noise)), to_numpy(generator(noise)))


def test_wrong_arguments():
    refuses(lambda: kr.networks.TokenGenerator(0), "`vocabulary_size`")
    refuses(lambda: made(dropout=2.0), "`dropout`")
    refuses(lambda: made(unused=[5]), "ids below 5")
    refuses(
        lambda: made()({"noise": noise_of(1), "conditions": np.ones((1, 3, 2), "float32")}),
        "Expected 0 columns",
    )

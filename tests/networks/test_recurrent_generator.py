import keras
import numpy as np
import pytest
import scipy.special
import scipy.stats

import keras_rgan as kr
from keras_rgan.sequences.noise import TEMPERATURE, choose
from tests.testing import BACKEND, SLOW_ON_JAX, assert_close, run_layer_test, slow_on_jax, to_numpy

RNG = np.random.default_rng(0)
NOISE = {
    "latent": RNG.normal(size=(4, 3)).astype("float32"),
    "noise": RNG.normal(size=(4, 6, 2)).astype("float32"),
}


def make(**kwargs):
    kwargs = {"units": 5, "latent_dim": 3, "noise_dim": 2, "seed": 0, **kwargs}
    return kr.networks.RecurrentGenerator(num_features=2, **kwargs)


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"cell": "lstm", "num_layers": 2, "hidden_units": 7, "output_activation": "tanh"},
        {"cell": "simple"},
        {"smoothing": True},
        {"smoothing": True, "gated_smoothing": True},
        {"emission_steps": 4, "truncation": 1},
        {"convolution_units": 4, "attention_heads": 2, "attention_span": 3},
    ],
)
def test_is_a_model(kwargs, tmp_path):
    run_layer_test(lambda: make(**kwargs), NOISE, (4, 6, 2), tmp_path, tolerance=1e-5)


@pytest.mark.parametrize(("latent_dim", "noise_dim"), [(0, 2), (3, 0)])
def test_either_kind_of_noise_is_enough(latent_dim, noise_dim):
    generator = make(latent_dim=latent_dim, noise_dim=noise_dim)
    noise = {"noise": NOISE["noise"][..., :noise_dim]}
    if latent_dim:
        noise["latent"] = NOISE["latent"]
    assert set(generator.noise_shape) == set(noise)
    assert tuple(generator(noise).shape) == (4, 6, 2)


def test_the_noise_of_choices_is_normal():
    """Its columns, the last, are told to whoever draws it."""
    generator = make(categories=[(0, 2)])
    assert generator.normal_noise == {"noise": 2}
    assert generator.noise_shape["noise"][-1] == 2 + 2
    assert make().normal_noise == {}


def test_any_length():
    generator = make()
    for length in (1, 6, 50):
        noise = {**NOISE, "noise": np.ones((4, length, 2), "float32")}
        assert tuple(generator(noise).shape) == (4, length, 2)


def test_time_runs_forwards():
    """Noise of a step changes that step and later ones, never an earlier one."""
    generator = make()
    changed = {**NOISE, "noise": NOISE["noise"].copy()}
    changed["noise"][:, 3] += 1.0
    difference = np.abs(to_numpy(generator(changed)) - to_numpy(generator(NOISE))).max(axis=(0, 2))
    assert (difference[:3] == 0.0).all()
    assert (difference[3:] > 0.0).all()


@pytest.mark.parametrize(
    "kwargs",
    [
        {"cell": "lstm", "num_layers": 2},
        {"smoothing": True, "emission_steps": 2},
        {"smoothing": True, "gated_smoothing": True, "emission_steps": 2},
        {"convolution_units": 4, "attention_heads": 2, "attention_span": 3, "smoothing": True},
        pytest.param(
            {"units": 6, "attention_heads": 2, "attention_span": 5, "emission_steps": 2},
            marks=SLOW_ON_JAX,
        ),
    ],
    ids=str,
)
def test_a_sequence_can_be_continued(kwargs):
    generator = make(**kwargs)
    noise = {**NOISE, "noise": RNG.normal(size=(4, 21, 2)).astype("float32")}
    generator(noise)
    if generator.gate is not None:
        generator.gate.kernel.assign(RNG.normal(size=generator.gate.kernel.shape))
    for block in generator.blocks:
        if isinstance(block, kr.layers.AttentionBlock):
            block.gain.assign(1.0)
    whole = to_numpy(generator(noise))
    parts, state = [], None
    for start, stop in [(0, 2), (2, 4), (4, 12), (12, 21)]:
        part = {**noise, "noise": noise["noise"][:, start:stop]}
        made, state = generator.continue_from(part, state)
        parts.append(to_numpy(made))
    assert_close(np.concatenate(parts, axis=1), whole, 1e-4)


def test_a_recurrent_step_can_make_several_steps():
    generator = make(emission_steps=4)
    assert tuple(generator(NOISE).shape) == (4, 6, 2)
    changed = {**NOISE, "noise": NOISE["noise"].copy()}
    changed["noise"][:, 5] += 1.0
    difference = np.abs(to_numpy(generator(changed)) - to_numpy(generator(NOISE))).max(axis=(0, 2))
    assert (difference[:4] == 0.0).all()
    assert (difference[4:] > 0.0).all()


def test_gates_hold_and_let_go():
    constant, gated = make(smoothing=True), make(smoothing=True, gated_smoothing=True)
    assert_close(gated(NOISE), constant(NOISE), 1e-5)  # to begin with
    gated.gate.kernel.assign(100.0 * RNG.normal(size=gated.gate.kernel.shape))
    steps = np.diff(to_numpy(gated(NOISE)), axis=1)
    assert 0.1 < (steps == 0.0).mean() < 0.9


@pytest.mark.skipif(BACKEND != "tensorflow", reason="elsewhere every length is known")
def test_a_known_length_stays_known_where_the_batch_is_not():
    import tensorflow as tf

    generator = make(smoothing=True, emission_steps=4)
    lengths, smooth = [], generator.smoother.call

    def watched(inputs, **kwargs):
        lengths.append(inputs.shape[1])
        return smooth(inputs, **kwargs)

    generator.smoother.call = watched
    specs = {"latent": tf.TensorSpec((None, 3)), "noise": tf.TensorSpec((None, 6, 2))}
    tf.function(generator, input_signature=[specs])({k: tf.constant(v) for k, v in NOISE.items()})
    assert set(lengths) == {6}


def test_seed_fixes_the_weights():
    assert_close(make()(NOISE), make()(NOISE), 0.0)
    assert not np.allclose(to_numpy(make()(NOISE)), to_numpy(make(seed=1)(NOISE)))


def test_bad_arguments():
    with pytest.raises(
        ValueError, match="needs a latent or noise. Received: latent_dim=0, noise_dim=0"
    ):
        make(latent_dim=0, noise_dim=0)
    with pytest.raises(ValueError, match="`num_layers` must be an integer of at least 1"):
        make(num_layers=0)
    with pytest.raises(ValueError, match="`cell` must be one of"):
        make(cell="transformer")
    with pytest.raises(ValueError, match="Only smoothing can be gated.*Pass smoothing=True too"):
        make(gated_smoothing=True)


def test_in_a_functional_model():
    latent, noise = keras.Input((3,)), keras.Input((None, 2))
    outputs = make()({"latent": latent, "noise": noise})
    model = keras.Model([latent, noise], outputs)
    assert model.output_shape == (None, None, 2)
    assert_close(model([NOISE["latent"], NOISE["noise"]]), make()(NOISE), 1e-5)


COLUMNS = RNG.random(size=(4, 6, 7)).astype("float32")
COLUMNS[:, :3, 5:] = 0.0  # nothing is uncertain in the first half


@pytest.mark.parametrize(
    "kwargs", [{}, {"smoothing": True, "gated_smoothing": True, "emission_steps": 2}]
)
def test_a_completion_keeps_what_is_observed(kwargs, tmp_path):
    options = {"temporal_conditions": 7, "context_units": 3, "completion": True, **kwargs}
    noise = {**NOISE, "conditions": COLUMNS}
    generator = run_layer_test(lambda: make(**options), noise, (4, 6, 2), tmp_path, tolerance=1e-5)
    made = to_numpy(generator(noise))
    assert (made[:, :3] == COLUMNS[:, :3, 3:5]).all()
    assert (made[:, 3:] != COLUMNS[:, 3:, 3:5]).all()


def test_a_context_knows_what_is_to_come():
    noise = {**NOISE, "conditions": COLUMNS}
    changed = {**noise, "conditions": COLUMNS.copy()}
    changed["conditions"][:, 5, 0] += 1.0
    for units, blind in ((3, False), (0, True)):
        generator = make(temporal_conditions=7, context_units=units)
        difference = np.abs(to_numpy(generator(changed)) - to_numpy(generator(noise)))
        assert (difference[:, :5] == 0.0).all() == blind
        assert (difference[:, 5] > 0.0).any()


def test_bad_arguments_of_completion():
    with pytest.raises(ValueError, match="context_units=3, temporal_conditions=0"):
        make(context_units=3)
    with pytest.raises(ValueError, match="temporal_conditions of 6 at least"):
        make(temporal_conditions=5, completion=True)


CHOICES = {"latent": NOISE["latent"], "noise": RNG.normal(size=(4, 6, 5)).astype("float32")}


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        pytest.param({"smoothing": True, "emission_steps": 4, "hidden_units": 3}, marks=SLOW_ON_JAX),
    ],
)
def test_categories_are_drawn(kwargs, tmp_path):
    def make_one():
        return kr.networks.RecurrentGenerator(
            5, 4, latent_dim=3, noise_dim=2, categories=[(1, 4)], seed=0, **kwargs
        )

    generator = run_layer_test(make_one, CHOICES, (4, 6, 5), tmp_path, tolerance=1e-5)
    assert generator.noise_shape["noise"] == (None, 5)
    flags = to_numpy(generator(CHOICES))[..., 1:4]
    np.testing.assert_allclose(
        np.sort(flags, axis=-1), np.broadcast_to([-1, -1, 1], flags.shape), atol=1e-6
    )


def test_categories_follow_their_logits():
    """Shares of draws are those of the softmax, by Gumbel's trick, and in training near them."""
    logits = np.broadcast_to(np.log([0.6, 0.3, 0.1]), (50_000, 1, 3)).astype("float32")
    noise = RNG.normal(size=logits.shape).astype("float32")
    drawn = to_numpy(choose(logits, noise, relaxed=False))
    np.testing.assert_allclose((drawn > 0).mean(axis=(0, 1)), [0.6, 0.3, 0.1], atol=0.01)
    gumbel = -np.log(-np.log(scipy.stats.norm.cdf(noise)))
    soft = scipy.special.softmax((logits + gumbel) / TEMPERATURE, axis=-1)
    relaxed = to_numpy(choose(logits, noise, relaxed=True))
    np.testing.assert_allclose(relaxed, 2.0 * soft - 1.0, atol=1e-3)
    np.testing.assert_array_equal(relaxed.argmax(axis=-1), drawn.argmax(axis=-1))


def test_observed_categories_are_no_choice():
    columns = RNG.random(size=(4, 6, 15)).astype("float32")
    columns[..., 10:] = np.array([0, 1])[np.arange(6) % 2][:, None]  # every other step is observed
    columns[..., 6:9] = [-1, 1, -1]
    generator = kr.networks.RecurrentGenerator(
        5, 4, latent_dim=3, noise_dim=2, categories=[(1, 4)], completion=True, temporal_conditions=15
    )
    noise = {**CHOICES, "conditions": columns}
    generator(noise)
    generator.choice.kernel.assign(np.zeros(generator.choice.kernel.shape))  # all as likely
    made = to_numpy(generator(noise))
    assert (made[:, ::2] == columns[:, ::2, 5:10]).all()
    np.testing.assert_array_equal(
        made[:, 1::2, 1:4].argmax(axis=-1), CHOICES["noise"][:, 1::2, 2:].argmax(axis=-1)
    )


@pytest.mark.parametrize("categories", [[(1, 2)], [(2, 6)], [(0, 3), (2, 4)], [(3, 1)]])
def test_bad_categories(categories):
    with pytest.raises(ValueError, match="pairs"):
        kr.networks.RecurrentGenerator(5, 4, categories=categories)


@slow_on_jax
def test_a_smoothed_generator_continues_its_sequences():
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, smoothing=True, seed=1)
    rng = np.random.default_rng(0)
    latent, noise = rng.normal(size=(2, 3)), rng.normal(size=(2, 7, 2))
    whole = generator({"latent": latent, "noise": noise})
    first, state = generator.continue_from({"latent": latent, "noise": noise[:, :3]})
    second, _ = generator.continue_from({"latent": latent, "noise": noise[:, 3:]}, state)
    joined = np.concatenate([to_numpy(first), to_numpy(second)], axis=1)
    np.testing.assert_allclose(joined, to_numpy(whole), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("unused", [0])
def test_a_plain_generator_is_recurrent_layers_and_a_dense_one(unused):
    generator = kr.networks.RecurrentGenerator(
        2, 4, cell="lstm", latent_dim=0, noise_dim=3, noise_to_head=False, seed=1
    )
    noise = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    made = to_numpy(generator({"noise": noise}))
    recurrent = keras.layers.LSTM(4, return_sequences=True)
    recurrent.build((None, 5, 3))
    recurrent.set_weights(generator.encoder.recurrent_layers[0].get_weights())
    kernel, bias = generator.head.get_weights()
    np.testing.assert_allclose(made, to_numpy(recurrent(noise)) @ kernel + bias, atol=1e-5)


@pytest.mark.parametrize("unused", [0])
def test_static_conditions_can_stay_as_they_are(unused):
    options = {"cell": "lstm", "latent_dim": 0, "noise_dim": 3, "static_conditions": 2}
    generator = kr.networks.RecurrentGenerator(2, 4, condition_dim=0, **options)
    noise = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    columns = np.repeat(np.eye(2, dtype="float32")[:, None], 5, axis=1)
    generator({"noise": noise, "conditions": columns})
    assert generator.encoder.recurrent_layers[0].cell.kernel.shape[0] == 5
    assert not generator.embedding.weights

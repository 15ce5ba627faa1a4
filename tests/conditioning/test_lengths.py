"""Sequences of lengths of their own: what is padded is never seen, and lengths are as they were."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    BACKEND,
    SLOW_ON_JAX,
    assert_close,
    recurrent_gan,
    run_serialization_test,
    slow_but_on_tensorflow,
    slow_but_on_torch,
    slow_on_jax,
    state_of,
    to_numpy,
    windows,
)

COUNT, LENGTH = 48, 7
LENGTHS = np.random.default_rng(0).choice([2, 3, 6, 7], COUNT)
LENGTHS[0] = LENGTH
WHOLE = windows(COUNT, LENGTH)
SEQUENCES = [x[:n] for x, n in zip(WHOLE, LENGTHS, strict=True)]
MASK = np.arange(LENGTH) < LENGTHS[:, None]


def networks(**changes):
    options = {"temporal_conditions": 2, **changes}
    generator = kr.networks.RecurrentGenerator(
        2, 4, latent_dim=3, noise_dim=2, smoothing=True, seed=1, **options
    )
    discriminator = kr.networks.RecurrentDiscriminator(
        4, increments=1, convolution_units=2, variable_length=True, seed=2, **options
    )
    return generator, discriminator


def variable(**recipe):
    gan = kr.RecurrentGAN(*networks(), seed=0)
    gan.compile(**recipe)
    return gan


EAGER = {"run_eagerly": True}
"""Saves the time to trace and compile what runs a few steps."""


@pytest.fixture(scope="module")
def trained():
    gan = variable()
    gan.fit(SEQUENCES, batch_size=16, verbose=0, epochs=1)
    return gan


def test_trains_evaluates_generates_and_saves(tmp_path):
    gan = variable()
    history = gan.fit(
        SEQUENCES, batch_size=16, epochs=2, verbose=0, validation_data=SEQUENCES[:20]
    ).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert np.isfinite(gan.evaluate(SEQUENCES, verbose=0, return_dict=True)["mmd"])
    made = gan.generate(30, seed=3)
    assert isinstance(made, list)
    assert {len(x) for x in made} <= set(LENGTHS.tolist())
    gan.calibrate(SEQUENCES, num_samples=50)
    made = gan.generate(30, seed=3)
    path = tmp_path / "gan.keras"
    gan.save(path)
    for a, b in zip(keras.models.load_model(path).generate(30, seed=3), made, strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(gan.generate(30, seed=3, batch_size=7), made, strict=True):
        assert_close(a, b, 1e-4)


@slow_but_on_tensorflow
def test_networks_are_made_for_them():
    gan = kr.RecurrentGAN(seed=0)
    gan.adapt(SEQUENCES)
    assert gan.discriminator.variable_length
    assert len(gan.generate(3)) == 3
    np.testing.assert_array_equal(np.isnan(gan.examples[..., 0]), ~MASK)


def padded_with(value):
    padded = WHOLE.copy()
    padded[~MASK] = value
    return padded


def pairs(value, batch_size=16):
    class Pairs(keras.utils.PyDataset):
        num_batches = 3

        def __getitem__(self, i):
            part = slice(i * batch_size, (i + 1) * batch_size)
            return padded_with(value)[part], {"mask": MASK[part]}

    return Pairs()


costly = [pytest.mark.slow] if BACKEND != "torch" else []
"""Exact penalties take torch a second; the other backends trace or compile for a minute."""


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param({}, marks=SLOW_ON_JAX),
        pytest.param({"loss": "wasserstein"}, marks=costly),
        pytest.param({"loss": "hinge", "penalties": ["r1", "r2"]}, marks=costly),
    ],
    ids=["default", "wasserstein", "hinge"],
)
def test_padding_is_never_seen(recipe):
    """Losses, penalties, gradients, scaler and metrics are equal to the bit, whatever is padded."""
    found = []
    for value in (-1e6, np.nan):
        gan = variable(**recipe, **EAGER)
        history = gan.fit(
            pairs(value), epochs=2, shuffle=False, verbose=0, validation_data=pairs(value)
        ).history
        found.append((history, state_of(gan)))
    (history, state), (other_history, other_state) = found
    assert history == other_history
    for a, b in zip(state, other_state, strict=True):
        np.testing.assert_array_equal(a, b)


@slow_but_on_torch
@slow_but_on_tensorflow
def test_every_way_to_pass_them_is_the_same():
    import tensorflow as tf

    def state(data, **options):
        gan = variable(**EAGER)
        gan.fit(data, shuffle=False, epochs=1, verbose=0, **options)
        return state_of(gan)

    size = {"batch_size": 16}
    expected = state(SEQUENCES, **size)
    ragged = tf.RaggedTensor.from_row_lengths(np.concatenate(SEQUENCES), LENGTHS)
    padded = padded_with(np.nan)
    pair = tf.data.Dataset.from_tensor_slices((padded, {"length": LENGTHS})).batch(16)
    for found in (
        state(ragged, **size),
        state((padded, {"mask": MASK}), **size),
        state((padded, {"length": LENGTHS}), **size),
        state((SEQUENCES, {}), **size),
        state(pair),
    ):
        for a, b in zip(expected, found, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@slow_on_jax
@pytest.mark.parametrize("per_step", [False, True])
def test_a_padded_sequence_is_judged_as_without_padding(per_step):
    options = {
        "num_layers": 2,
        "attention_heads": 2,
        "next_step_prediction": True,
        "per_step": per_step,
    }
    made = [
        kr.networks.RecurrentDiscriminator(
            4,
            increments=1,
            convolution_units=0 if per_step else 3,
            temporal_conditions=2,
            static_conditions=3,
            variable_length=flag,
            seed=0,
            **options,
        )
        for flag in (True, False)
    ]
    encoder = kr.layers.ConditionEncoder()
    conditions = {"length": LENGTHS, "label": np.arange(COUNT) % 3}
    encoder.adapt(conditions)
    columns = to_numpy(encoder(conditions, length=LENGTH))
    together = to_numpy(made[0]({"sequences": padded_with(9.0), "conditions": columns}))
    made[1]({"sequences": WHOLE, "conditions": columns})
    made[1].set_weights(made[0].get_weights())
    for i, n in [(i, LENGTHS[i]) for i in (0, 1, 4)]:
        one = {"sequences": WHOLE[i : i + 1, :n], "conditions": columns[i : i + 1, :n]}
        alone = to_numpy(made[1](one))
        judgement = together["judgement"][i]
        assert_close(judgement[:n] if per_step else judgement, alone["judgement"][0], 1e-5)
        assert_close(together["prediction"][i, : n - 1], alone["prediction"][0], 1e-5)
        if per_step:
            assert not judgement[n:].any()
    run_serialization_test(made[0])


@slow_but_on_torch
def test_lengths_are_drawn_as_often_as_they_were(trained):
    lengths = np.array([len(x) for x in trained.generate(4000, seed=1)])
    shares = [np.bincount(x, minlength=LENGTH + 1) / len(x) for x in (lengths, LENGTHS)]
    assert 0.5 * np.abs(shares[0] - shares[1]).sum() <= 0.05
    np.testing.assert_array_equal(trained.sample_conditions(4000, seed=1)["length"], lengths)


def test_lengths_on_request(trained):
    assert [len(x) for x in trained.generate(conditions={"length": [5, 2, 12]}, seed=0)] == [5, 2, 12]
    assert [len(x) for x in trained.generate(3, length=9)] == [9, 9, 9]
    short = trained.generate(conditions={"length": [3]}, seed=5)
    assert_close(trained.generate(conditions={"length": [3]}, seed=5, length=None), short)


def test_the_scaler_and_the_view_know_nothing_of_padding(trained):
    rows = np.concatenate(SEQUENCES)
    assert_close(trained.scaler(rows.min(axis=0)[None]), np.full((1, 2), -1.0), 1e-5)
    assert_close(trained.scaler(rows.max(axis=0)[None]), np.full((1, 2), 1.0), 1e-5)
    steps = np.concatenate([np.diff(to_numpy(trained.scaler(x)), axis=0) for x in SEQUENCES])
    assert_close(trained.discriminator.view.increment[0], np.abs(steps).mean(axis=0), 1e-4)


@slow_but_on_tensorflow
def test_pictures_and_scores(tmp_path):
    gan = variable(**EAGER)
    pictures = kr.callbacks.SampleGrid(tmp_path)
    scores = kr.callbacks.ScoreOnValidation(SEQUENCES[:12], ["roughness"], calibrate=SEQUENCES[12:])
    calibrated = tmp_path / "calibrated.weights.h5"
    keep = keras.callbacks.ModelCheckpoint(calibrated, save_weights_only=True)
    history = gan.fit(
        SEQUENCES, batch_size=16, callbacks=[pictures, scores, keep], verbose=0, epochs=1
    ).history
    gan.load_weights(calibrated)
    assert np.isfinite(history["val_roughness"]).all()
    made = np.sort(np.concatenate(gan.generate(500, seed=1)), axis=0)
    real = np.sort(np.concatenate(SEQUENCES[12:]), axis=0)  # what was calibrated to, padding apart
    assert np.abs(np.median(made, axis=0) - np.median(real, axis=0)).max() < 1.0
    assert (tmp_path / "epoch_0001.png").exists()


@slow_but_on_tensorflow
def test_lists_of_one_length_are_an_array():
    gan = recurrent_gan()
    gan.compile(run_eagerly=True)
    scores = kr.callbacks.ScoreOnValidation(list(WHOLE[:8]), ["roughness"])
    gan.fit(list(WHOLE), batch_size=24, verbose=0, callbacks=[scores], epochs=1)
    assert gan.generate(2).shape == (2, LENGTH, 2)


class TestRefuses:
    pytestmark = SLOW_ON_JAX

    def refuses(self, data, message, gan=None):
        with pytest.raises(ValueError, match=message):
            (gan or variable()).fit(data, verbose=0, epochs=1)

    def test_lengths(self):
        padded = padded_with(0.0)
        self.refuses((padded, {"length": LENGTHS + 1}), "at most 7 steps.* Received: 8")
        self.refuses((padded, {"length": LENGTHS - 2}), "of at least 1, .* smallest 0")
        self.refuses((padded, {"length": LENGTHS / 2}), "whole numbers .* dtype float64")
        self.refuses(
            (padded, {"length": LENGTHS[:5]}), "one row of the condition 'length'|as many rows"
        )
        self.refuses((SEQUENCES, {"length": LENGTHS}), "follow from the sequences")

    def test_masks(self):
        padded = padded_with(0.0)
        self.refuses(
            (padded, {"mask": ~MASK}), "counts in every sequence|at the beginning of each sequence"
        )
        self.refuses(
            (padded, {"mask": MASK & (np.arange(COUNT) != 5)[:, None]}), "without any at sample 5"
        )
        self.refuses((padded, {"mask": MASK[:, :3]}), r"mask of shape \(48, 7\)")

    def test_sequences(self, trained):
        self.refuses([*SEQUENCES[:5], np.ones((3, 4))], "the same features")
        self.refuses([*SEQUENCES[:40], np.ones((0, 2))], r"shape \(0, 2\) at index 40")
        bad = [x.copy() for x in SEQUENCES]
        bad[3][1, 0] = np.nan
        self.refuses(bad, "feature 0: .* NaN")
        self.refuses(WHOLE, "Received: none. Pass them beside", trained)
        self.refuses(
            SEQUENCES,
            r"without conditions. Received: the conditions \['length'\]",
            recurrent_gan_of(WHOLE),
        )

    def test_a_discriminator_that_sees_padding(self):
        generator, _ = networks()
        discriminator = kr.networks.RecurrentDiscriminator(4, temporal_conditions=2)
        gan = kr.RecurrentGAN(generator, discriminator)
        gan.compile()
        self.refuses(SEQUENCES, "Make it with variable_length=True", gan)
        with pytest.raises(ValueError, match="temporal_conditions=0"):
            kr.networks.RecurrentDiscriminator(4, variable_length=True)

    def test_generating(self, trained):
        with pytest.raises(ValueError, match="of at least 1"):
            trained.generate(conditions={"length": [0, 3]})


def recurrent_gan_of(data):
    gan = recurrent_gan()
    gan.compile()
    gan.adapt(data)
    return gan

"""A capability that the package does not know, through everything that a model does."""

import itertools
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from keras_rgan.conditioning import Capability
from tests.testing import (
    BACKEND,
    assert_close,
    dense_networks,
    refuses,
    slow_but_on_torch,
    state_of,
    to_numpy,
    windows,
)

COUNT, LENGTH = 32, 6
DATA = windows(COUNT, LENGTH)
LABELS = np.arange(COUNT) % 3
ENDS = 3 + np.arange(COUNT) % 4
SEQUENCES = [x[:n] for x, n in zip(DATA, ENDS, strict=True)]
DESCRIBED = (SEQUENCES, {"label": LABELS})


@keras.saving.register_keras_serializable(package="tests")
class Hours(Capability):
    """Sequences are seen at every other step, know the hour, and drift with it.

    Args:
        name: Of its layer, and of what it logs.
        period: Steps of a day, of which each has its hour beside it, 0 … 1.
        weight: Factor of how far the level of what is generated is from the data's.
    """

    extra_draws = 1

    def __init__(self, name="hours", period=4, weight=0.5):
        self.name, self.period, self.weight = name, period, weight
        self.tracker = keras.metrics.Mean(name=f"{name}_distance")

    def num_columns(self, num_features):
        return 1

    def build(self, shape):
        drift = keras.layers.Dense(shape[-1], use_bias=False, name=f"{self.name}_drift")
        drift.trainable = False
        drift.build((None, None, 1))
        setattr(self.model, f"{self.name}_drift", drift)

    @property
    def layers(self):
        return [getattr(self.model, f"{self.name}_drift")]

    def columns(self, batch, seed):
        return self.columns_to_generate(*ops.shape(batch.sequences)[:2], {})

    def columns_to_generate(self, num_samples, length, rows):
        hours = ops.cast(ops.arange(length) % self.period, "float32") / self.period
        return ops.broadcast_to(hours[None, :, None], (num_samples, length, 1))

    def finish(self, samples, columns):
        (drift,) = self.layers
        return samples + ops.cast(drift(self.own_columns(columns)), samples.dtype)

    def as_real(self, sequences, batch):
        seen = ops.arange(ops.shape(sequences)[1])[None, :, None] % 2 == 0
        return ops.where(seen, sequences, ops.zeros_like(sequences))

    def generator_term(self, batch, samples):
        assert len(samples) == 2
        made = 0.5 * (ops.mean(samples[0]) + ops.mean(samples[1]))
        return ops.square(made - ops.mean(batch.sequences))

    def get_config(self):
        return {"name": self.name, "period": self.period, "weight": self.weight}


def networks(num_columns):
    """Return networks without recurrence that take columns, of sequences as long as those above."""
    noise = keras.Input((None, 2), name="noise")
    columns = keras.Input((None, num_columns), name="conditions")
    hidden = keras.layers.Dense(8, "tanh")(keras.layers.Concatenate()([noise, columns]))
    generator = keras.Model({"noise": noise, "conditions": columns}, keras.layers.Dense(2)(hidden))
    sequences = keras.Input((LENGTH, 2), name="sequences")
    columns = keras.Input((LENGTH, num_columns), name="conditions")
    flat = keras.layers.Flatten()(keras.layers.Concatenate()([sequences, columns]))
    judgement = keras.layers.Dense(1)(keras.layers.Dense(8, "tanh")(flat))
    return generator, keras.Model({"sequences": sequences, "conditions": columns}, judgement)


def having(num_columns, *capabilities, **options):
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(*networks(num_columns), capabilities=list(capabilities), seed=0, **options)
    gan.compile(ema=0.9)
    return gan


def trained_on(data, gan):
    gan.fit(data, batch_size=16, epochs=2, verbose=0)
    return gan


@pytest.fixture(scope="module")
def described():
    """Of lengths (2 columns), the hour (1) and labels (3)."""
    return trained_on(DESCRIBED, having(6, Hours()))


def drift_of(gan, name="hours"):
    return getattr(gan, f"{name}_drift").get_weights()[0]


@slow_but_on_torch
def test_trains_evaluates_generates_and_saves(tmp_path):
    mine = Hours(period=3)
    before = dict(vars(mine))
    gan = having(6, mine)
    history = gan.fit(DESCRIBED, batch_size=16, verbose=0, validation_data=DESCRIBED, epochs=1).history
    assert {"hours_distance", "val_hours_distance", "val_mmd"} <= set(history)
    assert all(np.isfinite(values).all() for values in history.values())
    scores = [gan.evaluate(DESCRIBED, verbose=0, return_dict=True) for _ in range(2)]
    assert scores[0] == scores[1]
    assert scores[0]["hours_distance"] > 0.0
    assert "hours_distance" in gan.metrics_names
    made, drawn = gan.generate(9, seed=3), gan.sample_conditions(9, seed=3)
    assert [len(x) for x in made] == drawn["length"].tolist()
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    for a, b in zip(loaded.generate(9, seed=3), made, strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    (copy,) = (c for c in loaded.capabilities if isinstance(c, Hours))
    assert (copy.period, copy.weight) == (3, 0.5)
    assert vars(mine) == before
    assert mine.model is None
    assert mine not in gan.capabilities


@slow_but_on_torch
def test_its_columns_stand_beside_real_and_generated_sequences(described):
    hours = np.array([0.0, 0.25, 0.5, 0.75, 0.0, 0.25])
    (own,) = (c for c in described.capabilities if isinstance(c, Hours))
    padded, lengths = kr.data.pad_sequences(SEQUENCES)
    batch = padded, {"length": lengths[:, None], "label": LABELS[:, None]}
    real = described.samples.real(batch, keras.random.SeedGenerator(0))
    for columns in (real.columns, described.sample_noise(5, seed=0)["conditions"]):
        assert columns.shape[-1] == 6
        found = to_numpy(own.own_columns(columns))[..., 0]
        np.testing.assert_array_equal(found, np.tile(hours, (len(found), 1)))
    changed = to_numpy(own.with_own_columns(real.columns, 7.0 + 0.0 * real.columns[..., :1]))
    kept = np.arange(6) != 2
    np.testing.assert_array_equal(changed[..., kept], to_numpy(real.columns)[..., kept])
    assert (changed[..., ~kept] == 7.0).all()


def test_what_no_real_one_shows_is_seen_nowhere(described):
    padded, lengths = kr.data.pad_sequences(SEQUENCES)
    seed = keras.random.SeedGenerator(0)
    batch = padded, {"length": lengths[:, None], "label": LABELS[:, None]}
    real = described.samples.real(batch, seed)
    draws = described.samples.draw(real, seed, copies=2)
    for sequences in (real, *described.samples.generated(real, draws)):
        sequences = to_numpy(sequences.sequences)
        assert not sequences[:, 1::2].any()
        assert sequences[:, 0].all()


def test_what_is_made_is_finished_wherever_it_is_made(described, tmp_path):
    """Generated, called, and made free of the scaler's constraints; the drift alone differs by step."""
    noise = described.sample_noise(conditions={"label": [0, 1], "length": [6, 6]}, seed=4)
    with described.average.scope(described.generator):
        plain = to_numpy(described.generator(noise, training=False))
    finished = plain + noise["conditions"][..., 2:3] @ drift_of(described)
    assert_close(described.rooms.generation.scaled(noise), finished, 1e-5)
    free = described.sampler.predict(noise, 2, ("range", "lattice", "calibration"))
    low, high = np.concatenate(SEQUENCES).min(axis=0), np.concatenate(SEQUENCES).max(axis=0)
    assert_close(free, (finished + 1.0) / 2.0 * (high - low) + low, 1e-4)
    asked = described.generate(conditions={"label": [0, 1], "length": [6, 6]}, seed=4)
    assert_close(np.stack(asked), np.clip(free, low, high), 1e-4)
    made = next(described.generate_batches(3, seed=1, batch_size=2))
    assert_close(made[0], described.generate(3, seed=1)[0], 1e-5)


def test_layers_of_its_own_are_read_anew():
    """What was compiled before a layer changed makes what the layer says now."""
    gan = having(1, Hours())
    gan.adapt(DATA)
    gan.calibrate(DATA, num_samples=50)
    (own,) = (c for c in gan.capabilities if isinstance(c, Hours))
    free = ("calibration", "range", "lattice")
    before = next(gan.sampler.batches(4, 4, seed=0, without=free))
    (drift,) = own.layers
    drift.set_weights([drift.get_weights()[0] + 1.0])
    after = next(gan.sampler.batches(4, 4, seed=0, without=free))
    hours = np.arange(LENGTH) % 4 / 4.0
    assert_close(
        after - before,
        np.broadcast_to(hours[None, :, None] * 0.5 * np.ptp(DATA, axis=(0, 1)), before.shape),
        1e-3,
    )


def test_its_term_moves_the_generator_as_far_as_its_weight_says():
    """With a large one the level of samples comes near that of the data."""

    def distance(weight):
        gan = having(1, Hours(weight=weight))
        gan.compile(
            generator_optimizer=keras.optimizers.Adam(0.02), discriminator_optimizer=None, ema=None
        )
        gan.fit(DATA, batch_size=16, epochs=20, shuffle=False, verbose=0)
        return gan.evaluate(DATA, verbose=0, return_dict=True)["hours_distance"]

    assert distance(1000.0) < 0.1 * distance(0.0)


@slow_but_on_torch
def test_two_of_them():
    gan = having(7, Hours(), Hours("days", period=2, weight=0.0))
    history = gan.fit(DESCRIBED, batch_size=16, verbose=0, validation_data=DESCRIBED, epochs=1).history
    assert {"val_hours_distance", "val_days_distance"} <= set(history)
    assert np.abs(drift_of(gan) - drift_of(gan, "days")).max() > 0
    columns = gan.sample_noise(2, seed=0)["conditions"]
    own = [c for c in gan.capabilities if isinstance(c, Hours)]
    found = [c.own_columns(columns)[0, :3, 0].tolist() for c in own]
    assert found == [[0.0, 0.25, 0.5], [0.0, 0.5, 0.0]]
    assert len(gan.generate(4, seed=1)) == 4


@slow_but_on_torch
def test_beside_completion(tmp_path):
    """What is observed stays to the bit: completion has the last word of how samples are finished."""
    gan = having(7, Hours(), completion=True)
    history = gan.fit(DATA, batch_size=16, verbose=0, validation_data=DATA, epochs=1).history
    assert {"val_completion_loss", "val_hours_distance"} <= set(history)
    gaps = DATA[:5].copy()
    gaps[:, 2:4] = np.nan
    filled = gan.impute(gaps, num_samples=2, seed=0)
    assert np.isfinite(filled).all()
    np.testing.assert_array_equal(
        filled[:, :, [0, 1, 4, 5]], np.stack([DATA[:5]] * 2, 1)[:, :, [0, 1, 4, 5]]
    )
    assert gan.forecast(DATA[:2, :4], steps=9, num_samples=3, seed=0).shape == (2, 3, 9, 2)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert_close(loaded.impute(gaps, num_samples=2, seed=0), filled, 1e-5)


RUN = """
import sys
import numpy as np
path, given, out = sys.argv[1:]
inputs = dict(np.load(given))
if path.endswith(".onnx"):
    import onnxruntime
    made = onnxruntime.InferenceSession(path).run(None, inputs)[0]
else:
    import tensorflow as tf
    loaded = tf.saved_model.load(path)
    made = loaded.serve({k: tf.constant(x) for k, x in inputs.items()}).numpy()
np.save(out, made)
assert "keras_rgan" not in sys.modules
"""


@slow_but_on_torch
def test_an_exported_file_makes_the_same(described, tmp_path):
    if BACKEND == "torch":
        pytest.importorskip("onnx")
        pytest.importorskip("onnxruntime")
    path = tmp_path / ("gan.onnx" if BACKEND == "torch" else "gan")
    described.export_generator(path, format="onnx" if BACKEND == "torch" else "tf_saved_model")
    noise = described.sample_noise(3, seed=0)
    np.savez(tmp_path / "given.npz", **noise)
    files = [str(path), str(tmp_path / "given.npz"), str(tmp_path / "made.npy")]
    command = [sys.executable, "-c", RUN, *files]
    process = subprocess.run(command, check=False, capture_output=True, text=True)
    assert not process.returncode, process.stderr[-3000:]
    assert_close(np.load(files[-1]), described(noise), 1e-4)


@keras.saving.register_keras_serializable(package="tests")
class Shift(Capability):
    """Moves what is made, and needs no column."""

    def finish(self, samples, columns):
        return samples + 0.25


@slow_but_on_torch
def test_streams_are_finished_and_have_no_columns_of_its_own():
    small = {"units": 4, "latent_dim": 2, "noise_dim": 2}
    made = []
    for capabilities in ([], [Shift()]):
        gan = kr.RecurrentGAN(small, {"units": 4}, scaler=None, capabilities=capabilities, seed=0)
        gan.adapt(DATA)
        parts = itertools.islice(gan.stream(2, steps=3, seed=1), 2)
        made.append(np.concatenate(list(parts), axis=1))
    assert_close(made[1], made[0] + 0.25, 1e-5)
    gan = having(1, Hours())
    gan.adapt(DATA)
    gan.generator.continue_from = None  # is asked for first
    refuses(lambda: gan.stream(), "columns of a capability's own")


def test_only_capabilities_are_any():
    for wrong in (Hours, "hours", None):
        refuses(
            lambda wrong=wrong: kr.RecurrentGAN(*dense_networks(), capabilities=[wrong]),
            "must be objects of classes made of keras_rgan.conditioning.Capability. Received: ",
        )


@slow_but_on_torch
def test_by_itself_it_does_nothing():
    """A model with one that overwrites nothing trains and generates as one without."""
    states = []
    for capabilities in ([], [Capability()]):
        gan = kr.RecurrentGAN(*dense_networks(), capabilities=capabilities, seed=0)
        gan.compile()
        gan.fit(DATA, batch_size=16, shuffle=False, verbose=0, epochs=1)
        states.append([*state_of(gan), gan.generate(3, seed=0)])
    for a, b in zip(*states, strict=True):
        np.testing.assert_array_equal(a, b)

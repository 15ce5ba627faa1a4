"""Clips from end to end: `RecurrentGAN()` on data of rank five."""

import itertools

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    refuses,
    run_gan_test,
    slow_but_on_torch,
    state_of,
    to_numpy,
)

SMALL = {"units": 4, "filters": 2, "latent_dim": 3}
JUDGE = {"units": 4, "filters": 2}


def clips(num=40, length=4, channels=1):
    made, classes, _ = kr.datasets.make_moving_digits(num, length, size=10, num_digits=1)
    return np.repeat(made, channels, axis=-1), classes[:, 0]


def small(**kwargs):
    gan = kr.RecurrentGAN(dict(SMALL), dict(JUDGE), seed=0, **kwargs)
    gan.compile()
    return gan


def test_a_step_on_every_backend():
    """And samples of a length other than that of the data."""
    x, labels = clips(8)
    options = {"num_objects": 1, "background": False}
    gan = kr.RecurrentGAN({**SMALL, **options}, dict(JUDGE), seed=0)
    gan.compile()
    gan.adapt((x, {"digit": labels}))
    before = gan.generator.get_weights()
    logs = gan.train_on_batch(x, {"digit": labels}, return_dict=True)
    assert all(np.isfinite(value) for value in logs.values())
    after = gan.generator.get_weights()
    assert all((a != b).any() for a, b in zip(after, before, strict=True))
    assert gan.generate(conditions={"digit": labels[:2]}, length=6, seed=0).shape == (2, 6, 10, 10, 1)


@slow_but_on_torch
def test_networks_are_made_for_clips(tmp_path):
    gan = small()
    run_gan_test(gan, clips()[0], tmp_path)
    assert type(gan.generator) is kr.networks.VideoGenerator
    assert type(gan.discriminator) is kr.networks.VideoDiscriminator
    assert gan.generator.frame_shape == (10, 10, 1)
    assert gan.generate(2, length=9, seed=0).shape == (2, 9, 10, 10, 1)


def test_penalties_of_clips_are_weaker():
    gan = small()
    gan.adapt(clips(8)[0])
    assert [(p.weight, p.every) for p in gan.recipe.penalties] == [(0.3, 2), (0.3, 2)]


def test_pixels_of_a_channel_have_one_range():
    x, _ = clips(channels=2)
    x[..., 1] = 50.0 * x[..., 1] - 3.0
    gan = small()
    gan.adapt(x)
    scaled = to_numpy(gan.scaler(x))
    ends = [f(axis=tuple(range(4))) for f in (scaled.min, scaled.max)]
    np.testing.assert_allclose(ends, [[-1.0, -1.0], [1.0, 1.0]], atol=1e-5)
    np.testing.assert_allclose(scaled[..., 0], scaled[..., 1], atol=1e-5)
    backdrop = np.median(x, axis=(0, 1))
    begin = to_numpy(gan.generate(3, seed=0)).mean(axis=(0, 1))
    assert np.abs(begin - backdrop)[..., 0].mean() < 0.15, "the generator begins at the background"
    made = gan.generate(3, seed=0)
    assert made[..., 1].min() >= -3.0
    assert made[..., 1].max() <= x[..., 1].max() + 1e-3


@slow_but_on_torch
def test_classes_on_request(tmp_path):
    x, labels = clips()
    gan = small()
    gan.fit((x, {"digit": labels}), batch_size=20, epochs=1, verbose=0)
    assert gan.generator.static_conditions == gan.discriminator.static_conditions == 10
    made = gan.generate(conditions={"digit": [3, 3, 8]}, seed=1)
    assert made.shape == (3, 4, 10, 10, 1)
    gan.save(tmp_path / "gan.keras")
    loaded = kr.load_model(tmp_path / "gan.keras")
    again = loaded.generate(conditions={"digit": [3, 3, 8]}, seed=1)
    np.testing.assert_array_equal(made, again)
    for model in (gan, loaded):
        keras.utils.set_random_seed(1)
        model.fit((x, {"digit": labels}), batch_size=20, epochs=1, verbose=0)
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)


@slow_but_on_torch
def test_streams_join_without_a_seam():
    gan = small()
    gan.adapt(clips()[0])
    parts = list(itertools.islice(gan.stream(steps=3, seed=1), 3))
    whole = next(gan.stream(steps=9, seed=1))
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, atol=1e-5)


@slow_but_on_torch
def test_fit_ends_by_itself(cut_short):
    """Nothing judges clips on the way: the rates fall, and training ends."""
    gan = small()
    history = gan.fit(clips(64)[0], batch_size=32, verbose=0)
    assert "val_judge" not in history.history
    assert np.isfinite(gan.generate(2, seed=0)).all()


@slow_but_on_torch
def test_a_budget_ends_training():
    budget = kr.callbacks.TimeBudget(10.0, updates=3)
    gan = small()
    gan.fit(clips()[0], batch_size=20, epochs=50, callbacks=[budget], verbose=0)
    assert int(gan.optimizer.iterations) == 3


@slow_but_on_torch
def test_datasets_of_clips():
    batches = [clips(16)[0], clips(16)[0]]

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            return batches[index]

    gan = small()
    gan.fit(Batches(), epochs=1, verbose=0)
    assert gan.generate(2, seed=0).shape == (2, 4, 10, 10, 1)


@slow_but_on_torch
def test_other_networks_take_labels_of_clips_too():
    """Columns stand beside every step of a generator, and come to a discriminator as such."""
    x, labels = clips()
    noise, columns = keras.Input((None, 2), name="noise"), keras.Input((None, 10), name="conditions")
    drawn = keras.layers.Dense(100)(keras.layers.Concatenate()([noise, columns]))
    generator = keras.Model(
        {"noise": noise, "conditions": columns}, keras.layers.Reshape((-1, 10, 10, 1))(drawn)
    )
    frames = keras.Input((4, 10, 10, 1), name="sequences")
    beside = keras.Input((4, 10), name="conditions")
    read = keras.layers.Concatenate()([keras.layers.Reshape((4, 100))(frames), beside])
    judgement = keras.layers.Dense(1)(keras.layers.Flatten()(read))
    discriminator = keras.Model({"sequences": frames, "conditions": beside}, judgement)
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile()
    gan.fit((x, {"digit": labels}), batch_size=20, epochs=1, verbose=0)
    assert gan.generate(conditions={"digit": [1, 2]}, seed=0).shape == (2, 4, 10, 10, 1)


def fit(x, **kwargs):
    return lambda: small(**kwargs).fit(x, batch_size=20, epochs=1, verbose=0)


WRONG = {
    "no channels": (lambda x, y: x[..., 0], {}, r"clips have the shape .*pass clips\[\.\.\., None\]"),
    "too many axes": (lambda x, y: x[..., None], {}, "Expected samples of shape"),
    "small frames": (lambda x, y: x[:, :, :3], {}, "at least 4 by 4 pixels. Received: 3 by 10"),
    "frames of two sizes": (
        lambda x, y: [x[0], x[1, :, :8]],
        {},
        r"of one shape.*\(4, 8, 10, 1\) and \(4, 10, 10, 1\).*resize",
    ),
    "NaN": (lambda x, y: np.where(x > 0.9, np.nan, x), {}, "Expected finite values"),
    "text": (lambda x, y: x.astype(str), {}, "Expected numbers"),
    "gaps": (lambda x, y: (x, {"observed": x > 0.1}), {}, "labels and attributes.*'observed'"),
    "covariates": (
        lambda x, y: (x, {"speed": np.ones((40, 4, 1))}),
        {},
        r"hold for a whole sample.*\['speed'\]",
    ),
    "completion": (lambda x, y: x, {"completion": True}, "completion=True is for sequences"),
    "own ranges": (lambda x, y: x, {"scaler": "per_sample"}, r"\(samples, time, features\)"),
}


@slow_but_on_torch
@pytest.mark.parametrize("name", WRONG)
def test_wrong_clips(name):
    change, options, words = WRONG[name]
    refuses(fit(change(*clips()), **options), words)


@slow_but_on_torch
def test_frames_that_differ_from_those_of_training():
    gan = small()
    gan.adapt(clips()[0])
    x, _, _ = kr.datasets.make_moving_digits(20, 4, size=12, num_digits=1)
    refuses(lambda: gan.fit(x, epochs=1, verbose=0, batch_size=20), r"\(None, 4, 10, 10, 1\)")
    refuses(
        lambda: gan.fit(np.repeat(clips()[0], 3, axis=-1), epochs=1, verbose=0), "adapted to 1 feature"
    )


def test_arguments_of_networks_are_those_of_the_datas_rank():
    gan = kr.RecurrentGAN({"hidden_units": 8}, seed=0)
    refuses(lambda: gan.adapt(clips()[0]), "`generator argument` must be one of .*'num_objects'")
    gan = kr.RecurrentGAN({"num_objects": 1}, seed=0)
    x = kr.datasets.make_sines(20, length=4, num_features=2)
    refuses(lambda: gan.adapt(x), "`generator argument` must be one of .*'hidden_units'")
    with pytest.raises(ValueError, match="one of"):
        kr.RecurrentGAN({"frame_shape": (8, 8, 1)})


def test_a_generator_of_other_frames_is_refused():
    generator = kr.networks.VideoGenerator((8, 8, 1), **SMALL)
    gan = kr.RecurrentGAN(generator, kr.networks.VideoDiscriminator(**JUDGE), seed=0)
    refuses(lambda: gan.adapt(clips()[0]), r"makes samples of shape .*8, 8, 1.*the data has shape")

"""Ways between samples begin and end where `generate` is, and leave the model as it was."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import completing_gan, dense_gan, recurrent_gan, refuses, slow_but_on_torch, windows


def adapted(gan, data=None):
    gan.adapt(windows() if data is None else data)
    return gan


@pytest.fixture(scope="module")
def gan():
    return adapted(recurrent_gan())


def norms(latents):
    parts = [x.reshape(*x.shape[:2], -1) for x in keras.tree.flatten(latents)]
    return np.linalg.norm(np.concatenate(parts, axis=-1), axis=-1)


def test_ends_are_what_generate_makes(gan):
    before = [np.asarray(w) for w in gan.get_weights()]
    found = kr.explaining.interpolate(gan, (3, 4), num_steps=5, num_paths=2)
    assert found.samples.shape == (2, 5, 6, 2)
    assert found.names == ["feature 0", "feature 1"]
    for end, seed in ((0, 3), (-1, 4)):
        np.testing.assert_allclose(found.samples[:, end], gan.generate(2, seed=seed), rtol=1e-5)
    assert all(np.array_equal(a, b) for a, b in zip(before, gan.get_weights(), strict=True))
    again = kr.explaining.interpolate(gan, (3, 4), num_steps=5, num_paths=2)
    np.testing.assert_array_equal(found.samples, again.samples)


def test_halfway_is_as_likely_as_the_ends(gan):
    latents = kr.explaining.interpolate(gan, num_paths=20, num_steps=3).latents
    sizes = norms(latents)
    assert (sizes[:, 1] >= sizes[:, [0, 2]].min(axis=1) - 1e-4).all()
    assert (sizes[:, 1] <= sizes[:, [0, 2]].max(axis=1) + 1e-4).all()
    # on a straight line it would lie at 0.7 of that
    straight = keras.tree.map_structure(lambda x: 0.5 * (x[:, :1] + x[:, 2:]), latents)
    assert norms(straight).mean() < 0.8 * sizes.mean()


def test_latents_are_what_the_model_is_called_with(gan):
    found = kr.explaining.interpolate(gan, num_steps=3)
    made = gan(keras.tree.map_structure(lambda x: x[0], found.latents))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(made), found.samples[0], rtol=1e-5)


def test_between_noise_of_another_length(gan):
    ends = [gan.sample_noise(2, length=9, seed=seed) for seed in (3, 4)]
    found = kr.explaining.interpolate(gan, ends, num_steps=2)
    assert found.samples.shape == (2, 2, 9, 2)
    seeds = kr.explaining.interpolate(gan, (3, 4), num_steps=2, num_paths=2, length=9)
    np.testing.assert_allclose(found.samples, seeds.samples, rtol=1e-5)
    shorter = gan.sample_noise(2, seed=4)
    refuses(lambda: kr.explaining.interpolate(gan, (ends[0], shorter)), "of 9 and 6 steps")


def test_of_uniform_noise():
    found = kr.explaining.interpolate(adapted(dense_gan(noise="uniform")), num_steps=3, num_paths=50)
    assert np.abs(found.latents).max() < 1.0
    assert np.abs(found.latents[:, 1]).std() == pytest.approx(np.sqrt(1 / 12), rel=0.2)


@slow_but_on_torch
def test_conditions_and_lengths_stay_those_of_the_first_end():
    data = [x[: 3 + i % 4] for i, x in enumerate(windows(24))]
    gan = adapted(
        kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0), (data, {"kind": ["a", "b"] * 12})
    )
    found = kr.explaining.interpolate(gan, (3, 4), num_steps=4, num_paths=3)
    given = gan.sample_conditions(3, seed=3)
    assert [len(x[0]) for x in found.samples] == np.ravel(given["length"]).tolist()
    for end, seed in ((0, 3), (-1, 4)):
        made = gan.generate(seed=seed, conditions=given)
        for path, sample in zip(found.samples, made, strict=True):
            np.testing.assert_allclose(path[end], sample, rtol=1e-5)
    ends = [gan.sample_noise(seed=seed, conditions=given) for seed in (3, 4)]
    for a, b in zip(
        found.samples, kr.explaining.interpolate(gan, ends, num_steps=4).samples, strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    bare = {name: part for name, part in ends[0].items() if name != "conditions"}
    refuses(lambda: kr.explaining.interpolate(gan, (bare, bare)), "without the part 'conditions'")
    assert len(kr.explaining.interpolate(gan, conditions={"kind": ["a", "b"]}).samples) == 2


@slow_but_on_torch
def test_of_a_model_that_completes_and_of_clips():
    made = kr.explaining.interpolate(adapted(completing_gan()), num_steps=3)
    assert made.samples.shape == (1, 3, 6, 2)
    clips = np.random.default_rng(0).random((8, 3, 8, 8, 1)).astype("float32")
    gan = adapted(kr.RecurrentGAN({"units": 4, "latent_dim": 2}, {"filters": 2}, seed=0), clips)
    made = kr.explaining.interpolate(gan, num_steps=3)
    assert made.samples.shape == (1, 3, 3, 8, 8, 1)
    assert made.plot().axes


def test_what_it_refuses(gan):
    noise = gan.sample_noise(1, seed=0)
    between = kr.explaining.interpolate
    refuses(lambda: between(gan, num_steps=1), "at least 2: both ends")
    refuses(lambda: between(gan, 3), "must be a pair.*between=3")
    refuses(lambda: between(gan, (3, noise)), "one of each")
    refuses(lambda: between(gan, (noise, noise), num_paths=3), r"Received: \['num_paths'\] as well")
    refuses(lambda: between(gan, (0, -1)), "seed")
    refuses(lambda: between(kr.RecurrentGAN()), "does not know its data")
    refuses(lambda: between(adapted(dense_gan(noise_scale=0.0))), "noise_scale above 0")
    refuses(lambda: between(kr.TokenGAN(["a", "b"])), "ids are names")
    refuses(lambda: between("gan"), "expects a RecurrentGAN. Received: 'gan'")

"""Networks for sequences are sized from the data."""

import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.networks.sequence_defaults import Sizes
from tests.testing import slow_on_jax, windows


@slow_on_jax
def test_networks_are_sized_from_the_data(tmp_path):
    gan = kr.RecurrentGAN(seed=0)
    gan.adapt(windows(num_features=2))
    assert gan.generator.num_features == 2
    assert (gan.generator.units, gan.discriminator.units) == (48, 48)
    wide = kr.RecurrentGAN(seed=0)
    wide.build((None, 24, 28))
    assert (wide.generator.units, wide.discriminator.units) == (128, 64)


@pytest.mark.parametrize(
    ("features", "news", "expected"),
    [
        (1, 0.0, (48, 48, 8)),
        (8, 5.2, (48, 48, 8)),
        (14, 11.1, (72, 56, 12)),
        (28, 23.2, (128, 64, 24)),
        (300, 80.0, (128, 64, 32)),
    ],
)
def test_sizes_follow_from_the_features_and_what_is_new_at_a_step(features, news, expected):
    sizes = Sizes.of(features, news)
    assert (sizes.generator, sizes.discriminator, sizes.noise) == expected


def test_sizes_grow_without_steps():
    generator, discriminator = np.array(
        [(s.generator, s.discriminator) for s in map(Sizes.of, range(1, 60))]
    ).T
    assert (np.diff(generator) >= 0).all()
    assert (np.diff(generator) <= 8).all()
    assert (np.diff(discriminator) >= 0).all()
    assert (np.diff(discriminator) <= 8).all()


@slow_on_jax
def test_noise_is_as_wide_as_what_is_new():
    noise = np.random.default_rng(0).normal(size=(600, 6, 12)).astype("float32")
    gan = kr.RecurrentGAN(seed=0)
    gan.adapt(noise)
    assert gan.generator.noise_dim == 12
    told = kr.RecurrentGAN({"noise_dim": 3}, seed=0)
    told.adapt(noise)
    assert told.generator.noise_dim == 3


def test_summary_says_what_was_chosen_and_why(capsys, tmp_path):
    noise = np.random.default_rng(0).normal(size=(600, 6, 12)).astype("float32")
    gan = kr.RecurrentGAN(seed=0)
    gan.adapt(noise)
    lines = []
    gan.summary(print_fn=lambda text, **kwargs: lines.append(text))
    words = lines[-1]
    assert "- 12 features: 64 units in the generator, 56 in the discriminator" in words
    assert "- 12.0 independent numbers new at a step: noise of 12." in words
    assert "- features do not bend slowly: increments to order 1." in words
    assert "(at most 0.15): the generator begins as one, of 6 steps." in words
    gan.save(tmp_path / "gan.keras")
    kr.load_model(tmp_path / "gan.keras").summary()
    assert words in capsys.readouterr().out
    config = gan.get_build_config()
    for reasons in (5, None, {"a": 1}, "abc"):  # of a file that lies, or is older
        copy = kr.RecurrentGAN(seed=0)
        copy.build_from_config({**config, "reasons": reasons})
        assert not any(reason in ("a", "5") for reason in copy.rooms.assembly.reasons)
    shapes = kr.datasets.make_sines(600, length=6, num_features=1)
    sines = kr.RecurrentGAN(seed=0)
    sines.adapt(shapes)
    sines.summary(print_fn=lambda text, **kwargs: lines.append(text))
    assert "bend slowly: increments to order" in lines[-1]


def test_without_data_a_summary_says_what_is_not_known():
    gan = kr.RecurrentGAN(seed=0)
    gan.build((None, 6, 3))
    lines = []
    gan.summary(print_fn=lambda text, **kwargs: lines.append(text))
    assert "- how many numbers are new at a step is not known: noise of 8." in lines[-1]
    assert "bend slowly" not in lines[-1]
    assert "independent numbers new" not in lines[-1]


def test_a_group_of_categories_makes_networks_no_wider():
    random = np.random.default_rng(0)
    flags = np.eye(40)[random.integers(0, 40, (60, 6))]
    notes = np.concatenate([random.normal(size=(60, 6, 3)), flags], axis=-1)
    gan = kr.RecurrentGAN(seed=0)
    gan.adapt(notes)
    assert (gan.generator.units, gan.discriminator.units) == (48, 48)
    lines = []
    gan.summary(print_fn=lambda text, **kwargs: lines.append(text))
    assert "- 43 features, 4 where a group of categories counts once: 48 units" in lines[-1]

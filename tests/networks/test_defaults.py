"""The networks that a model makes by default, and arguments in which they differ."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.networks import defaults
from tests.testing import (
    windows,
)


def test_networks_that_differ_in_some_arguments(tmp_path):
    changes = {"units": 8, "cell": "lstm", "seed": 1}
    gan = kr.RecurrentGAN(changes, {"units": 6, "bidirectional": False}, seed=0)
    before = kr.RecurrentGAN.from_config(gan.get_config())
    data = windows(8)
    for one in (gan, before):
        one.compile()
        one.adapt(data)
        assert (one.generator.units, one.generator.hidden_units) == (8, 8)
        assert one.generator.get_config()["smoothing"]
        assert (one.discriminator.units, one.discriminator.bidirectional) == (6, False)
    np.testing.assert_array_equal(before.generate(2, seed=0), gan.generate(2, seed=0))
    gan.save(tmp_path / "gan.keras")
    copy = keras.saving.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(copy.generate(2, seed=0), gan.generate(2, seed=0))
    for wrong, message in (
        ({"units": 8, "num_features": 3}, "`generator argument` must be one of 'units'"),
        ({"unit": 8}, "Did you mean 'units'"),
        (8, "must be a Keras model or layer, or None or a dict of arguments"),
    ):
        with pytest.raises(ValueError, match=message):
            kr.RecurrentGAN(wrong)


def test_networks_are_sized_from_the_data(tmp_path):
    gan = kr.RecurrentGAN(seed=0)
    gan.adapt(windows(num_features=2))
    assert gan.generator.num_features == 2
    assert (gan.generator.units, gan.discriminator.units) == (48, 48)
    wide = kr.RecurrentGAN(seed=0)
    wide.build((None, 24, 28))
    assert (wide.generator.units, wide.discriminator.units) == (128, 64)


def test_second_increments_are_looked_at_where_every_feature_bends_slowly():
    def increments(data):
        gan = kr.RecurrentGAN(seed=0)
        gan.adapt(data)
        return gan.discriminator.increments

    sines = np.sin(np.linspace(0.0, 3.0, 24)[:, None] + np.arange(40.0)[:, None, None])
    noise = np.random.default_rng(0).normal(size=(40, 24, 1))
    assert increments(sines) == 2
    assert increments(np.concatenate([sines, noise], axis=-1)) == 1
    assert increments(np.concatenate([sines, np.ones((40, 24, 1))], axis=-1)) == 2
    assert increments(sines[:, :2]) == 1  # nothing to see
    assert increments(np.cumsum(noise, axis=1)) == 1  # a random walk


@pytest.mark.parametrize(
    ("steps", "features", "expected"),
    [(24, 28, 24), (24, 100, 10), (512, 3, 333), (3, 300, 3), (24, 500, 2), (24, 501, 0), (1, 1, 0)],
)
def test_a_process_has_as_many_steps_as_its_covariance_allows(steps, features, expected):
    assert defaults.process_steps(steps, features) == expected

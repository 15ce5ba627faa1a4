"""The networks that a model makes by default, and arguments in which they differ."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.networks import defaults
from tests.testing import refuses, slow_but_on_torch, slow_on_jax, windows


@slow_on_jax
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


@keras.saving.register_keras_serializable(package="tests")
class Dense(keras.Model):
    """A generator of a user's that is told how many features there are."""

    def __init__(self, num_features, units=3, **kwargs):
        super().__init__(**kwargs)
        self.num_features, self.units = num_features, units
        self.head = keras.layers.Dense(num_features)
        self.noise_shape = (None, units)

    def build(self, input_shape=None):
        self.head.build((None, None, self.units))

    def call(self, inputs, training=False):
        return self.head(inputs)

    def get_config(self):
        return {**super().get_config(), "num_features": self.num_features, "units": self.units}


@slow_but_on_torch
def test_networks_of_another_kind_are_made_for_the_data(tmp_path):
    judge = {"network": kr.networks.DenseDiscriminator, "units": 4, "num_layers": 2}
    gan = kr.RecurrentGAN(generator={"network": Dense, "units": 5}, discriminator=judge, seed=0)
    copy = kr.RecurrentGAN.from_config(gan.get_config())
    for model in (gan, copy):
        model.adapt(windows())
        assert type(model.generator) is Dense
        assert (model.generator.num_features, model.generator.units) == (2, 5)
        assert type(model.discriminator) is kr.networks.DenseDiscriminator
    np.testing.assert_array_equal(
        *(m.discriminator.get_weights()[0] for m in (gan, copy))  # of the model's seed
    )


@slow_but_on_torch
def test_networks_of_another_kind_are_refused():
    refuses(lambda: kr.RecurrentGAN({"network": "Dense"}), "registered with")
    refuses(lambda: kr.RecurrentGAN({"network": keras.layers.Dense}), "registered with")
    refuses(lambda: kr.RecurrentGAN({"network": Dense, "unit": 3}), "generator argument.*unit")
    gan = kr.RecurrentGAN({"network": Dense}, seed=0)
    data = windows(), {"label": np.arange(40) % 2}
    refuses(
        lambda: gan.adapt(data),
        "class Dense, which takes no conditions.*2 columns of static_conditions",
    )


@slow_but_on_torch
def test_an_attribute_generator_that_differs_in_some_arguments():
    gan = kr.RecurrentGAN(attributes={"units": 7, "noise_dim": 3}, seed=0)
    copy = kr.RecurrentGAN.from_config(gan.get_config())
    for model in (gan, copy):
        assert model.attributes == "generated"
        model.adapt((windows(), {"age": np.arange(40.0)}))
        assert (model.attribute_generator.units, model.attribute_generator.noise_dim) == (7, 3)
    refuses(lambda: kr.RecurrentGAN(attributes={"unit": 7}), "attribute_generator argument.*units")
    other = {"network": kr.networks.AttributeGenerator}
    refuses(lambda: kr.RecurrentGAN(attributes=other), "attribute_generator argument.*network")


def test_of_a_group_of_categories_one_feature_counts():
    plain = kr.networks.RecurrentGenerator(4, units=4)
    grouped = kr.networks.RecurrentGenerator(8, units=4, categories=[(1, 4), (5, 8)])
    assert defaults.share_apart(plain) == defaults.share_apart(keras.Sequential()) == 1.0
    assert defaults.share_apart(grouped) == 0.5


@slow_but_on_torch
def test_a_usual_network_may_be_named_and_is_for_its_own_data():
    named = kr.RecurrentGAN({"network": kr.networks.RecurrentGenerator, "units": 5}, seed=0)
    plain = kr.RecurrentGAN({"units": 5}, seed=0)
    for gan in (named, plain):
        gan.adapt(windows())
    np.testing.assert_array_equal(named.generate(3, seed=1), plain.generate(3, seed=1))
    clips = {"network": kr.networks.VideoGenerator}
    refuses(
        lambda: kr.RecurrentGAN(clips).adapt(windows()),
        "VideoGenerator is for samples of shape .*height",
    )
    judge = {"network": kr.networks.VideoDiscriminator}
    refuses(lambda: kr.RecurrentGAN(None, judge).adapt(windows()), "VideoDiscriminator is for samples")
    tokens = {"network": kr.networks.TokenGenerator}
    refuses(
        lambda: kr.RecurrentGAN(tokens).adapt(windows()),
        "TokenGenerator, which needs .*vocabulary_size",
    )

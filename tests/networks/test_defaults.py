"""The networks that a model makes by default, and arguments in which they differ."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.networks import defaults
from tests.testing import refuses, slow_but_on_torch, windows


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
    sizes = defaults.Sizes.of(features, news)
    assert (sizes.generator, sizes.discriminator, sizes.noise) == expected


def test_sizes_grow_without_steps():
    generator, discriminator = np.array(
        [(s.generator, s.discriminator) for s in map(defaults.Sizes.of, range(1, 60))]
    ).T
    assert (np.diff(generator) >= 0).all()
    assert (np.diff(generator) <= 8).all()
    assert (np.diff(discriminator) >= 0).all()
    assert (np.diff(discriminator) <= 8).all()


def test_what_is_new_at_a_step():
    """An AR(1) of 6 features whose innovations have 2 or 6 independent parts of one size."""
    random = np.random.default_rng(0)

    def series(rank):
        mixing = np.kron(np.eye(rank), np.ones((1, 6 // rank)))
        shocks = random.normal(size=(500, 30, rank)) @ mixing
        steps = [shocks[:, 0]]
        for i in range(1, 30):
            steps.append(0.9 * steps[-1] + shocks[:, i])
        return np.stack(steps, axis=1) * 10.0 ** np.arange(6) + 1e6

    for rank in (1, 2, 6):
        assert defaults.news_of([series(rank)]) == pytest.approx(rank, rel=0.02)
    gaps = series(2)
    gaps[::3, 4] = np.nan
    assert defaults.news_of([gaps[:100], gaps[100:, :20]]) == pytest.approx(2.0, rel=0.02)
    assert defaults.news_of([np.ones((50, 8, 3))]) == 0.0
    assert defaults.news_of([series(6)[:, :1]]) == 0.0


def test_noise_is_as_wide_as_what_is_new():
    noise = np.random.default_rng(0).normal(size=(600, 6, 12)).astype("float32")
    gan = kr.RecurrentGAN(seed=0)
    gan.adapt(noise)
    assert gan.generator.noise_dim == 12
    told = kr.RecurrentGAN({"noise_dim": 3}, seed=0)
    told.adapt(noise)
    assert told.generator.noise_dim == 3


def test_summary_says_what_was_chosen_and_why(capsys):
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
    gan.summary()
    assert words in capsys.readouterr().out
    shapes = kr.datasets.make_sines(600, length=6, num_features=1)
    sines = kr.RecurrentGAN(seed=0)
    sines.adapt(shapes)
    sines.summary(print_fn=lambda text, **kwargs: lines.append(text))
    assert "bend slowly: increments to order" in lines[-1]


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


def test_of_a_group_of_categories_one_feature_counts():
    plain = kr.networks.RecurrentGenerator(4, units=4)
    grouped = kr.networks.RecurrentGenerator(8, units=4, categories=[(1, 4), (5, 8)])
    assert defaults.share_apart(plain) == defaults.share_apart(keras.Sequential()) == 1.0
    assert defaults.share_apart(grouped) == 0.5

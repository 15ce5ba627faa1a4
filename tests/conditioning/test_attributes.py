"""Attributes that are generated, through everything that a model does."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.conditioning.streams import ConditionStreams
from tests.testing import (
    SLOW_ON_JAX,
    assert_close,
    refuses,
    slow_but_on_tensorflow,
    slow_but_on_torch,
    slow_on_jax,
    state_of,
    to_numpy,
    windows,
)

COUNT = 48
LABELS = np.arange(COUNT) % 3
STATIC = {
    "age": np.random.default_rng(0).uniform(20.0, 90.0, COUNT),
    "label": LABELS + 4,
    "site": np.array(["here", "there"])[LABELS % 2],
    "smokes": LABELS == 1,
}
DATA = windows(COUNT) + 40.0 * LABELS[:, None, None].astype("float32")
EAGER = {"run_eagerly": True}
"""Saves the time to trace and compile what runs a few steps."""


def generating(static=8, temporal=0, variable_length=False, **options):
    shared = {"static_conditions": static, "temporal_conditions": temporal, "condition_dim": 3}
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, seed=1, **shared)
    discriminator = kr.networks.RecurrentDiscriminator(
        4, bidirectional=False, variable_length=variable_length, seed=2, **shared
    )
    return kr.RecurrentGAN(
        generator, discriminator, **{"attributes": "generated", "seed": 0, **options}
    )


def trained_eagerly(data=(DATA, STATIC), epochs=1, **options):
    gan = generating(**options)
    gan.compile(**EAGER)
    gan.fit(data, batch_size=16, epochs=epochs, shuffle=False, verbose=0)
    return gan


@pytest.fixture(scope="module")
def trained():
    return trained_eagerly()


def assert_equal_conditions(one, other):
    assert set(one) == set(other)
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


@slow_but_on_torch
def test_trains_evaluates_generates_and_saves(tmp_path):
    gan = generating()
    gan.compile()
    history = gan.fit(
        (DATA, STATIC), batch_size=16, epochs=2, verbose=0, validation_data=(DATA, STATIC)
    ).history
    assert all(np.isfinite(values).all() for values in history.values())
    scores = [gan.evaluate((DATA, STATIC), verbose=0, return_dict=True) for _ in range(2)]
    assert scores[0] == scores[1]
    assert np.isfinite(gan.train_on_batch(DATA[:16], {k: v[:16] for k, v in STATIC.items()})).all()
    made, drawn = gan.generate(9, seed=3), gan.sample_conditions(9, seed=3)
    path = tmp_path / "gan.keras"
    gan.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded.generate(9, seed=3), made)
    assert_equal_conditions(loaded.sample_conditions(9, seed=3), drawn)
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)


@slow_on_jax
def test_attributes_are_of_the_data(trained):
    drawn = trained.sample_conditions(400, seed=4)
    assert set(drawn) == set(STATIC)
    for name, values in STATIC.items():
        if name == "age":
            assert values.min() <= drawn[name].min() < drawn[name].max() <= values.max()
            assert drawn[name].dtype == np.float32
            assert np.isin(drawn[name], values.astype("float32")).mean() < 0.5
            assert len(np.unique(drawn[name])) > 100
        else:
            assert set(drawn[name].tolist()) == set(values.tolist())
            assert drawn[name].dtype.kind == ("U" if name == "site" else "i")


@slow_on_jax
def test_one_seed_one_result(trained):
    drawn, made = trained.sample_conditions(10, seed=4), trained.generate(10, seed=4)
    assert_close(trained.generate(conditions=drawn, seed=4), made, 1e-4)
    assert_close(trained.generate(10, seed=4, batch_size=3), made, 1e-4)
    assert_close(trained(trained.sample_noise(10, seed=4)), made, 1e-4)
    assert np.abs(trained.generate(10, seed=5) - made).max() > 1e-3
    assert np.abs(trained.generate(10) - trained.generate(10)).max() > 1e-3
    whole = trained.generate(10, length=8, seed=4)
    parts = trained.stream(10, steps=4, seed=4)
    assert_close(trained.sample_conditions(10, seed=4)["age"], drawn["age"])
    assert next(parts).shape == next(parts).shape == whole[:, :4].shape


@slow_on_jax
def test_attributes_decide_what_is_made(trained):
    """Same noise, other attributes, other samples; and each attribute counts."""
    drawn = trained.sample_conditions(6, seed=1)
    made = trained.generate(conditions=drawn, seed=1)
    for name, values in drawn.items():
        other = {**drawn, name: np.where(values == STATIC[name][0], STATIC[name][1], STATIC[name][0])}
        assert np.abs(trained.generate(conditions=other, seed=1) - made).max() > 1e-4, name


@slow_but_on_tensorflow
def test_both_networks_of_the_generator_learn_and_are_averaged():
    gan = generating()
    gan.compile(ema=0.5, **EAGER)
    gan.adapt((DATA, STATIC))
    network = gan.attribute_generator
    count = len(gan.generator.weights) + len(network.weights)
    assert len(gan.ema_weights) == count
    assert len(gan.optimizer.generator_variables.value) == count
    before = network.get_weights()
    gan.fit((DATA, STATIC), batch_size=16, verbose=0, epochs=1)
    assert all((a != b).any() for a, b in zip(before, network.get_weights(), strict=True))
    drawn = gan.sample_conditions(9, seed=0)
    network.set_weights([np.zeros_like(w) for w in before])
    assert_equal_conditions(gan.sample_conditions(9, seed=0), drawn)

    frozen = generating()
    frozen.compile(generator_optimizer=None, **EAGER)
    frozen.fit((DATA, STATIC), batch_size=16, verbose=0, epochs=1)
    for a, b in zip(before, frozen.attribute_generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@slow_on_jax
def test_goes_on_bit_by_bit(tmp_path):
    straight = trained_eagerly(epochs=2)
    trained_eagerly(epochs=1).save(tmp_path / "gan.keras")
    resumed = keras.models.load_model(tmp_path / "gan.keras")
    resumed.fit((DATA, STATIC), batch_size=16, epochs=2, initial_epoch=1, shuffle=False, verbose=0)
    for a, b in zip(state_of(straight), state_of(resumed), strict=True):
        np.testing.assert_array_equal(a, b)


@slow_but_on_torch
def test_networks_are_made_for_the_attributes():
    gan = kr.RecurrentGAN(attributes="generated", seed=0)
    assert kr.RecurrentGAN.from_config(gan.get_config()).attributes == "generated"
    gan.adapt((DATA, STATIC))
    assert gan.attribute_generator.num_columns == gan.generator.static_conditions == 8
    assert gan.attribute_generator.categories == [(1, 4), (4, 6), (6, 8)]
    network = kr.networks.AttributeGenerator(
        8, [(1, 4), (4, 6), (6, 8)], units=5, noise_dim=2, num_layers=1, seed=3
    )
    gan = trained_eagerly(attributes=network)
    assert gan.attribute_generator is network
    assert gan.get_config()["attributes"]["config"]["units"] == 5
    assert set(gan.sample_conditions(5)) == set(STATIC)


@slow_but_on_tensorflow
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    gan = trained_eagerly()
    assert gan.attribute_generator.compute_dtype == policy.removeprefix("mixed_")
    assert np.isfinite(gan.generate(4, seed=0)).all()
    assert np.isfinite(gan.evaluate((DATA, STATIC), verbose=0)).all()


@slow_but_on_torch
class TestBesideOtherConditions:
    LENGTHS = np.random.default_rng(0).choice([2, 4, 6], COUNT)

    def test_lengths(self):
        sequences = [x[:n] for x, n in zip(DATA, self.LENGTHS, strict=True)]
        conditions = {"label": LABELS, "age": STATIC["age"]}
        gan = trained_eagerly((sequences, conditions), static=4, temporal=2, variable_length=True)
        made, drawn = gan.generate(300, seed=1), gan.sample_conditions(300, seed=1)
        assert [len(x) for x in made] == drawn["length"].tolist()
        assert set(drawn["length"].tolist()) == {2, 4, 6}
        assert set(drawn["label"].tolist()) == {0, 1, 2}
        columns = gan.conditions(gan.conditions.encode(drawn), length=9)
        assert_close(gan.layout.of_conditions.context_of(columns), drawn["length"][:, None] / 6.0)
        assert [len(x) for x in gan.generate(3, length=5, seed=1)] == [5, 5, 5]

    def test_the_length_decides_on_the_attributes(self):
        """Of noise that is the same, sequences of other lengths get other attributes."""
        sequences = [x[:n] for x, n in zip(DATA, self.LENGTHS, strict=True)]
        gan = generating(static=1, temporal=2, variable_length=True)
        gan.adapt((sequences, {"age": STATIC["age"]}))
        rows = gan.conditions.sample(5, np.random.default_rng(0))
        ages = [gan.sampler.drawn_rows(rows, n, ConditionStreams.of([3]))["age"] for n in (2, 6)]
        assert (ages[0] != ages[1]).all()

    def test_covariates(self):
        load = windows(COUNT, num_features=1, seed=5)
        gan = trained_eagerly((DATA, {**STATIC, "load": load}), temporal=1)
        drawn = gan.sample_conditions(5, seed=2)
        columns = gan.conditions(gan.conditions.encode(drawn))
        assert_close(
            gan.layout.of_conditions.context_of(columns), to_numpy(columns)[..., :1].mean(axis=1), 1e-5
        )
        known = {tuple(x.ravel()) for x in load}
        assert all(tuple(x.ravel()) in known for x in drawn["load"])
        assert_close(gan.generate(conditions=drawn, seed=2), gan.generate(5, seed=2), 1e-4)

    def test_gaps(self):
        observed = np.random.default_rng(0).random(DATA.shape) < 0.8
        gan = trained_eagerly((DATA, {**STATIC, "observed": observed}))
        assert np.isfinite(gan.generate(4, seed=0)).all()
        assert np.isnan(gan.generate(4, seed=0, missing=True)).any()


@slow_but_on_tensorflow
def test_tables():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {
            "shop": np.repeat(["north", "south"], 24),
            "hour": np.tile(pd.date_range("2024-01-01", periods=24, freq="h"), 2),
            "sales": np.arange(48.0),
            "visits": np.arange(48.0)[::-1],
            "owner": np.repeat(["Ada", "Bob"], 24),
        }
    )
    table = kr.data.from_frame(frame, id="shop", time="hour", static=["owner"], length=6)
    gan = generating(static=2)
    gan.adapt(table)
    made = table.to_frame(gan.generate(5, seed=0), gan.sample_conditions(5, seed=0))
    assert set(made["owner"]) <= {"Ada", "Bob"}


@pytest.mark.slow  # a minute; benchmarks/attributes.py asks the same
def test_learns_labels_and_series_together():
    """Unequal classes, an attribute that depends on them, and series that follow from both."""
    random = np.random.default_rng(0)

    def draw(count):
        label = random.choice(3, count, p=[0.6, 0.3, 0.1])
        size = label + random.uniform(1.0, 2.5, count)
        angle = 2.0 * np.pi * ((label + 1)[:, None] * np.arange(6) / 6.0 + random.random((count, 1)))
        return size[:, None, None] * np.stack([np.sin(angle), np.cos(angle)], -1), label, size

    data, label, size = draw(1500)
    gan = kr.RecurrentGAN(
        {"units": 16, "latent_dim": 4, "noise_dim": 2},
        {"units": 16, "bidirectional": False},
        attributes="generated",
        seed=1,
    )
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(3e-3, beta_1=0.0, beta_2=0.99),
        discriminator_optimizer=keras.optimizers.Adam(3e-3, beta_1=0.0, beta_2=0.99),
        ema=0.99,
    )
    gan.fit((data, {"label": label, "size": size}), batch_size=50, epochs=60, verbose=0)
    made, drawn = gan.generate(3000, seed=0), gan.sample_conditions(3000, seed=0)
    shares = np.bincount(drawn["label"], minlength=3) / 3000
    assert 0.5 * np.abs(shares - np.bincount(label) / 1500).sum() < 0.06
    found = np.corrcoef(drawn["label"], drawn["size"])[0, 1]
    assert abs(found - np.corrcoef(label, size)[0, 1]) < 0.1
    assert np.isin(drawn["size"], size.astype("float32")).mean() < 0.05

    def turns(series):  # of the two features, step by step
        plane = series[..., 1] + 1j * series[..., 0]
        return np.angle(np.mean(plane[:, 1:] * plane[:, :-1].conj(), axis=1))

    expected = 2.0 * np.pi * (np.arange(3) + 1) / 6.0
    distance = np.abs(np.exp(1j * turns(made))[:, None] - np.exp(1j * expected))
    assert (distance.argmin(axis=1) == drawn["label"]).mean() >= 0.9
    assert np.corrcoef(np.linalg.norm(made, axis=-1).mean(axis=1), drawn["size"])[0, 1] > 0.5


class TestRefuses:
    pytestmark = SLOW_ON_JAX

    def test_arguments(self):
        refuses(lambda: kr.RecurrentGAN(attributes="made"), "`attributes` must be one of 'drawn'")
        refuses(
            lambda: kr.RecurrentGAN(attributes="generated", completion=True),
            "Expected: attributes='drawn' with completion=True",
        )

    def test_data_without_attributes(self):
        for data in (DATA, (DATA, {"load": DATA[..., :1]}), [*DATA[:, :4], DATA[0]]):
            gan = kr.RecurrentGAN(attributes="generated")
            gan.compile()
            refuses(
                lambda gan=gan, data=data: gan.fit(data, verbose=0, epochs=1), "needs static conditions"
            )
            assert not gan.weights
            gan.adapt((DATA, STATIC))  # and can still be used
        gan = kr.RecurrentGAN(attributes="generated")
        refuses(lambda: gan.build((None, 6, 2)), "needs static conditions")

    def test_a_network_for_other_attributes(self):
        gan = generating(attributes=kr.networks.AttributeGenerator(8, [(0, 3)]))
        refuses(lambda: gan.adapt((DATA, STATIC)), r"take an AttributeGenerator of .*\(1, 4\)")

    def test_conditions_that_are_missing(self, trained):
        refuses(
            lambda: trained.generate(conditions={"label": [4]}),
            "missing: \\['age', 'site', 'smokes'\\]",
        )

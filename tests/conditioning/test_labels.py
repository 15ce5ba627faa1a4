"""Labels and covariates beside the sequences, through everything that a model does."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.training.samples import Samples
from tests.testing import (
    BACKEND,
    SLOW_ON_JAX,
    all_on_torch,
    assert_close,
    recurrent_gan,
    refuses,
    slow_but_on_tensorflow,
    slow_but_on_torch,
    state_of,
    to_numpy,
    windows,
)

COUNT = 48
LABELS = np.arange(COUNT) % 3
CONDITIONS = {
    "label": LABELS,
    "site": np.array(["here", "there"])[LABELS % 2],
    "load": windows(COUNT, num_features=1, seed=5),
}
DATA = windows(COUNT) + 40.0 * LABELS[:, None, None].astype("float32")


def networks(**changes):
    options = {"temporal_conditions": 1, "static_conditions": 5, "condition_dim": 3, **changes}
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, seed=1, **options)
    discriminator = kr.networks.RecurrentDiscriminator(
        4, bidirectional=False, increments=1, seed=2, **options
    )
    return generator, discriminator


def conditional(**recipe):
    gan = kr.RecurrentGAN(*networks(), seed=0)
    gan.compile(**recipe)
    return gan


def some(part):
    return {name: values[part] for name, values in CONDITIONS.items()}


@pytest.fixture(scope="module")
def trained():
    gan = conditional()
    gan.fit((DATA, CONDITIONS), batch_size=16, verbose=0, epochs=1)
    return gan


@slow_but_on_torch
def test_trains_evaluates_generates_and_saves(tmp_path):
    gan = conditional()
    history = gan.fit(
        (DATA, CONDITIONS),
        batch_size=16,
        epochs=2,
        verbose=0,
        validation_data=(DATA[:20], some(slice(20))),
    ).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert "val_mmd" in history
    scores = gan.evaluate((DATA, CONDITIONS), verbose=0, return_dict=True)
    assert_close([gan.evaluate(DATA, CONDITIONS, verbose=0, return_dict=True)["mmd"]], [scores["mmd"]])
    samples = gan.generate(conditions=some(slice(5)), seed=3)
    assert samples.shape == (5, 6, 2)
    path = tmp_path / "gan.keras"
    gan.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded.generate(conditions=some(slice(5)), seed=3), samples)
    np.testing.assert_array_equal(loaded.generate(9, seed=3), gan.generate(9, seed=3))
    loaded.fit((DATA, CONDITIONS), batch_size=16, epochs=1, verbose=0)


@slow_but_on_tensorflow
def test_networks_are_made_for_the_conditions():
    gan = kr.RecurrentGAN(seed=0)
    gan.adapt((DATA, CONDITIONS))
    for network in (gan.generator, gan.discriminator):
        assert (network.temporal_conditions, network.static_conditions) == (1, 5)
    assert gan.generate(conditions=some(slice(4))).shape == (4, 6, 2)


@slow_but_on_torch
def test_conditions_are_drawn_as_they_were(trained):
    drawn = trained.sample_conditions(500, seed=4)
    known = {tuple(row) for row in zip(LABELS, CONDITIONS["site"], strict=True)}
    assert {tuple(row) for row in zip(drawn["label"], drawn["site"], strict=True)} == known
    shares = np.bincount(drawn["label"]) / 500
    np.testing.assert_allclose(shares, 1 / 3, atol=0.07)
    some_drawn = trained.sample_conditions(10, seed=4)
    made = trained.generate(10, seed=4)
    assert_close(trained.generate(conditions=some_drawn, seed=4), made, 1e-5)
    assert_close(trained.generate(10, seed=4, batch_size=3), made, 1e-5)
    assert_close(trained(trained.sample_noise(conditions=some_drawn, seed=4)), made, 1e-5)


def test_conditions_decide_what_is_made(trained):
    """Same noise, other conditions, other samples; and each condition counts."""
    base = {"label": np.zeros(4, int), "site": ["here"] * 4, "load": np.full((4, 6, 1), 105.5)}
    made = trained.generate(conditions=base, seed=1)
    for name, values in {
        "label": np.ones(4, int),
        "site": ["there"] * 4,
        "load": np.full((4, 6, 1), 106.5),
    }.items():
        other = trained.generate(conditions={**base, name: values}, seed=1)
        assert np.abs(other - made).max() > 1e-3, name
    later = base["load"].copy()
    later[:, 3:] = 106.5
    other = trained.generate(conditions={**base, "load": later}, seed=1)
    np.testing.assert_array_equal(other[:, :3], made[:, :3])  # what is to come is not known


def test_length_follows_the_conditions_at_each_step(trained):
    given = {"label": [0, 1], "site": ["here"] * 2, "load": np.zeros((2, 11, 1))}
    assert trained.generate(conditions=given).shape == (2, 11, 2)


@slow_but_on_tensorflow
def test_learns_what_the_labels_mean():
    labels = np.arange(200) % 2
    data = np.where(labels == 0, -1.0, 1.0)[:, None, None] + 0.1 * windows(200, seed=1) / 100.0
    gan = kr.RecurrentGAN(
        kr.networks.RecurrentGenerator(2, 8, latent_dim=2, noise_dim=1, static_conditions=2, seed=1),
        kr.networks.RecurrentDiscriminator(8, static_conditions=2, bidirectional=False, seed=2),
        seed=0,
    )
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(3e-3, beta_1=0.0),
        discriminator_optimizer=keras.optimizers.Adam(3e-3, beta_1=0.0),
        ema=0.9,
    )
    gan.fit((data, {"label": labels}), batch_size=50, epochs=40, verbose=0)
    made = gan.generate(conditions={"label": labels}, seed=0).mean(axis=(1, 2))
    assert (made[labels == 0] < 0.0).mean() > 0.9
    assert (made[labels == 1] > 0.0).mean() > 0.9


def numbers():
    return {"label": LABELS, "load": CONDITIONS["load"]}


def train(data, **kwargs):
    gan = kr.RecurrentGAN(*networks(static_conditions=3), seed=0)
    gan.compile(run_eagerly=True)
    gan.fit(data, epochs=2, verbose=0, **kwargs)
    return gan


def batch(i):
    part = slice(i * 20, (i + 1) * 20)
    return DATA[part], {name: values[part] for name, values in numbers().items()}


class Pairs(keras.utils.PyDataset):
    num_batches = 3

    def __getitem__(self, i):
        return batch(i)


def sources():
    import tensorflow as tf

    yield "tf.data", tf.data.Dataset.from_tensor_slices((DATA, numbers())).batch(20), {}
    yield "PyDataset", Pairs(), {"shuffle": False}
    if BACKEND == "torch":
        import torch

        rows = [
            (DATA[i], {name: values[i] for name, values in numbers().items()}) for i in range(COUNT)
        ]
        yield "DataLoader", torch.utils.data.DataLoader(rows, batch_size=20), {}


@slow_but_on_tensorflow
def test_datasets_of_pairs_learn_the_same():
    expected = train((DATA, numbers()), batch_size=20, shuffle=False)
    for name, data, options in sources():
        found = train(data, **options)
        for a, b in zip(state_of(expected), state_of(found), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5, err_msg=name)
        assert set(found.sample_conditions(3)) == {"label", "load"}


@slow_but_on_tensorflow
def test_shuffling_keeps_rows_together(monkeypatch):
    """A model whose samples are its conditions sees equal pairs in every step."""
    seen = []

    real = Samples.real

    def watching(self, data, seed):
        batch = real(self, data, seed)
        seen.append(to_numpy((batch.sequences, batch.columns)))
        return batch

    monkeypatch.setattr(Samples, "real", watching)
    gan = kr.RecurrentGAN(*networks(static_conditions=0), scaler="standard", seed=0)
    gan.compile(run_eagerly=True)
    load = CONDITIONS["load"]
    gan.fit((np.repeat(load, 2, axis=-1), {"load": load}), batch_size=16, verbose=0, epochs=1)
    for real, columns in seen:
        np.testing.assert_allclose(real[..., :1], columns, rtol=1e-3, atol=1e-4)


@slow_but_on_tensorflow
def test_validation_split_and_batches():
    gan = conditional(run_eagerly=True)
    history = gan.fit(
        (DATA, CONDITIONS), batch_size=16, validation_split=0.25, verbose=0, epochs=1
    ).history
    assert np.isfinite(history["val_mmd"]).all()
    encoded = {name: values[:16] for name, values in CONDITIONS.items()}
    assert np.isfinite(gan.train_on_batch(DATA[:16], encoded)).all()
    assert np.isfinite(gan.test_on_batch((DATA[:16], encoded))).all()


@pytest.mark.parametrize(
    "penalty", ["approximate_r1", "approximate_r2", "r1", "r2", "gradient_penalty"]
)
def test_slopes_along_conditions_are_not_penalized(penalty):
    """A discriminator of the conditions alone has no slope that counts."""
    penalty = kr.penalties.get(penalty).sized(2)
    samples = keras.random.normal((6, 4, 5), seed=1)
    other = keras.ops.concatenate([keras.random.normal((6, 4, 3), seed=2), samples[..., 3:]], axis=-1)

    def conditions_only(x):
        return 7.0 * keras.ops.sum(x[..., 3:], axis=(1, 2))[:, None] + 0.0 * x[:, 0, :1]

    def sequences_too(x):
        return conditions_only(x) + keras.ops.sum(x[..., :3], axis=(1, 2))[:, None]

    expected = 1.0 if isinstance(penalty, kr.penalties.GradientPenalty) else 0.0
    value = float(to_numpy(penalty(conditions_only, samples, other))) / penalty.weight
    assert abs(value - expected) < 1e-4
    assert float(to_numpy(penalty(sequences_too, samples, other))) > 1.0


def test_models_of_ones_own():
    """Any Keras models that take the columns as a part of their inputs."""
    noise, columns = keras.Input((6, 2), name="noise"), keras.Input((6, 3), name="conditions")
    hidden = keras.layers.Dense(8, "tanh")(keras.layers.Concatenate()([noise, columns]))
    generator = keras.Model({"noise": noise, "conditions": columns}, keras.layers.Dense(2)(hidden))
    sequences, columns = keras.Input((6, 2), name="sequences"), keras.Input((6, 3), name="conditions")
    flat = keras.layers.Flatten()(keras.layers.Concatenate()([sequences, columns]))
    judgement = keras.layers.Dense(1)(keras.layers.Dense(8, "tanh")(flat))
    discriminator = keras.Model({"sequences": sequences, "conditions": columns}, judgement)
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile(penalties=["r1", "approximate_r2"])
    gan.fit((DATA, {"label": LABELS}), batch_size=16, verbose=0, epochs=1)
    assert gan.generate(conditions={"label": [2, 0, 1]}).shape == (3, 6, 2)


@slow_but_on_tensorflow
def test_scores_on_validation_are_of_the_same_conditions():
    gan = conditional(run_eagerly=True)
    watch = kr.callbacks.ScoreOnValidation((DATA[:12], some(slice(12))), ["roughness"], seed=3)
    history = gan.fit((DATA, CONDITIONS), batch_size=16, callbacks=[watch], verbose=0, epochs=1).history
    made = gan.generate(conditions=some(slice(12)), seed=3)
    assert history["val_roughness"] == [pytest.approx(kr.metrics.roughness(DATA[:12], made), rel=1e-4)]


class TestRefuses:
    pytestmark = SLOW_ON_JAX

    def test_conditions_that_do_not_fit(self, trained):
        def fit(**changes):
            return lambda: conditional().fit((DATA, {**CONDITIONS, **changes}), verbose=0, epochs=1)

        refuses(fit(label=LABELS[:5]), r"as many rows|one row of the condition 'label'")
        refuses(fit(load=np.zeros((COUNT, 4, 1))), "condition 'load' at each of 6 steps")
        refuses(fit(extra=LABELS), r"static_conditions=8")
        refuses(lambda: conditional().fit(DATA, verbose=0, epochs=1), "static_conditions=0")
        refuses(
            lambda: recurrent_gan().adapt((windows(4)[:, 0], {"label": np.zeros(4, int)})),
            "Received: shape|beside sequences",
        )
        before = state_of(trained)
        refuses(
            lambda: trained.fit(DATA, verbose=0, epochs=1), r"takes the conditions .*Received: none"
        )
        strange = {**CONDITIONS, "label": LABELS + 1}
        refuses(
            lambda: trained.fit((DATA, strange), verbose=0, epochs=1),
            r"adapted to: 0, 1, 2. Received: \[3\]",
        )
        refuses(lambda: trained.evaluate(DATA, verbose=0), "Received: none")
        refuses(
            lambda: trained.fit(DATA, LABELS, verbose=0, epochs=1), "conditions beside them as a dict"
        )
        for a, b in zip(before, state_of(trained), strict=True):
            np.testing.assert_array_equal(a, b)

    def test_conditions_where_there_are_none(self):
        gan = recurrent_gan()
        gan.compile()
        gan.adapt(windows())
        refuses(
            lambda: gan.fit((windows(), {"label": np.zeros(40, int)}), verbose=0, epochs=1),
            "without conditions",
        )
        refuses(lambda: gan.generate(conditions={"label": [1]}), "takes no conditions")
        refuses(lambda: gan.sample_conditions(3), "takes no conditions")
        refuses(lambda: kr.RecurrentGAN(conditions={"label": [1]}), "must be a keras_rgan.layers")
        known = kr.RecurrentGAN(*networks(), conditions=kr.layers.ConditionEncoder())
        refuses(lambda: known.adapt(DATA), "knows no conditions yet")

    def test_generating(self, trained):
        given = some(slice(4))
        refuses(lambda: trained.generate(3, conditions=given), "num_samples=3 and conditions of 4 rows")
        refuses(lambda: trained.generate(), "Expected num_samples, or conditions")
        refuses(lambda: trained.generate(conditions={"label": [0]}), "missing: ")
        refuses(lambda: trained.generate(conditions=given, length=9), "one length at each step")
        refuses(lambda: trained.generate(3, length=9), "Pass conditions of that length")

    def test_datasets(self):
        import tensorflow as tf

        plain = tf.data.Dataset.from_tensor_slices(DATA).batch(16)
        refuses(
            lambda: conditional().fit(plain, CONDITIONS, verbose=0, epochs=1), "a dataset yields pairs"
        )

    def test_a_generator_of_one_input(self):
        generator = keras.Sequential(
            [keras.Input((4,)), keras.layers.Dense(12), keras.layers.Reshape((6, 2))]
        )
        discriminator = kr.networks.RecurrentDiscriminator(4, static_conditions=3)
        gan = kr.RecurrentGAN(generator, discriminator)
        refuses(lambda: gan.adapt((DATA, {"label": LABELS})), "must take a dict of inputs")


@pytest.mark.parametrize("dtype", all_on_torch(["object", "str", "category"], ["object"]))
def test_text_of_a_column_of_pandas(dtype):
    pandas = pytest.importorskip("pandas")
    values = pandas.Series(["a", "b"] * 10, index=range(50, 70), dtype=dtype)
    gan = kr.RecurrentGAN(*[{"units": 4}] * 2, seed=0)
    gan.compile()
    gan.fit((windows(20), {"label": values}), batch_size=10, epochs=1, verbose=0)
    assert gan.conditions.get_config()["conditions"][0]["categories"] == ["a", "b"]
    assert gan.generate(conditions={"label": values.iloc[3:6]}).shape == (3, 6, 2)

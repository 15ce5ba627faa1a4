"""Sequences scaled by ranges of their own, through everything that a model does."""

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

COUNT = 60
LABELS = np.arange(COUNT) % 3
SHAPES = windows(COUNT) / 100.0 - 1.0
DATA = SHAPES * 10.0 ** np.random.default_rng(0).uniform(LABELS, LABELS + 1.0)[:, None, None]
DATA = DATA.astype("float32")
EAGER = {"run_eagerly": True}
"""Saves the time to trace and compile what runs a few steps."""


def ranged(static=4, temporal=0, **options):
    shared = {"static_conditions": static, "temporal_conditions": temporal, "condition_dim": 3}
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, seed=1, **shared)
    discriminator = kr.networks.RecurrentDiscriminator(
        4, bidirectional=False, variable_length=temporal > 0, seed=2, **shared
    )
    return kr.RecurrentGAN(generator, discriminator, scaler="per_sample", seed=0, **options)


def trained_eagerly(data=DATA, epochs=1, **options):
    gan = ranged(**options)
    gan.compile(**EAGER)
    gan.fit(data, batch_size=20, epochs=epochs, shuffle=False, verbose=0)
    return gan


@pytest.fixture(scope="module", params=["drawn", "generated"])
def trained(request):
    return trained_eagerly((DATA, {"label": LABELS}), static=7, attributes=request.param)


@slow_but_on_torch
@pytest.mark.parametrize("attributes", ["drawn", "generated"])
def test_trains_evaluates_generates_and_saves(attributes, tmp_path):
    gan = ranged(attributes=attributes)
    gan.compile()
    history = gan.fit(DATA, batch_size=20, epochs=2, verbose=0, validation_data=DATA).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert np.isfinite(gan.train_on_batch(DATA[:20])).all()
    made, drawn = gan.generate(9, seed=3), gan.sample_conditions(9, seed=3)
    path = tmp_path / "gan.keras"
    gan.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded.generate(9, seed=3), made)
    np.testing.assert_array_equal(loaded.sample_conditions(9, seed=3)["minimum"], drawn["minimum"])
    for a, b in zip(state_of(gan), state_of(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    loaded.fit(DATA, batch_size=20, verbose=0, epochs=1)


def close_in_range(one, other, tolerance=1e-3):
    """Compare sequences in units of their own ranges."""
    span = np.maximum(np.abs(other).max(axis=1, keepdims=True), 1e-9)
    assert np.abs((one - other) / span).max() < tolerance


@slow_on_jax
def test_one_seed_one_result(trained):
    drawn, made = trained.sample_conditions(10, seed=4), trained.generate(10, seed=4)
    assert set(drawn) == {"label", "minimum", "maximum"}
    close_in_range(trained.generate(conditions=drawn, seed=4), made)
    close_in_range(trained.generate(10, seed=4, batch_size=3), made)
    close_in_range(to_numpy(trained(trained.sample_noise(10, seed=4))), made)
    scaled = trained.generate(10, seed=4, scaled=True)
    assert_close(scaled, trained.scaler(made), 1e-3)


@slow_on_jax
def test_each_series_keeps_to_its_range(trained):
    drawn, made = trained.sample_conditions(50, seed=4), trained.generate(50, seed=4)
    slack = 1e-4 * np.maximum(np.abs(drawn["minimum"]), np.abs(drawn["maximum"]))
    assert (made.min(axis=1) >= drawn["minimum"] - slack).all()
    assert (made.max(axis=1) <= drawn["maximum"] + slack).all()
    spans = drawn["maximum"] - drawn["minimum"]
    known = np.ptp(DATA, axis=1)
    assert spans.min() >= 0.99 * known.min()
    assert spans.max() <= 1.01 * known.max()
    copies = np.isclose(spans[:, :1], known[:, 0], rtol=1e-4).any(axis=1).mean()
    if trained.attributes == "drawn":
        assert copies == 1.0
        assert np.ptp(np.log10(spans)) > 1.0  # orders of magnitude
    else:
        assert copies < 0.2


def test_what_is_refused_leaves_no_range_behind():
    gan = ranged(static=5)
    with pytest.raises(ValueError, match="'dose'"):
        gan.adapt((DATA, {"dose": np.full(COUNT, np.nan)}))
    assert not gan.scaler.adapted
    for lengths, message in (
        (np.ones(COUNT - 1, int), "one row"),
        (np.zeros(COUNT, int), "at least 1"),
    ):
        with pytest.raises(ValueError, match=message):
            ranged(temporal=2).adapt((DATA, {"length": lengths}))
    with pytest.raises(ValueError, match="build, without data"):
        ranged().build((None, 6, 2))
    encoder = kr.layers.ConditionEncoder()
    encoder.adapt({"label": LABELS})
    with pytest.raises(ValueError, match=r"knows \['label'\] alone"):
        ranged(conditions=encoder).adapt((DATA, {"label": LABELS}))
    with pytest.raises(ValueError, match="use another scaler"):
        ranged().adapt(np.where(DATA[0, 0, 0] == DATA, np.nan, DATA))


@slow_but_on_torch
def test_the_models_own_name_of_ranges_is_none_to_ask_for(trained):
    with pytest.raises(ValueError, match=r"Expected the conditions \['label'\], and"):
        trained.generate(conditions={"label": [0], "range": np.zeros((1, 4))})


@slow_but_on_torch
def test_conditions_are_known_while_fit_runs():
    seen = []

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(self.model.sample_conditions(3, seed=0)["minimum"])

    gan = ranged(attributes="generated")
    gan.compile()
    gan.fit(DATA, batch_size=20, verbose=0, callbacks=[Look()], epochs=1)
    assert np.isfinite(seen).all()
    assert np.abs(seen[0] - seen[-1]).max() > 0.0


def test_one_hot_features_have_no_range():
    scaler = kr.layers.PerSampleScaler()
    flags = np.eye(2, dtype="float32")[np.random.default_rng(0).integers(0, 2, (COUNT, 6))]
    data = np.concatenate([DATA[..., :1], flags], axis=-1)
    data[0, :, 1:] = [1.0, 0.0]  # one of the categories does not occur
    scaler.adapt(data)
    between = scaler.ranges_between(data.min(axis=1), data.max(axis=1))
    assert_close(between, scaler.ranges(data), 1e-6)


def test_ranges_on_request(trained):
    low, high = np.full((4, 2), -30.0), np.array([[50.0, 60.0]] * 4)
    given = {"label": [0, 1, 2, 0], "minimum": low, "maximum": high}
    made = trained.generate(conditions=given, seed=0)
    assert made.min() >= -30.0 - 1e-3
    assert (made.max(axis=(0, 1)) <= [50.001, 60.001]).all()
    tenfold = {"label": given["label"], "minimum": 0.1 * low, "maximum": 0.1 * high}
    assert np.abs(trained.generate(conditions=tenfold, seed=0)).max() <= 6.001


@slow_on_jax
def test_ranges_fit_what_is_asked_for():
    """Of a label alone: the ranges are those of rows with that label."""
    gan = trained_eagerly((DATA, {"label": LABELS}), static=7)
    asked = {"label": LABELS[:, None].astype("int32")}
    rows = gan.sampler.completed_rows(asked, ConditionStreams.of([0]))
    _, high = gan.scaler.bounds(rows["range"])
    for label in range(3):
        known = DATA[label == LABELS].max(axis=1)
        found = to_numpy(high)[label == LABELS]
        assert np.isclose(found[:, :1], known[:, 0], rtol=1e-3).any(axis=1).all()
        assert len(np.unique(found)) > 3
    asked = {"label": LABELS}
    made = gan.generate(conditions=asked, seed=1)
    close_in_range(gan.generate(conditions=asked, seed=1, batch_size=7), made)


def test_both_networks_are_told(trained):
    columns = trained.conditions.num_static
    assert columns == trained.generator.static_conditions == 3 + 2 * 2
    real = trained.samples.real(
        {"sequences": DATA, "conditions": {"label": LABELS[:, None]}}, trained.seed_generator
    )
    assert_close(to_numpy(real.sequences).max(axis=1), np.ones((COUNT, 2)), 1e-4)
    low, high = trained.scaler.bounds(
        trained.conditions.values_of("range", trained.layout.static_of(real.columns))
    )
    close_in_range(np.stack([low, high], 1), np.stack([DATA.min(axis=1), DATA.max(axis=1)], 1))
    expected = 0.0 if trained.attributes == "drawn" else columns
    assert {p.num_attributes for p in trained._recipe.penalties} == {expected}


@slow_but_on_tensorflow
def test_lengths():
    lengths = np.random.default_rng(0).choice([2, 4, 6], COUNT)
    sequences = [x[:n] for x, n in zip(DATA, lengths, strict=True)]
    gan = trained_eagerly(sequences, temporal=2)
    made, drawn = gan.generate(30, seed=1), gan.sample_conditions(30, seed=1)
    assert [len(x) for x in made] == drawn["length"].tolist()
    for x, low, high in zip(made, drawn["minimum"], drawn["maximum"], strict=True):
        slack = 1e-3 * np.maximum(np.abs(low), np.abs(high))
        assert (x >= low - slack).all()
        assert (x <= high + slack).all()
    assert [len(x) for x in gan.generate(conditions={"length": [5, 2]}, seed=0)] == [5, 2]
    assert np.isfinite(gan.evaluate(sequences, verbose=0)).all()


@slow_but_on_torch
def test_padding_and_kinds_of_data_do_not_matter():
    """A dataset whose padding is anything trains as a list of sequences does, to the bit."""
    lengths = np.random.default_rng(0).choice([2, 4, 6], COUNT)
    found = []
    for value in (1e6, -3.0):
        padded = DATA.copy()
        padded[np.arange(6) >= lengths[:, None]] = value

        class Batches(keras.utils.PyDataset):
            num_batches = 3

            def __getitem__(self, i, padded=padded):
                part = slice(20 * i, 20 * i + 20)
                return padded[part], {"mask": np.arange(6) < lengths[part, None]}

        gan = ranged(temporal=2)
        gan.compile(**EAGER)
        gan.fit(Batches(), shuffle=False, verbose=0, epochs=1)
        found.append(state_of(gan))
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)

    class Plain(keras.utils.PyDataset):
        num_batches = 3

        def __getitem__(self, i):
            return DATA[20 * i : 20 * i + 20]

    gan = ranged()
    gan.compile(**EAGER)
    gan.fit(Plain(), shuffle=False, verbose=0, epochs=1)
    for a, b in zip(state_of(gan), state_of(trained_eagerly()), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@slow_but_on_tensorflow
def test_streams():
    gan = trained_eagerly()
    whole, parts = gan.generate(2, length=8, seed=1), gan.stream(2, steps=4, seed=1)
    bounds = gan.sample_conditions(2, seed=1)
    for part in (next(parts), next(parts)):
        assert part.shape == whole[:, :4].shape
        assert (part.max(axis=1) <= bounds["maximum"] + 1e-3 * np.abs(bounds["maximum"])).all()


@slow_but_on_tensorflow
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    gan = trained_eagerly(1000.0 * DATA)
    drawn, made = gan.sample_conditions(20, seed=0), gan.generate(20, seed=0)
    assert np.isfinite(made).all()
    assert (made.max(axis=1) <= 1.001 * np.abs(drawn["maximum"])).all()
    assert drawn["maximum"].max() > 1e5


@slow_but_on_torch
def test_learns_scales_and_shapes():
    """Waves over four orders of magnitude, whose scales are generated too."""
    random = np.random.default_rng(0)

    def draw(count):
        angle = 2.0 * np.pi * (np.arange(6) / 6.0 + random.random((count, 1)))
        return (10.0 ** random.uniform(0.0, 4.0, (count, 1)) * np.sin(angle))[..., None]

    def logs(series):
        return np.sort(np.log10(np.ptp(series, axis=(1, 2)) + 1e-6))

    def share_of_a_wave(series):
        spectra = np.abs(np.fft.rfft(series[..., 0] / np.abs(series).max(axis=(1, 2))[:, None])) ** 2
        return np.median(spectra[:, 1] / spectra.sum(axis=1))

    real, other = draw(1000), draw(1000)
    gan = kr.RecurrentGAN(
        {"units": 12, "latent_dim": 4, "noise_dim": 2},
        {"units": 12, "bidirectional": False},
        scaler="per_sample",
        attributes="generated",
        seed=0,
    )
    rates = {"beta_1": 0.0, "beta_2": 0.99}
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(3e-3, **rates),
        discriminator_optimizer=keras.optimizers.Adam(3e-3, **rates),
        ema=0.99,
    )
    gan.adapt(real)
    untrained = gan.generate(1000, seed=0)
    gan.fit(real, batch_size=50, epochs=30, verbose=0)
    made = gan.generate(1000, seed=0)
    far, real_far, far_before = (np.abs(logs(x) - logs(real)).mean() for x in (made, other, untrained))
    assert real_far < 0.1
    assert far < 0.3
    assert far_before > 0.6
    assert share_of_a_wave(real) > 0.999
    assert share_of_a_wave(made) > 0.95
    assert share_of_a_wave(untrained) < 0.9


class TestRefuses:
    pytestmark = SLOW_ON_JAX

    def test_completion(self):
        refuses(
            lambda: kr.RecurrentGAN(scaler="per_sample", completion=True),
            "no range of its own that is known. Expected: another scaler",
        )

    def test_data(self):
        gan = ranged()
        gan.compile()
        observed = np.ones(DATA.shape, bool)
        observed[0, 0] = False
        refuses(lambda: gan.fit((DATA, {"observed": observed}), verbose=0, epochs=1), "without gaps")
        for name in ("range", "minimum", "maximum"):
            conditions = {name: LABELS}
            refuses(
                lambda c=conditions: gan.fit((DATA, c), verbose=0, epochs=1),
                f"Received: \\['{name}'\\]",
            )
        assert not gan.weights
        assert gan.conditions is None
        flat = kr.RecurrentGAN(*dense(), scaler="per_sample")
        refuses(lambda: flat.adapt(DATA[..., 0]), "whole sequences|shape")

    def test_networks_that_are_not_told(self):
        refuses(lambda: ranged(static=0).adapt(DATA), "static_conditions=4")

    def test_calibration(self, trained):
        refuses(lambda: trained.calibrate((DATA, {"label": LABELS})), "Leave it out")

    def test_requests(self, trained):
        low = np.zeros((2, 2))

        def asked(**given):
            return lambda: trained.generate(conditions={"label": [0, 1], **given})

        refuses(asked(minimum=low), "both or neither of the conditions")
        refuses(asked(minimum=low + 1.0, maximum=low), "none above the other's value")
        refuses(asked(minimum=low[:, 0], maximum=low[:, 0]), r"of shape \(samples, 2\)")
        refuses(asked(age=[1.0, 2.0]), "unknown: \\['age'\\]")
        refuses(
            lambda: trained.generate(conditions={"minimum": low, "maximum": low + 1.0}), "missing: "
        )


def dense():
    generator = keras.Sequential([keras.Input((4,)), keras.layers.Dense(6)])
    return generator, keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])

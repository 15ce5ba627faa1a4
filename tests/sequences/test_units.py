"""The same data in other units is the same to everything: `EXAMPLES=1000` tries more of them."""

import os

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from keras import ops

import keras_rgan as kr
from keras_rgan.sequences.units import Units
from tests.testing import BACKEND, all_on_torch, dense_gan, slow_but_on_torch, slow_on_jax


def many(count):
    return settings(
        max_examples=int(os.environ.get("EXAMPLES", count if BACKEND == "torch" else 2)),
        deadline=None,
        derandomize="EXAMPLES" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def changes(draw):
    """Return a function to other units: a power of ten, and a constant of so many spreads."""
    exponent = draw(st.integers(-60, 60))
    constant = draw(st.sampled_from([0.0, 1.0, -30.0, 1e3, -1e5, 1e8]))
    return lambda x: (x + constant) * 10.0**exponent


def series(samples=40, features=2, seed=0):
    """Return walks of a spread of about 1, in float64."""
    random = np.random.default_rng(seed)
    return random.normal(size=(samples, 6, features)).cumsum(axis=1) / 3.0


@pytest.mark.parametrize("kind", ["min_max", "standard", "robust", "per_sample"])
@many(20)
@given(changes())
@example(lambda x: x * 1e-30)  # of which single sequences are narrower than float32 squares
def test_scalers_see_the_same(kind, change):
    x = series()
    plain, other = (
        kr.layers.PerSampleScaler() if kind == "per_sample" else kr.layers.SequenceScaler(kind)
        for _ in range(2)
    )
    plain.adapt(x)
    other.adapt(change(x))
    seen = [ops.convert_to_numpy(s(v)) for s, v in ((plain, x), (other, change(x)))]
    np.testing.assert_allclose(*seen, atol=3e-5)
    ways = [
        {"ranges": s.ranges(v)} if kind == "per_sample" else {}
        for s, v in ((plain, x), (other, change(x)))
    ]
    spread = np.ptp(change(x))
    for values in (
        other.inverse(other(change(x)), **ways[1]),
        other.restore(other(change(x)), **ways[1]),
    ):
        back = np.asarray(ops.convert_to_numpy(values), "float64")
        assert np.abs(back - change(x)).max() < 1e-5 * spread
    again = type(other).from_config(other.get_config())
    again.build(x.shape)
    again.recall(other.get_weights())
    np.testing.assert_array_equal(ops.convert_to_numpy(again(change(x))), seen[1])


@many(30)
@given(changes(), st.booleans())
def test_conditions_are_the_same(change, temporal):
    random = np.random.default_rng(1)
    values = random.normal(size=(50, 4, 2) if temporal else (50, 2))
    columns = []
    for given_values in (values, change(values)):
        encoder = kr.layers.ConditionEncoder()
        encoder.adapt({"c": given_values})
        encoded = encoder.encode({"c": given_values})
        columns.append(ops.convert_to_numpy(encoder(encoded, length=4)))
    np.testing.assert_allclose(*columns, atol=3e-5)
    restored, spread = encoder.restore(encoded)["c"], np.ptp(change(values))
    assert np.abs(restored - change(values)).max() <= 1e-7 * spread
    decoded = encoder.decode(columns[1])["c"]
    assert np.abs(decoded - change(values)).max() <= 1e-4 * spread


@slow_but_on_torch
@pytest.mark.parametrize("case", all_on_torch(["plain", "conditions", "gaps"]))
@many(6)
@given(changes())
def test_a_step_is_the_same(case, change):
    logs = []
    for to_units in (lambda x: x, change):
        x, data = to_units(series()), None
        if case == "conditions":
            random = np.random.default_rng(3)
            data = (
                x,
                {"a": to_units(random.normal(size=40)), "b": to_units(random.normal(size=(40, 6, 1)))},
            )
        if case == "gaps":
            x[np.random.default_rng(4).random(x.shape) < 0.2] = np.nan
            data = (x, {"observed": ~np.isnan(x)})
        data = x if data is None else data
        keras.utils.set_random_seed(0)
        gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
        gan.compile(run_eagerly=True)
        history = gan.fit(data, batch_size=40, epochs=1, shuffle=False, verbose=0)
        logs.append({name: values[0] for name, values in history.history.items()})
    for name, value in logs[0].items():
        assert logs[1][name] == pytest.approx(value, rel=1e-3, abs=1e-4), name


@many(20)
@given(changes())
def test_generated_samples_are_the_same(change):
    x = series()
    gans = [dense_gan() for _ in range(2)]
    made = []
    for gan, to_units in zip(gans, (lambda v: v, change), strict=True):
        gan.adapt(to_units(x))
        made.append(gan.generate(8, seed=0))
    spread = np.ptp(change(x))
    assert np.abs(change(made[0].astype("float64")) - made[1]).max() < 1e-5 * spread


def test_units_by_hand():
    units = Units.of(
        np.array([-1.0, 1.7e9, 1e39, 5.0, 0.0]), np.array([1.0, 1.7e9 + 20, 3e39, 5.0, 0.0])
    )
    np.testing.assert_array_equal(units.centre, [0.0, 1.7e9, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(units.unit, [1.0, 1.0, 2.0**129, 1.0, 1.0])
    values = np.array([[0.1, 1.7e9 + 7, 2e39, 5.0, 0.0]])
    entered = units.enter(values)
    assert entered.dtype == "float32"
    np.testing.assert_allclose(entered, [[0.1, 7.0, 2e39 / 2.0**129, 5.0, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(units.leave(entered), values, rtol=1e-7)
    again = Units.from_weights(*units.weights())
    np.testing.assert_array_equal(again.centre, units.centre)
    np.testing.assert_array_equal(again.unit, units.unit)
    assert Units.none(2).enter(values) is values


def test_units_go_with_the_weights(tmp_path):
    far = series() + 1.7e9
    gans = [dense_gan() for _ in range(3)]
    gans[0].adapt(far)
    expected = gans[0].generate(3, seed=0)
    for gan in gans[1:]:
        gan.adapt(series())
    gans[1].set_weights(gans[0].get_weights())
    gans[0].save_weights(tmp_path / "far.weights.h5")
    gans[2].load_weights(tmp_path / "far.weights.h5")
    for gan in gans[1:]:
        np.testing.assert_allclose(gan.generate(3, seed=0), expected, rtol=0, atol=1e-6)
        np.testing.assert_allclose(
            gan.predict(gan.sample_noise(3, seed=0), verbose=0), expected, rtol=0, atol=1e-6
        )
        called = np.asarray(ops.convert_to_numpy(gan(gan.sample_noise(3, seed=0))))
        assert called.dtype == "float64"
        np.testing.assert_allclose(called, expected, rtol=0, atol=1e-5)


@slow_on_jax
def test_ranges_in_a_step_are_those_that_are_generated_with():
    """Sequences of nearly one range, whose ranges lie far from zero beside their spread."""
    x = series(features=1)
    x = (x - x.min(axis=1, keepdims=True)) / np.ptp(x, axis=1, keepdims=True)
    x = x * (1.0 + 1e-4 * np.random.default_rng(0).random((len(x), 1, 1)))
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, scaler="per_sample", seed=0)
    gan.adapt(x)
    batch = gan.samples.real(gan.admission.admit_batch(x[:4]), keras.random.SeedGenerator(0))
    columns = ops.convert_to_numpy(batch.columns)
    assert np.abs(columns).max() < 10
    rows = {name: values[:4] for name, values in gan.conditions.rows.items()}
    np.testing.assert_allclose(gan.sampler.columns(rows, 4, 6), columns, atol=0.05)


@pytest.mark.parametrize("kind", ["standard", "robust"])
def test_one_error_does_not_hide_all_else(kind):
    x = np.random.default_rng(0).normal(1.7e9, 1.0, (80, 10, 1))
    x[3, 3] = 0.0 if kind == "robust" else 1.7e9 + 50
    scaler = kr.layers.SequenceScaler(kind)
    scaler.adapt(x)
    assert len(np.unique(ops.convert_to_numpy(scaler(x)))) > 700
    back = np.asarray(ops.convert_to_numpy(scaler.inverse(scaler(x))), "float64")
    others = x != x[3, 3]
    assert np.abs(back - x)[others].max() < 1e-5


def test_constants_come_back_as_they_are():
    values = [123456789.0, 1.7e9 + 1, 1234567.891, 0.1, 7.0]
    x = np.broadcast_to(values, (8, 4, 5)).copy()
    x[..., 4] = np.arange(32).reshape(8, 4)
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.adapt(x)
    made = gan.generate(3, seed=0)
    np.testing.assert_array_equal(made[..., :4], x[:3, :, :4])


def test_steps_of_a_lattice_are_exact():
    x = np.round(5000.0 + np.random.default_rng(0).integers(-30, 30, (40, 6, 1)) / 10, 1)
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.adapt(x)
    made = gan.generate(20, seed=0)
    np.testing.assert_allclose(made, np.round(made, 1), rtol=0, atol=1e-9)


def test_tensors_with_gradients_enter():
    scaler = kr.layers.SequenceScaler()
    x = series() + 1.7e9
    scaler.adapt(x)
    tensor = ops.convert_to_tensor(x.astype("float32"))
    if BACKEND == "torch":
        tensor.requires_grad_(True)
    assert tuple(scaler(tensor).shape) == x.shape


def test_the_largest_numbers():
    scaler = kr.layers.SequenceScaler()
    x = np.linspace(1.0e149, 4.0e149, 60).reshape(10, 6, 1)
    scaler.adapt(x)
    entered = scaler.inverse(scaler(x), entered=True)
    np.testing.assert_allclose(scaler.leave(ops.convert_to_numpy(entered)), x, rtol=1e-6)
    with pytest.raises(ValueError, match=r"up to 1e\+150, .* Received: from -1e\+154 to 1e\+308"):
        kr.layers.SequenceScaler().adapt(np.array([-1e154, 1e308]).reshape(1, 2, 1))

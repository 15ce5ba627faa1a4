import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, run_serialization_test, slow_on_jax, to_numpy

RANDOM = np.random.default_rng(0)
WALKS = RANDOM.normal(size=(400, 12, 2)).cumsum(axis=1) * np.array([1.0, 5.0])


def adapted(data=WALKS):
    layer = kr.layers.GapFeatures()
    layer.adapt(data)
    return layer


def test_spreads_are_those_of_a_random_walk():
    """Of walks between two known steps, on average over walks through both."""
    layer = adapted()
    observed = np.zeros((1, 12, 1))
    observed[:, [2, 8]] = 1
    shown = to_numpy(layer(WALKS, np.repeat(observed, 400, axis=0)))
    steps, bridged, spread = np.split(shown, 3, axis=-1)
    expected = np.arcsinh(np.diff(bridged, axis=1) / to_numpy(layer.increment))
    np.testing.assert_allclose(steps, np.pad(expected, [(0, 0), (1, 0), (0, 0)]), atol=1e-4)
    deviation = WALKS.std(axis=(0, 1))
    errors = np.sqrt(np.square(WALKS - bridged).mean(axis=0)) / deviation
    np.testing.assert_allclose(spread[0, 2:], errors[2:], rtol=0.15, atol=1e-6)
    assert (spread <= 1.0).all()


def test_nothing_observed_is_all_unknown():
    layer = adapted()
    shown = to_numpy(layer(WALKS, np.zeros((400, 12, 1))))
    assert (shown[..., :4] == 0.0).all()
    assert (shown[..., 4:] == 1.0).all()
    assert_close(layer.of_nothing((400, 12)), shown)


def test_statistics_pass_over_gaps_and_come_in_parts():
    gaps = np.where(RANDOM.random(WALKS.shape) < 0.4, np.nan, WALKS)
    layer = adapted(iter(np.array_split(gaps, 3)))
    assert_close(layer.deviation, np.nanstd(gaps, axis=(0, 1)), 1e-5)
    steps = np.sqrt(np.nanmean(np.square(np.diff(gaps, axis=1)), axis=(0, 1)))
    assert_close(layer.increment, steps, 1e-5)


def test_a_constant_feature_is_not_magnified():
    constant = np.concatenate([WALKS, np.full((400, 12, 1), 7.0)], axis=-1)
    layer = adapted(constant)
    assert float(to_numpy(layer.deviation)[2]) == float(to_numpy(layer.increment)[2]) == 1.0


def test_saves_in_a_model(tmp_path):
    layer = adapted()
    run_serialization_test(layer)
    inputs = keras.Input((12, 2)), keras.Input((12, 2))
    model = keras.Model(inputs, layer(*inputs))
    model.save(tmp_path / "model.keras")
    data = [WALKS.astype("float32"), np.ones(WALKS.shape, "float32")]
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert_close(loaded(data), model(data))
    assert tuple(model.output_shape) == (None, 12, 6)


def test_refuses_no_data():
    with pytest.raises(ValueError, match="at least one sample"):
        kr.layers.GapFeatures().adapt(np.zeros((0, 3, 2)))


def test_units_of_any_size_are_none_too_small():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(400, 12, 2))
    layer = adapted(noise * [1e-9, 10.0] + [0.0, 1.7e9])
    assert_close(layer.deviation / np.float32([1e-9, 10.0]), noise.std(axis=(0, 1)), 1e-4)


def shapes(count, seed=0):
    """Windows whose second half follows from the first, in jumps that no line bridges, and a walk."""
    random = np.random.default_rng(seed)
    patterns = np.random.default_rng(9).normal(size=(3, 12))
    kind = random.integers(3, size=count)
    own = (1.0 + 0.1 * random.normal(size=(count, 1))) * patterns[kind]
    walk = random.normal(size=(count, 12)).cumsum(axis=1)
    return np.stack([own + 0.05 * random.normal(size=own.shape), walk], axis=-1)


@pytest.fixture(scope="module")
def factored():
    layer = kr.layers.GapFeatures(factors=8)
    layer.adapt(shapes(600))
    return layer


def halves(count=200):
    observed = np.zeros((count, 12, 2), "float32")
    observed[:, :6] = 1.0
    return observed


def test_factors_bridge_what_they_bridge_better(factored):
    assert to_numpy(factored.width)[0] > 0.0
    real = shapes(200, seed=1).astype("float32")
    _, bridged, spread = (to_numpy(x) for x in factored.split(factored(real, halves())))
    _, lines, _ = (to_numpy(x) for x in factored.split(adapted(shapes(600))(real, halves())))
    own, line = (np.abs(x - real)[:, 6:, 0].mean() for x in (bridged, lines))
    assert own < 0.2 * line
    np.testing.assert_array_equal(bridged[:, :6], real[:, :6])
    assert (spread[:, :6] == 0.0).all()
    assert (spread[:, 6:] > 0.0).all()
    said = spread[:, 6:, 0] * to_numpy(factored.deviation)[0]
    assert np.mean(np.abs(bridged - real)[:, 6:, 0] < 1.64 * said) == pytest.approx(0.9, abs=0.08)


@slow_on_jax
def test_where_they_do_no_better_there_are_lines():
    layer = kr.layers.GapFeatures(factors=8)
    layer.adapt(WALKS)  # of which a line is the mean, given what is observed
    between = np.ones((400, 12, 2), "float32")
    between[:, 4:8] = 0.0
    shown, lines = (to_numpy(x(WALKS.astype("float32"), between)) for x in (layer, adapted()))
    chosen = to_numpy(layer.width) > 0
    errors = [np.square(x[..., 2:4] - WALKS)[:, 4:8].mean(axis=(0, 1)) for x in (shown, lines)]
    assert (errors[0] <= np.where(chosen, 1.1, 1.0) * errors[1] + 1e-6).all()


@slow_on_jax
def test_windows_of_another_length_have_lines(factored):
    longer = np.concatenate([shapes(5), shapes(5, seed=2)], axis=1).astype("float32")
    observed = (np.random.default_rng(0).random(longer.shape) < 0.5).astype("float32")
    assert_close(factored(longer, observed), adapted(shapes(600))(longer, observed), 1e-5)


@slow_on_jax
def test_of_nothing_is_what_a_call_returns(factored):
    nothing = np.zeros((4, 12, 2), "float32")
    assert_close(factored.of_nothing((4, 12)), factored(nothing, nothing), 1e-6)
    assert to_numpy(factored.of_nothing((4, 20))).shape == (4, 20, 6)
    assert not to_numpy(factored.of_nothing((4, 20)))[..., :4].any()


@slow_on_jax
def test_a_length_that_is_known_late_is_looked_at_then(factored):
    real, observed = shapes(7, seed=3).astype("float32"), halves(7)
    inputs = keras.Input((None, 2)), keras.Input((None, 2))
    model = keras.Model(inputs, factored(*inputs))
    for length in (12, 9):
        data = [real[:, :length], observed[:, :length]]
        assert_close(model.predict(data, verbose=0), factored(*data), 1e-5)


@slow_on_jax
def test_few_windows_and_large_ones_have_lines():
    for data in (shapes(60), np.random.default_rng(0).normal(size=(120, 300, 4))):
        layer = kr.layers.GapFeatures(factors=8)
        layer.adapt(data)
        x = data[:2].astype("float32")
        observed = (np.arange(x.shape[1]) % 2)[None, :, None] * np.ones(x.shape, "float32")
        assert_close(layer(x, observed), adapted(data)(x, observed), 1e-5)


def test_gaps_in_the_data_do_not_matter_much(factored):
    data = shapes(600)
    layer = kr.layers.GapFeatures(factors=8)
    layer.adapt(np.where(np.random.default_rng(0).random(data.shape) < 0.1, np.nan, data))
    real = shapes(200, seed=1).astype("float32")
    layers = (layer, factored, adapted(data))
    errors = [np.abs(to_numpy(x(real, halves()))[:, 6:, 2] - real[:, 6:, 0]).mean() for x in layers]
    assert errors[0] < errors[1] + 0.2 * errors[2]


def test_outliers_tell_no_more_than_the_farthest_that_is_usual(factored):
    real = shapes(1, seed=4).astype("float32")
    far = real.copy()
    far[0, 2, 0] = 1e6
    shown = to_numpy(factored(far, halves(1)))[..., 2]
    assert np.abs(shown[:, 6:]).max() < 10.0 * np.abs(shapes(100)).max()


def test_it_is_saved_and_files_without_factors_load(factored, tmp_path):
    run_serialization_test(factored)
    real, observed = shapes(7, seed=3).astype("float32"), halves(7)
    inputs = keras.Input((12, 2)), keras.Input((12, 2))
    model = keras.Model(inputs, factored(*inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert_close(loaded([real, observed]), factored(real, observed), 1e-6)
    old, store = adapted(shapes(600)), {}
    old.save_own_variables(store)
    new = kr.layers.GapFeatures(factors=8)
    new.build((None, 12, 2))
    new.load_own_variables(store)
    assert new.adapted
    assert_close(new(real, observed), old(real, observed), 1e-6)


@slow_on_jax
def test_weights_of_a_layer_of_another_length_leave_lines(factored):
    """All but the factors fits."""
    real, observed = np.tile(shapes(3), (1, 2, 1)).astype("float32"), np.zeros((3, 24, 2), "float32")
    observed[:, ::3] = 1.0
    store: dict = {}
    factored.save_own_variables(store)
    for length, factors in ((24, 8), (None, 8), (24, 0)):
        layer = kr.layers.GapFeatures(factors=factors)
        layer.build((None, length, 2))
        layer.load_own_variables(store)
        assert_close(layer(real, observed), adapted(shapes(600))(real, observed), 1e-5)


def test_weights_that_are_set_count_at_once(factored):
    other = kr.layers.GapFeatures(factors=8)
    other.build((None, 12, 2))
    real, observed = shapes(7, seed=3).astype("float32"), halves(7)
    inputs = keras.Input((12, 2)), keras.Input((12, 2))
    model = keras.Model(inputs, other(*inputs))
    model.predict([real, observed], verbose=0)  # is traced
    other.set_weights(factored.get_weights())
    assert_close(model.predict([real, observed], verbose=0), factored(real, observed), 1e-5)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_windows_are_taken(count):
    layer = kr.layers.GapFeatures(factors=8)
    layer.adapt(shapes(count))
    assert layer.adapted
    assert not to_numpy(layer.width).any()


@slow_on_jax
def test_far_from_zero_lines_stay_where_they_are_better():
    """Where nothing is shown a line says 0, which says nothing of bridges."""
    for offset in (0.0, 50.0):
        layer = kr.layers.GapFeatures(factors=8)
        layer.adapt(WALKS[..., :1] + offset)
        lines = adapted(WALKS[..., :1] + offset)
        between = np.ones((400, 12, 1), "float32")
        between[:, 4:8] = 0.0
        data = (WALKS[..., :1] + offset).astype("float32")
        errors = [np.square(to_numpy(x(data, between))[..., 1:2] - data).mean() for x in (layer, lines)]
        assert errors[0] < 1.15 * errors[1]


def test_windows_that_come_in_order_are_learned_as_in_any(factored):
    data = shapes(600)
    layer = kr.layers.GapFeatures(factors=8)
    layer.adapt(data[np.argsort(data[:, 0, 0], kind="stable")])
    assert to_numpy(layer.width)[0] > 0.0

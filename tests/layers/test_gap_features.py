import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, run_serialization_test, to_numpy

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

import keras
import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.sequences.statistics.increment_statistics import IncrementStatistics
from tests.testing import run_layer_test, to_numpy, windows


def test_is_a_keras_layer(tmp_path):
    mask = np.array([[True, True, False]] * 2)
    run_layer_test(
        kr.layers.IncrementFeatures,
        np.random.default_rng(0).normal(size=(2, 3, 2)),
        (2, 3, 4),
        tmp_path,
        mask=mask,
        output_mask=mask,
    )


def test_formula():
    data = windows(50).astype("float64")
    layer = kr.layers.IncrementFeatures()
    layer.adapt(iter(np.array_split(data, 3)))
    steps = np.diff(data, axis=1)
    levels = (data - data.mean(axis=(0, 1))) / data.std(axis=(0, 1))
    increments = np.arcsinh(steps / np.abs(steps).mean(axis=(0, 1)))
    expected = np.concatenate([levels, np.pad(increments, [(0, 0), (1, 0), (0, 0)])], axis=-1)
    np.testing.assert_allclose(to_numpy(layer(data)), expected, rtol=1e-3, atol=1e-4)


def test_increments_of_increments():
    data = windows(50).astype("float64")
    layer = kr.layers.IncrementFeatures(order=3)
    layer.adapt(data)
    outputs = to_numpy(layer(data))
    first = kr.layers.IncrementFeatures()
    first.adapt(data)
    np.testing.assert_array_equal(outputs[..., :4], to_numpy(first(data)))
    for order in (2, 3):
        steps = np.diff(data, order, axis=1)
        expected = np.arcsinh(steps / np.abs(steps).mean(axis=(0, 1)))
        part = outputs[..., 2 * order : 2 * order + 2]
        np.testing.assert_allclose(part[:, order:], expected, rtol=1e-3, atol=2e-3)
        assert not part[:, :order].any()
    assert layer(data[:, :1]).shape == (50, 1, 8)  # shorter than the order


def test_features_that_stand_still_are_not_magnified():
    data = windows(20)
    data[..., 0] = 7.0
    data[..., 1] = np.arange(20)[:, None]
    layer = kr.layers.IncrementFeatures(floor=0.01)
    layer.adapt(data)
    outputs = to_numpy(layer(data))
    assert np.isfinite(outputs).all()
    assert np.abs(outputs[..., [0, 2, 3]]).max() == 0.0
    data[:, 1:, 1] += 0.01 * data[..., 1].std()
    np.testing.assert_allclose(to_numpy(layer(data))[:, 1, 3], np.arcsinh(1.0), rtol=0.1)


def test_refuses():
    with pytest.raises(ValueError, match="`floor` must be a number"):
        kr.layers.IncrementFeatures(floor=0.0)
    with pytest.raises(ValueError, match="`order` must be"):
        kr.layers.IncrementFeatures(order=0)
    with pytest.raises(ValueError, match="expects at least one sample"):
        kr.layers.IncrementFeatures().adapt(iter([]))


def test_statistics_are_saved(tmp_path):
    layer = kr.layers.IncrementFeatures()
    layer.adapt(windows(20))
    model = keras.Sequential([keras.Input((6, 2)), layer])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(to_numpy(loaded(windows(3))), to_numpy(model(windows(3))))


def test_units_of_any_size_are_none_too_small():
    noise = np.random.default_rng(0).normal(size=(400, 12, 2))
    layer = kr.layers.IncrementFeatures()
    layer.adapt(noise * [1e-9, 10.0] + [0.0, 1.7e9])
    found = to_numpy(layer.deviation.value) / [1e-9, 10.0]
    np.testing.assert_allclose(found, noise.std(axis=(0, 1)), rtol=1e-4)


def test_statistics_of_a_higher_order_serve_a_lower_one():
    data = windows(50)
    for order in (1, 2):
        layer, expected = (kr.layers.IncrementFeatures(order=order) for _ in range(2))
        statistics = IncrementStatistics(order=2)
        statistics.update(data)
        layer.adopt(statistics)
        expected.adapt(data)
        for a, b in zip(layer.weights, expected.weights, strict=True):
            np.testing.assert_array_equal(to_numpy(a.value), to_numpy(b.value))
    with pytest.raises(ValueError, match="up to order 3. Received: up to order 2"):
        kr.layers.IncrementFeatures(order=3).adopt(statistics)

import numpy as np
import pytest
from sklearn.decomposition import PCA

import keras_rgan as kr
from tests.testing import run_layer_test, to_numpy

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(2, 5, 3)).astype("float32")
MIXED = RNG.normal(size=(400, 5, 3)) @ RNG.normal(size=(3, 3)) * [1.0, 10.0, 0.1] + [0.0, 50.0, -3.0]


def adapted(data, **kwargs):
    layer = kr.layers.Whitening(**kwargs)
    layer.adapt(data)
    return layer


def test_is_a_keras_layer(tmp_path):
    run_layer_test(kr.layers.Whitening, INPUTS, (2, 5, 3), tmp_path)


def test_changes_nothing_before_it_adapts():
    np.testing.assert_allclose(to_numpy(kr.layers.Whitening()(INPUTS)), INPUTS, atol=1e-6)


def test_components_are_those_of_scikit_learn():
    rows = MIXED.reshape(-1, 3)
    standardized = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    expected = PCA(whiten=True).fit(standardized).transform(standardized)
    found = to_numpy(adapted(MIXED)(MIXED.astype("float32"))).reshape(-1, 3)
    for i in range(3):  # the sign is arbitrary; scikit-learn divides by n - 1
        correlation = np.corrcoef(expected[:, i], found[:, i])[0, 1]
        assert abs(correlation) == pytest.approx(1.0, abs=1e-4)
    np.testing.assert_allclose(np.cov(found.T, bias=True), np.eye(3), atol=1e-3)


def test_inverse_returns_the_features():
    layer = adapted(MIXED)
    data = MIXED.astype("float32")
    np.testing.assert_allclose(to_numpy(layer.inverse(layer(data))), data, rtol=1e-3, atol=1e-3)


def test_copies_come_back_as_copies():
    x = MIXED[..., :1]
    layer = adapted(np.concatenate([x, x, 2.0 * x - 1.0, MIXED[..., 2:]], axis=-1))
    made = to_numpy(layer.inverse(RNG.normal(size=(10, 5, 4)).astype("float32")))
    np.testing.assert_allclose(made[..., 0], made[..., 1], atol=1e-5)
    np.testing.assert_allclose(made[..., 2], 2.0 * made[..., 0] - 1.0, atol=1e-4)


def test_small_differences_are_magnified_up_to_the_floor():
    x, noise = RNG.normal(size=(2, 2000, 5, 1))
    twins = np.concatenate([x, x + 1e-4 * noise], axis=-1)
    for floor, deviation in ((1e-6, 1.0), (1e-2, 1e-4 / np.sqrt(2.0) / 1e-2)):
        layer = adapted(twins, floor=floor)
        found = to_numpy(layer(twins.astype("float32")))[..., 1].std()
        assert found == pytest.approx(deviation, rel=0.1)


def test_constant_features_and_batches():
    data = np.concatenate([MIXED, np.full((400, 5, 1), 7.0)], axis=-1)
    layer = adapted([data[:100], data[100:]])
    found = to_numpy(layer(data.astype("float32")))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(to_numpy(layer.inverse(found))[..., 3], 7.0, atol=1e-4)


def test_refuses():
    with pytest.raises(ValueError, match="`floor` must be a number"):
        kr.layers.Whitening(0.0)
    with pytest.raises(ValueError, match="expects at least one sample"):
        kr.layers.Whitening().adapt(iter([]))

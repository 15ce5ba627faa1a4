import numpy as np
from scipy import interpolate

from keras_rgan.sequences import quantile_map
from tests.testing import to_numpy

RANDOM = np.random.default_rng(0)
SOURCE, TARGET = RANDOM.normal(size=(4000, 2)), RANDOM.exponential(size=(5000, 2)) * [1.0, 50.0]


def mapped(values, source=SOURCE, target=TARGET):
    weights = [x.astype("float32") for x in quantile_map.fit(source, target)]
    return to_numpy(quantile_map.apply(values.astype("float32"), *weights))


def test_maps_quantiles_to_quantiles():
    moved = mapped(SOURCE)
    levels = np.linspace(0.02, 0.98, 49)
    expected = np.quantile(TARGET, levels, axis=0)
    np.testing.assert_allclose(np.quantile(moved, levels, axis=0), expected, rtol=0.05, atol=0.2)
    order = SOURCE[:, 0].argsort()
    assert (np.diff(moved[order, 0]) >= -1e-6).all()  # ranks stay


def test_slopes_are_those_of_scipy_inside():
    knots, images, slopes = quantile_map.fit(SOURCE, TARGET)
    for i in range(2):
        curve = interpolate.PchipInterpolator(knots[:, i], images[:, i])
        np.testing.assert_allclose(slopes[1:-1, i], curve.derivative()(knots[1:-1, i]), rtol=1e-6)


def test_beyond_the_ends_the_distance_stays():
    low, high = SOURCE.min(axis=0), SOURCE.max(axis=0)
    beyond, further = (np.stack([low - d, high + d]) for d in (1.0, 6.0))
    np.testing.assert_allclose(mapped(further) - mapped(beyond), further - beyond, atol=1e-4)


def test_constants_and_gaps():
    source, target = SOURCE.copy(), TARGET.copy()
    source[:, 0] = target[:, 0] = 7.0
    source[::2, 1] = np.nan
    target[::3, 1] = np.nan
    moved = mapped(source, source, target)
    np.testing.assert_allclose(moved[:, 0], 7.0, rtol=1e-5)
    np.testing.assert_allclose(np.nanmedian(moved[:, 1]), np.nanmedian(target[:, 1]), rtol=0.05)


def test_what_is_off():
    other = RANDOM.normal([0.0, 0.2], size=(4000, 2))
    assert quantile_map.is_off(other, SOURCE).tolist() == [False, True]

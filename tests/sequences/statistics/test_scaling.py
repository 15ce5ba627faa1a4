import numpy as np
import pytest

from keras_rgan.sequences.statistics.scaling import KINDS


def results(values):
    lower, median, upper = np.nanquantile(values, [0.25, 0.5, 0.75], axis=0)
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    return {
        "min_max": (low - 2.0 * (high - low) / 3.0, (high - low) / 3.0),
        "standard": (np.nanmean(values, axis=0), np.nanstd(values, axis=0)),
        "robust": (median, upper - lower),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_by_numpy(kind):
    rng = np.random.default_rng(0)
    values = rng.gamma(2.0, size=(300, 2)) * [1.0, 1e-9] + [1e7, 0.0]
    values[rng.random(values.shape) < 0.2] = np.nan
    scaling = KINDS[kind]((2.0, 5.0))
    for part in np.array_split(values, 4):
        scaling.update(part)
    for found, expected in zip(scaling.result(), results(values)[kind], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_constants_have_no_scale(kind):
    scaling = KINDS[kind]((-1.0, 1.0))
    for part in np.array_split(np.full((50, 1), 0.1), 3):
        scaling.update(part)
    offset, scale = scaling.result()
    assert (offset[0], scale[0]) == (0.1, 0.0)

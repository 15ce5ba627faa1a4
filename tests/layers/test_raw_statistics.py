"""One pass over raw data tells layers what a pass over scaled data would, before the scaler is known."""

import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import to_numpy

LAYERS = {
    "ExponentialSmoothing": kr.layers.ExponentialSmoothing,
    "GapFeatures": kr.layers.GapFeatures,
    "IncrementFeatures": lambda: kr.layers.IncrementFeatures(order=2),
}
SCALES = {
    "raw": None,
    "min_max": kr.layers.SequenceScaler,
    "standard": lambda: kr.layers.SequenceScaler("standard"),
    "robust": lambda: kr.layers.SequenceScaler("robust"),
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("gaps", [False, True])
def test_statistics_of_raw_data_say_what_scaled_data_would(layer, scale, gaps):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 9, 4)).cumsum(axis=1) * [1.0, 1e-9, 3e5, 1.0] + [5.0, 0.0, -2e5, 0.0]
    x[:, 1::2, 0] = x[:, :-1:2, 0]  # which holds
    x[..., 3] = 7.25  # which never changes
    x = x.astype("float32")
    if gaps:
        x[rng.random(x.shape) < 0.2] = np.nan
    fed, expected = LAYERS[layer](), LAYERS[layer]()
    statistics = fed.new_statistics()
    for part in np.array_split(x, 3):
        statistics.update(part, gaps)
    if SCALES[scale] is None:
        expected.adapt(x)
        fed.adopt(statistics)
    else:
        scaler = SCALES[scale]()
        scaler.adapt((x, {"observed": ~np.isnan(x)}))
        expected.adapt(to_numpy(scaler(x)))
        fed.adopt(statistics, offset=to_numpy(scaler.offset.value), scale=to_numpy(scaler.scale.value))
    for a, b in zip(fed.weights, expected.weights, strict=True):
        np.testing.assert_allclose(to_numpy(a.value), to_numpy(b.value), rtol=2e-5, atol=2e-6)

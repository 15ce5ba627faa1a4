"""Bridges across gaps, against NumPy's."""

import numpy as np
import pytest

from keras_rgan.sequences import bridges
from tests.testing import to_numpy

RANDOM = np.random.default_rng(0)
VALUES = RANDOM.normal(size=(30, 11, 2)).astype("float32")
OBSERVED = RANDOM.random(VALUES.shape) < RANDOM.random((30, 1, 1))
OBSERVED[0], OBSERVED[1] = False, True
STEPS = np.arange(11)


def test_is_numpys_and_keeps_what_is_observed():
    hidden = np.where(OBSERVED, VALUES, np.float32(np.nan))  # which must not get anywhere
    bridged, distance = to_numpy(bridges.interpolate(hidden, OBSERVED))
    for sample in range(len(VALUES)):
        for feature in range(2):
            known = OBSERVED[sample, :, feature]
            found, away = bridged[sample, :, feature], distance[sample, :, feature]
            if not known.any():
                assert (found == 0).all()
                assert np.isinf(away).all()
                continue
            expected = np.interp(STEPS, STEPS[known], VALUES[sample, known, feature])
            np.testing.assert_allclose(found, expected, atol=1e-6)
            assert (found[known] == VALUES[sample, known, feature]).all()
            for step in STEPS[~known]:
                sides = STEPS[known][STEPS[known] < step], STEPS[known][STEPS[known] > step]
                near = sum(1.0 / np.abs(side - step).min() for side in sides if len(side))
                assert away[step] == pytest.approx(1.0 / near)
            assert (away[known] == 0).all()


def test_a_mask_of_steps_holds_for_every_feature():
    steps = OBSERVED[..., :1]
    wide = np.broadcast_to(steps, VALUES.shape)
    for a, b in zip(bridges.interpolate(VALUES, steps), bridges.interpolate(VALUES, wide), strict=True):
        np.testing.assert_array_equal(to_numpy(a), to_numpy(b))


@pytest.mark.parametrize("length", [1, 2, 5])
def test_sequences_of_any_length(length):
    bridged, _ = bridges.interpolate(VALUES[:, :length], np.zeros((30, length, 1)))
    assert tuple(bridged.shape) == (30, length, 2)


def test_is_linear_in_what_is_observed():
    sample, step = 4, int(np.flatnonzero(OBSERVED[4, :, 0])[0])
    unit = np.zeros_like(VALUES)
    unit[sample, step, 0] = 1.0
    whole = to_numpy(bridges.interpolate(VALUES + unit, OBSERVED)[0])
    slope = whole - to_numpy(bridges.interpolate(VALUES, OBSERVED)[0])
    expected = to_numpy(bridges.interpolate(unit, OBSERVED)[0])
    np.testing.assert_allclose(slope, expected, atol=1e-5)
    assert slope[sample, step, 0] == pytest.approx(1.0, abs=1e-5)

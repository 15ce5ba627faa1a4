import keras
import numpy as np
import pytest

from keras_rgan.networks import emission
from tests.testing import to_numpy

X = np.random.default_rng(0).normal(size=(3, 7, 2)).astype("float32")


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 9])
def test_folded_steps_stand_side_by_side_and_come_back(steps):
    folded = to_numpy(emission.fold(keras.ops.convert_to_tensor(X), 7, steps))
    count = -(-7 // steps)
    assert folded.shape == (3, count, 2 * steps)
    whole = np.pad(X, [(0, 0), (0, count * steps - 7), (0, 0)])
    np.testing.assert_array_equal(folded, whole.reshape(3, count, 2 * steps))
    back = emission.unfold(keras.ops.convert_to_tensor(folded), 7, steps)
    np.testing.assert_array_equal(to_numpy(back), X)


def test_noise_without_a_width_keeps_its_length():
    folded = emission.fold(keras.ops.zeros((3, 7, 0)), 7, 2)
    assert tuple(folded.shape) == (3, 4, 0)

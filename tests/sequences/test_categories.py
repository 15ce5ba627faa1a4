import numpy as np
import pytest
from keras import ops

from keras_rgan.sequences import categories
from tests.testing import to_numpy


def test_largest_is_the_first_of_the_largest():
    scores = np.random.default_rng(0).normal(size=(20, 5, 4)).astype("float32")
    scores[0, 0] = [1.0, 3.0, 3.0, 2.0]
    scores[0, 1] = 0.0
    scores[0, 2] = [-0.0, 0.0, -1.0, 0.0]
    expected = np.eye(4, dtype="float32")[scores.argmax(axis=-1)]
    found = to_numpy(categories.largest(ops.convert_to_tensor(scores)))
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float32


@pytest.mark.parametrize(("first", "behind"), [(0, 2), (1, 3), (3, 5), (0, 5)])
def test_put_replaces_some_features(first, behind):
    values = np.arange(30, dtype="float32").reshape(2, 3, 5)
    group = -np.ones((2, 3, behind - first), "float32")
    found = to_numpy(categories.put(*map(ops.convert_to_tensor, (values, group)), first, behind))
    values[..., first:behind] = -1.0
    np.testing.assert_array_equal(found, values)

import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, run_layer_test, to_numpy


def test_numbers_follow_the_paper():
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    layer = kr.layers.MinibatchDiscrimination(num_kernels=3, kernel_dim=2)
    outputs = to_numpy(layer(x))
    m = (x @ to_numpy(layer.kernel.value)).reshape(5, 3, 2)
    expected = np.zeros((5, 3))
    for i in range(5):
        for j in range(5):
            if i != j:
                expected[i] += np.exp(-np.abs(m[i] - m[j]).sum(axis=-1))
    assert_close(outputs[:, :4], x)
    assert_close(outputs[:, 4:], expected.astype("float32"), 1e-5)


def test_is_a_layer(tmp_path):
    run_layer_test(
        lambda: kr.layers.MinibatchDiscrimination(3),
        np.random.default_rng(0).normal(size=(5, 4)),
        (5, 7),
        tmp_path,
    )


def test_sequences_are_refused():
    with pytest.raises(ValueError, match=r"shape \(batch, features\). Received: \(2, 6, 3\). Pool"):
        kr.layers.MinibatchDiscrimination(3)(np.ones((2, 6, 3), "float32"))

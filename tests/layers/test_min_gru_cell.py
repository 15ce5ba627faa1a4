import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import assert_close, to_numpy


def test_formula():
    rng = np.random.default_rng(0)
    x, state = rng.normal(size=(5, 3)).astype("float32"), rng.normal(size=(5, 4)).astype("float32")
    cell = kr.layers.MinGRUCell(4, keras.initializers.GlorotUniform(seed=0))
    output, (new,) = cell(x, [state])
    gate, candidate = np.split(x @ to_numpy(cell.kernel.value) + to_numpy(cell.bias.value), 2, axis=1)
    gate = 1.0 / (1.0 + np.exp(-gate))
    assert_close(output, (1.0 - gate) * state + gate * candidate, 1e-5)
    assert_close(new, output)
    keep, add = cell.maps(x)
    assert_close(to_numpy(keep) * state + to_numpy(add), output, 1e-5)


def test_refuses():
    with pytest.raises(ValueError, match="`units` must be an integer of at least 1"):
        kr.layers.MinGRUCell(0)

import keras
import numpy as np
import pytest
from keras import ops

from keras_rgan import backend
from keras_rgan.layers import recurrence
from tests.testing import assert_close, to_numpy

X = np.random.default_rng(0).normal(size=(3, 8, 2)).astype("float32")


def make(cell="gru", **kwargs):
    (layer,) = recurrence.stack(4, cell, 1, seed=0, dtype="float32", **kwargs)
    layer.build(X.shape)
    return layer


@pytest.mark.parametrize("cell", ["gru", "lstm", "min_gru", keras.layers.SimpleRNNCell(4)])
@pytest.mark.parametrize("go_backwards", [False, True])
def test_truncation_leaves_values_as_they_are(cell, go_backwards):
    layer = make(cell, go_backwards=go_backwards)
    mask = np.array([[True] * 8, [True] * 4 + [False] * 4, [False] * 4 + [True] * 4])
    for known in (None, mask):
        whole = recurrence.run(layer, X, mask=known, training=True)
        for truncation in (1, 3, 4, 8, 9):
            parts = recurrence.run(layer, X, mask=known, training=True, truncation=truncation)
            assert_close(parts, whole, 1e-5)


@pytest.mark.parametrize("go_backwards", [False, True])
def test_no_gradient_flows_past_a_part(go_backwards):
    layer = make(go_backwards=go_backwards)

    def last(x, truncation):
        outputs, *_ = recurrence.run(layer, x, training=True, truncation=truncation)
        return ops.sum(outputs[:, -1])

    def gradient(truncation):
        found = to_numpy(
            backend.input_gradient(lambda x: last(x, truncation), ops.convert_to_tensor(X))
        )
        return found[:, ::-1] if go_backwards else found

    whole, parts = gradient(None), gradient(3)  # parts end after steps 3, 6 and 8
    assert np.abs(whole).max(axis=(0, 2)).min() > 0
    assert not parts[:, :6].any()
    assert_close(parts[:, 6:], whole[:, 6:], 1e-6)


def test_truncation_needs_a_length_in_training_only():
    layer = make()
    unknown = keras.KerasTensor((None, None, 2))
    assert recurrence.run(layer, unknown, truncation=4)[0].shape == (None, None, 4)
    with pytest.raises(ValueError, match="sequences of a known length"):
        recurrence.run(layer, unknown, training=True, truncation=4)

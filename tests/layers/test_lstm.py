"""What `test_own_loop.py` does not ask of both layers."""

import keras
import numpy as np

import keras_rgan as kr
from tests.testing import assert_close


def test_half_precision_gives_the_same():
    inputs = np.random.default_rng(0).normal(size=(5, 7, 3)).astype("float32")
    layers = [module.LSTM(4, dtype="mixed_bfloat16") for module in (kr.layers, keras.layers)]
    for layer in layers:
        layer.build(inputs.shape)
    layers[1].set_weights(layers[0].get_weights())
    own, reference = (keras.ops.cast(layer(inputs), "float32") for layer in layers)
    assert_close(own, reference, 0.02)

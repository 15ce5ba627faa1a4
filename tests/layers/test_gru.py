"""What `test_own_loop.py` does not ask of both layers."""

import keras
import numpy as np
from keras import ops

import keras_rgan as kr
from tests.testing import to_numpy


def test_learns():
    """The last input that was above 0, which a state must keep."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 6, 1)).astype("float32")
    y = x[:, 2] > 0.0
    model = keras.Sequential([kr.layers.GRU(8, seed=0), keras.layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss)
    losses = model.fit(x, y, epochs=25, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < 0.3 < losses[0]
    assert to_numpy(ops.convert_to_tensor(model(x))).shape == (256, 1)

import keras
import numpy as np

from keras_rgan.backend import internals
from keras_rgan.utils.untracked import Untracked


def test_keras_does_not_look_inside():
    class Holder(keras.Model):
        def __init__(self):
            super().__init__()
            self.seen = [keras.layers.Dense(1), keras.Variable(np.ones(2))]
            self.unseen = Untracked([keras.layers.Dense(1), keras.Variable(np.ones(2))])

    model = Holder()
    layers = internals.layers_of(model, include_self=False)
    assert [id(layer) for layer in layers] == [id(model.seen[0])]
    assert [id(v) for v in model.variables] == [id(model.seen[1])]

import keras
import numpy as np

from keras_rgan.utils.variables import value_of


def test_a_value_is_an_array():
    variable = keras.Variable(np.arange(3.0), dtype="float32")
    value = value_of(variable)
    assert isinstance(value, np.ndarray)
    np.testing.assert_array_equal(value, [0.0, 1.0, 2.0])

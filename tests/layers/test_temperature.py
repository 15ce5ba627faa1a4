import keras
import numpy as np

from keras_rgan.layers.temperature import Temperature
from keras_rgan.training.weight_average import never_trained
from tests.testing import run_layer_test, to_numpy


def test_a_good_citizen(tmp_path):
    layer = run_layer_test(Temperature, np.ones((2, 3)), (2, 3), tmp_path, half=False)
    assert not layer.trainable_weights


def test_it_divides():
    layer = Temperature()
    layer.set(0.5)
    np.testing.assert_array_equal(to_numpy(layer(np.array([[1.0, -2.0]]))), [[2.0, -4.0]])


def test_no_average_is_taken_of_it():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1), Temperature()])
    assert [v.path for v in never_trained(model)] == [model.layers[1].value.path]

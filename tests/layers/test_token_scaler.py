import numpy as np

import keras_rgan as kr
from tests.testing import refuses, run_layer_test, to_numpy

IDS = np.array([[0, 3, 1], [2, 2, 0]])[..., None]


def adapted():
    scaler = kr.layers.TokenScaler(4)
    scaler.adapt(IDS)
    return scaler


def test_a_good_citizen(tmp_path):
    run_layer_test(lambda: kr.layers.TokenScaler(4), IDS, (2, 3, 4), tmp_path, half=False)


def test_there_and_back():
    scaler = adapted()
    one_hot = to_numpy(scaler(IDS))
    np.testing.assert_array_equal(one_hot, np.eye(4)[IDS[..., 0]])
    np.testing.assert_array_equal(to_numpy(scaler.restore(one_hot + 0.3)), IDS)
    assert scaler.compute_output_shape((None, 3, 1)) == (None, 3, 4)


def test_large_ids_stay():
    scaler = kr.layers.TokenScaler(50_000)
    scaler.adapt(np.array([[[49_999.0]]]))
    assert to_numpy(scaler.restore(scaler(np.array([[[49_998]]])))).item() == 49_998


def test_what_it_refuses():
    refuses(lambda: kr.layers.TokenScaler(1), "two tokens at the least")
    refuses(lambda: adapted().calibrate(IDS, IDS), r"ids of tokens are names.*temperature")
    refuses(lambda: kr.layers.TokenScaler(4).adapt(np.zeros((2, 3, 2))), "of one feature")

"""The discriminator of dense layers, by hand and with conditions."""

import numpy as np

import keras_rgan as kr
from tests.testing import refuses, run_layer_test, run_serialization_test, to_numpy

RANDOM = np.random.default_rng(0)


def test_is_what_dense_layers_make_of_all_that_there_is():
    network = kr.networks.DenseDiscriminator(4, 2, temporal_conditions=1, static_conditions=2, seed=1)
    x = RANDOM.normal(size=(3, 5, 2)).astype("float32")
    columns = RANDOM.normal(size=(3, 5, 3)).astype("float32")
    columns[:, 1:, 1:] = 99.0  # static columns are read at the first step
    said = to_numpy(network({"sequences": x, "conditions": columns}))
    flat = [x.reshape(3, -1), columns[..., :1].reshape(3, -1), columns[:, 0, 1:]]
    (kernel, bias), (head, offset) = (
        [to_numpy(v.value) for v in layer.weights] for layer in network.layers
    )
    hidden = np.maximum(np.concatenate(flat, axis=1) @ kernel + bias, 0.0)
    np.testing.assert_allclose(said, hidden @ head + offset, atol=1e-5)


def test_layer(tmp_path):
    run_layer_test(
        lambda: kr.networks.DenseDiscriminator(4, 3, seed=1),
        RANDOM.normal(size=(3, 5, 2)),
        (3, 1),
        tmp_path,
        half=False,
    )


def test_survives_its_config():
    copy = run_serialization_test(kr.networks.DenseDiscriminator(4, 2, "tanh", 1, 2, seed=3))
    assert (copy.units, copy.num_layers, copy.temporal_conditions) == (4, 2, 1)


def test_refuses():
    refuses(lambda: kr.networks.DenseDiscriminator().build((None, None, 2)), "one length")
    refuses(lambda: kr.networks.DenseDiscriminator(0), "`units`")
    refuses(lambda: kr.networks.DenseDiscriminator(activation="relus"), "relus")
    network = kr.networks.DenseDiscriminator(4, static_conditions=1)
    refuses(lambda: network(np.ones((2, 3, 2), "float32")), "Expected 1 columns of conditions")

"""The generator whose sequences are made in a hidden space."""

import numpy as np

import keras_rgan as kr
from tests.testing import ON_TORCH, refuses, run_layer_test, run_serialization_test, to_numpy

NOISE = np.random.default_rng(0).uniform(size=(3, 6, 2)).astype("float32")


def test_what_is_generated_goes_through_generator_supervisor_and_recovery():
    network = kr.networks.EmbeddingGenerator(2, 4, 2, seed=1)
    made = to_numpy(network(NOISE))
    hidden = network.supervise(network.imagine(NOISE))
    assert tuple(hidden.shape) == (3, 6, 4)
    np.testing.assert_allclose(to_numpy(network.recover(hidden)), made, atol=1e-6)
    assert tuple(network.embed(made).shape) == (3, 6, 4)


class TestNetwork:
    """A good citizen."""

    pytestmark = ON_TORCH

    def test_sizes(self):
        network = kr.networks.EmbeddingGenerator(3)
        assert (network.units, network.noise_dim) == (12, 3)
        parts = kr.networks.EmbeddingGenerator(2, 4, 1).parts
        assert [len(layers) for layers in parts.values()] == [2, 2, 2, 2]

    def test_variables_of_parts_are_all_there_are(self):
        network = kr.networks.EmbeddingGenerator(2, 4, 2)
        network.build()
        found = {id(v) for v in network.variables_of(*network.parts)}
        assert found == {id(v) for v in network.trainable_variables}

    def test_layer(self, tmp_path):
        run_layer_test(
            lambda: kr.networks.EmbeddingGenerator(2, 4, 1, seed=1), NOISE, (3, 6, 2), tmp_path
        )

    def test_survives_its_config(self):
        copy = run_serialization_test(kr.networks.EmbeddingGenerator(2, 4, 1, "lstm", 3, "tanh", 5))
        assert (copy.units, copy.noise_shape) == (4, (None, 3))

    def test_refuses(self):
        refuses(lambda: kr.networks.EmbeddingGenerator(2, cell="grus"), "`cell` must be one of")
        refuses(lambda: kr.networks.EmbeddingGenerator(0), "`num_features`")

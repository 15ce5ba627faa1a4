"""Processes that follow a sequence without looking ahead."""

import numpy as np

import keras_rgan as kr
from tests.testing import ON_TORCH, refuses, run_layer_test, run_serialization_test, to_numpy

X = np.random.default_rng(0).normal(size=(3, 8, 2)).astype("float32")


def test_no_process_looks_ahead():
    network = kr.networks.CausalProcesses(3, 4, 2, 3, seed=1)
    later = X.copy()
    later[:, 5:] += 1.0
    one, other = to_numpy(network(X)), to_numpy(network(later))
    assert one.shape == (3, 8, 6)
    np.testing.assert_allclose(one[:, :5], other[:, :5], atol=1e-6)
    assert (np.abs(one[:, 5:] - other[:, 5:]).max(axis=(0, 1)) > 0.0).all()


class TestNetwork:
    """A good citizen."""

    pytestmark = ON_TORCH

    def test_layer(self, tmp_path):
        make = kr.networks.CausalProcesses
        run_layer_test(lambda: make(3, 4, seed=1), X, (3, 8, 6), tmp_path, half=False)

    def test_survives_its_config(self):
        copy = run_serialization_test(kr.networks.CausalProcesses(3, 4, 1, 2, seed=5))
        assert (copy.num_processes, copy.units, copy.num_layers, copy.kernel_size) == (3, 4, 1, 2)

    def test_refuses(self):
        refuses(lambda: kr.networks.CausalProcesses(0), "`num_processes`")
        refuses(lambda: kr.networks.CausalProcesses(kernel_size=0), "`kernel_size`")

import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import refuses, run_layer_test, slow_on_jax, to_numpy


def made(**options):
    return kr.networks.TokenDiscriminator(5, 3, filters=2, hidden_units=4, seed=0, **options)


def tokens(count=2, length=6, seed=0):
    ids = np.random.default_rng(seed).integers(5, size=(count, length))
    return np.eye(5, dtype="float32")[ids]


@slow_on_jax
@pytest.mark.parametrize("options", [{}, {"num_views": 3, "kernel_sizes": (2, 9)}])
def test_a_good_citizen(tmp_path, options):
    run_layer_test(lambda: made(**options), tokens(), (2, 1), tmp_path, half=False)


def test_conditions_stand_beside(tmp_path):
    options = {"temporal_conditions": 1, "static_conditions": 2, "num_views": 2}
    inputs = {"sequences": tokens(), "conditions": np.ones((2, 6, 3), "float32")}
    network = made(**options)
    other = {**inputs, "conditions": 2.0 * inputs["conditions"]}
    assert np.abs(to_numpy(network(inputs)) - to_numpy(network(other))).max() > 1e-6


@pytest.mark.parametrize("views", [1, 3])
def test_padding_is_not_seen(views):
    network = made(temporal_conditions=2, variable_length=True, num_views=views)
    counts = (np.arange(6) < 4).astype("float32")
    columns = np.broadcast_to(np.stack([counts, counts], axis=-1), (2, 6, 2))
    one, other = tokens(), tokens(seed=1)
    other[:, :4] = one[:, :4]
    judged = [to_numpy(network({"sequences": x, "conditions": columns})) for x in (one, other)]
    np.testing.assert_allclose(judged[0], judged[1], atol=1e-6)


def test_padding_makes_no_difference_to_length():
    """A sequence padded is judged as the sequence alone."""
    network = made(temporal_conditions=1, variable_length=True)
    x = tokens()
    short = {"sequences": x[:, :4], "conditions": np.ones((2, 4, 1), "float32")}
    columns = (np.arange(6) < 4).astype("float32")[None, :, None].repeat(2, axis=0)
    padded = {"sequences": x, "conditions": columns}
    np.testing.assert_allclose(to_numpy(network(short)), to_numpy(network(padded)), atol=1e-6)


def test_views_are_averaged():
    one, several = made(), made(num_views=2)
    x = tokens()
    one(x), several(x)
    for network in (one, several):
        network.embedding.kernel.assign(np.tile(np.eye(5, 3), (1, network.num_views)))
    np.testing.assert_allclose(to_numpy(one(x)), to_numpy(several(x)), atol=1e-6)


def test_wrong_arguments():
    refuses(lambda: made(kernel_sizes=()), "one width at the least")
    refuses(lambda: made(variable_length=True), "temporal condition")

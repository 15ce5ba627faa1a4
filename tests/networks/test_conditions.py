import numpy as np
import pytest

import keras_rgan as kr
from keras_rgan.networks import conditions
from tests.testing import to_numpy


def test_the_embedding_is_seeded_and_absent_without_static_conditions():
    assert conditions.embedding(3, 0, 1, "float32") is None
    columns = np.eye(4, dtype="float32")
    made = [to_numpy(conditions.embedding(3, 4, seed, "float32")(columns)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(made[0], made[1])
    assert np.abs(made[0] - made[2]).max() > 0


def test_networks_refuse_other_columns():
    message = r"Expected 3 columns .*temporal_conditions=1, static_conditions=2\). Received: {}"
    options = {"temporal_conditions": 1, "static_conditions": 2}
    generator = kr.networks.RecurrentGenerator(2, 4, latent_dim=3, noise_dim=2, **options)
    discriminator = kr.networks.RecurrentDiscriminator(4, **options)
    noise = {"latent": np.ones((1, 3)), "noise": np.ones((1, 5, 2))}
    with pytest.raises(ValueError, match=message.format(0)):
        generator(noise)
    with pytest.raises(ValueError, match=message.format(4)):
        discriminator({"sequences": np.ones((1, 5, 2)), "conditions": np.ones((1, 5, 4))})

"""The generator that reads what it has made."""

import numpy as np

import keras_rgan as kr
from tests.testing import ON_TORCH, refuses, run_layer_test, run_serialization_test, to_numpy

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.normal(size=(3, 6, 2)).astype("float32")


def test_predicts_its_own_steps_where_it_is_shown_them():
    generator = kr.networks.FeedbackGenerator(2, 4, num_layers=2, seed=1)
    made = to_numpy(generator(NOISE))
    np.testing.assert_allclose(to_numpy(generator.predict_next(NOISE, made)), made, atol=1e-5)
    other = to_numpy(generator.predict_next(NOISE, made + 1.0))
    np.testing.assert_allclose(other[:, 0], made[:, 0], atol=1e-6)  # before which there is nothing
    assert np.abs(other[:, 1:] - made[:, 1:]).max() > 1e-3


def test_a_prediction_does_not_see_its_own_step():
    generator = kr.networks.FeedbackGenerator(2, 4, seed=1)
    x = RANDOM.normal(size=(3, 6, 2)).astype("float32")
    later = x.copy()
    later[:, 3:] += 1.0
    one, other = (to_numpy(generator.predict_next(NOISE, sequences)) for sequences in (x, later))
    np.testing.assert_allclose(one[:, :4], other[:, :4], atol=1e-6)


class TestNetwork:
    """A good citizen."""

    pytestmark = ON_TORCH

    def test_layer(self, tmp_path):
        run_layer_test(
            lambda: kr.networks.FeedbackGenerator(2, 4, noise_dim=2, output_activation="tanh", seed=1),
            NOISE,
            (3, 6, 2),
            tmp_path,
        )

    def test_survives_its_config(self):
        copy = run_serialization_test(kr.networks.FeedbackGenerator(2, 4, 1, "gru", 3, "tanh", 5))
        assert (copy.noise_shape, copy.cell) == ((None, 3), "gru")

    def test_refuses(self):
        refuses(lambda: kr.networks.FeedbackGenerator(2, cell="min_gru"), "`cell` must be one of")
        refuses(lambda: kr.networks.FeedbackGenerator(2, noise_dim=0), "`noise_dim`")

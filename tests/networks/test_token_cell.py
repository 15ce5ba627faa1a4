import numpy as np

from keras_rgan.networks.token_cell import drawn
from tests.testing import to_numpy


def test_tokens_come_as_often_as_they_are_likely():
    likely = np.array([0.5, 0.0, 0.2, 0.3])
    logits = np.log(np.maximum(likely, 1e-30)).astype("float32")
    noise = np.random.default_rng(0).normal(size=(40_000, 1)).astype("float32")
    tokens = to_numpy(drawn(np.broadcast_to(logits, (40_000, 4)), noise))
    shares = np.bincount(tokens[:, 0].astype(int), minlength=4) / 40_000
    np.testing.assert_allclose(shares, likely, atol=0.01)
    assert shares[1] == 0.0


def test_far_noise_draws_a_token_still():
    tokens = to_numpy(drawn(np.zeros((2, 3), "float32"), np.array([[-30.0], [30.0]], "float32")))
    assert tokens.ravel().tolist() == [0.0, 2.0]

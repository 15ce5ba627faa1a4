"""What matches a pattern, worked by hand."""

import numpy as np

from keras_rgan.sequences.statistics.random_convolutions import RandomConvolutions


def test_convolutions_by_hand():
    x = np.random.default_rng(0).normal(size=(40, 12, 3))
    drawn = RandomConvolutions.of(x, np.random.default_rng(1))
    group = drawn.groups[0]
    z = ((x - x.mean(axis=(0, 1))) / x.std(axis=(0, 1))).astype("float32")
    places = 12 - (group.steps - 1) * group.dilation
    kernel = group.weights[:, 0].reshape(group.steps, 3)
    by_hand = [
        sum(z[7, p + s * group.dilation] @ kernel[s] for s in range(group.steps)) for p in range(places)
    ]
    np.testing.assert_allclose(drawn(x)[7, 0], np.mean(np.array(by_hand) > group.bias[0]), atol=1e-6)
    np.testing.assert_allclose(drawn(x)[7, 32], max(by_hand), rtol=1e-4)

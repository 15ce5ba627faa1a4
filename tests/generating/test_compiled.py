"""What is compiled beside the model makes what the model makes."""

import numpy as np

from keras_rgan.generating.compiled import Bridges, Continuation, FreeGenerator
from keras_rgan.layers import GapFeatures
from tests.testing import assert_close, dense_gan, recurrent_gan, to_numpy, windows

DATA = windows()


def test_a_free_generator_goes_where_the_range_ends():
    gan = dense_gan()
    gan.adapt(DATA)
    for variable in gan.ema_weights:
        variable.assign(3.0 * variable)
    noise = gan.sample_noise(30, seed=0)
    free = FreeGenerator(gan, ("range",)).predict(noise, verbose=0)
    low, high = DATA.min(axis=(0, 1)), DATA.max(axis=(0, 1))
    assert (free < low).any()
    assert (free > high).any()
    assert_close(gan(noise), np.clip(free, low, high), 1e-4)
    assert_close(FreeGenerator(gan, ()).predict(noise, verbose=0), gan(noise), 1e-4)


def test_a_continuation_uses_the_averages():
    gan = recurrent_gan()
    gan.adapt(DATA)
    noise = gan.sample_noise(3, length=8, seed=0)
    expected = gan.generator(noise)
    for variable in gan.generator.trainable_variables:
        variable.assign(2.0 * variable)  # not the averages
    model = Continuation(gan.generator, gan.average.weights, gan.ema_weights)
    first, state = model({"noise": {**noise, "noise": noise["noise"][:, :5]}})
    second, _ = model({"noise": {**noise, "noise": noise["noise"][:, 5:]}, "state": list(state)})
    joined = np.concatenate([to_numpy(first), to_numpy(second)], axis=1)
    assert_close(joined, expected, 1e-4)


def test_bridges_are_of_the_networks_space():
    gan = dense_gan()
    gan.adapt(DATA)
    features = GapFeatures()
    features.build(DATA.shape)
    observed = (np.arange(6) % 5 == 0)[None, :, None] * np.ones((4, 6, 2), "float32")
    shown = to_numpy(Bridges(gan.scaler, features)({"sequences": DATA[:4], "observed": observed}))
    _, bridged, spread = to_numpy(GapFeatures.split(shown))
    scaled = to_numpy(gan.scaler(DATA[:4]))
    line = scaled[:, :1] + (scaled[:, 5:] - scaled[:, :1]) * np.arange(6)[:, None] / 5.0
    assert_close(bridged, line, 1e-4)
    assert ((spread > 0) == (observed == 0)).all()

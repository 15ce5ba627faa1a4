"""A call of a model: from noise to samples in the data's units."""

import numpy as np

from tests.testing import assert_close, dense_gan, recurrent_gan, refuses, to_numpy, windows


def test_call_predict_and_generate_agree():
    gan = recurrent_gan()
    gan.adapt(windows())
    noise = gan.sample_noise(5, seed=4)
    expected = gan.generate(5, seed=4)
    np.testing.assert_allclose(to_numpy(gan(noise)), expected, rtol=1e-5)
    np.testing.assert_allclose(gan.predict(noise, verbose=0), expected, rtol=1e-5)


def test_noise_of_other_shapes_is_refused():
    gan = recurrent_gan()
    gan.adapt(windows())
    noise = gan.sample_noise(4, seed=0)
    gan.rooms.generation.check(noise)
    for wrong in (
        noise["noise"],
        {"noise": noise["noise"]},
        {**noise, "latent": noise["latent"][:, :2]},
        {**noise, "more": noise["latent"]},
    ):
        refuses(lambda wrong=wrong: gan(wrong), "is called with noise, of shape .*sample_noise")


def test_a_call_in_training_uses_the_weights_and_one_outside_their_average():
    gan = dense_gan()
    gan.adapt(windows())
    noise = gan.sample_noise(4, seed=0)
    before = to_numpy(gan(noise))
    for variable in gan.generator.trainable_variables:
        variable.assign(2.0 * variable)
    assert_close(gan(noise), before, 0.0)
    restored = gan.scaler.restore(gan.generator(noise))
    assert_close(gan(noise, training=True), restored, 1e-5)

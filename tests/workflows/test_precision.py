"""Mixed precision: half-precision networks, float32 weights, scaler, losses and samples."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    all_on_torch,
    dense_gan,
    dense_networks,
    recurrent_gan,
    slow_on_jax,
    to_numpy,
    windows,
)


@pytest.mark.parametrize("policy", all_on_torch(["mixed_float16", "mixed_bfloat16"], ["mixed_float16"]))
def test_mixed_policies(policy, tmp_path):
    keras.config.set_dtype_policy(policy)
    gan = recurrent_gan()
    gan.compile()
    data = windows()
    history = gan.fit(data, batch_size=20, validation_data=data, epochs=2, verbose=0).history
    assert all(np.isfinite(v).all() for v in history.values())
    assert all(v.dtype == "float32" for v in gan.generator.trainable_variables)
    assert gan.scaler.compute_dtype == "float32"
    scaled = [isinstance(o, keras.optimizers.LossScaleOptimizer) for o in gan.optimizer.optimizers]
    assert scaled == [policy == "mixed_float16"] * 2
    samples = gan.generate(4, seed=0)
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    gan.save(tmp_path / "half.keras")
    loaded = keras.models.load_model(tmp_path / "half.keras")
    np.testing.assert_array_equal(loaded.generate(4, seed=0), samples)
    loaded.fit(data, batch_size=20, verbose=0, epochs=1)


@slow_on_jax
def test_small_slopes_are_not_rounded_away():
    """A logit of 5 has steps of 0.03 in bfloat16, more than the differences that a penalty takes."""
    walks = np.cumsum(np.random.default_rng(0).normal(size=(128, 24, 6)), axis=1)
    data = np.tanh(0.3 * walks).astype("float32")
    values, weights = [], None
    for policy in ("float32", "mixed_bfloat16"):
        options = {"convolution_units": 24, "increments": 1, "seed": 0, "dtype": policy}
        discriminator = kr.networks.RecurrentDiscriminator(48, **options)
        discriminator.build(data.shape)
        if weights is None:
            discriminator.view.adapt([data])
            *weights, kernel, bias = discriminator.get_weights()
            weights += [0.1 * kernel, bias + 5.0]
        discriminator.set_weights(weights)
        penalty, seed = kr.penalties.ApproximateR1Penalty(), keras.random.SeedGenerator(0)
        samples = keras.ops.convert_to_tensor(data)
        values.append(float(to_numpy(penalty(discriminator, samples, samples, None, seed))))
    np.testing.assert_allclose(values[1], values[0], rtol=0.1)


@pytest.mark.parametrize("penalty", ["r1", "gradient_penalty"])
def test_exact_penalties_in_half_precision(penalty):
    keras.config.set_dtype_policy("mixed_bfloat16")
    gan = dense_gan()
    gan.compile(penalties=penalty)
    history = gan.fit(windows(), batch_size=20, verbose=0, epochs=1).history
    assert np.isfinite(history["penalty"]).all()


def test_an_overflow_skips_the_step_and_lowers_the_scale():
    keras.config.set_dtype_policy("mixed_float16")
    gan = dense_gan()
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=2.0**60)
    gan.compile(generator_optimizer=optimizer)
    gan.adapt(windows())
    before = gan.generator.get_weights()
    gan.fit(windows(), batch_size=40, verbose=0, epochs=1)
    for a, b in zip(before, gan.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert float(to_numpy(optimizer.dynamic_scale.value)) == 2.0**59


def test_loss_scaling_changes_nothing_else():
    """In float32, where nothing underflows, scaled training is the plain one."""
    weights = []
    for wrap in (False, True):
        optimizers = [keras.optimizers.SGD(0.05) for _ in range(2)]
        if wrap:
            optimizers = [keras.optimizers.LossScaleOptimizer(o) for o in optimizers]
        gan = dense_gan()
        gan.compile(generator_optimizer=optimizers[0], discriminator_optimizer=optimizers[1])
        gan.fit(windows(), batch_size=20, shuffle=False, verbose=0, epochs=1)
        weights.append(gan.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_one_network_in_half_precision():
    generator, _ = dense_networks()
    keras.config.set_dtype_policy("mixed_float16")
    _, discriminator = dense_networks()
    keras.config.set_dtype_policy("float32")
    gan = kr.RecurrentGAN(generator, discriminator)
    gan.compile()
    kinds = [
        type(o).__name__
        for o in (gan.optimizer.generator_optimizer, gan.optimizer.discriminator_optimizer)
    ]
    assert kinds[1] == "LossScaleOptimizer"
    assert kinds[0] != "LossScaleOptimizer"
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_units_keep_float32(policy):
    """A feature that is constantly 123,456 comes back as that, which float16 cannot hold."""
    keras.config.set_dtype_policy(policy)
    gan = dense_gan()
    data = windows()
    data[..., 1] = 123_456.0
    gan.adapt(data)
    samples = gan.generate(4, seed=0)
    np.testing.assert_array_equal(samples[..., 1], 123_456.0)
    noise = gan.sample_noise(4, seed=0)
    np.testing.assert_array_equal(to_numpy(gan(noise))[..., 1], 123_456.0)

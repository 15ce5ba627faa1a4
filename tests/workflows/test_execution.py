"""Keras's own ways to run a step: each works, or its error names the limit."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    BACKEND,
    ON_TORCH,
    dense_gan,
    dense_networks,
    recurrent_gan,
    recurrent_networks,
    slow_on_jax,
    state_of,
    windows,
)


def train(make=dense_gan, data=None, **kwargs):
    """Train with plain gradient steps: Adam's first ones blow the rounding of a gradient up."""
    gan = make()
    optimizers = {
        f"{role}_optimizer": keras.optimizers.SGD(0.05) for role in ("generator", "discriminator")
    }
    gan.compile(**optimizers, **kwargs)
    gan.fit(windows() if data is None else data, batch_size=10, epochs=2, shuffle=False, verbose=0)
    return state_of(gan)


@pytest.fixture(scope="module")
def reference():
    return train()


def test_eagerly(reference):
    for a, b in zip(train(run_eagerly=True), reference, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_steps_per_execution(reference):
    if BACKEND == "torch":
        with pytest.raises(
            ValueError, match="Expected: steps_per_execution=1. Received: steps_per_execution=3"
        ):
            train(steps_per_execution=3)
        return
    for a, b in zip(train(steps_per_execution=3), reference, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def lstm_gan(**kwargs):
    return kr.RecurrentGAN(*recurrent_networks(cell="lstm"), seed=0, **kwargs)


def recurrent_generator_gan(**kwargs):
    return kr.RecurrentGAN(recurrent_networks()[0], dense_networks()[1], seed=0, **kwargs)


@slow_on_jax
@pytest.mark.skipif(BACKEND == "torch", reason="needs a C++ compiler; see test_jit_compile_on_torch")
@pytest.mark.parametrize(
    ("make", "penalty"),
    [
        pytest.param(dense_gan, "r1", marks=ON_TORCH),
        (recurrent_generator_gan, None),
        pytest.param(lstm_gan, None, marks=ON_TORCH),
    ],
)
def test_jit_compile(make, penalty):
    """Without noise, whose generator XLA chooses for itself, compiled training is the plain one."""
    compiled, plain = (
        train(lambda: make(noise_scale=0.0), windows(20), penalties=penalty, jit_compile=j)
        for j in (True, False)
    )
    for a, b in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


@pytest.mark.skipif(BACKEND != "torch", reason="torch.compile is torch's")
@pytest.mark.slow
def test_jit_compile_on_torch(reference):
    for a, b in zip(train(jit_compile=True), reference, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


@pytest.mark.skipif(BACKEND == "torch", reason="refused by Keras; see test_steps_per_execution")
def test_steps_per_execution_with_a_recurrent_model_and_validation():
    gan = recurrent_gan()
    gan.compile(steps_per_execution=2)
    history = gan.fit(
        windows(45), batch_size=10, validation_data=windows(25), verbose=0, epochs=1
    ).history
    assert np.isfinite(history["val_mmd"]).all()

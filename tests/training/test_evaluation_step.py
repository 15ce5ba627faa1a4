"""What `evaluate` compares, and that it repeats its noise."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_rgan as kr
from tests.testing import (
    dense_gan,
    to_numpy,
    windows,
)


def test_evaluation_uses_the_average_and_repeats_its_noise():
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), epochs=2, verbose=0)
    first = gan.evaluate(windows(), batch_size=20, return_dict=True, verbose=0)
    second = gan.evaluate(windows(), batch_size=20, return_dict=True, verbose=0)
    assert first == second
    for variable in gan.generator.trainable_variables:
        variable.assign(ops.zeros(variable.shape))
    assert gan.evaluate(windows(), batch_size=20, return_dict=True, verbose=0) == first


def test_evaluation_agrees_with_its_parts():
    """What `evaluate` reports, computed outside of it."""
    gan = dense_gan(scaler=None)
    gan.compile(loss="hinge")
    real = windows(20) / 100.0
    gan.fit(real, batch_size=20, verbose=0, epochs=1)
    scores = gan.evaluate(real, batch_size=20, return_dict=True, verbose=0)
    seed = keras.random.SeedGenerator(0)
    seed.state.assign(gan._evaluation_start)
    fake = gan(gan.noise_spec.draw(20, 6, seed))
    judgements = [to_numpy(gan.discriminator(x)) for x in (real, fake)]
    metric = kr.metrics.MaximumMeanDiscrepancy()
    metric.update_state(real, fake)
    expected = {
        "real_score": judgements[0].mean(),
        "fake_score": judgements[1].mean(),
        "generator_loss": -judgements[1].mean(),
        "discriminator_loss": np.maximum(0, 1 - judgements[0]).mean()
        + np.maximum(0, 1 + judgements[1]).mean(),
        "mmd": float(metric.result()),
    }
    assert scores == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_evaluation_draws_the_same_noise_after_loading(tmp_path):
    gan = dense_gan(seed=None)
    gan.compile()
    gan.fit(windows(), batch_size=20, validation_data=windows(), verbose=0, epochs=1)
    before = gan.evaluate(windows(), batch_size=20, return_dict=True, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    after = loaded.evaluate(windows(), batch_size=20, return_dict=True, verbose=0)
    for name, value in before.items():
        assert after[name] == pytest.approx(value, rel=1e-4, abs=1e-5), name

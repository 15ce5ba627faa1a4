import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import SLOW_ON_JAX, dense_gan, windows

pytestmark = SLOW_ON_JAX


def test_scores_reach_the_logs_and_callbacks_behind():
    gan = dense_gan()
    gan.compile()
    real = windows(20, seed=1)
    watch = kr.callbacks.ScoreOnValidation(
        real,
        {"own": lambda r, g: np.abs(r.mean() - g.mean()), "prc": kr.metrics.precision_recall},
        every=2,
    )
    stop = keras.callbacks.EarlyStopping("val_own", mode="min", patience=10)
    history = gan.fit(windows(), batch_size=20, epochs=3, callbacks=[watch, stop], verbose=0).history
    first, second, third = history["val_own"]  # the first is scored, and the second
    assert first != second == third
    assert set(history) >= {"val_precision", "val_recall", "val_density", "val_coverage"}
    assert watch.last["val_own"] == history["val_own"][-1]


def test_the_values_are_those_of_the_functions():
    gan = dense_gan()
    gan.compile()
    real = windows(20, seed=1)
    watch = kr.callbacks.ScoreOnValidation(real, ["roughness"], num_samples=12, seed=3)
    history = gan.fit(windows(), batch_size=20, callbacks=[watch], verbose=0).history
    expected = kr.metrics.roughness(real, gan.generate(12, seed=3))
    assert history["val_roughness"] == [pytest.approx(expected)]


def test_refuses():
    with pytest.raises(ValueError, match="`scores` must be one of .*roughness"):
        kr.callbacks.ScoreOnValidation(windows(), ["rougness"])
    with pytest.raises(ValueError, match="`every` must be"):
        kr.callbacks.ScoreOnValidation(windows(), every=0)

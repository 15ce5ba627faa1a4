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


def test_minutes_in_place_of_epochs_and_the_end():
    gan = dense_gan()
    gan.compile()

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = int(gan.optimizer.iterations) == 5

    counts = {}
    for minutes in (60.0, 0.0):
        calls = []
        score = {"own": lambda r, g, calls=calls: calls.append(1) or len(calls)}
        watch = kr.callbacks.ScoreOnValidation(windows(20, seed=1), score, minutes=minutes)
        gan.optimizer.iterations.assign(0)
        gan.fit(windows(), batch_size=20, epochs=9, callbacks=[Stop(), watch], verbose=0)
        counts[minutes] = len(calls)
    assert counts == {60.0: 2, 0.0: 3}  # the first epoch and the one that stopped; all three


def test_the_values_are_those_of_the_functions():
    gan = dense_gan()
    gan.compile()
    real = windows(20, seed=1)
    watch = kr.callbacks.ScoreOnValidation(real, ["roughness"], num_samples=12, seed=3)
    history = gan.fit(windows(), batch_size=20, callbacks=[watch], verbose=0).history
    expected = kr.metrics.roughness(real, gan.generate(12, seed=3))
    assert history["val_roughness"] == [pytest.approx(expected)]


def test_scores_and_checkpoints_of_a_calibrated_model(tmp_path):
    gan = dense_gan()
    gan.compile()
    real = windows(200, seed=1)
    path = tmp_path / "best.weights.h5"
    distances = {}
    for calibrate in (False, True):
        watch = kr.callbacks.ScoreOnValidation(
            real, "marginal_wasserstein_distance", calibrate=calibrate
        )
        keep = keras.callbacks.ModelCheckpoint(path, save_weights_only=True)
        gan.fit(windows(), batch_size=20, epochs=1, callbacks=[watch, keep], verbose=0)
        distances[calibrate] = watch.last["val_marginal_wasserstein_distance"]
    assert distances[True] < 0.3 * distances[False]
    gan.scaler.forget_calibration()
    gan.load_weights(path)
    made = gan.generate(200, seed=0)
    distance = kr.metrics.marginal_wasserstein_distance(real, made)
    assert abs(distance - distances[True]) < 1e-4 * distances[False]


def test_refuses():
    with pytest.raises(ValueError, match="`scores` must be one of .*roughness"):
        kr.callbacks.ScoreOnValidation(windows(), ["rougness"])
    with pytest.raises(ValueError, match="`every` must be"):
        kr.callbacks.ScoreOnValidation(windows(), every=0)
    with pytest.raises(ValueError, match="`minutes` must be"):
        kr.callbacks.ScoreOnValidation(windows(), minutes=-1.0)

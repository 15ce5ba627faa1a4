import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, dense_gan, to_numpy, windows

pytestmark = ON_TORCH


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


def test_each_fit_is_scored_from_its_first_epoch_on():
    gan = dense_gan()
    gan.compile()
    calls = []
    watch = kr.callbacks.ScoreOnValidation(
        windows(20, seed=1), {"own": lambda r, g: calls.append(1) or len(calls)}, every=9
    )
    fits = [gan.fit(windows(), epochs=2, callbacks=[watch], verbose=0).history for _ in range(2)]
    assert [history["val_own"] for history in fits] == [[1.0, 1.0], [2.0, 2.0]]


def test_the_values_are_those_of_the_functions():
    gan = dense_gan()
    gan.compile()
    real = windows(20, seed=1)
    watch = kr.callbacks.ScoreOnValidation(real, ["roughness"], num_samples=12, seed=3)
    history = gan.fit(windows(), batch_size=20, callbacks=[watch], verbose=0, epochs=1).history
    expected = kr.metrics.roughness(real, gan.generate(12, seed=3))
    assert history["val_roughness"] == [pytest.approx(expected)]


def test_scores_and_checkpoints_of_a_calibrated_model(tmp_path):
    gan = dense_gan()
    gan.compile()
    real, other = windows(200, seed=1), windows(200, seed=2)
    path = tmp_path / "best.weights.h5"
    distances = {}
    for calibrate in (False, other):
        watch = kr.callbacks.ScoreOnValidation(
            real, "marginal_wasserstein_distance", calibrate=calibrate
        )
        keep = keras.callbacks.ModelCheckpoint(path, save_weights_only=True)
        gan.fit(windows(), batch_size=20, epochs=1, callbacks=[watch, keep], verbose=0)
        distances[calibrate is other] = watch.last["val_marginal_wasserstein_distance"]
    assert distances[True] < 0.3 * distances[False]
    assert not to_numpy(gan.scaler.calibrated.value).any()  # the model itself is as it was
    gan.load_weights(path)
    made = gan.generate(200, seed=0)
    distance = kr.metrics.marginal_wasserstein_distance(real, made)
    assert abs(distance - distances[True]) < 1e-4 * distances[False]


def test_calibrates_to_what_it_is_given_and_not_to_what_it_scores():
    """Real sequences far from those of the training set stay far."""
    gan = dense_gan()
    gan.compile()
    trained, far = windows(200), windows(200, seed=1) + 40.0
    made = []
    score = {"own": lambda real, generated: made.append(generated) or 0.0}
    watch = kr.callbacks.ScoreOnValidation(far, score, calibrate=trained)
    gan.fit(trained, batch_size=100, verbose=0, callbacks=[watch], epochs=1)
    distances = [kr.metrics.marginal_wasserstein_distance(x, made[0]) for x in (trained, far)]
    assert distances[0] < 0.1 * distances[1]


def test_calibration_is_taken_back_before_training_goes_on():
    """To what it was before, in epochs that are not scored and at the end."""
    gan = dense_gan()
    gan.compile()
    calibrated = {"begin": [], "end": []}

    class Look(keras.callbacks.Callback):
        def look(self, when):
            calibrated[when].append(bool(to_numpy(self.model.scaler.calibrated.value).any()))

        def on_train_batch_begin(self, batch, logs=None):
            self.look("begin")

        def on_epoch_end(self, epoch, logs=None):
            self.look("end")

    watch = kr.callbacks.ScoreOnValidation(windows(20), ["roughness"], every=2, calibrate=windows(50))
    gan.fit(windows(), batch_size=40, epochs=4, verbose=0, callbacks=[watch, Look()])
    assert calibrated == {"begin": [False] * 4, "end": [True, True, False, True]}
    assert not to_numpy(gan.scaler.calibrated.value).any()
    gan.calibrate(windows(50))
    before = gan.scaler.get_weights()
    watch.set_model(gan)
    for epoch in (1, 3):  # two looks of a loop of the user's own
        watch.on_epoch_end(epoch)
    watch.on_train_end()
    for a, b in zip(gan.scaler.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_refuses():
    with pytest.raises(ValueError, match="Received: calibrate=True. Pass the training sequences"):
        kr.callbacks.ScoreOnValidation(windows(), calibrate=True)
    with pytest.raises(ValueError, match="`scores` must be one of .*roughness"):
        kr.callbacks.ScoreOnValidation(windows(), ["rougness"])
    with pytest.raises(ValueError, match="`every` must be"):
        kr.callbacks.ScoreOnValidation(windows(), every=0)
    with pytest.raises(ValueError, match="`minutes` must be"):
        kr.callbacks.ScoreOnValidation(windows(), minutes=-1.0)

"""`fit` and `evaluate` as Keras has them: logs, batches, arguments, and what `compile` changes."""

import keras
import numpy as np
import pytest

from keras_rgan import backend
from tests.testing import (
    assert_close,
    dense_gan,
    recurrent_gan,
    to_numpy,
    windows,
)


def test_logs_are_means_over_the_epoch_under_the_documented_names():
    gan = dense_gan()
    gan.compile(loss="wasserstein", generator_optimizer=None, discriminator_optimizer=None)
    seen = []

    class Record(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append({k: float(v) for k, v in logs.items()})

    history = gan.fit(
        windows(),
        batch_size=10,
        shuffle=False,
        validation_data=windows(),
        verbose=0,
        callbacks=[Record()],
        epochs=1,
    ).history
    names = ["discriminator_loss", "fake_score", "generator_loss", "penalty", "real_score"]
    validation = [
        "val_discriminator_loss",
        "val_fake_score",
        "val_generator_loss",
        "val_mmd",
        "val_real_score",
    ]
    assert sorted(history) == names + validation
    # With networks that stand still the real score's mean over the epoch is that over the data
    scaled = gan.scaler(windows())
    expected = to_numpy(gan.discriminator(scaled)).mean()
    assert history["real_score"][0] == pytest.approx(float(expected), rel=1e-3)
    assert seen[-1]["real_score"] == pytest.approx(history["real_score"][0], rel=1e-5)


def test_partial_batches_count():
    gan = dense_gan()
    gan.compile()
    steps = []

    class Record(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            steps.append(batch)

    gan.fit(windows(45), batch_size=20, verbose=0, callbacks=[Record()], epochs=1)
    assert len(steps) == 3


def test_sequences_of_another_length_can_follow():
    gan = recurrent_gan()
    gan.compile()
    gan.fit(windows(length=6), batch_size=20, verbose=0, epochs=1)
    gan.fit(windows(length=9), batch_size=20, verbose=0, epochs=1)
    assert gan.generate(2).shape == (2, 6, 2)


def test_train_and_test_on_batch():
    gan = dense_gan()
    gan.compile()
    logs = gan.train_on_batch(windows(8), return_dict=True)
    assert set(logs) >= {"generator_loss", "discriminator_loss"}
    assert "mmd" in gan.test_on_batch(windows(8), return_dict=True)


def test_training_on_batches_keeps_the_scaler():
    gan = dense_gan()
    gan.compile()
    gan.adapt(windows())
    before = gan.scaler.get_weights()
    gan.train_on_batch(windows(8) * 2)
    assert_close(gan.scaler.get_weights(), before, 0.0)


def test_metrics_names_are_those_of_the_list():
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    values = gan.evaluate(windows(), batch_size=20, verbose=0)
    named = gan.evaluate(windows(), batch_size=20, verbose=0, return_dict=True)
    assert dict(zip(gan.metrics_names, values, strict=True)) == named
    assert "mmd" in named


def test_arguments_by_position():
    """In Keras's order."""
    gan = dense_gan()
    gan.compile()
    history = gan.fit(windows(), None, 20, 3, 0, None, 0.0, windows(20), False)
    assert history.epoch == [0, 1, 2]
    assert "val_mmd" in history.history
    assert len(gan.evaluate(windows(), None, 20, 0)) == len(gan.metrics_names)


@pytest.mark.skipif(backend.loops_differentiate_twice(), reason="they stay with every penalty")
def test_fused_kernels_return_with_penalties_without_derivatives():
    gan = recurrent_gan()
    gan.compile(penalties="r1")
    gan.adapt(windows())
    layer = gan.discriminator.forward_layers[0]
    assert layer.use_cudnn is False
    gan.compile()
    assert layer.use_cudnn == "auto"


def test_freezing_a_layer(tmp_path):
    """Takes effect with the next `compile`, as in Keras; generating and files stay whole."""
    gan = dense_gan()
    gan.compile()
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    frozen = gan.generator.layers[0]
    frozen.trainable = False
    assert gan.generate(2).shape == (2, 6, 2)
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    gan.compile()
    before = frozen.get_weights()
    others = gan.generator.layers[1].get_weights()
    gan.fit(windows(), batch_size=20, verbose=0, epochs=1)
    assert_close(frozen.get_weights(), before, 0.0)
    assert not np.array_equal(gan.generator.layers[1].get_weights()[0], others[0])
    gan.save(tmp_path / "frozen.keras")
    loaded = keras.models.load_model(tmp_path / "frozen.keras")
    assert_close(loaded.generate(2, seed=0), gan.generate(2, seed=0))
    loaded.fit(windows(), batch_size=20, verbose=0, epochs=1)
    assert_close(loaded.generator.layers[0].get_weights(), before, 0.0)

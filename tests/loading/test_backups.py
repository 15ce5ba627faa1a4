import keras
import numpy as np
import pytest

from keras_rgan.loading.backups import PROGRESS
from tests.testing import ON_TORCH, dense_gan, windows

pytestmark = ON_TORCH


class Interrupt(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


@pytest.mark.parametrize("content", ["", "{}", '{"epoch": 1', "[]"])
def test_a_record_of_epochs_that_is_damaged(content, tmp_path):
    gan, data = dense_gan(), windows()
    gan.compile()
    gan.adapt(data)
    backup = keras.callbacks.BackupAndRestore(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        gan.fit(data, epochs=3, verbose=0, callbacks=[backup, Interrupt()])
    whole = (tmp_path / PROGRESS).read_text()
    (tmp_path / PROGRESS).write_text(content)
    before = [np.asarray(w) for w in gan.weights]
    with pytest.raises(OSError, match=f"{PROGRESS}.*how many epochs were trained.*begin anew"):
        gan.fit(data, epochs=3, verbose=0, callbacks=[backup])
    for value, weight in zip(before, gan.weights, strict=True):
        np.testing.assert_array_equal(value, np.asarray(weight))
    (tmp_path / PROGRESS).write_text(whole)
    gan.fit(data, epochs=3, verbose=0, callbacks=[backup])

"""An interrupted training that goes on is, bit by bit, the one that was never interrupted."""

import signal

import numpy as np

from tests.testing import BACKEND, run_python

SCRIPT = """
import os, signal, sys
import keras, numpy as np
import keras_rgan as kr
from tests.testing import dense_networks, recurrent_networks, state_of, windows

folder, action = {folder!r}, {action!r}
data = windows(30)
options = dict(batch_size=10, shuffle=False, verbose=0, validation_data=data)

def make():
    generator, discriminator = recurrent_networks()[0], dense_networks()[1]
    gan = kr.RecurrentGAN(generator, discriminator, seed=0)
    gan.compile()
    return gan

class Kill(keras.callbacks.Callback):
    epochs = 0
    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1
    def on_train_batch_end(self, batch, logs=None):
        if self.epochs == 2 and batch == 1:
            os.kill(os.getpid(), signal.SIGKILL)

def keep(gan, name, history):
    logs = np.array([history[k][-1] for k in sorted(history)])
    np.savez(f"{{folder}}/{{name}}.npz", *state_of(gan), gan.generate(5), logs)

backup = keras.callbacks.BackupAndRestore(f"{{folder}}/backup")
if action == "straight, and two epochs saved":
    gan = make()
    keep(gan, "straight", gan.fit(data, epochs=4, **options).history)
    gan = make()
    gan.fit(data, epochs=2, **options)
    gan.save(f"{{folder}}/gan.keras")
if action == "killed":
    make().fit(data, epochs=4, callbacks=[backup, Kill()], **options)
if action == "resumed":
    gan = keras.models.load_model(f"{{folder}}/gan.keras")
    keep(gan, "loaded", gan.fit(data, epochs=4, initial_epoch=2, **options).history)
    gan = make()
    history = gan.fit(data, epochs=4, callbacks=[backup], **options).history
    assert len(history["generator_loss"]) == 2, "the backup was not taken up"
    keep(gan, "restored", history)
"""


def test_bit_by_bit(tmp_path):
    """Weights, both optimizers, averages, random states, samples and the last epoch's logs."""

    def run(action, **kwargs):
        return run_python(SCRIPT.format(folder=str(tmp_path), action=action), BACKEND, **kwargs)

    run("straight, and two epochs saved")
    assert run("killed", check=False).returncode == -signal.SIGKILL
    run("resumed")
    straight = np.load(tmp_path / "straight.npz")
    for way in ("loaded", "restored"):
        resumed = np.load(tmp_path / f"{way}.npz")
        assert straight.files == resumed.files
        for name in straight.files:
            np.testing.assert_array_equal(straight[name], resumed[name], err_msg=way)

"""Two devices, or two processes, update the networks as one does on the same global batch."""

import concurrent.futures
import contextlib
import json
import socket

import numpy as np
import pytest

from tests.testing import BACKEND, dense_gan, refuses, run_python, windows

COMMON = """
import tempfile
import keras, numpy as np
import keras_rgan as kr
from tests.testing import dense_networks, recurrent_networks, state_of, windows

def train(networks, loss, penalties, rate=1.0):
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(*networks(), seed=0)
    # One step of rate 1 moves each weight by its gradient
    optimizers = {f"{role}_optimizer": keras.optimizers.SGD(rate) for role in ("generator", "discriminator")}
    gan.compile(loss=loss, penalties=penalties, **optimizers)
    data = windows(8)
    options = dict(batch_size=8, epochs=1, shuffle=False, verbose=0, validation_data=data)
    history = gan.fit(data, **options).history
    weights = [keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(v)) for v in gan.weights]
    return weights + [np.array([history[k][-1]]) for k in sorted(history)]

def mixing_networks():
    generator, _ = dense_networks()
    discriminator = keras.Sequential([
        keras.Input((6, 2)),
        kr.layers.MinibatchStdDev(group_size=None),
        keras.layers.Flatten(),
        keras.layers.Dense(8, activation="tanh"),
        kr.layers.MinibatchDiscrimination(3),
        kr.layers.MinibatchStdDev(group_size=4),
        keras.layers.Dense(1),
    ])
    return generator, discriminator

CASES = [
    (dense_networks, "non_saturating", ["r1"]),
    (mixing_networks, "hinge", ["r1", "approximate_r2"], 0.01),  # whose gradients are large
    (dense_networks, "wasserstein", ["gradient_penalty"]),
    (recurrent_networks, "relativistic", [kr.penalties.ApproximateR1Penalty(every=2), "approximate_r2"]),
]

def compare(one, two):
    for a, b in zip(one, two, strict=True):
        for x, y in zip(a, b, strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-5, atol=1e-5)
"""

OUTSIDE = "made outside of the scope of the MirroredStrategy in which it is to train"

UNEVEN = "must split evenly over the 2 devices. Received: 21 samples in batches of 8, the last one of 5"

MIRRORED = (
    """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
"""
    + COMMON
    + """
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert strategy.num_replicas_in_sync == 2
one = [train(*case) for case in CASES]
with strategy.scope():
    two = [train(*case) for case in CASES]
compare(one, two)
with strategy.scope():
    gan = kr.RecurrentGAN(*dense_networks(), seed=0)
    gan.compile(penalties=kr.penalties.R1Penalty(interval=2))
try:
    gan.fit(windows(21), batch_size=8, epochs=1, verbose=0)
except ValueError as error:
    print(error)
gan.fit(windows(22), batch_size=8, epochs=2, verbose=0, validation_data=windows(22))
def values():
    weights = [v for v in gan.weights if "seed" not in v.path]
    return [keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(v)) for v in weights]

before, wrong = values(), windows(8)
wrong[1, 2, 1] = 1e38  # which one of the replicas sees
try:
    gan.fit(wrong, batch_size=8, epochs=1, verbose=0)
except FloatingPointError as error:
    print(error)
for a, b in zip(before, values(), strict=True):
    np.testing.assert_array_equal(a, b)
outside = kr.RecurrentGAN(*dense_networks(), seed=0)
outside.compile()
with strategy.scope():
    try:
        outside.fit(windows(8), batch_size=8, epochs=1, verbose=0)
    except ValueError as error:
        print(error)
assert gan.generate(5).shape == (5, 6, 2)
with tempfile.TemporaryDirectory() as folder:
    gan.save(f"{folder}/gan.keras")
    loaded = keras.models.load_model(f"{folder}/gan.keras")
np.testing.assert_allclose(loaded.generate(5, seed=1), gan.generate(5, seed=1), rtol=1e-5)
print("equal")
"""
)

DATA_PARALLEL = (
    COMMON
    + """
import jax
assert len(jax.devices()) == 2
one = [train(*case) for case in CASES]
keras.distribution.set_distribution(keras.distribution.DataParallel())
two = [train(*case) for case in CASES]
compare(one, two)
gan = kr.RecurrentGAN(*dense_networks(), seed=0)
gan.compile()
try:
    gan.fit(windows(21), batch_size=8, epochs=1, verbose=0)
except ValueError as error:
    print(error)
print("equal")
"""
)


SOME = pytest.mark.parametrize(
    "cases",
    [
        "CASES[1:2]" if BACKEND == "tensorflow" else "CASES[3:]",
        pytest.param("CASES", marks=pytest.mark.slow),
    ],
)
"""Each case is compiled twice: one on each backend."""


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.distribute is TensorFlow's")
@SOME
def test_mirrored_strategy(cases):
    process = run_python(MIRRORED.replace("in CASES", f"in {cases}"))
    assert "equal" in process.stdout
    assert UNEVEN in process.stdout
    assert OUTSIDE in process.stdout
    assert "in the step of epoch 1, in the samples" in process.stdout


@pytest.mark.skipif(BACKEND != "torch", reason="torch.distributed is torch's")
def test_processes_of_torch_are_refused(monkeypatch):
    import torch

    gan = dense_gan()
    gan.compile()
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 2)
    refuses(
        lambda: gan.fit(windows(8), batch_size=8, verbose=0, epochs=1),
        "trains in one process.*2 processes",
    )


@pytest.mark.skipif(BACKEND != "jax", reason="keras.distribution runs on JAX")
@SOME
def test_data_parallel(cases):
    code = DATA_PARALLEL.replace("in CASES", f"in {cases}")
    process = run_python(code, XLA_FLAGS="--xla_force_host_platform_device_count=2")
    assert "equal" in process.stdout
    assert UNEVEN in process.stdout


WORKER = (
    """
import os, sys
import tensorflow as tf
several = "TF_CONFIG" in os.environ
strategy = tf.distribute.MultiWorkerMirroredStrategy() if several else tf.distribute.get_strategy()
"""
    + COMMON
    + """
class Killed(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == int(os.environ.get("KILLED_AT", -1)):
            os._exit(9)

with strategy.scope():
    gan = kr.RecurrentGAN(*mixing_networks(), seed=0)
    optimizers = {
        f"{role}_optimizer": keras.optimizers.SGD(0.02, momentum=0.5)
        for role in ("generator", "discriminator")
    }
    gan.compile(loss="relativistic", penalties=["approximate_r1"], **optimizers)
backup = keras.callbacks.BackupAndRestore(os.environ["BACKUP"], delete_checkpoint=False)
data = windows(16)
options = dict(batch_size=8, epochs=1, shuffle=False, verbose=0, validation_data=data)
history = gan.fit(data, epochs=4, callbacks=[backup, Killed()], **options).history
ends = [history[name][-1] for name in sorted(history)]
print("made", *ends, *gan.generate(2, seed=0).ravel())
"""
)


def run_workers(count, folder, killed_at=None):
    """Run `WORKER` in so many processes, the last of which may be killed; return what each made."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        workers = [f"127.0.0.1:{s.getsockname()[1]}" for s in sockets]

    def run(index):
        environment = {"BACKUP": str(folder / f"backup_{count}_{index}")}
        if count > 1:
            task = {"type": "worker", "index": index}
            environment["TF_CONFIG"] = json.dumps({"cluster": {"worker": workers}, "task": task})
        if killed_at is not None and index == count - 1:
            environment["KILLED_AT"] = str(killed_at)
        return run_python(WORKER, check=killed_at is None, **environment)

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        processes = list(pool.map(run, range(count)))
    if killed_at is not None:
        assert all(process.returncode for process in processes)
        return []
    lines = [line for p in processes for line in p.stdout.splitlines() if line.startswith("made ")]
    return [np.array(line.split()[1:], float) for line in lines]


@pytest.mark.slow
@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.distribute is TensorFlow's")
def test_workers_train_as_one_does_and_go_on_after_one_was_killed(tmp_path):
    (alone,) = run_workers(1, tmp_path)
    run_workers(2, tmp_path, killed_at=2)
    first, second = run_workers(2, tmp_path)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, alone, rtol=1e-4, atol=1e-4)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.distribute is TensorFlow's")
def test_replicas_see_noise_of_their_own():
    code = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import keras, numpy as np
from keras_rgan.sequences.noise import draw
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with strategy.scope():
    seed = keras.random.SeedGenerator(0)
shares = strategy.run(lambda: draw("normal", (3, 4), seed)).values
alone = draw("normal", (6, 4), keras.random.SeedGenerator(0))
np.testing.assert_array_equal(np.concatenate(shares), alone)
again = strategy.run(lambda: draw("normal", (3, 4), seed)).values
assert not np.allclose(shares[0], again[0])
print("equal")
"""
    assert "equal" in run_python(code).stdout

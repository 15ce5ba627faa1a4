"""The verbs of devices, on one."""

import contextlib

import keras
import numpy as np
import pytest
from keras import ops

from keras_rgan import backend
from keras_rgan.utils import processors
from tests.testing import BACKEND, dense_gan, to_numpy, windows

X = np.arange(10, dtype="float64").reshape(5, 2)


def test_all_rows_are_here_where_there_is_one_replica():
    x = ops.convert_to_tensor(X)
    np.testing.assert_array_equal(to_numpy(backend.gathered(x)), X)


def test_variables_can_be_made_in_the_scope_of_a_model():
    with backend.variable_scope(dense_gan()):
        variable = keras.Variable(1.0)
    assert float(to_numpy(variable.value)) == 1.0


def test_a_model_is_accepted_and_synchronized_where_nothing_is_distributed():
    gan = dense_gan()
    assert backend.check_devices(gan) is None
    if BACKEND != "jax":  # where it needs a running `fit`; see test_internals.py
        assert backend.synchronize(gan) is None


@pytest.mark.skipif(BACKEND != "torch", reason="elsewhere `fit` knows several devices")
def test_several_processes_are_refused_on_torch(monkeypatch):
    import torch

    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: 3)
    with pytest.raises(ValueError, match="trains in one process.*\\n?.*Received: 3 processes"):
        backend.check_devices(dense_gan())


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.distribute is TensorFlow's")
@pytest.mark.parametrize("outside", ["all", "networks", None])
def test_what_was_made_outside_of_a_strategy_is_refused(outside):
    import tensorflow as tf

    import keras_rgan as kr
    from tests.testing import dense_networks

    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    with strategy.scope() if outside is None else contextlib.nullcontext():
        networks = dense_networks()
    with strategy.scope() if outside != "all" else contextlib.nullcontext():
        gan = kr.RecurrentGAN(*networks, seed=0)
    assert backend.check_devices(gan) is None  # outside of the scope
    with strategy.scope():
        if outside is None:
            assert backend.check_devices(gan) is None
        else:
            with pytest.raises(ValueError, match="outside of the scope of the OneDeviceStrategy"):
                backend.check_devices(gan)


@pytest.mark.skipif(BACKEND == "tensorflow", reason="there an array has batches of our own")
def test_batches_are_left_to_keras():
    assert backend.batched(X, 2, True, dense_gan()) is None


@pytest.mark.skipif(BACKEND != "tensorflow", reason="elsewhere Keras's own way is as good")
def test_batches_hold_every_row_once_in_a_new_order_each_epoch():
    keras.utils.set_random_seed(0)
    rows = np.arange(50)
    given = {"x": rows.astype("float64"), "y": rows[:, None]}
    data = backend.batched(given, 8, False, dense_gan())
    batches = list(data)
    assert [len(b["x"]) for b in batches] == [8] * 6 + [2]
    assert batches[0]["x"].dtype == "float32"
    assert batches[0]["y"].dtype == "int64"
    np.testing.assert_array_equal(np.concatenate([b["x"] for b in batches]), rows)
    shuffled = backend.batched(given, 8, True, dense_gan())
    epochs = []
    for _ in range(2):
        batches = list(shuffled)
        for batch in batches:
            np.testing.assert_array_equal(batch["x"], batch["y"][:, 0])
        epochs.append(np.concatenate([b["x"] for b in batches]))
        np.testing.assert_array_equal(np.sort(epochs[-1]), rows)
    assert (epochs[0] != epochs[1]).any()


@pytest.mark.parametrize(
    ("variable", "cores", "advised"), [(None, 4, True), ("1", 4, False), (None, 1, False)]
)
def test_what_is_said_of_threads(variable, cores, advised, monkeypatch):
    monkeypatch.setattr(processors, "count", lambda: cores)
    if variable is None:
        monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    else:
        monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", variable)
    words = backend.thread_advice()
    if BACKEND != "tensorflow" or not advised:
        assert words is None
    else:
        assert "TF_NUM_INTRAOP_THREADS=1 and TF_NUM_INTEROP_THREADS=4" in words


class Interrupted(keras.callbacks.Callback):
    """Ends a loop as Ctrl-C does, in its first batch or behind it."""

    def __init__(self, when):
        super().__init__()
        for loop in ("train", "test", "predict"):
            setattr(self, f"on_{loop}_batch_{when}", self.interrupt)

    def interrupt(self, batch, logs=None):
        raise KeyboardInterrupt


def broken(number):
    """Batches of which one cannot be read."""

    class Broken(keras.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            if index == number:
                raise OSError("the disk is gone")
            return windows(10)

    return Broken()


def values(gan):
    return [np.array(to_numpy(v.value)) for v in (*gan.variables, *gan.optimizer.variables)]


def test_an_error_leaves_a_model_whole():
    """Keras's loops on JAX hold the weights of a model while they run, and lose them where they raise."""
    gan = dense_gan()
    gan.compile()
    data, options = windows(20), {"batch_size": 10, "verbose": 0}
    gan.fit(data, epochs=1, **options)
    noise, made, before = gan.sample_noise(4, seed=0), gan.generate(4, seed=0), values(gan)
    wrong, stops = np.zeros((4, 9), "float32"), [[Interrupted("begin")], [Interrupted("end")]]
    calls = [
        (ValueError, lambda: gan.predict(wrong, verbose=0)),
        *((KeyboardInterrupt, lambda s=s: gan.predict(noise, verbose=0, callbacks=s)) for s in stops),
        *((KeyboardInterrupt, lambda s=s: gan.evaluate(data, callbacks=s, **options)) for s in stops),
        *((Exception, lambda n=n: gan.evaluate(broken(n), verbose=0)) for n in (0, 2)),
        (Exception, lambda: gan.fit(broken(0), epochs=1, shuffle=False, verbose=0)),
        (KeyboardInterrupt, lambda: gan.fit(data, epochs=1, callbacks=stops[0], **options)),
    ]
    for number, (error, call) in enumerate(calls):
        with pytest.raises(error, match="the disk is gone" if error is Exception else None):
            call()
        for one, other in zip(before, values(gan), strict=True):
            np.testing.assert_array_equal(one, other, err_msg=str(number))
        np.testing.assert_array_equal(gan.generate(4, seed=0), made)
    with pytest.raises(Exception, match="the disk is gone"):
        gan.fit(broken(2), epochs=1, shuffle=False, verbose=0)
    trained = values(gan)
    assert all(np.isfinite(x).all() for x in trained)
    assert any((one != other).any() for one, other in zip(before, trained, strict=True))
    gan.fit(data, epochs=1, **options)
    assert np.isfinite(gan.evaluate(data, **options)).all()

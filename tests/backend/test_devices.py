"""The verbs of devices, on one."""

import contextlib

import keras
import numpy as np
import pytest
from keras import ops

from keras_rgan import backend
from keras_rgan.utils import processors
from tests.testing import BACKEND, dense_gan, to_numpy

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

"""Everything that `fit` takes, last partial batches included, learns the same."""

import keras
import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import (
    BACKEND,
    all_on_torch,
    dense_gan,
    refuses,
    slow_but_on_torch,
    slow_on_jax,
    state_of,
    windows,
)

DATA = windows(45)


class Batches(keras.utils.PyDataset):
    num_batches = 3

    def __getitem__(self, i):
        return DATA[i * 20 : (i + 1) * 20]


def datasets():
    import tensorflow as tf

    plain = tf.data.Dataset.from_tensor_slices(DATA).batch(20)
    return {
        "tf.data": plain,
        "tf.data of tuples": tf.data.Dataset.from_tensor_slices((DATA,)).batch(20),
        "tf.data without end": plain.repeat(),
    }


def loader():
    import torch

    tensors = torch.utils.data.TensorDataset(torch.as_tensor(DATA))
    return torch.utils.data.DataLoader(tensors, batch_size=20)


def train(data, **kwargs):
    gan = dense_gan()
    gan.compile()
    counted = []

    class Count(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            counted.append(batch)

    gan.fit(data, epochs=2, verbose=0, callbacks=[Count()], **kwargs)
    assert len(counted) == 6
    return gan


@pytest.fixture(scope="module")
def reference():
    return state_of(train(DATA, batch_size=20, shuffle=False))


SOURCES = [
    "tensor",
    "float64",
    "PyDataset",
    "tf.data",
    "tf.data of tuples",
    "tf.data without end",
    "DataLoader",
]


@pytest.mark.parametrize("kind", all_on_torch(SOURCES, ["PyDataset", "tf.data", "tf.data without end"]))
def test_kinds_of_data(kind, reference):
    options = {}
    if kind == "tensor":
        data, options = keras.ops.convert_to_tensor(DATA), {"batch_size": 20, "shuffle": False}
    elif kind == "float64":
        data, options = DATA.astype("float64"), {"batch_size": 20, "shuffle": False}
    elif kind == "PyDataset":
        data, options = Batches(), {"shuffle": False}
    elif kind == "DataLoader":
        pytest.importorskip("torch")
        data = loader()
    else:
        data = datasets()[kind]
        if kind.endswith("end"):
            options = {"steps_per_epoch": 3}
    if kind == "tf.data without end" and BACKEND != "tensorflow":
        options["steps_per_epoch"] = 3
    gan = train(data, **options)
    for a, b in zip(state_of(gan), reference, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert gan.examples.shape[1:] == (6, 2)
    assert np.isfinite(gan.evaluate(data, steps=3, verbose=0)).all()


def test_a_python_generator_once_the_data_is_known(reference):
    def batches():
        while True:
            yield from ((DATA[i : i + 20],) for i in range(0, 45, 20))

    gan = dense_gan()
    gan.compile()
    gan.adapt(DATA)
    gan.fit(batches(), epochs=2, steps_per_epoch=3, verbose=0)
    for a, b in zip(state_of(gan), reference, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@slow_but_on_torch
def test_validation_data_of_every_kind():
    for validation in (DATA, (DATA,), Batches(), datasets()["tf.data"]):
        gan = dense_gan()
        gan.compile()
        history = gan.fit(DATA, validation_data=validation, verbose=0, epochs=1).history
        assert np.isfinite(history["val_mmd"]).all()


def test_a_dataset_with_targets_is_refused():
    class Pairs(Batches):
        def __getitem__(self, i):
            return DATA[i * 20 : (i + 1) * 20], np.ones(20)

    gan = dense_gan()
    gan.compile()
    with pytest.raises(ValueError, match="without targets or weights"):
        gan.fit(Pairs(), verbose=0, epochs=1)


@slow_on_jax
def test_a_batch_of_one():
    gan = dense_gan()
    gan.compile()
    history = gan.fit(
        windows(21), batch_size=20, validation_data=windows(21), verbose=0, epochs=1
    ).history
    assert all(np.isfinite(v).all() for v in history.values())


@slow_on_jax
def test_float_data_in_large_units():
    data = windows() * 1e6 + 1e8
    gan = dense_gan()
    gan.compile()
    gan.fit(data, verbose=0, epochs=1)
    assert abs(gan.generate(100).mean() / data.mean() - 1.0) < 0.1


@slow_on_jax
def test_one_feature_and_constant_features():
    data = windows(num_features=2)
    data[..., 1] = 3.25
    gan = dense_gan()
    gan.compile()
    gan.fit(data, verbose=0, epochs=1)
    assert (gan.generate(10)[..., 1] == 3.25).all()
    single = kr.RecurrentGAN(seed=0)
    single.adapt(windows(num_features=1))
    assert single.generate(2).shape == (2, 6, 1)


@slow_but_on_torch
@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ((windows(20), np.arange(20)), {}, r"labels go in a dict, \(sequences, \{'label': labels\}\)"),
        ("data.csv", {}, r"Received: 'data.csv'. Read the file first: keras_rgan.data.from_frame"),
        (windows(20), {"batch_size": 0}, "batch_size.*Received: batch_size=0"),
    ],
    ids=["pair with targets", "path", "no batch"],
)
def test_a_first_try_is_told_what_is_wanted(data, options, message):
    gan = dense_gan()
    gan.compile()
    refuses(lambda: gan.fit(data, epochs=1, verbose=0, **options), message)

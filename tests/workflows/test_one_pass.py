"""How often data is read: what must be known of it is learned in one pass, and never twice."""

import keras
import numpy as np
import pytest

from tests.files import make
from tests.testing import BACKEND, all_on_torch, slow_on_jax

X = make.sequences()
EVERYTHING = {**make.conditions(), "length": make.lengths(), "observed": make.observed()}
SIZE, BATCHES = 8, 3

CASES = {
    "plain": ({}, {}),
    "labels": ({}, make.conditions()),
    "everything": ({}, EVERYTHING),
    "completion": ({"completion": True}, EVERYTHING),
    "per_sample": ({"scaler": "per_sample"}, make.conditions()),
    "attributes": ({"scaler": "per_sample", "attributes": "generated"}, make.conditions()),
    "no scaler": ({"scaler": None}, {}),
}


def batch(conditions, index):
    part = slice(index * SIZE, (index + 1) * SIZE)
    return (X[part], {k: v[part] for k, v in conditions.items()}) if conditions else X[part]


def counted(kind, conditions, counts):
    """Return a dataset of a kind, and let it count how often each batch is read."""

    def read(index):
        counts[index] += 1
        return batch(conditions, index)

    class Batches(keras.utils.PyDataset):
        num_batches = BATCHES

        def __getitem__(self, index):
            return read(index)

    if kind == "PyDataset":
        return Batches()
    if kind == "DataLoader":
        torch = pytest.importorskip("torch")
        indices = [(i,) for i in range(BATCHES)]
        return torch.utils.data.DataLoader(
            indices, batch_size=1, collate_fn=lambda chosen: read(chosen[0][0])
        )
    import tensorflow as tf

    def count(index):
        counts[int(index)] += 1
        return np.int64(index)

    def at(index):
        index = tf.numpy_function(count, [index], tf.int64)
        start = index * SIZE
        cut = [tf.constant(v)[start : start + SIZE] for v in (X, *conditions.values())]
        for part in cut:
            part.set_shape((SIZE, *part.shape[1:]))
        return (cut[0], dict(zip(conditions, cut[1:], strict=True))) if conditions else cut[0]

    return tf.data.Dataset.range(BATCHES).map(at)


def reads(counts, action, looks=0):
    """Return how often each batch is read by an action, the same for all.

    Keras itself looks at as many batches beforehand as `looks` says.
    """
    counts[:] = 0
    action()
    counts[:looks] -= 1
    assert len(set(counts)) == 1, counts
    return counts[0]


@pytest.mark.parametrize("kind", ["PyDataset", "tf.data", "DataLoader"])
@pytest.mark.parametrize("name", all_on_torch(CASES, ["everything"]))
def test_adapt_reads_once(name, kind):
    options, conditions = CASES[name]
    counts = np.zeros(BATCHES, int)
    data = counted(kind, conditions, counts)
    gan = make.small(**options)
    expected = 2 if options.get("scaler") == "per_sample" else 1
    assert reads(counts, lambda: gan.adapt(data)) == expected
    assert len(gan.examples) == SIZE


@slow_on_jax
@pytest.mark.parametrize("kind", all_on_torch(["PyDataset", "tf.data", "DataLoader"], ["tf.data"]))
@pytest.mark.parametrize("name", all_on_torch(["plain", "completion", "per_sample"], ["plain"]))
def test_the_first_fit_reads_once_beyond_an_epoch_and_others_never(name, kind):
    options, conditions = CASES[name]
    counts = np.zeros(BATCHES, int)
    data = counted(kind, conditions, counts)
    gan = make.small(**options)
    gan.compile(run_eagerly=True)
    # On TensorFlow Keras learns from two what shapes there are, unless it is told
    looks = 2 if BACKEND == "tensorflow" and kind != "tf.data" else 0
    first = reads(counts, lambda: gan.fit(data, verbose=0, epochs=1), looks)
    second = reads(counts, lambda: gan.fit(data, verbose=0, epochs=1), looks)
    assert second == 1
    assert first - second == (2 if options.get("scaler") == "per_sample" else 1)
    assert reads(counts, lambda: gan.evaluate(data, verbose=0), looks) == 1
    first_batch = batch(conditions, 0)
    options = {"batch_size": SIZE, "epochs": 1, "verbose": 0, "validation_data": data}
    assert reads(counts, lambda: gan.fit(first_batch, **options), looks) == 1
    if name != "per_sample":
        assert reads(counts, lambda: gan.calibrate(data, num_samples=20)) == 1

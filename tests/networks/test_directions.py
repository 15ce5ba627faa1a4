import numpy as np
import pytest
from keras import ops

from keras_rgan.layers import recurrence
from keras_rgan.networks import directions
from tests.testing import assert_close, to_numpy

X = np.random.default_rng(0).normal(size=(3, 8, 2)).astype("float32")
LENGTHS = np.array([8, 1, 5], "int32")


def make(go_backwards):
    layers = recurrence.stack(4, "gru", 2, seed=0, dtype="float32", go_backwards=go_backwards)
    layers[0].build((None, None, 2))
    layers[1].build((None, None, 4))
    return layers


def test_sequences_are_rotated():
    x = np.arange(10.0).reshape(2, 5, 1)
    found = to_numpy(directions.shifted(ops.convert_to_tensor(x), ops.convert_to_tensor([2, -1])))
    assert found[..., 0].tolist() == [[2, 3, 4, 0, 1], [9, 5, 6, 7, 8]]


@pytest.mark.parametrize("go_backwards", [False, True])
def test_either_direction_reads_each_sequence_as_if_it_stood_alone(go_backwards):
    layers = make(go_backwards)
    mask = np.arange(8) < LENGTHS[:, None]
    for known in (
        {"mask": None, "lengths": ops.convert_to_tensor(LENGTHS)},
        {"mask": mask, "lengths": None},
    ):
        outputs, last = directions.run(
            layers, ops.convert_to_tensor(X), training=False, truncation=None, **known
        )
        if go_backwards:
            outputs = directions.in_time(outputs, known["lengths"])
        for i, n in enumerate(LENGTHS):
            alone, end = directions.run(
                layers, ops.convert_to_tensor(X[i : i + 1, :n]), None, False, None, None
            )
            if go_backwards:
                alone = directions.in_time(alone, None)
            assert_close(last[i : i + 1], end, 1e-5)
            assert_close(outputs[i : i + 1, :n], alone, 1e-5)

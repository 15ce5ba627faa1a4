import numpy as np

from keras_rgan.sequences.tokens import check_ids, ids_of
from tests.testing import refuses, to_numpy


def test_ids_of_any_dtype_come_as_integers():
    for dtype in ("uint8", "int64", "float32", "bool"):
        ids = check_ids(np.array([[0, 1]], dtype), 2)
        assert ids.dtype == np.int64
        assert ids.tolist() == [[0, 1]]


def test_ids_of_vectors_are_those_of_argmax():
    vectors = np.random.default_rng(0).normal(size=(4, 3, 7)).astype("float32")
    vectors[0, 0] = vectors[1, 1, 2:4] = 9.0  # of several the first
    np.testing.assert_array_equal(to_numpy(ids_of(vectors)), vectors.argmax(axis=-1))


def test_what_is_no_id():
    refuses(
        lambda: check_ids([[0, 4], [9, 5]], 5),
        r"0 to 4.*9 at index \(1, 0\); 2 ids.*outside, from 5 to 9. Make",
    )
    refuses(lambda: check_ids([[0, 7]], 5), "Make the model with a vocabulary of 8 tokens at least")
    refuses(lambda: check_ids([-1], 5, " of sequence 3"), "of sequence 3. Received: -1")
    refuses(lambda: check_ids([-1, 2], 5), "from -1 to -1. Number tokens from 0 on")
    refuses(lambda: check_ids([0.5], 5), r"Received: 0.5 at index \(0,\). Real numbers are no tokens")
    refuses(lambda: check_ids([np.nan], 5), "whole numbers. Received: nan")
    refuses(lambda: check_ids(["a"], 5), "Pass text as strings, to a model made with")

import numpy as np

from keras_rgan.sequences.tokens import check_ids
from tests.testing import refuses


def test_ids_of_any_dtype_come_as_integers():
    for dtype in ("uint8", "int64", "float32", "bool"):
        ids = check_ids(np.array([[0, 1]], dtype), 2)
        assert ids.dtype == np.int64
        assert ids.tolist() == [[0, 1]]


def test_what_is_no_id():
    refuses(lambda: check_ids([[0, 4], [9, 5]], 5), r"0 to 4.*9 at index \(1, 0\); 2 ids.*largest is 9")
    refuses(lambda: check_ids([[0, 7]], 5), "Make the model with a vocabulary of 8 tokens at least")
    refuses(lambda: check_ids([-1], 5, " of sequence 3"), "of sequence 3. Received: -1")
    refuses(lambda: check_ids([0.5], 5), r"Received: 0.5 at index \(0,\). Real numbers are no tokens")
    refuses(lambda: check_ids([np.nan], 5), "whole numbers. Received: nan")
    refuses(lambda: check_ids(["a"], 5), "Pass text as strings, to a model made with")

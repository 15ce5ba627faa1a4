"""Results of many numbers are shown by their shapes."""

import dataclasses

import keras
import numpy as np

from keras_rgan.utils.shown import Shown


@dataclasses.dataclass(repr=False)
class Result(Shown):
    """Of several kinds."""

    few: object
    many: object
    parts: object
    names: object
    hidden: object = dataclasses.field(default=0, repr=False)


def test_a_result():
    result = Result(
        np.array([0.123456, 2.0]),
        keras.ops.zeros((3, 24, 5)),
        {"noise": np.zeros((2, 3)), "one": 1.0},
        ["a"] * 9,
    )
    assert repr(result) == (
        "Result(few=[0.1235, 2], many=(3, 24, 5), parts={'noise': (2, 3), 'one': 1.0}, names=9 of str)"
    )
    words = repr(Result(np.array(["a", None]), np.array(3.5), (np.zeros((9, 2)), 1), np.array([True])))
    assert words == "Result(few=['a', None], many=3.5, parts=((9, 2), 1), names=[True])"
    assert "names=['a', 'b'])" in repr(Result(1, [np.zeros(2)], (), ["a", "b"]))

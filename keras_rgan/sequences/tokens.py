"""Ids of tokens: what may be one."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from keras_rgan.sequences import reading
from keras_rgan.utils.types import Tensor


def check_ids(ids: Any, vocabulary_size: int, where: str = "") -> np.ndarray:
    """Return ids as integers.

    Args:
        ids: An array of any shape.
        vocabulary_size: How many tokens there are.
        where: Of what, for the message, as " of sequence 3".

    Raises:
        ValueError: If one is no whole number from 0 to below that.
    """
    values = reading.to_numpy(ids)
    if values.dtype.kind not in "fiub":
        raise ValueError(
            f"Expected ids of tokens, whole numbers{where}. Received: an array of dtype "
            f"{values.dtype}. Pass text as strings, to a model made with a TextVectorization or a list "
            "of words, or look each token up first."
        )
    if values.dtype.kind == "f":
        wrong = ~np.isfinite(values) | (values != np.round(values))
        if wrong.any():
            index = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise ValueError(
                f"Expected ids of tokens, whole numbers{where}. Received: {values[index]:g} at index "
                f"{index}. Real numbers are no tokens: look each up in a vocabulary first, or use a "
                "RecurrentGAN for them."
            )
    wrong = (values < 0) | (values >= vocabulary_size)
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"Expected ids from 0 to {vocabulary_size - 1}, of a vocabulary of {vocabulary_size} "
            f"tokens{where}. Received: {values[index]:g} at index {index}; {int(wrong.sum())} ids lie "
            f"outside, from {values[wrong].min():g} to {values[wrong].max():g}. "
            + (
                f"Make the model with a vocabulary of {int(values.max()) + 1} tokens at least, or "
                "replace rare tokens by one for all of them."
                if values.min() >= 0
                else "Number tokens from 0 on."
            )
        )
    return values.astype("int64")


def one_hot(ids: Tensor, vocabulary_size: int) -> Tensor:
    """Return float32 vectors that are 1 at the id, `(…, vocabulary_size)`.

    On torch `ops.one_hot` takes five times as long.
    """
    places = ops.arange(vocabulary_size, dtype="int32")
    return ops.cast(ops.equal(ops.cast(ids, "int32")[..., None], places), "float32")


def ids_of(vectors: Tensor) -> Tensor:
    """Return the id of the largest entry of each vector, the first of several, `(…,)` int32.

    `ops.argmax` looks at the bits of numbers on TensorFlow, which formats for export do not.
    """
    largest = ops.equal(vectors, ops.max(vectors, axis=-1, keepdims=True))
    count = vectors.shape[-1]
    places = ops.where(largest, ops.arange(count, dtype="float32"), float(count))
    return ops.cast(ops.min(places, axis=-1), "int32")

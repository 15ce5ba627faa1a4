"""What both networks do with columns of conditions."""

from __future__ import annotations

from typing import Any

import keras

from keras_rgan.utils import seeding
from keras_rgan.utils.types import Tensor


def embedding(width: int, num_columns: int, seed: int | None, dtype: Any) -> keras.Layer | None:
    """Return the layer that embeds static conditions; None where there are none.

    With a width of 0 they stay as they are.
    """
    if not num_columns:
        return None
    if not width:
        return keras.layers.Identity(dtype=dtype, name="embedding")
    return keras.layers.Dense(
        width, kernel_initializer=seeding.glorot(seed, "embedding"), dtype=dtype, name="embedding"
    )


def check_columns(conditions: Tensor | None, temporal: int, static: int) -> None:
    """Refuse another number of columns than a network was made for.

    Raises:
        ValueError: If there are more or fewer.
    """
    given = 0 if conditions is None else conditions.shape[-1]
    if given != temporal + static:
        raise ValueError(
            f"Expected {temporal + static} columns of conditions (temporal_conditions={temporal}, "
            f"static_conditions={static}). Received: {given}"
        )


def check_tells_length(variable_length: bool, temporal: int) -> None:
    """Refuse that a column tells which steps count where there is none at each step.

    Raises:
        ValueError: If it is so.
    """
    if variable_length and not temporal:
        raise ValueError(
            "Which steps count is a temporal condition. Received: variable_length=True with "
            "temporal_conditions=0"
        )

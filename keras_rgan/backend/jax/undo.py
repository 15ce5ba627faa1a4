"""A step that is taken back, on the device."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import keras

from keras_rgan.utils.types import Tensor, Updates


def sum_of_squares(tensors: Sequence[Tensor | None]) -> Tensor:
    """Return the sum of the squares of all numbers, `()`."""
    return sum(jnp.sum(jnp.square(x.astype("float32"))) for x in tensors if x is not None)


def values_of(variables: Sequence[keras.Variable], memory: list[Tensor]) -> list[Tensor]:
    """Return the values of variables as they are now.

    Args:
        variables: The variables.
        memory: An empty list at first, in which a backend may keep room for the next call.
    """
    del memory
    return [v.value for v in variables]


def assign_unless(flag: Tensor, updates: Updates) -> None:
    """Assign values to variables, unless a flag is set.

    Args:
        flag: The flag, `()`.
        updates: Called where it may be needed.
    """
    for variable, value in updates():
        if variable.value is not value:
            variable.assign(jnp.where(flag, variable.value, value))

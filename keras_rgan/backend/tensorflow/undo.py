"""A step that is taken back, on the device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_rgan.backend.tensorflow.devices import replica_count
from keras_rgan.utils.types import Tensor, Updates


def sum_of_squares(tensors: Sequence[Tensor | None]) -> Tensor:
    """Return the sum of the squares of all numbers, `()`."""
    parts = [tf.convert_to_tensor(x) for x in tensors if x is not None]
    return 2.0 * tf.add_n([tf.nn.l2_loss(tf.cast(x, "float32")) for x in parts])


def values_of(variables: Sequence[keras.Variable], memory: list[Tensor]) -> list[Tensor]:
    """Return the values of variables as they are now.

    Args:
        variables: The variables.
        memory: An empty list at first, in which a backend may keep room for the next call.
    """
    del memory
    return [tf.identity(v.value) for v in variables]


def assign_unless(flag: Tensor, updates: Updates) -> None:
    """Assign values to variables, unless a flag is set.

    Args:
        flag: The flag, `()`, the same on all replicas.
        updates: Called where it may be needed.
    """
    if replica_count() > 1:
        _assign_everywhere(flag, updates())
        return

    def assign() -> None:
        for variable, value in updates():
            variable.value.assign(value)

    tf.cond(flag, lambda: None, assign)


def _assign_everywhere(flag: Tensor, updates: Sequence[tuple[keras.Variable, Tensor]]) -> None:
    """Do the same on all replicas: mirrored variables change outside of them only."""
    mirrored = []
    for variable, value in updates:
        if variable.synchronization == "on_read":
            variable.value.assign(tf.where(flag, variable.value, value))
        else:
            mirrored.append((variable.value, value))

    def merged(strategy: Any, flag: Any, *values: Any) -> None:
        def assign() -> None:
            for (variable, _), value in zip(mirrored, values, strict=True):
                strategy.extended.update(variable, lambda v, x: v.assign(x), args=(value,))

        tf.cond(strategy.experimental_local_results(flag)[0], lambda: None, assign)

    context = tf.distribute.get_replica_context()
    context.merge_call(merged, args=(flag, *(value for _, value in mirrored)))

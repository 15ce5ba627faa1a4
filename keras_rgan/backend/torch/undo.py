"""A step that is taken back, on the device."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import torch

from keras_rgan.utils.types import Tensor, Updates


def sum_of_squares(tensors: Sequence[Tensor | None]) -> Tensor:
    """Return the sum of the squares of all numbers, `()`."""
    parts = [x.detach().float() for x in tensors if x is not None]
    return torch.stack(torch._foreach_norm(parts)).square().sum()


def values_of(variables: Sequence[keras.Variable], memory: list[Tensor]) -> list[Tensor]:
    """Return the values of variables as they are now.

    Args:
        variables: The variables.
        memory: An empty list at first, in which a backend may keep room for the next call.
    """
    values = [v.value for v in variables]
    with torch.no_grad():
        if memory:
            torch._foreach_copy_(memory, values)
        else:
            memory.extend(value.clone() for value in values)
    return memory


def assign_unless(flag: Tensor, updates: Updates) -> None:
    """Assign values to variables, unless a flag is set.

    Args:
        flag: The flag, `()`.
        updates: Called where it may be needed.
    """
    # A processor has the flag at hand; of other devices asking would wait for the step.
    if flag.device.type == "cpu" and bool(flag):
        return
    with torch.no_grad():
        for variable, value in updates():
            variable.value.copy_(torch.where(flag, variable.value, value))

"""Results of many numbers, shown in a few."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np

FEW = 4
"""Arrays of so many numbers at the most are shown whole."""


class Shown:
    """A dataclass whose arrays are shown by their shapes: `Result(samples=(8, 24, 5), shares=(5,))`."""

    def __repr__(self) -> str:
        fields = [field for field in dataclasses.fields(self) if field.repr]  # type: ignore[arg-type]
        values = ", ".join(f"{field.name}={_words(getattr(self, field.name))}" for field in fields)
        return f"{type(self).__name__}({values})"


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {_words(part)}" for name, part in value.items()) + "}"
    if isinstance(value, np.ndarray) or keras.ops.is_tensor(value):
        if value.ndim == 1 and len(value) <= FEW:
            return "[" + ", ".join(f"{number:.4g}" for number in np.asarray(value)) + "]"
        return str(tuple(value.shape))
    if isinstance(value, list) and len(value) > FEW:
        return f"{len(value)} of {type(value[0]).__name__}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_words, value)) + "]"
    return repr(value)

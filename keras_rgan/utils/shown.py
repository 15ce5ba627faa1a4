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
    if isinstance(value, list | tuple):
        if len(value) > FEW:
            return f"{len(value)} of {type(value[0]).__name__}"
        parts = ", ".join(map(_words, value))
        return f"[{parts}]" if isinstance(value, list) else f"({parts})"
    if keras.ops.is_tensor(value):
        value = keras.ops.convert_to_numpy(value)
    if not isinstance(value, np.ndarray):
        return repr(value)
    if value.size > FEW or value.ndim > 1:
        return str(value.shape)
    short = [f"{x:.4g}" if value.dtype.kind == "f" else repr(x) for x in np.ravel(value).tolist()]
    return f"[{', '.join(short)}]" if value.ndim else short[0]

"""What a metric says of several sets, side by side."""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Yardsticks:
    """What a metric says of generated sequences, and what of those that one can hold it against.

    Args:
        score: Of the generated sequences.
        floor: Of other real ones, as many.
        copula: Of those of a `GaussianCopula` of these others; None of data that it cannot hold.

    Example:
        >>> import keras_rgan as kr
        >>> print(kr.metrics.Yardsticks(0.2, 0.01, 0.35))
        score 0.200, floor 0.010, copula 0.350
    """

    score: Any
    floor: Any
    copula: Any

    def __str__(self) -> str:
        parts = ((n, getattr(self, n)) for n in ("score", "floor", "copula"))
        return ", ".join(f"{name} {_in_words(value)}" for name, value in parts if value is not None)


def _in_words(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)

"""What a measure with random parts reports."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np


@dataclasses.dataclass(frozen=True)
class Score:
    """A measure's mean and spread over repeats with different seeds.

    Args:
        values: The value of every repeat.

    Example:
        >>> import keras_rgan as kr
        >>> score = kr.metrics.Score((0.1, 0.3))
        >>> f"{score.mean:.2f} {score.spread:.2f}", str(score)
        ('0.20 0.14', '0.200 ± 0.141')
    """

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> Score:
        """Make a score of numbers of any kind."""
        return cls(tuple(float(v) for v in values))

    @property
    def mean(self) -> float:
        """The mean over repeats."""
        return float(np.mean(self.values))

    @property
    def spread(self) -> float:
        """The standard deviation over repeats; 0 for a single one."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else 0.0

    def __float__(self) -> float:
        return self.mean

    def __str__(self) -> str:
        return f"{self.mean:.3f} ± {self.spread:.3f}"

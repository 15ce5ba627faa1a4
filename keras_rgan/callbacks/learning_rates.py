"""Learning rates that fall towards the end of training."""

from __future__ import annotations

import math
from typing import Any

import keras

from keras_rgan.utils.variables import value_of

FINAL_RATE = 0.1
"""The last rate, as a factor of the first."""


class LearningRates:
    """The rates of a model's optimizers, and what they were at first.

    Those that follow a schedule or a function are left to it: such a rate is a value, and cannot be
    set.

    Args:
        optimizer: A model's optimizer, or one that has `optimizers`.
    """

    def __init__(self, optimizer: Any) -> None:
        parts = getattr(optimizer, "optimizers", [optimizer])
        # The wrapper of mixed precision hands the rate on.
        inner = [getattr(part, "inner_optimizer", part) for part in parts]
        self.optimizers = [o for o in inner if isinstance(o.learning_rate, keras.Variable)]
        self.first = [float(value_of(o.learning_rate)) for o in self.optimizers]

    def fall(self, progress: float, final_rate: float = FINAL_RATE) -> None:
        """Set the rates to where they are after a share of the way, along a cosine."""
        progress = min(max(progress, 0.0), 1.0)
        factor = final_rate + (1.0 - final_rate) * 0.5 * (1.0 + math.cos(math.pi * progress))
        for optimizer, rate in zip(self.optimizers, self.first, strict=True):
            optimizer.learning_rate = factor * rate

    def reset(self) -> None:
        """Set the rates to what they were at first."""
        self.fall(0.0)

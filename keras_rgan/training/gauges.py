"""What is measured of every turn of a network, where somebody asks for it."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.utils.types import Tensor

ROLES = ("generator", "discriminator")
"""Whose turns there are."""


class Turn(NamedTuple):
    """A turn of a network.

    Attributes:
        role: Whose it is, "generator" or "discriminator".
        loss: What it goes down.
        gradients: The loss's, None for a weight that it does not depend on.
        squares: The sum of their squares, where the step has computed it anyhow.
    """

    role: str
    loss: Tensor
    gradients: Sequence[Tensor | None]
    squares: Tensor | None = None


class Gauge(keras.metrics.Metric, abc.ABC):
    """A metric of the turns of a step, in the logs of `fit` under its name.

    It belongs to one `fit`: a callback adds it by `model.add_gauges` when training begins. Without any
    nothing is measured. A step that XLA compiles may round otherwise with one in it.
    """

    @abc.abstractmethod
    def at_turn(self, turn: Turn) -> None:
        """Take in a turn, in `keras.ops`."""


class GradientNorm(Gauge):
    """The Euclidean norm of a network's gradients, the mean over the turns of an epoch.

    Args:
        role: Whose gradients.
    """

    def __init__(self, role: str) -> None:
        super().__init__(name=f"{role}_gradient_norm", dtype="float32")
        self.role = role
        self.total = self.add_variable((), "zeros", "float32", name="total")
        self.turns = self.add_variable((), "zeros", "float32", name="turns")

    def at_turn(self, turn: Turn) -> None:
        """Add the norm of a turn."""
        if turn.role != self.role or all(gradient is None for gradient in turn.gradients):
            return
        squares = turn.squares
        if squares is None:
            squares = backend.sum_of_squares(turn.gradients)
        self.total.assign(self.total.value + ops.sqrt(squares))
        self.turns.assign(self.turns.value + 1.0)

    def result(self) -> Tensor:
        """Return the mean."""
        return self.total.value / ops.maximum(self.turns.value, 1.0)


def unscaled(gradients: Sequence[Tensor | None], optimizer: Any) -> list[Tensor | None]:
    """Return gradients of a loss that an optimizer may scale as they are without."""
    if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return list(gradients)
    scale = ops.cast(optimizer.scale_loss(ops.ones(())), "float32")
    return [None if g is None else ops.cast(g, "float32") / scale for g in gradients]

"""One step of a mixture of autoregressions."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from keras_rgan.utils.types import Shape, Tensor

REACH = 8.0
"""How many deviations from its mean a value lies at the most."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class MixtureCell(keras.layers.Layer):
    """A step that follows from those before by one of several linear laws, drawn as they make likely.

    Args:
        order: How many steps before count.
        components: How many laws there are.
        **kwargs: Arguments of `keras.layers.Layer`.
    """

    def __init__(self, order: int, components: int, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.order, self.components = order, components
        self.state_size = 0
        self.output_size = 0

    def build(self, input_shape: Shape) -> None:
        """Create the weights, of independent noise."""
        count = (input_shape[-1] or 1) - 1
        size, laws = self.order * count, self.components
        self.state_size, self.output_size = size, count
        options = {"trainable": False, "autocast": False, "dtype": "float32"}
        self.logs = self.add_weight((laws,), "zeros", name="logs", **options)
        self.centres = self.add_weight((laws, size), "zeros", name="centres", **options)
        self.whiten = self.add_weight((laws, size, size), "zeros", name="whiten", **options)
        self.mean = self.add_weight((laws, count), "zeros", name="mean", **options)
        self.follow = self.add_weight((laws, size, count), "zeros", name="follow", **options)
        self.new = self.add_weight((laws, count, count), "zeros", name="new", **options)

    def call(self, inputs: Tensor, states: list[Tensor], training: bool = False) -> Any:
        """Return the step, and the steps before the next."""
        (past,) = states
        noise, choice = inputs[:, :-1], inputs[:, -1:]
        left = ops.expand_dims(past, 1) - self.centres
        distance = ops.sum(ops.square(ops.einsum("bkj,kij->bki", left, self.whiten)), axis=-1)
        logs = self.logs - 0.5 * distance
        shares = ops.exp(logs - ops.logsumexp(logs, axis=-1, keepdims=True))
        law = drawn(ops.cumsum(shares, axis=-1)[:, :-1], _normal_cdf(choice))
        steps = self.mean + ops.einsum("bkj,kjf->bkf", left, self.follow)
        steps = steps + ops.einsum("bg,kgf->bkf", noise, self.new)
        step = ops.clip(ops.einsum("bk,bkf->bf", law, steps), -REACH, REACH)
        return step, [ops.concatenate([past[:, noise.shape[-1] :], step], axis=-1)]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "order": self.order, "components": self.components}


def drawn(bounds: Tensor, choice: Tensor) -> Tensor:
    """Return which part between bounds a number lies in, one-hot, `(batch, bounds + 1)`.

    Args:
        bounds: In order, `(batch, bounds)` or `(bounds,)`.
        choice: `(batch, 1)`.
    """
    beyond = ops.cast(choice > bounds, "float32")
    edge = ops.ones_like(choice)
    return ops.concatenate([edge, beyond], axis=-1) - ops.concatenate(
        [beyond, ops.zeros_like(edge)], axis=-1
    )


def _normal_cdf(x: Tensor) -> Tensor:
    """Return the share of N(0, 1) below x, to 0.0003: files of LiteRT know no error function."""
    return 0.5 * (1.0 + ops.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))

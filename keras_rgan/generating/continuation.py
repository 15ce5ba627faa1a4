"""A generator that goes on where it stopped, compiled as Keras compiles `predict`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from keras_rgan.utils.types import Nested


def averaged_scope(
    network: keras.Model, weights: Sequence[keras.Variable], averages: Sequence[keras.Variable]
) -> tuple[keras.StatelessScope, list[keras.Variable]]:
    """Return a scope in which averages stand in for a network's weights, and its other variables.

    Among the weights may be those of other networks.
    """
    known = {id(v): average for v, average in zip(weights, averages, strict=True)}
    others = [v for v in network.variables if id(v) not in known]
    mapping = [(v, known.get(id(v), v).value) for v in network.variables]
    return keras.StatelessScope(mapping), others


class Continuation(keras.Model):
    """Makes the next part of sequences of noise and of the state after the part before.

    Args:
        generator: A model with `continue_from`.
        weights: The generator's weights that have an average.
        averages: Their averages, which stand in for them.
    """

    def __init__(
        self,
        generator: Any,
        weights: Sequence[keras.Variable],
        averages: Sequence[keras.Variable],
    ) -> None:
        super().__init__()
        self.generator = generator
        self.averaged = list(weights)
        self.averages = list(averages)
        self.built = True

    def call(self, inputs: dict[str, Nested]) -> tuple[Any, list[Any]]:
        """Return the samples in the scaled space, and the state after them."""
        scope, _ = averaged_scope(self.generator, self.averaged, self.averages)
        with scope:
            return self.generator.continue_from(inputs["noise"], inputs.get("state"), training=False)

"""A generator that goes on where it stopped, compiled as Keras compiles `predict`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from keras_rgan.types import Nested


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
        replaced = {id(v) for v in self.averaged}
        mapping = [
            *((v, a.value) for v, a in zip(self.averaged, self.averages, strict=True)),
            *((v, v.value) for v in self.generator.variables if id(v) not in replaced),
        ]
        with keras.StatelessScope(mapping):
            return self.generator.continue_from(inputs["noise"], inputs.get("state"), training=False)

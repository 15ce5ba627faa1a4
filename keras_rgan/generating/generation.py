"""A call of a model: from noise to samples in the data's units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_rgan.networks import fit_check
from keras_rgan.training.samples import beside
from keras_rgan.utils.types import Nested, Tensor


class Generation:
    """Makes samples of noise, which has the columns of conditions beside it where there are any.

    Args:
        model: The `RecurrentGAN`.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def make(self, inputs: Nested, without: Sequence[str] = (), entered: bool = False) -> Tensor:
        """Make samples with averaged weights, in the data's units.

        Args:
            inputs: Noise, with the columns of conditions.
            without: What samples are not held to, as in `SequenceScaler.restore`.
            entered: Whether to stay in the units of `SequenceScaler.enter`.
        """
        return self.restored(self.scaled(inputs), self._columns_of(inputs), without, entered)

    def train(self, inputs: Nested) -> Tensor:
        """Make samples as the generator trains, in the data's units."""
        samples = self.finish(self.model.generator(inputs, training=True), inputs)
        return self.restored(samples, self._columns_of(inputs))

    def scaled(self, inputs: Nested) -> Tensor:
        """Make samples with averaged weights, in the networks' space."""
        with self.model.average.scope(self.model.generator):
            samples = self.model.generator(inputs, training=False)
        return self.finish(samples, inputs)

    def finish(self, samples: Tensor, inputs: Nested) -> Tensor:
        """Return what the generator made of inputs as it is to be, in the networks' space."""
        columns = self._columns_of(inputs)
        for capability in self.model.capabilities:
            samples = capability.finish(samples, columns)
        return samples

    def restored(
        self, samples: Tensor, columns: Any, without: Sequence[str] = (), entered: bool = False
    ) -> Tensor:
        """Map what was made beside columns of conditions to the data's units, or those of `enter`."""
        samples = ops.cast(samples, "float32")
        if self.model.scaler is None:
            return samples
        ways: dict[str, Tensor] = {}
        for capability in self.model.capabilities:
            ways |= capability.way_back(columns)
        return self.model.scaler.restore(samples, **ways, without=without, entered=entered)

    def _columns_of(self, inputs: Nested) -> Any:
        return inputs["conditions"] if self.model.layout.total else None

    def specs(self, length: int | None) -> Nested:
        """Return Keras tensors of what a call takes."""
        columns = fit_check.symbolic_columns(self.model.layout, length)
        return beside(self.model.noise_spec.symbolic(length), columns)

    def check(self, noise: Nested) -> None:
        """Refuse what is no noise of the generator's.

        Raises:
            ValueError: If it is packed otherwise, or has other shapes.
        """
        expected = self.specs(None)
        received = keras.tree.map_structure(lambda x: tuple(x.shape), noise)
        try:
            keras.tree.assert_same_structure(expected, noise)
            fits = all(
                len(a.shape) == len(b.shape)
                and all(None in (n, m) or n == m for n, m in zip(a.shape, b.shape, strict=True))
                for a, b in zip(keras.tree.flatten(expected), keras.tree.flatten(noise), strict=True)
            )
        except (ValueError, TypeError):
            fits = False
        if not fits:
            shapes = keras.tree.map_structure(lambda x: tuple(x.shape), expected)
            raise ValueError(
                f"A RecurrentGAN is called with noise, of shape {shapes}. Received: {received}. Use "
                "generate(num_samples), or pass what sample_noise(num_samples) returns."
            )

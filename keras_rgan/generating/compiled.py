"""What is compiled, as Keras compiles `predict`, beside a call of the model itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.training.weight_average import averaged_scope
from keras_rgan.utils.types import Nested, Tensor
from keras_rgan.utils.untracked import Untracked


class FreeGenerator(keras.Model):
    """Makes what a call of a `RecurrentGAN` makes, but for some of what that holds samples to.

    Samples stay in the units of `SequenceScaler.enter`.

    Args:
        gan: The model.
        without: What `scaler.restore` goes without.
    """

    def __init__(self, gan: Any, without: Sequence[str]) -> None:
        super().__init__(dtype=gan.dtype_policy)
        self.autocast = gan.autocast
        self.without = tuple(without)
        self.generator, self.scaler = gan.generator, gan.scaler
        self.averages = list(gan.ema_weights)
        self.finishing = [layer for c in gan.capabilities for layer in c.layers]
        self._gan = Untracked(gan)
        self.built = True

    def call(self, inputs: Nested) -> Tensor:
        """Make samples of noise, in the units of `SequenceScaler.enter`."""
        with backend.collectable_graphs():
            return self._gan.value.rooms.generation.make(inputs, self.without, entered=True)


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
        with backend.collectable_graphs(), scope:
            return self.generator.continue_from(inputs["noise"], inputs.get("state"), training=False)


class Bridges(keras.Model):
    """Tells what is known of sequences with gaps, as a generator that completes them is shown it.

    Args:
        scaler: A `SequenceScaler`, or None.
        gap_features: A `GapFeatures`.
    """

    def __init__(self, scaler: Any, gap_features: Any) -> None:
        super().__init__()
        self.scaler, self.gap_features = scaler, gap_features
        self.built = True

    def call(self, inputs: dict[str, Tensor]) -> Tensor:
        """Return `GapFeatures` of sequences in the scaler's units, and of what is observed."""
        sequences = ops.cast(inputs["sequences"], "float32")
        if self.scaler is not None:
            sequences = self.scaler(sequences, entered=True)
        return self.gap_features(sequences, inputs["observed"])

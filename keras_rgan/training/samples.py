"""Real and generated batches of a step, alike but for who made them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.sequences.batch import Arrival, Batch
from keras_rgan.utils.types import Nested, Tensor


class Draws(NamedTuple):
    """What a generated batch is made of.

    Attributes:
        noise: As the generator takes it, `copies` times as many rows as the real batch.
        own: What each capability draws.
        copies: How many samples of each condition.
    """

    noise: Nested
    own: list[Any]
    copies: int


class Samples:
    """Makes batches of the data, and of the generator: the same chain for every turn and evaluation.

    Args:
        model: The `RecurrentGAN`.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def real(self, data: Any, seed: keras.random.SeedGenerator) -> Batch:
        """Return a batch of the data as the networks see it.

        Raises:
            ValueError: If it has another shape than the networks, other conditions than the model, or
                targets.
        """
        model = self.model
        arrival = Arrival.of(data)
        model.admission.check_shape(tuple(arrival.sequences.shape))
        for capability in model.capabilities:
            arrival = capability.receive(arrival)
        length = ops.shape(arrival.sequences)[1] if model.layout.total else None
        columns = encode(model.conditions, arrival.conditions, length)
        sequences = self.to_scaled(arrival.sequences, arrival.counting)
        batch = Batch(sequences, columns, arrival.observed, arrival.taken)
        batch = batch._replace(sequences=self.as_real(sequences, batch))
        own = [capability.columns(batch, seed) for capability in model.capabilities]
        columns = model.layout.assemble(columns, [part for part in own if part is not None])
        if arrival.public is None:
            return batch._replace(columns=columns)
        public = encode(model.conditions, arrival.public, ops.shape(arrival.sequences)[1])
        return batch._replace(columns=columns, public=model.layout.assemble(public, []))

    def as_real(self, sequences: Tensor, batch: Batch) -> Tensor:
        """Return sequences without what no real ones of such a batch show."""
        for capability in reversed(self.model.capabilities):
            sequences = capability.as_real(sequences, batch)
        return sequences

    def draw(self, batch: Batch, seed: keras.random.SeedGenerator, copies: int = 1) -> Draws:
        """Draw what is needed to generate as many samples as a batch has, `copies` of each."""
        size, length = ops.shape(batch.sequences)[:2]
        noises = [self.model.noise_spec.draw(size, length, seed) for _ in range(copies)]
        noise = noises[0]
        if copies > 1:
            noise = keras.tree.map_structure(lambda *parts: ops.concatenate(parts), *noises)
        own = [capability.draw(batch, seed) for capability in self.model.capabilities]
        return Draws(noise, own, copies)

    def generated(self, batch: Batch, draws: Draws) -> list[Batch]:
        """Return batches of the generator as it trains, G(z | c), `draws.copies` of them.

        Values off the data's range or lattice stay as they are until they are restored: trained
        through rounding or clipping, with the gradient passed straight through, generators of energy
        and stocks diverged.
        """
        columns = self._beside_generated(batch, draws, averaged=False)
        inputs = beside(draws.noise, self._repeated(columns, draws.copies))
        sequences = ops.cast(self.model.generator(inputs, training=True), "float32")
        if self.model.scaler is not None:
            sequences = self.model.scaler.copy(sequences)
        sequences = self.model.rooms.generation.finish(sequences, inputs)
        return self._like(batch, columns, sequences, draws.copies)

    def constant(self, batch: Batch, draws: Draws) -> Batch:
        """Return a generated batch to train the discriminator: no gradient leads to the generator."""
        with backend.no_gradient():
            (fake,) = self.generated(batch, draws)
            columns = None if fake.columns is None else ops.stop_gradient(fake.columns)
            return fake._replace(sequences=ops.stop_gradient(fake.sequences), columns=columns)

    def averaged(self, batch: Batch, draws: Draws, restored: bool) -> list[Batch]:
        """Return batches of the averaged generator, `draws.copies` of them.

        Args:
            batch: The real batch.
            draws: What `draw` returned.
            restored: Whether samples are restored and scaled again, and so keep to what is allowed.
        """
        columns = self._beside_generated(batch, draws, averaged=True)
        repeated = self._repeated(columns, draws.copies)
        sequences = self.model.rooms.generation.scaled(beside(draws.noise, repeated))
        sequences = ops.cast(sequences, "float32")
        if restored and self.model.scaler is not None:
            counting = self.model.layout.counting_of(repeated)
            sequences = self.to_scaled(
                self.model.rooms.generation.restored(sequences, repeated, entered=True), counting
            )
        return self._like(batch, columns, sequences, draws.copies)

    def to_scaled(self, sequences: Tensor, counting: Tensor | None) -> Tensor:
        """Map sequences from the scaler's units to the networks' space.

        Args:
            sequences: `(batch, time, features)`, as `SequenceScaler.enter` returns them.
            counting: Which steps count, `(batch, time)`; None for all.
        """
        scaler = self.model.scaler
        if scaler is None:
            return ops.cast(sequences, "float32")
        if counting is None or not scaler.per_sequence:
            return scaler(sequences, entered=True)
        return scaler(sequences, mask=counting, entered=True)

    def _beside_generated(self, batch: Batch, draws: Draws, averaged: bool) -> Any:
        columns = batch.columns
        for capability, own in zip(self.model.capabilities, draws.own, strict=True):
            columns = capability.beside_generated(columns, own, averaged)
        return columns

    def _repeated(self, columns: Any, copies: int) -> Any:
        return columns if columns is None or copies == 1 else ops.concatenate([columns] * copies)

    def _like(self, batch: Batch, columns: Any, sequences: Tensor, copies: int) -> list[Batch]:
        """Return generated sequences, `copies` sets of them, as batches like a real one."""
        sets = [sequences] if copies == 1 else ops.split(sequences, copies)
        fakes = [batch._replace(sequences=sequences, columns=columns) for sequences in sets]
        return [fake._replace(sequences=self.as_real(fake.sequences, fake)) for fake in fakes]


def beside(noise: Nested, columns: Any) -> Nested:
    """Return noise with the columns of conditions beside it, where there are any."""
    return noise if columns is None else {**noise, "conditions": columns}


def encode(encoder: Any, conditions: Mapping[str, Any], length: Any) -> Tensor | None:
    """Return the columns of encoded conditions, `(batch, length, columns)`, where there are any."""
    if encoder is None or not encoder.column_names:
        return None
    return encoder({name: conditions[name] for name in encoder.column_names}, length=length)

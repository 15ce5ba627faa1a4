"""The one interface by which capabilities plug into the game."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.conditioning.streams import ConditionStreams
from keras_rgan.sequences.batch import Arrival, Batch
from keras_rgan.utils.types import Shape, Tensor

Rows = dict[str, np.ndarray]
"""Conditions by name, as a `ConditionEncoder` takes them, a row for each sequence."""


class Capability:
    """Something that sequences can come with beyond their values. By itself it does nothing.

    Subclass it to add one of your own: overwrite what it has to say, register the class with
    `keras.saving.register_keras_serializable` and pass an instance to `RecurrentGAN(capabilities=[…])`.
    The model takes a copy. Labels, lengths, gaps, ranges, generated attributes and completion are
    written this way. In a step all of this is traced: write it with `keras.ops`.

    On the way in capabilities are asked in the model's order, those of the user before completion; on
    the way out (`as_real`, `deliver`) in the reverse.

    Attributes:
        model: The `RecurrentGAN`, once it has the capability. Of use are its `conditions` (the
            `ConditionEncoder`, or None), `scaler`, `layout` (the `ColumnLayout`) and `data_shape`.
        own_conditions: Names of conditions that it measures in `receive`, so that users pass none.
        made_conditions: Names of conditions that it makes in `draw_rows`, whatever the rows say.
        tracker: A metric that logs `generator_term`, or None.
        extra_draws: How many further samples of each condition `generator_term` needs; 0 for no term.
        weight: Factor of `generator_term`.

    Example:
        >>> import keras, keras_rgan as kr
        >>> from keras import ops
        >>> @keras.saving.register_keras_serializable(package="mine")
        ... class Clock(kr.conditioning.Capability):
        ...     '''Tells both networks how far a sequence has come, in a column of 0 … 1.'''
        ...
        ...     def num_columns(self, num_features):
        ...         return 1
        ...
        ...     def columns(self, batch, seed):
        ...         return self.columns_to_generate(*ops.shape(batch.sequences)[:2], {})
        ...
        ...     def columns_to_generate(self, num_samples, length, rows):
        ...         steps = ops.arange(length, dtype="float32") / length
        ...         return ops.broadcast_to(steps[None, :, None], (num_samples, length, 1))
        >>> gan = kr.RecurrentGAN(capabilities=[Clock()], seed=0)
        >>> gan.compile()
        >>> history = gan.fit(kr.datasets.make_sines(64, length=8, num_features=2), epochs=1, verbose=0)
        >>> gan.generator.temporal_conditions, gan.generate(3, seed=0).shape
        (1, (3, 8, 2))
    """

    model: Any = None
    own_conditions: tuple[str, ...] = ()
    made_conditions: tuple[str, ...] = ()
    tracker: keras.metrics.Metric | None = None
    extra_draws: int = 0
    weight: float = 1.0

    # The model

    def check_model(self) -> None:
        """Refuse a model whose arguments do not go together."""

    @property
    def missing_values(self) -> bool:
        """Whether NaN stands for a value that is missing in the data that the model knows."""
        return False

    @property
    def needs_all_values(self) -> bool:
        """Whether there can be no missing values with it."""
        return False

    # The networks

    def num_columns(self, num_features: int) -> int:
        """Return how many columns beside each step are this one's own."""
        return 0

    def network_options(self, role: str, units: int) -> dict[str, Any]:
        """Return arguments of a network that is made by default, "generator" or "discriminator"."""
        return {}

    def check_network(self, role: str, network: Any) -> None:
        """Refuse a network that cannot do what the data asks for."""

    @property
    def networks(self) -> list[Any]:
        """Further networks, which are trained with the generator."""
        return []

    @property
    def judges(self) -> list[Any]:
        """Further networks that judge, which are trained with the discriminator."""
        return []

    @property
    def generated_columns(self) -> int:
        """How many columns, the last, are made by these networks and judged with the sequences."""
        return 0

    def build(self, shape: Shape) -> None:
        """Make and build layers of its own, for data of a shape, as attributes of the model."""

    @property
    def layers(self) -> list[keras.layers.Layer]:
        """Layers of its own, beside the networks, that `finish` calls; exported files need them."""
        return []

    # Its columns

    def own_columns(self, columns: Any) -> Any:
        """Return its own among all columns, `(batch, time, num_columns)`.

        Real sequences have theirs once all capabilities were asked for `columns`; `as_real` of a real
        batch comes before.
        """
        first, width = self._place()
        return columns[..., first : first + width]

    def with_own_columns(self, columns: Any, own: Tensor) -> Any:
        """Return all columns with these in place of its own."""
        first, width = self._place()
        parts = [columns[..., :first], ops.cast(own, columns.dtype), columns[..., first + width :]]
        return ops.concatenate([part for part in parts if part.shape[-1]], axis=-1)

    def _place(self) -> tuple[int, int]:
        """Return where its columns begin, and how many there are."""
        layout, num_features = self.model.layout, self.model.data_shape[-1]
        first = layout.length + layout.covariates
        for capability in self.model.capabilities:
            width = capability.num_columns(num_features)
            if capability is self:
                break
            first += width
        return first, width

    # A user's data

    def introduce(self, sequences: np.ndarray, conditions: Rows) -> Rows:
        """Return what stands beside sequences of the first data, before the encoder knows any of it.

        Args:
            sequences: A batch, in the data's units.
            conditions: By name, as users pass them.
        """
        return conditions

    def admit(self, sequences: Any, conditions: Rows) -> Rows:
        """Check what a user passes beside sequences, and return it as the encoder takes it."""
        return conditions

    # A step

    def receive(self, arrival: Arrival) -> Arrival:
        """Return a real batch, before it is scaled, with what is known of it."""
        return arrival

    def columns(self, batch: Batch, seed: keras.random.SeedGenerator) -> Tensor | None:
        """Return its own columns beside a real batch, `(batch, time, num_columns)`."""
        return None

    def draw(self, batch: Batch, seed: keras.random.SeedGenerator) -> Any:
        """Return the draws that `beside_generated` needs."""
        return None

    def beside_generated(self, columns: Any, draws: Any, averaged: bool) -> Any:
        """Return what stands beside a generated batch, given what stands beside the real one.

        Args:
            columns: All columns, or None.
            draws: What `draw` returned.
            averaged: Whether networks have their averaged weights, as outside of training.
        """
        return columns

    def finish(self, samples: Tensor, columns: Any) -> Tensor:
        """Return what the generator made, in the networks' space, as it is to be, whatever the use."""
        return samples

    def as_real(self, sequences: Tensor, batch: Batch) -> Tensor:
        """Return sequences of a step, real or generated, with what no real one would show left out.

        Of a real batch the columns are those of conditions alone: capabilities' own come after.
        """
        return sequences

    def generator_term(self, batch: Batch, samples: Sequence[Tensor]) -> Tensor:
        """Return a term of the generator's loss, where there are `extra_draws`.

        Args:
            batch: The real batch.
            samples: Generated sequences of the same conditions, `1 + extra_draws` sets.
        """
        return ops.zeros(())

    def judges_loss(self, real: Batch, fake: Batch) -> Tensor:
        """Return what its `judges` add to the discriminator's loss.

        Args:
            real: The real batch.
            fake: A generated one, a constant.
        """
        return ops.zeros(())

    def judged_loss(self, real: Batch, fake: Batch) -> Tensor:
        """Return what its `judges` add to the generator's loss; the batches as in `judges_loss`."""
        return ops.zeros(())

    def unasked(self, columns: Any) -> Any:
        """Return columns as they are where nothing is asked for: to evaluate samples made freely."""
        return columns

    # Generating

    def draw_rows(self, rows: Rows, length: int | None, streams: ConditionStreams) -> Rows:
        """Return conditions that stand for those drawn of the data.

        Args:
            rows: Rows of the data.
            length: The length that was asked for, or None.
            streams: Where draws come from.
        """
        return rows

    def encode_request(self, conditions: Rows) -> Rows:
        """Return conditions that were asked for by the names that the encoder knows."""
        return conditions

    def steps_of(self, rows: Rows, steps: int | None) -> int | None:
        """Return of how many steps samples are whose conditions were asked for; None as in the data."""
        return steps

    def complete_request(self, rows: Rows, streams: ConditionStreams) -> Rows:
        """Return encoded conditions that were asked for with what is missing of them."""
        return rows

    def columns_to_generate(self, num_samples: int, length: int, rows: Rows) -> Tensor | None:
        """Return its own columns to generate with, `(num_samples, length, num_columns)`."""
        return None

    def way_back(self, columns: Any) -> dict[str, Tensor]:
        """Return what `scaler.restore` needs to know of samples made beside columns."""
        return {}

    def deliver(self, samples: Any, rows: Rows, streams: ConditionStreams, missing: bool) -> Any:
        """Return samples in the data's units as users get them.

        Args:
            samples: `(num_samples, time, features)`, or a list of arrays `(time, features)`.
            rows: The conditions that they were made of.
            streams: Where draws come from.
            missing: Whether gaps were asked for.
        """
        return samples

    def show(self, conditions: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return conditions as users know them."""
        return dict(conditions)

    # Files

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Capability:
        """Make one from its config."""
        return cls(**config)

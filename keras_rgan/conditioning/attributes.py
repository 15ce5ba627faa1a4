"""Attributes, static conditions, that a model draws before the sequences."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.conditioning.capability import Capability, Rows
from keras_rgan.conditioning.streams import ConditionStreams
from keras_rgan.networks import AttributeGenerator
from keras_rgan.sequences.batch import Batch
from keras_rgan.sequences.noise import draw
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Shape, Tensor

SOURCES = ("drawn", "generated")
"""Where attributes come from: rows of the data, or a network."""


class Attributes(Capability):
    """A network makes the attributes, and the discriminator judges them with the sequences."""

    @property
    def active(self) -> bool:
        """Whether attributes are generated."""
        return bool(self.model.attributes == "generated")

    def check_model(self) -> None:
        """Refuse attributes from nowhere."""
        checks.one_of("attributes", self.model.attributes, SOURCES)

    @property
    def generated_columns(self) -> int:
        """All static ones, where attributes are generated."""
        return int(self.model.layout.static) if self.active else 0

    @property
    def made_conditions(self) -> tuple[str, ...]:  # type: ignore[override]
        """All static ones, where attributes are generated."""
        if not self.active or self.model.conditions is None:
            return ()
        return tuple(name for name, *_ in self.model.conditions.static_groups)

    @property
    def networks(self) -> list[Any]:
        """The attribute generator, once there is one."""
        network = self.model.attribute_generator
        return [] if network is None else [network]

    def introduce(self, sequences: np.ndarray, conditions: Rows) -> Rows:
        """Refuse to generate attributes where there are none."""
        static = [k for k, v in conditions.items() if np.ndim(v) < 3 and k != "length"]
        measured = [name for c in self.model.capabilities for name in c.own_conditions]
        self._check_names([*static, *measured])
        return conditions

    def _check_names(self, static: list[str]) -> None:
        if self.active and not static:
            raise ValueError(
                "attributes='generated' needs static conditions to generate, as fit((sequences, "
                "{'label': labels})). Received: none. Pass some, or leave attributes= out."
            )

    def build(self, shape: Shape) -> None:
        """Make the network for what the encoder knows, where it is missing, and build it.

        Raises:
            ValueError: If there are no attributes, or the network is for others.
        """
        if not self.active:
            return
        model = self.model
        static = [] if model.conditions is None else model.conditions.static_groups
        self._check_names([name for name, *_ in static])
        wanted: dict[str, Any] = {
            "num_columns": model.layout.static,
            "categories": [(first, last) for _, first, last, one_hot in static if one_hot],
            "context_dim": model.layout.context,
        }
        if model.attribute_generator is None:
            options = {"seed": seeding.child_seed(model.seed, "attribute_generator")}
            model.attribute_generator = AttributeGenerator(
                **wanted,
                dtype=model.dtype_policy,
                name="attribute_generator",
                **{**options, **model.rooms.assembly.changes["attribute_generator"]},
            )
        given = {name: getattr(model.attribute_generator, name) for name in wanted}
        if given != wanted:
            raise ValueError(
                f"The attributes of the data take an AttributeGenerator of {wanted}. Received: one of "
                f"{given}. Make it so, or pass attributes='generated'."
            )
        if not model.attribute_generator.built:
            model.attribute_generator.build()

    @property
    def _noise_shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self.model.attribute_generator.noise_shape["noise"]
        return shape

    def draw(self, batch: Batch, seed: keras.random.SeedGenerator) -> Any:
        """Draw the noise of the attributes of a batch."""
        if not self.active:
            return None
        return draw("normal", (ops.shape(batch.columns)[0], *self._noise_shape), seed)

    def beside_generated(self, columns: Any, draws: Any, averaged: bool) -> Any:
        """Return columns in which generated attributes stand for those of the data."""
        if not self.active:
            return columns
        static = self._make(self.model.layout.context_of(columns), draws, averaged)
        return self.model.layout.with_static(columns, static)

    def _make(self, context: Tensor | None, noise: Tensor, averaged: bool) -> Tensor:
        inputs = {"noise": noise}
        if context is not None:
            inputs["context"] = context
        if not averaged:
            return self.model.attribute_generator(inputs, training=True)
        with self.model.average.scope(self.model.attribute_generator):
            return self.model.attribute_generator(inputs, training=False)

    def draw_rows(self, rows: Rows, length: int | None, streams: ConditionStreams) -> Rows:
        """Return rows in which generated attributes stand for those of the data."""
        if not self.active:
            return rows
        encoder = self.model.conditions
        encoded = encoder(rows, length=None if encoder.num_temporal else 1)
        size = (len(encoded), *self._noise_shape)
        noise = ops.convert_to_tensor(streams.noise.standard_normal(size).astype("float32"))
        layout = self.model.layout.of_conditions
        static = self._make(layout.context_of(encoded), noise, averaged=True)
        decoded = encoder.decode(layout.with_static(encoded, static), within=True)
        attributes = {name: decoded[name] for name, *_ in encoder.static_groups}
        completed: Rows = encoder.encode({**encoder.restore(rows), **attributes})
        return completed

"""Attributes, static conditions, that a model draws before the sequences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from keras_rgan.generating.continuation import averaged_scope
from keras_rgan.networks import AttributeGenerator
from keras_rgan.sequences import noise as draws
from keras_rgan.utils import seeding
from keras_rgan.utils.types import Tensor

SOURCES = ("drawn", "generated")
"""Where attributes come from: rows of the data, or a network."""

ROWS_STREAM, NOISE_STREAM = 1_000_003, 1_000_033
"""Tell the draws of conditions, and the noise of attributes, from other noise of the same seed."""


class Streams(NamedTuple):
    """Where conditions are drawn from, apart from the sequences' noise.

    Attributes:
        rows: Chooses rows of the data.
        noise: Makes the noise of generated attributes.
    """

    rows: np.random.Generator
    noise: np.random.Generator

    @classmethod
    def of(cls, entropy: list[int]) -> Streams:
        """Return the streams of an entropy, so that batches of any size go on seamlessly."""
        return cls(*(np.random.default_rng([*entropy, n]) for n in (ROWS_STREAM, NOISE_STREAM)))


class AttributesMixin:
    """What `RecurrentGAN` does with attributes that are generated."""

    # Parts of the model
    attribute_generator: Any
    conditions: Any
    dtype_policy: Any
    ema_weights: Any
    seed: Any
    attributes: str
    _averaged: Any
    _num_conditions: Any
    _variable_length: Any

    @property
    def _generates_attributes(self) -> bool:
        return self.attributes == "generated"

    def _check_attributes(self, static: list[str]) -> None:
        """Refuse to generate attributes where there are none."""
        if self._generates_attributes and not static:
            raise ValueError(
                "attributes='generated' needs static conditions to generate, as fit((sequences, "
                "{'label': labels})). Received: none. Pass some, or leave attributes= out."
            )

    def _make_attribute_generator(self) -> None:
        """Make the network for what the encoder knows, where it is missing, and build it."""
        if not self._generates_attributes:
            return
        encoder = self.conditions
        static = [] if encoder is None else encoder.static_groups
        self._check_attributes([name for name, *_ in static])
        known: dict[str, Any] = {
            "num_columns": encoder.num_static,
            "categories": [(first, last) for _, first, last, one_hot in static if one_hot],
            "context_dim": self._context_dim,
        }
        if self.attribute_generator is None:
            self.attribute_generator = AttributeGenerator(
                **known,
                seed=seeding.child_seed(self.seed, "attribute_generator"),
                dtype=self.dtype_policy,
                name="attribute_generator",
            )
        found = {name: getattr(self.attribute_generator, name) for name in known}
        if found != known:
            raise ValueError(
                f"The attributes of the data take an AttributeGenerator of {known}. Received: one of "
                f"{found}. Make it so, or pass attributes='generated'."
            )
        if not self.attribute_generator.built:
            self.attribute_generator.build()

    @property
    def _context_dim(self) -> int:
        """How many numbers the attribute generator knows of what is drawn before."""
        return self.conditions.num_temporal - self._variable_length

    def _context(self, columns: Tensor) -> Tensor:
        """Return what is known before the attributes: the length, and means of covariates over time."""
        temporal = columns[..., : self.conditions.num_temporal]
        if not self._variable_length:
            return ops.mean(temporal, axis=1)
        counts = temporal[..., :1]
        total = ops.maximum(ops.sum(counts, axis=1), 1.0)
        means = ops.sum(temporal[..., 2:] * counts, axis=1) / total
        return ops.concatenate([temporal[:, 0, 1:2], means], axis=-1)

    def _attribute_noise(self, columns: Tensor | None, seed: keras.random.SeedGenerator) -> Any:
        """Draw the noise of the attributes of a batch in a step; None where none are generated."""
        if not self._generates_attributes:
            return None
        shape = self.attribute_generator.noise_shape["noise"]
        return draws.draw("normal", (ops.shape(columns)[0], *shape), seed)

    def _with_attributes(self, columns: Any, noise: Tensor | None, training: bool) -> Any:
        """Return columns of conditions in which generated attributes stand for those of the data.

        In training the weights are those of the last step, else their averages.
        """
        if noise is None:
            return columns
        inputs = {"noise": noise}
        if self._context_dim:
            inputs["context"] = self._context(columns)
        if training:
            made = self.attribute_generator(inputs, training=True)
        else:
            scope, _ = averaged_scope(self.attribute_generator, self._averaged.value, self.ema_weights)
            with scope:
                made = self.attribute_generator(inputs, training=False)
        shape = (*ops.shape(columns)[:2], made.shape[-1])
        made = ops.broadcast_to(ops.cast(made, columns.dtype)[:, None], shape)
        return ops.concatenate([columns[..., : self.conditions.num_temporal], made], axis=-1)

    def _generated(self, rows: Mapping[str, np.ndarray], streams: Streams) -> dict[str, np.ndarray]:
        """Return rows in which generated attributes, if there are any, stand for those of the data."""
        if not self._generates_attributes:
            return dict(rows)
        encoder = self.conditions
        columns = encoder(rows, length=None if encoder.num_temporal else 1)
        shape = self.attribute_generator.noise_shape["noise"]
        noise = streams.noise.standard_normal((len(columns), *shape)).astype("float32")
        made = self._with_attributes(columns, ops.convert_to_tensor(noise), training=False)
        found = encoder.decode(made, within=True)
        static = {name: found[name] for name, *_ in encoder.static_groups}
        return encoder.encode({**encoder.restore(rows), **static})

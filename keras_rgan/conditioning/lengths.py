"""Sequences of lengths of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from keras_rgan.conditioning import alike
from keras_rgan.conditioning.capability import Capability, Rows
from keras_rgan.conditioning.streams import ConditionStreams
from keras_rgan.sequences import reading
from keras_rgan.sequences.batch import Arrival, Batch
from keras_rgan.utils.types import Tensor

LENGTH = "length"
"""The name of the condition: how many steps of a sequence count."""


class Lengths(Capability):
    """Nothing that is padded reaches a loss, a metric or the scaler; samples come as lists."""

    @property
    def active(self) -> bool:
        """Whether sequences have lengths of their own."""
        encoder = self.model.conditions
        return encoder is not None and encoder.max_length is not None

    def network_options(self, role: str, units: int) -> dict[str, Any]:
        """Let the discriminator know steps that count by the first column."""
        return {"variable_length": True} if role == "discriminator" and self.active else {}

    def check_network(self, role: str, network: Any) -> None:
        """Refuse a discriminator that does not tell padding from sequences.

        Raises:
            ValueError: If it does not.
        """
        if role == "discriminator" and getattr(network, "variable_length", True) < self.active:
            raise ValueError(
                "The sequences have lengths of their own, which the discriminator does not tell from "
                "padding. Make it with variable_length=True."
            )

    def admit(self, sequences: Any, conditions: Rows) -> Rows:
        """Leave out lengths that say nothing, where the model knows of none."""
        lengths, shape = conditions.get(LENGTH), np.shape(sequences)
        if len(shape) != 3:
            return conditions
        if not self.active and lengths is not None and np.all(reading.to_numpy(lengths) == shape[1]):
            return {name: values for name, values in conditions.items() if name != LENGTH}
        return conditions

    def receive(self, arrival: Arrival) -> Arrival:
        """Tell which steps count."""
        if not self.active:
            return arrival
        if LENGTH not in arrival.conditions:  # which is refused later
            return arrival
        lengths = ops.reshape(ops.cast(arrival.conditions[LENGTH], "int32"), (-1, 1))
        steps = ops.arange(ops.shape(arrival.sequences)[1], dtype="int32")[None]
        return arrival._replace(counting=steps < lengths)

    def as_real(self, sequences: Tensor, batch: Batch) -> Tensor:
        """Return sequences that are 0 where no step counts."""
        counts = self.model.layout.counts_of(batch.columns)
        if counts is None:
            return sequences
        return ops.where(counts > 0, sequences, ops.zeros_like(sequences))

    def draw_rows(self, rows: Rows, length: int | None, streams: ConditionStreams) -> Rows:
        """Let the length that was asked for stand in for the sequences' own."""
        if length is None or not self.active:
            return rows
        return {**rows, LENGTH: np.full_like(rows[LENGTH], length)}

    def steps_of(self, rows: Rows, steps: int | None) -> int | None:
        """Return as many steps as the longest sequence has; rows without lengths have these, if told.

        Raises:
            ValueError: If there are fewer.
        """
        if not self.active:
            return steps
        if LENGTH not in rows:
            if steps is None:
                return self.model.conditions.max_length
            rows[LENGTH] = np.full((len(next(iter(rows.values()))), 1), steps, "int32")
        longest = int(rows[LENGTH].max())
        if steps is not None and steps < longest:
            raise ValueError(
                f"Expected conditions at each of {longest} steps, the largest of the condition "
                f"'length'. Received: {steps} steps"
            )
        # Of one size wherever that will do: one shape, one compilation.
        return max(longest, self.model.conditions.max_length or 0) if steps is None else steps

    def complete_request(self, rows: Rows, streams: ConditionStreams) -> Rows:
        """Return rows with lengths drawn among those of the data's rows that are like them."""
        if not self.active or LENGTH in rows:
            return rows
        return {**rows, LENGTH: alike.drawn(self.model, LENGTH, rows, streams)}

    def deliver(self, samples: Any, rows: Rows, streams: ConditionStreams, missing: bool) -> Any:
        """Return a list of sequences without padding."""
        return reading.unpad(samples, rows[LENGTH]) if self.active else samples

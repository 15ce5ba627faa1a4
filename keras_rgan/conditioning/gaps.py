"""Sequences in which values are missing."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.conditioning.capability import Capability, Rows
from keras_rgan.conditioning.streams import ConditionStreams
from keras_rgan.sequences import bridges, reading
from keras_rgan.sequences.batch import Arrival, Batch
from keras_rgan.utils.types import Tensor

OBSERVED = "observed"
"""The name of the condition: which values of a sequence there are."""


class Gaps(Capability):
    """Losses, penalties and metrics see real and generated sequences with the same gaps, bridged."""

    @property
    def active(self) -> bool:
        """Whether sequences have gaps."""
        encoder = self.model.conditions
        return encoder is not None and OBSERVED in encoder.names

    @property
    def missing_values(self) -> bool:
        """Whether sequences have gaps."""
        return self.active

    def admit(self, sequences: Any, conditions: Rows) -> Rows:
        """Tell what is observed where that is not said; leave it out where it says nothing."""
        if self.active and OBSERVED not in conditions:
            observed = reading.observed_in(sequences, conditions.get("length"))
            return {**conditions, OBSERVED: observed}
        if not self.active and np.all(conditions.get(OBSERVED, False)):
            return {name: values for name, values in conditions.items() if name != OBSERVED}
        return conditions

    def receive(self, arrival: Arrival) -> Arrival:
        """Tell which values there are, and put 0 for the others."""
        if not self.active:
            return arrival
        conditions = dict(arrival.conditions)
        mask = conditions.pop(OBSERVED, None)
        observed = _is_a_number(arrival.sequences)
        if mask is not None:
            mask = ops.cast(mask, "bool")
            observed = observed & (mask if len(mask.shape) == 3 else mask[..., None])
        if arrival.counting is not None:
            observed = observed & arrival.counting[..., None]
        sequences = ops.where(observed, arrival.sequences, ops.zeros_like(arrival.sequences))
        return arrival._replace(sequences=sequences, conditions=conditions, observed=observed)

    def as_real(self, sequences: Tensor, batch: Batch) -> Tensor:
        """Return sequences that are bridged where the real ones have gaps."""
        if batch.observed is None:
            return sequences
        return bridges.interpolate(sequences, batch.observed)[0]

    def deliver(self, samples: Any, rows: Rows, streams: ConditionStreams, missing: bool) -> Any:
        """Leave out, as NaN, what is not observed, where that is asked for."""
        if not missing:
            return samples
        observed = rows.get(OBSERVED)
        if observed is None:
            self.model.conditions.check_rows("draws gaps of them")
            observed = self.model.conditions.sample(len(samples), streams.rows)[OBSERVED]
        if observed.shape != samples.shape:
            raise ValueError(
                f"The patterns of what is observed have the shape {observed.shape[1:]}. Received: "
                f"samples of shape {samples.shape[1:]}. Leave length= out, or pass "
                "conditions={'observed': …}."
            )
        return reading.hide(samples, observed)


def _is_a_number(sequences: Tensor) -> Tensor:
    """Return where values are not NaN: everywhere where they are whole numbers."""
    if "float" in keras.backend.standardize_dtype(sequences.dtype):
        return ops.logical_not(ops.isnan(sequences))
    return ops.ones_like(sequences, dtype="bool")  # TensorFlow's `isnan` needs to know their shape

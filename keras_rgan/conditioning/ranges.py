"""Ranges of their own: smallest and largest values as attributes of each sequence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_rgan.conditioning import alike
from keras_rgan.conditioning.capability import Capability, Rows
from keras_rgan.conditioning.lengths import LENGTH
from keras_rgan.conditioning.streams import ConditionStreams
from keras_rgan.layers import PerSampleScaler
from keras_rgan.sequences import reading
from keras_rgan.sequences.batch import Arrival
from keras_rgan.utils.types import Tensor

RANGE = "range"
"""The name of the ranges among the conditions that the model keeps."""

BOUNDS = ("minimum", "maximum")
"""The names by which users know them."""


class Ranges(Capability):
    """Each sequence is scaled by its own range, which is one of its attributes."""

    @property
    def own_conditions(self) -> tuple[str, ...]:  # type: ignore[override]
        """The ranges."""
        return (RANGE,) if self.active else ()

    @property
    def active(self) -> bool:
        """Whether sequences are scaled by ranges of their own."""
        return isinstance(self.model.scaler, PerSampleScaler)

    def check_model(self) -> None:
        """Compute in float32 throughout: a range in half precision is off by a hundredth."""
        if self.active:
            self.model.autocast = False

    @property
    def needs_all_values(self) -> bool:
        """Whether sequences are scaled by ranges of their own, which gaps would hide."""
        return self.active

    def introduce(self, sequences: np.ndarray, conditions: Rows) -> Rows:
        """Refuse what does not go with ranges; add these once the scaler can tell them."""
        if not self.active:
            return conditions
        self.check_known()
        conditions = self.admit(sequences, conditions)
        if not self.model.scaler.adapted:
            return conditions
        return {**conditions, RANGE: self._measure(sequences, conditions)}

    def admit(self, sequences: Any, conditions: Rows) -> Rows:
        """Refuse what does not go with ranges.

        Raises:
            ValueError: If there are gaps, or a condition has a name of the model's own.
        """
        if not self.active:
            return conditions
        if "observed" in conditions:
            raise ValueError(
                "Of sequences with gaps the smallest and largest values are not known. Expected: "
                "sequences without gaps for scaler='per_sample'. Received: the condition 'observed'. "
                "Use another scaler."
            )
        taken = sorted({RANGE, *BOUNDS} & {str(name) for name in conditions})
        if taken:
            raise ValueError(
                f"The conditions {[RANGE, *BOUNDS]} are the model's own with scaler='per_sample'. "
                f"Received: {taken}. Name yours otherwise."
            )
        return conditions

    def check_known(self, building: bool = False) -> None:
        """Refuse a model of conditions without ranges, and networks that are built before these.

        Raises:
            ValueError: If the encoder knows conditions and no ranges among them.
        """
        encoder = self.model.conditions
        names = None if encoder is None else encoder.names
        if self.active and (names or building) and RANGE not in (names or []):
            raise ValueError(
                "With scaler='per_sample' the ranges of the data are among the conditions. Expected: "
                "fit(data) or adapt(data), which find them and build the networks. Received: "
                + (f"a ConditionEncoder that knows {names} alone" if names else "build, without data")
            )

    def build(self, shape: Any) -> None:
        """Refuse to build before ranges are known."""
        self.check_known(building=True)

    def _measure(self, sequences: Any, conditions: Mapping[str, Any]) -> np.ndarray:
        """Return the ranges of an array of sequences, `(samples, 2 * features)`."""
        lengths = conditions.get(LENGTH)
        counting = None if lengths is None else reading.counting(lengths, sequences.shape[1])
        values = reading.to_numpy(sequences)
        return ops.convert_to_numpy(self.model.scaler.ranges(values, counting))

    def receive(self, arrival: Arrival) -> Arrival:
        """Measure the ranges of a batch, and put them among the conditions."""
        if not self.active:
            return arrival
        ranges = self.model.scaler.ranges(arrival.sequences, arrival.counting, entered=True)
        ranges = self.model.conditions.enter(RANGE, ranges)
        return arrival._replace(conditions={**arrival.conditions, RANGE: ranges})

    def way_back(self, columns: Any) -> dict[str, Tensor]:
        """Return the ranges among columns."""
        if not self.active:
            return {}
        static = self.model.layout.static_of(columns)
        return {"ranges": self.model.conditions.values_of(RANGE, static)}

    def show(self, conditions: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return conditions with smallest and largest values in place of ranges."""
        if not self.active:
            return dict(conditions)
        shown = {name: values for name, values in conditions.items() if name != RANGE}
        for name, bound in zip(BOUNDS, self.model.scaler.bounds(conditions[RANGE]), strict=True):
            values = ops.convert_to_numpy(bound)
            shown[name] = values[:, 0] if values.shape[1] == 1 else values
        return shown

    def encode_request(self, conditions: Rows) -> Rows:
        """Return ranges in place of smallest and largest values, where these are asked for.

        Raises:
            ValueError: If one of both is missing, or other conditions are not the model's.
        """
        if not self.active:
            return conditions
        others = {name: values for name, values in conditions.items() if name not in BOUNDS}
        wanted = {name for name in self.model.conditions.column_names if name != RANGE}
        if set(others) | {LENGTH} != wanted | {LENGTH}:  # which is drawn where it is not asked for
            raise ValueError(
                f"Expected the conditions {sorted(wanted)}, and {list(BOUNDS)} if wanted. Received: "
                f"{sorted(map(str, conditions))}; missing: {sorted(wanted - set(others))}; unknown: "
                f"{sorted(map(str, set(others) - wanted))}"
            )
        bounds = [conditions[name] for name in BOUNDS if name in conditions]
        if len(bounds) == 1:
            raise ValueError(
                f"Expected both or neither of the conditions {list(BOUNDS)}. Received: "
                f"{sorted(map(str, conditions))}"
            )
        return {**others, RANGE: self._between(*bounds)} if bounds else others

    def _between(self, minimum: Any, maximum: Any) -> np.ndarray:
        low, high = (reading.to_numpy(x) for x in (minimum, maximum))
        shape = (len(low) if low.ndim else 0, self.model.scaler.num_features)
        wanted = (shape, shape[:1]) if shape[1] == 1 else (shape,)
        if not (low.shape == high.shape and low.shape in wanted and (low <= high).all()):
            raise ValueError(
                "Expected the conditions 'minimum' and 'maximum' of shape (samples, "
                f"{shape[1]}), none above the other's value. Received: shapes {low.shape} and "
                f"{high.shape}"
            )
        low, high = (x.reshape(shape) for x in (low, high))
        return ops.convert_to_numpy(self.model.scaler.ranges_between(low, high))

    def complete_request(self, rows: Rows, streams: ConditionStreams) -> Rows:
        """Return rows with ranges drawn among those of the data's rows that are like them."""
        if not self.active or RANGE in rows:
            return rows
        return {**rows, RANGE: alike.drawn(self.model, RANGE, rows, streams)}

"""Ranges of their own: smallest and largest values as attributes of each sequence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.conditioning.attributes import Streams
from keras_rgan.layers import ConditionEncoder, PerSampleScaler
from keras_rgan.sequences import reading
from keras_rgan.utils.types import Tensor

RANGE = "range"
"""The name of the ranges among the conditions that the model keeps."""

BOUNDS = ("minimum", "maximum")
"""The names by which users know them."""

MAX_CANDIDATES = 4096
"""Among how many rows those are looked for that are like the conditions that were asked for."""

NUM_NEAREST = 10
"""How many of these are alike at the least; a range is drawn among theirs."""


class RangesMixin:
    """What `RecurrentGAN` does where sequences are scaled by ranges of their own."""

    # Parts of the model
    scaler: Any
    conditions: Any
    _context: Any
    _generated: Any
    _variable_length: Any

    @property
    def _per_sample(self) -> bool:
        return isinstance(self.scaler, PerSampleScaler)

    def _check_ranges(self, conditions: Mapping[str, Any] | None, samples: Any) -> None:
        """Refuse wrong conditions, and what does not go with ranges, before these are measured."""
        if not self._per_sample:
            return
        self._check_knows_ranges()
        if "observed" in (conditions or {}):
            raise ValueError(
                "Of sequences with gaps the smallest and largest values are not known. Expected: "
                "sequences without gaps for scaler='per_sample'. Received: the condition 'observed'. "
                "Use another scaler."
            )
        taken = sorted({RANGE, *BOUNDS} & {str(name) for name in conditions or {}})
        if taken:
            raise ValueError(
                f"The conditions {[RANGE, *BOUNDS]} are the model's own with scaler='per_sample'. "
                f"Received: {taken}. Name yours otherwise."
            )
        if conditions:
            reading.check_rows(conditions, samples)
            ConditionEncoder().adapt(conditions)

    def _check_knows_ranges(self, building: bool = False) -> None:
        """Refuse a model of conditions without ranges, and networks that are built before these."""
        known = None if self.conditions is None else self.conditions.names
        if self._per_sample and (known or building) and RANGE not in (known or []):
            raise ValueError(
                "With scaler='per_sample' the ranges of the data are among the conditions. Expected: "
                "fit(data) or adapt(data), which find them and build the networks. Received: "
                + (f"a ConditionEncoder that knows {known} alone" if known else "build, without data")
            )

    @contextlib.contextmanager
    def _adapted_ranges(self, data: Any, limit: int | None, needed: bool) -> Iterator[None]:
        """Adapt the scaler, as conditions hold what it measures; not if these are refused then."""
        needed = needed and self._per_sample
        if needed:
            with backend.variable_scope(self):
                self.scaler.adapt(data, limit)
        try:
            yield
        except BaseException:
            if needed:
                self.scaler.forget()
            raise

    def _with_ranges(self, conditions: Any, samples: Any) -> Any:
        """Return conditions beside an array of samples, with the samples' ranges among them."""
        if not self._per_sample:
            return conditions
        lengths, mask = (conditions or {}).get("length"), None
        if lengths is not None:
            counts = np.reshape(reading.to_numpy(lengths), (-1, 1))
            mask = np.arange(samples.shape[1]) < counts
        values = reading.to_numpy(samples).astype("float32")
        return {
            **(conditions or {}),
            RANGE: ops.convert_to_numpy(self.scaler.ranges(values, mask)),
        }

    def _pairs_with_ranges(self, pairs: Iterator[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
        return ((samples, self._with_ranges(known, samples)) for samples, known in pairs)

    def _counting_steps(self, conditions: Any, length: Any) -> Tensor | None:
        """Return which steps of a batch count, `(batch, length)`; None where all do."""
        if not self._variable_length:
            return None
        lengths = ops.reshape(ops.cast(conditions["length"], "int32"), (-1, 1))
        return ops.arange(length, dtype="int32")[None] < lengths

    def _to_scaled(self, samples: Tensor, columns: Any) -> Tensor:
        """Map samples that were made to the networks' space, by their own ranges if need be."""
        if self._per_sample and self._variable_length:
            return self.scaler(samples, mask=columns[..., 0] > 0)
        return self.scaler(samples)

    def _restored(self, samples: Tensor, columns: Any) -> Tensor:
        """Map what was made beside columns of conditions to the data's units, where these are known."""
        if self.scaler is None:
            return samples
        if not self._per_sample:
            return self.scaler.restore(samples)
        return self.scaler.restore(samples, self.conditions.values_of(RANGE, columns))

    def _shown_conditions(self, conditions: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return conditions with smallest and largest values in place of ranges."""
        if not self._per_sample:
            return conditions
        found = {name: values for name, values in conditions.items() if name != RANGE}
        for name, bound in zip(BOUNDS, self.scaler.bounds(conditions[RANGE]), strict=True):
            values = ops.convert_to_numpy(bound)
            found[name] = values[:, 0] if values.shape[1] == 1 else values
        return found

    def _encode_given(self, conditions: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Return conditions that were asked for as a `ConditionEncoder` takes them.

        Of ranges that are not among them there is no entry.
        """
        if not self._per_sample:
            return self.conditions.encode(conditions)
        others = {name: values for name, values in conditions.items() if name not in BOUNDS}
        wanted = {name for name in self.conditions.column_names if name != RANGE}
        if set(others) != wanted:
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
        if bounds:
            ranges = self._ranges_between(*bounds)
        else:
            count = len(reading.to_numpy(next(iter(others.values())))) if others else 0
            ranges = np.zeros((count, 2 * self.scaler.num_features), "float32")
        encoded = self.conditions.encode({**others, RANGE: ranges})
        return encoded if bounds else {k: v for k, v in encoded.items() if k != RANGE}

    def _ranges_between(self, minimum: Any, maximum: Any) -> np.ndarray:
        low, high = (reading.to_numpy(x) for x in (minimum, maximum))
        shape = (len(low) if low.ndim else 0, self.scaler.num_features)
        wanted = (shape, shape[:1]) if shape[1] == 1 else (shape,)
        if not (low.shape == high.shape and low.shape in wanted and (low <= high).all()):
            raise ValueError(
                "Expected the conditions 'minimum' and 'maximum' of shape (samples, "
                f"{shape[1]}), none above the other's value. Received: shapes {low.shape} and "
                f"{high.shape}"
            )
        low, high = (x.reshape(shape).astype("float32") for x in (low, high))
        return ops.convert_to_numpy(self.scaler.ranges_between(low, high))

    def _with_fitting_ranges(
        self, given: dict[str, np.ndarray], streams: Streams
    ) -> dict[str, np.ndarray]:
        """Return given conditions with ranges drawn among those of rows that are like them."""
        if not self._per_sample or RANGE in given:
            return given
        count = len(self.conditions.rows[RANGE])
        chosen = np.linspace(0, count - 1, min(count, MAX_CANDIDATES)).astype(int)
        rows = {name: values[chosen] for name, values in self.conditions.rows.items()}
        rows = self._generated(rows, Streams.of([0]))
        known, wanted = self._alike(rows), self._alike({**given, RANGE: None})
        found = []
        for row, share in zip(wanted, streams.rows.random(len(wanted)), strict=True):
            distance = np.square(known - row).sum(axis=1)
            nearest = min(NUM_NEAREST, len(distance)) - 1
            candidates = np.flatnonzero(distance <= np.partition(distance, nearest)[nearest] + 1e-6)
            found.append(candidates[int(share * len(candidates))])
        return {**given, RANGE: rows[RANGE][found]}

    def _alike(self, rows: Mapping[str, Any]) -> np.ndarray:
        """Return what rows are compared by: attributes without ranges, lengths, means of covariates."""
        encoder = self.conditions
        count = len(next(values for values in rows.values() if values is not None))
        zeros = np.zeros((count, 2 * self.scaler.num_features), "float32")
        columns = encoder({**rows, RANGE: zeros}, length=None if encoder.num_temporal else 1)
        parts = [columns[:, 0, encoder.num_temporal :]]
        if encoder.num_temporal:
            parts.append(self._context(columns))
        return ops.convert_to_numpy(ops.concatenate(parts, axis=-1))

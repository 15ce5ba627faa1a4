"""Units in which float32, in which networks compute, tells the values of a feature apart."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.sequences.statistics import chunks
from keras_rgan.utils.types import Tensor

FAR = 64.0
"""A feature that reaches further from zero than so many times its spread is centred first."""

LARGEST, SMALLEST = 1e18, 1e-18
"""Numbers and spreads beyond these come close to what float32 knows, and are scaled first."""

LOST = 2.0**12
"""So many times its spread a feature may lie from zero for float32 to hold half of its digits."""


@dataclasses.dataclass(frozen=True)
class Units:
    """Maps each feature, `(x - centre) / unit`, in float64 and so before it becomes float32.

    Features that float32 holds well anyhow keep a centre of 0 and a unit of 1, and so stay as they are.

    Attributes:
        centre: A value of the feature, or 0, `(features,)`.
        unit: A power of two.
    """

    centre: np.ndarray
    unit: np.ndarray

    @classmethod
    def of(
        cls,
        low: np.ndarray,
        high: np.ndarray,
        middle: np.ndarray | None = None,
        spread: np.ndarray | None = None,
        constants: bool = True,
    ) -> Units:
        """Return the units of features.

        Args:
            low: Their least values.
            high: Their largest.
            middle: Where most values lie, where a few may lie far away; None for between the ends.
            spread: How far most lie apart.
            constants: Whether constants that float32 does not hold are centred too.
        """
        wide = 0.5 * high - 0.5 * low
        largest = np.maximum(np.abs(low), np.abs(high))
        size = np.where(wide > 0.0, wide, np.where(largest > 0.0, largest, 1.0))
        extreme = (largest > LARGEST) | ((wide > 0.0) & (wide < SMALLEST))
        unit = np.where(extreme, np.exp2(np.floor(np.log2(size))), 1.0)
        far = (wide > 0.0) & (0.5 * largest > FAR * wide)
        centre = np.where(far, low, 0.0)
        if middle is not None and spread is not None:
            far = ~far & (spread > 0.0) & (0.5 * np.abs(middle) > FAR * spread)
            centre = np.where(far, middle, centre)
        with np.errstate(over="ignore"):
            narrow = (low / unit).astype("float32").astype("float64") * unit
        return cls(np.where(constants & (wide == 0.0) & (narrow != low), low, centre), unit)

    @classmethod
    def none(cls, count: int) -> Units:
        """Return units that leave so many features as they are."""
        return cls(np.zeros(count), np.ones(count))

    @classmethod
    def from_weights(cls, parts: np.ndarray, exponent: np.ndarray) -> Units:
        """Return units of what `weights` returned."""
        unit = np.exp2(exponent.astype("float64"))
        return cls(parts.astype("float64").sum(axis=0) * unit, unit)

    def weights(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the same in float32: three parts of the centre, whose sum it is, and exponents."""
        rest, parts = self.centre / self.unit, []
        for _ in range(3):
            parts.append(rest.astype("float32"))
            rest = rest - parts[-1].astype("float64")
        return np.stack(parts), np.log2(self.unit).astype("float32")

    @property
    def are_plain(self) -> bool:
        """Whether every feature stays as it is."""
        return bool((self.centre == 0.0).all() and (self.unit == 1.0).all())

    def enter(self, values: Any) -> np.ndarray:
        """Return values of the data, features last, in these units: float32, where it is not the same.

        Args:
            values: An array of any numbers.
        """
        if self.are_plain:
            return np.asarray(values)
        values = np.asarray(values)
        if values.ndim < 2:
            return self._entered(values)
        result = np.empty(values.shape, "float32")
        done = 0
        for part in chunks.parts_of(values):
            result[done : done + len(part)] = self._entered(part)
            done += len(part)
        return result

    def _entered(self, values: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):  # far from all data, which is refused or warned of elsewhere
            return ((values.astype("float64") - self.centre) / self.unit).astype("float32")

    def leave(self, values: Any) -> np.ndarray:
        """Return values in these units, features last, as the data has them: float64, where that is not
        the same."""
        values = np.asarray(values)
        if self.are_plain:
            return values
        return values.astype("float64") * self.unit + self.centre

    def enter_tensor(self, values: Tensor) -> Tensor:
        """Return a tensor of the data, features last, in these units: as precise as it came."""
        if self.are_plain:
            return values
        wide = keras.backend.standardize_dtype(values.dtype) == "float64"
        dtype = "float64" if wide else "float32"
        parts, exponent = self.weights()
        values = ops.cast(values, dtype)
        values = values * ops.convert_to_tensor(np.exp2(-exponent.astype("float64")), dtype=dtype)
        for part in parts:
            values = values - ops.convert_to_tensor(part, dtype=dtype)
        return values

    def lost(self, low: np.ndarray, high: np.ndarray) -> list[int]:
        """Return of which features float32 loses more than half of the digits in the data's units.

        Args:
            low: Their least values, in these units.
            high: Their largest.
        """
        spread = (high.astype("float64") - low) * self.unit
        far = np.abs(self.centre) > LOST * np.where(spread > 0.0, spread, np.inf)
        far |= np.maximum(*(np.abs(self.leave(x)) for x in (low, high))) > np.finfo("float32").max
        return np.flatnonzero(far).tolist()

    def leave_tensor(self, values: Tensor, lost: Sequence[int]) -> Tensor:
        """Return a tensor in these units as the data has it, in float64; on JAX an array of NumPy.

        Args:
            values: Features last.
            lost: What `lost` returned.

        Raises:
            ValueError: If a compiled function has no float64, and float32 would lose most digits.
        """
        wide = backend.to_float64(values)
        if isinstance(wide, np.ndarray):
            return self.leave(wide)
        if wide is not None:
            unit, centre = (ops.convert_to_tensor(x, dtype="float64") for x in (self.unit, self.centre))
            return wide * unit + centre
        if lost:
            raise ValueError(
                f"Values of the features {list(lost)[:5]} lie so far from zero that "
                "float32 does not tell them apart, and JAX compiles nothing wider. Use generate or "
                "generate_batches, which leave float32 in time."
            )
        unit, centre = (ops.convert_to_tensor(x, dtype="float32") for x in (self.unit, self.centre))
        return values * unit + centre

    def of_statistics(self, values: np.ndarray) -> np.ndarray:
        """Return statistics of the data that are levels, `(features,)`, in these units, in float64."""
        return (values - self.centre) / self.unit

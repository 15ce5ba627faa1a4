"""Times in Parquet files: in order, and at one distance."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np


@dataclasses.dataclass
class TimeSteps:
    """The distance at which times stand, and the check that all of them do.

    Attributes:
        name: The column of times.
        id: The column that tells series apart, for messages; None for none.
        step: The distance: a number, or a `numpy.timedelta64`; None before it is known.
    """

    name: str
    id: str | None = None
    step: Any = None

    def learn(self, times: np.ndarray, begins: np.ndarray) -> None:
        """Take the most frequent distance for the one at which times should stand, if there is any.

        Args:
            times: The times of rows.
            begins: Which of them begin a series, or go on with one at the very first.
        """
        distances = np.delete(np.diff(times), begins[1:] - 1)
        distances = distances[distances > np.zeros(1, distances.dtype)]
        if not len(distances):
            return
        if times.dtype.kind == "f":
            self.step = _real_step(distances.astype("float64"), _tolerance(times))
        else:
            found, counts = np.unique(distances, return_counts=True)
            self.step = found[counts.argmax()]

    def check(self, times: np.ndarray, begins: np.ndarray, path: Path, row: int) -> None:
        """Refuse times that are not in order and at that distance.

        Args:
            times: The times of rows.
            begins: Which of them begin a series, or go on with one at the very first.
            path: Their file.
            row: Which row of the file the first one is.

        Raises:
            ValueError: If one is not, or is missing.
        """
        missing = np.isnat(times) if times.dtype.kind in "mM" else np.isnan(times)
        if missing.any():
            raise ValueError(
                f"Expected a time in every row. Received: {path}, row {row + int(missing.argmax())}, "
                f"whose {self.name} is missing. Drop or fill such rows."
            )
        distances = np.diff(times)
        none = np.zeros(1, distances.dtype)[0]
        wrong = distances <= none
        if self.step is not None:
            if times.dtype.kind == "f":
                wrong |= np.abs(distances - self.step) > _tolerance(times)
            else:
                wrong |= distances != self.step
        wrong[begins[1:] - 1] = False
        if wrong.any():
            at = int(wrong.argmax())
            self._refuse(times[at], times[at + 1], f"{path}, row {row + at + 1}")

    def _refuse(self, before: Any, time: Any, where: str) -> None:
        """Say what is wrong with a time behind another, and how to mend it."""
        if time < before:
            by = self.name if self.id is None else f"{self.id} and {self.name}"
            problem, mend = "out of order", f"Sort the file by {by}"
        elif time == before:
            problem, mend = "twice", "Drop or aggregate such rows"
        else:
            problem = f"{shown(time - before)} apart"
            mend = (
                "Fill the hole with rows (without values, with missing=True), or give what follows "
                "another id"
            )
        step = "" if self.step is None else f" of {shown(self.step)}"
        raise ValueError(
            f"Expected each time of a series once, in order, at one distance{step}. Received: "
            f"{self.name}={time} behind {before}, {problem}, in {where}. {mend}; or leave time= out, "
            "where rows simply follow each other."
        )


def shown(distance: Any) -> str:
    """Return a distance of times in words, in the largest unit that is a part of it."""
    if not isinstance(distance, np.timedelta64):
        return f"{distance:.6g}" if isinstance(distance, float | np.floating) else str(distance)
    for unit in ("D", "h", "m", "s", "ms", "us"):
        if distance % np.timedelta64(1, unit) == np.timedelta64(0, unit):
            return str(distance.astype(f"timedelta64[{unit}]"))
    return str(distance)


def _tolerance(times: np.ndarray) -> float:
    """Return by how much distances of real numbers may differ: by what these cannot tell apart."""
    return 1.5 * float(np.spacing(np.nanmax(np.abs(times))))


def _real_step(distances: np.ndarray, tolerance: float) -> float:
    """Return the distance of most real numbers, in as few decimals as agree with them."""
    middle = np.sort(distances)[(len(distances) - 1) // 2]
    near = distances[np.abs(distances - middle) <= 2.0 * tolerance]
    step = float(near.mean())
    for decimals in range(10):
        rounded = round(step, decimals)
        if rounded > 0.0 and np.abs(near - rounded).max() <= tolerance:
            return rounded
    return step

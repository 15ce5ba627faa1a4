"""Sequences of a user's as networks see them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_rgan.data import SequenceTable
from keras_rgan.explaining import models
from keras_rgan.generating.sampler import Rows
from keras_rgan.sequences import reading


class Given(NamedTuple):
    """Sequences of a user's, and as networks see them.

    Attributes:
        values: In the data's units, float64, NaN where nothing is observed or a sequence has ended.
        sequences: In the networks' space.
        columns: Conditions beside each step, or None.
        observed: Which values the model is told there are, as numbers, or None for all.
        rows: The encoded conditions.
    """

    values: np.ndarray
    sequences: np.ndarray
    columns: np.ndarray | None
    observed: np.ndarray | None
    rows: Rows

    @property
    def known(self) -> np.ndarray:
        """Which values there are, of the sequences' shape."""
        return ~np.isnan(self.values)

    def delivered(self, values: np.ndarray) -> Any:
        """Return an array like the sequences as users get samples: a list where lengths differ."""
        return reading.unpad(values, self.rows["length"]) if "length" in self.rows else values


def read(
    gan: Any, action: str, sequences: Any, conditions: Mapping[str, Any] | None, gaps: bool
) -> Given:
    """Return a user's sequences, which come as `fit` takes them, in memory.

    Args:
        gan: The model.
        action: What for.
        sequences: Many, or a single one without the axis of samples.
        conditions: Conditions beside these.
        gaps: Whether NaN may stand for what is not observed, though the model knows of no gaps.

    Raises:
        ValueError: If they do not fit the model.
    """
    if not isinstance(sequences, SequenceTable) and reading.is_array(sequences):
        values = reading.to_numpy(sequences)
        if values.ndim == len(gan.data_shape) - 1:
            sequences = [values] if values.ndim == 2 else values[None]  # a list tells its length
            conditions = conditions and {
                name: value if np.ndim(value) else [value] for name, value in conditions.items()
            }
    source = gan.admission.gather(action, sequences, conditions)
    if not source.is_array:
        raise ValueError(
            f"{action} expects sequences in memory. Received: a {type(sequences).__name__}. Pass its "
            "batches one by one."
        )
    raw = reading.to_numpy(source.data)
    gan.admission.check_array(tuple(raw.shape), raw.dtype)
    values = raw.astype("float64")
    there = reading.observed_in(raw, source.conditions.get("length"))
    values[~there] = np.nan
    unknown_gaps = gaps and not gan.has_gaps and not there.all()
    if unknown_gaps and not any(c.needs_all_values for c in gan.capabilities):
        source = dataclasses.replace(source, data=_bridged(raw, there))
    admitted = gan.admission.admit(source)
    with gan.sampler.lock:
        batch = gan.samples.real(admitted, keras.random.SeedGenerator(0))
        columns = batch.columns
        for capability in gan.capabilities:
            columns = capability.unasked(columns)
    return Given(
        values,
        models.to_numpy(batch.sequences).astype("float32"),
        None if columns is None else models.to_numpy(columns),
        None if batch.observed is None else models.to_numpy(batch.observed).astype("float32"),
        dict(admitted["conditions"]) if isinstance(admitted, dict) else {},
    )


def _bridged(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return sequences in which a feature's mean stands for what is not observed."""
    known = np.where(there, values, 0.0).astype("float64")
    axes = tuple(range(1, values.ndim - 1))
    counts = there.sum(axis=axes, keepdims=True)
    total = there.sum(axis=(0, *axes), keepdims=True)
    overall = known.sum(axis=(0, *axes), keepdims=True) / np.maximum(total, 1)
    means = np.where(counts > 0, known.sum(axis=axes, keepdims=True) / np.maximum(counts, 1), overall)
    return np.where(there, values, means)

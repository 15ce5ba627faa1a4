"""The data's marginal distributions for what is generated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_rgan.sequences import reading
from keras_rgan.sequences.admission import Source

CALIBRATION_SEED = 1968
"""Seed of the samples that calibration measures, unlike one that a user would take."""

MAX_SAMPLES, MIN_SAMPLES, MAX_STEPS = 5000, 500, 1_000_000
"""How many sequences are generated to measure quantiles: fewer long ones."""

FREE = ("calibration", "range", "lattice")
"""What generated values are not held to, where their quantiles are measured."""


def calibrate(model: Any, data: Any, num_samples: int | None, limit: int | None) -> None:
    """Calibrate a model's scaler; see `RecurrentGAN.calibrate`."""
    if model.scaler is None:
        raise ValueError(
            "calibrate moves values in the scaler, and this model has none. Expected: a model made "
            "with scaler='auto' or a SequenceScaler. Received: scaler=None"
        )
    model.sampler.check_ready("calibrate")
    if model.scaler.per_sequence:
        model.scaler.calibrate(data, None)  # which refuses
    source = model.admission.gather("calibrate", data)
    gaps = model.has_gaps
    if source.is_array:
        model.admission.check(source.data, "observed" in source.conditions)
    if num_samples is None:
        _, length = model.sampler.sizes(None)
        num_samples = min(MAX_SAMPLES, max(MIN_SAMPLES, MAX_STEPS // (length or 1)))
    batches = model.sampler.batches(num_samples, 256, seed=CALIBRATION_SEED, missing=gaps, without=FREE)
    parts = [x for batch in batches for x in (batch if isinstance(batch, list) else [batch])]
    # All steps as one array, of which `limit`, so many batches of the data, leaves nothing out.
    generated: Any = np.concatenate([x.reshape(-1, x.shape[-1]) for x in parts])[None]
    if gaps:
        generated = (generated, {"observed": ~np.isnan(generated)})
    real = _real(model, source, limit)
    with model.sampler.lock:
        model.scaler.calibrate(real, generated)


def _real(model: Any, source: Source, limit: int | None) -> Iterator[Any]:
    """Yield the data, with what is observed where it has gaps."""
    for sequences, conditions in model.admission.read(source, limit):
        if model.has_gaps:
            observed = reading.observed_in(sequences, conditions.get("length"))
            conditions = {**conditions, "observed": observed}
        yield (sequences, conditions) if conditions else sequences


def forget(model: Any) -> None:
    """Generate without a quantile map again, as before `calibrate`."""
    if model.scaler is not None:
        with model.sampler.lock:
            model.scaler.forget_calibration()

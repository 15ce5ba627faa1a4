"""How good completions of sequences are that are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.conditioning.completion import score
from keras_rgan.sequences import reading
from keras_rgan.sequences.bridges import interpolate
from keras_rgan.sequences.hiding import draw_observed

MAX_SEQUENCES = 1_000
"""So many sequences, at the most, are completed."""


def completion_score(
    model: Any, sequences: np.ndarray, conditions: Mapping[str, Any] | None, seed: int = 0
) -> float:
    """Return the ranked probability score of completions, beside the error of straight lines.

    Parts of each sequence are hidden, the same at every call, as in training. Below 1 the model knows
    more than a line between what is observed; each feature counts alike.

    Args:
        model: A `RecurrentGAN` that completes.
        sequences: `(samples, time, features)`, NaN where there is nothing.
        conditions: What stands beside them.
        seed: Of what is hidden, and of the draws.

    Reference:
        Gneiting and Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 2007.
    """
    rows = np.linspace(0, len(sequences) - 1, min(len(sequences), MAX_SEQUENCES)).astype(int)
    real = sequences[rows]
    beside = {k: reading.to_numpy(v)[rows] for k, v in (conditions or {}).items() if k != "observed"}
    there = ~np.isnan(real)
    lengths = beside.pop("length", None) if model.layout.length else None
    if lengths is not None:
        there &= reading.counting(np.ravel(lengths), real.shape[1])[..., None]
    drawn = draw_observed(real.shape, keras.random.SeedGenerator(seed), there)
    shown = ops.convert_to_numpy(drawn) > 0
    asked: Any = np.where(shown, real, np.nan)
    if lengths is not None:
        asked = reading.unpad(asked, lengths)
    filled = model.impute(asked, num_samples=2, seed=seed, conditions=beside or None)
    if lengths is not None:
        filled = [np.pad(x, [(0, 0), (0, real.shape[1] - x.shape[1]), (0, 0)]) for x in filled]
    known = np.where(there, real, np.nan)
    centre, deviation = np.nanmean(known, axis=(0, 1)), np.nanstd(known, axis=(0, 1))
    deviation = np.where(deviation > 0.0, deviation, 1.0)
    # In deviations float32, in which gaps are bridged and scores taken, will do.
    truth, first, second = (
        ((x - centre) / deviation).astype("float32")
        for x in (np.where(there, real, centre), *np.moveaxis(np.asarray(filled, "float64"), 1, 0))
    )
    lines, _ = interpolate(truth, shown)
    hidden = (there & ~shown).astype("float32")
    of_model, of_lines = (score(truth, *pair, hidden) for pair in ((first, second), (lines, lines)))
    return float(of_model) / max(float(of_lines), 1e-9)

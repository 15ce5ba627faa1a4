"""How long `fit` trains, and what it keeps, where that is left to it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_rgan.callbacks.keep_best import KeepBest
from keras_rgan.callbacks.time_budget import TimeBudget
from keras_rgan.loading.backups import backups_among, listed
from keras_rgan.sequences import reading
from keras_rgan.sequences.admission import Source
from keras_rgan.training.phases import updates_left
from keras_rgan.utils.variables import value_of

MOST_UPDATES = 3_200
"""So many updates before the rates fall."""

MOST_EPOCHS = 50
"""So many epochs, where that is fewer: of little data more teaches the data by heart."""

LEAST_UPDATES = 250
"""So many at the least, however little data there is."""

SETTLE = 1.5
"""Over so many more the rates fall, as a share of those before, phases before the game apart."""

LOOKS = (0, 500, 1_000, 2_000, 3_000, 4_000, 5_000)
"""After how many updates the judge looks, the last apart."""

PATIENCE = 4
"""After so many looks without a better one the rates begin to fall: it may get worse before it does."""

LONG = 2_000
"""From so many updates on the best of what was on the way is kept, of epochs that are given too."""

JUDGED = 5_000
"""So many sequences the judge is given."""

FEWEST_JUDGED = 64
"""Of fewer it can say nothing."""

WITHOUT_END = 1_000_000
"""Epochs, or minutes, that something else ends."""


def plan(
    model: Any,
    source: Source,
    validation: Source | None,
    epochs: int | str,
    steps: int | None,
    callbacks: Any,
) -> tuple[int, list[keras.callbacks.Callback]]:
    """Return for how many epochs to train, and what looks in on the way and keeps the best.

    Callbacks that have a method `see_data` are shown the data first.

    Args:
        model: A model that knows its data.
        source: What it trains on.
        validation: What is held out, if anything is.
        epochs: As `fit` was told: a number, or "auto".
        steps: Updates in an epoch, None where that is not known.
        callbacks: What the user passes; with a `KeepBest` of theirs there is no other.
    """
    show_data(callbacks, source, validation)
    until_done = epochs == "auto"
    choice = model.recipe.keep_best
    long = until_done or (steps is not None and int(epochs) * steps >= LONG)
    keeps = choice is True or (choice == "auto" and long)
    their_own = any(isinstance(callback, KeepBest) for callback in listed(callbacks))
    judged = _judged(model, source, validation) if keeps and not their_own else None
    if not until_done:
        return int(epochs), [] if judged is None else [KeepBest(judged)]
    before = updates_left(model.phases, int(value_of(model.optimizer.iterations)))
    updates, count = before + MOST_UPDATES, WITHOUT_END
    if steps is not None:
        updates = before + min(MOST_UPDATES, max(MOST_EPOCHS * steps, LEAST_UPDATES))
    share = SETTLE * (1.0 - before / updates)
    end = math.ceil(updates * (1.0 + share))
    if steps is not None:
        count = math.ceil(end / steps) + 2  # which a callback ends before
    if judged is None:
        return count, [TimeBudget(WITHOUT_END, decay_share=share / (1.0 + share), updates=end)]
    keep_best = KeepBest(
        judged,
        looks=[before + n for n in LOOKS],
        patience=PATIENCE,
        updates=updates,
        settle=share,
        calibrate=_calibrates(model, source),
    )
    return count, [keep_best]


def with_first(callbacks: Any, *first: keras.callbacks.Callback) -> Any:
    """Return callbacks with some before them, which look first, but for those that say they do.

    A callback says so by `looks_first = True`. One with an attribute `backup` learns of the folder of a
    backup, where it can keep what it knows.
    """
    given = listed(callbacks)
    earliest = [callback for callback in given if getattr(callback, "looks_first", False)]
    rest = [callback for callback in given if all(callback is not early for early in earliest)]
    everything = [*earliest, *first, *rest]
    backups = backups_among(callbacks)
    for callback in everything:
        if isinstance(getattr(callback, "backup", ""), Path | None):
            callback.backup = Path(backups[-1].backup_dir) if backups else None
    if isinstance(callbacks, keras.callbacks.CallbackList):
        for callback in first:
            callbacks.append(callback)
        callbacks.callbacks[:] = everything
        return callbacks
    return everything


def show_data(callbacks: Any, source: Source, validation: Source | None) -> None:
    """Show those callbacks that have a method `see_data` what is trained on, and what is held out."""
    for callback in listed(callbacks):
        if hasattr(callback, "see_data"):
            callback.see_data(source, validation)


def steps_of(data: Any, batch_size: int, is_array: bool) -> int | None:
    """Return how many updates an epoch has, if that can be told."""
    if is_array:
        return math.ceil(len(data) / batch_size)
    if not reading.is_finite(data):
        return None
    return data.num_batches if isinstance(data, keras.utils.PyDataset) else len(data) or None


def _judged(
    model: Any, source: Source, validation: Source | None
) -> tuple[np.ndarray, dict[str, Any]] | np.ndarray | None:
    """Return real sequences and their conditions for the judge, held out or not; None for too few."""
    if len(model.data_shape) != 3:
        return None
    for each in (validation, source):
        if each is None or reading.is_one_shot(each.data):
            continue
        sequences, conditions = _some_of(model, each)
        if len(sequences) >= (JUDGED // 5 if each is validation else FEWEST_JUDGED):
            return (sequences, conditions) if conditions else sequences
    return None


def _some_of(model: Any, source: Source) -> tuple[np.ndarray, dict[str, Any]]:
    """Return so many sequences of a source as are judged, of all parts of an array."""
    if source.is_array:
        rows = np.linspace(0, len(source.data) - 1, min(len(source.data), JUDGED)).astype(int)
        names = [] if model.conditions is None else model.conditions.names
        conditions = {k: reading.to_numpy(v)[rows] for k, v in source.conditions.items() if k in names}
        return reading.to_numpy(source.data)[rows], conditions
    parts: list[tuple[np.ndarray, dict[str, Any]]] = []
    for part in model.admission.read(source, JUDGED):
        parts.append(part)
        if sum(len(sequences) for sequences, _ in parts) >= JUDGED:
            break
    longest = max((sequences.shape[1] for sequences, _ in parts), default=0)
    if any(sequences.shape[1] != longest for sequences, _ in parts):
        return np.zeros((0, 0, 0)), {}
    sequences = np.concatenate([sequences for sequences, _ in parts])[:JUDGED]
    names = list(parts[0][1]) if parts else []
    conditions = {
        name: np.concatenate([reading.to_numpy(given[name]) for _, given in parts])[:JUDGED]
        for name in names
    }
    return sequences, conditions


def _calibrates(model: Any, source: Source) -> Any:
    """Return what to calibrate a model to; None where that cannot be."""
    if model.scaler is None or model.scaler.per_sequence or reading.is_one_shot(source.data):
        return None
    if source.is_array:
        return (source.data, source.conditions) if source.conditions else source.data
    return source.data if reading.is_finite(source.data) else None

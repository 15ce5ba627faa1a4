"""Notes as sequences whose columns are categories, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_rgan.sequences.notes import checked_pieces
from keras_rgan.utils import checks

COLUMNS = ("time", "duration", "pitch", "velocity")

MAX_VALUES = 256
"""More categories than these are taken for a mistake."""


def notes_to_sequences(
    pieces: Any, categories: str | Sequence[str] = ("pitch",)
) -> tuple[list[np.ndarray], dict[str, np.ndarray]]:
    """Return pieces as sequences in which the pitch is a category, one-hot, rather than a number.

    As a number a pitch is near its neighbours a half tone away, which are those that do not belong to
    the scale. As a category it is not, and a model makes only pitches of the data. The same may serve
    for times, durations and velocities of few values.

    Args:
        pieces: Notes of each piece, `(notes, 4)`, as `read_midi` returns them.
        categories: Which columns become categories, any of "time", "duration", "pitch" and "velocity";
            one of a single value stays a number.

    Returns:
        A list of arrays `(notes, columns)` float32: time since the note before, duration, pitch and
        velocity, in place of a category a column for each value that occurs; and these values,
        ascending, by the column's name.

    Raises:
        ValueError: If there are no pieces, one is refused, a name is unknown, or a column has more than
            256 values.

    Example:
        >>> import keras_rgan as kr
        >>> sequences, values = kr.data.notes_to_sequences([[[0, 1, 60, 90], [1, 1, 64, 80]]])
        >>> sequences[0].tolist(), values["pitch"].tolist()
        ([[0.0, 1.0, 1.0, 0.0, 90.0], [1.0, 1.0, 0.0, 1.0, 80.0]], [60.0, 64.0])
    """
    categories = (categories,) if isinstance(categories, str) else categories
    names = {checks.one_of("categories", name, COLUMNS) for name in categories}
    pieces = checked_pieces(pieces)
    notes = np.concatenate(pieces).astype("float32")
    values: dict[str, np.ndarray] = {}
    blocks = []
    for name, column in zip(COLUMNS, notes.T, strict=True):
        found, numbers = np.unique(column, return_inverse=True)
        if name not in names or len(found) < 2:
            blocks.append(column[:, None])
            continue
        if len(found) > MAX_VALUES:
            raise ValueError(
                f"A category has {MAX_VALUES} values at the most. Received: {len(found)} of {name}. "
                "Leave it out of categories=, or round it: read_midi(..., step=0.25)."
            )
        values[name] = found
        blocks.append(np.eye(len(found), dtype="float32")[numbers])
    cuts = np.cumsum([len(piece) for piece in pieces])[:-1]
    return np.split(np.concatenate(blocks, axis=1), cuts), values


def sequences_to_notes(sequences: Any, values: Mapping[str, Any]) -> list[np.ndarray]:
    """Return the notes of sequences as `notes_to_sequences` makes them.

    Of each category the value of the largest entry is taken.

    Args:
        sequences: A list of arrays `(notes, columns)`, or an array with all of one length.
        values: The values of categories that `notes_to_sequences` returned.

    Returns:
        A list of arrays `(notes, 4)` float32, as `read_midi` returns.

    Raises:
        ValueError: If a sequence has another shape.

    Example:
        >>> import keras_rgan as kr
        >>> sequences, values = kr.data.notes_to_sequences([[[0, 1, 60, 90], [1, 1, 64, 80]]])
        >>> kr.data.sequences_to_notes(sequences, values)[0].tolist()
        [[0.0, 1.0, 60.0, 90.0], [1.0, 1.0, 64.0, 80.0]]
    """
    known = {name: np.asarray(values[name], "float32") for name in COLUMNS if name in values}
    widths = [len(known[name]) if name in known else 1 for name in COLUMNS]
    pieces = []
    for i, sequence in enumerate(sequences):
        array = np.asarray(sequence, "float32")
        if array.ndim != 2 or array.shape[1] != sum(widths):
            raise ValueError(
                f"Expected sequences of shape (notes, {sum(widths)}), with {widths} columns for "
                f"{', '.join(COLUMNS)}. Received: shape {array.shape} as sequence {i}"
            )
        blocks = np.split(array, np.cumsum(widths)[:-1], axis=1)
        columns = [
            known[name][np.argmax(block, axis=1)] if name in known else block[:, 0]
            for name, block in zip(COLUMNS, blocks, strict=True)
        ]
        pieces.append(np.stack(columns, axis=1))
    return pieces

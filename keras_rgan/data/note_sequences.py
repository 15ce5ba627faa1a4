"""Notes as sequences with pitches as categories, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_rgan.sequences.notes import checked_pieces


def notes_to_sequences(pieces: Any) -> tuple[list[np.ndarray], np.ndarray]:
    """Return pieces as sequences in which the pitch is a category, one-hot, rather than a number.

    As a number a pitch is near its neighbours a half tone away, which are those that do not belong to
    the scale. As a category it is not, and a model makes only pitches of the data.

    Args:
        pieces: Notes of each piece, `(notes, 4)`, as `read_midi` returns them.

    Returns:
        A list of arrays `(notes, 3 + pitches)` float32: the time since the note before, duration,
        velocity, and a column for each pitch that occurs; and these pitches, ascending.

    Raises:
        ValueError: If there are no pieces, one is refused, or all notes have one pitch.

    Example:
        >>> import keras_rgan as kr
        >>> sequences, pitches = kr.data.notes_to_sequences([[[0, 1, 60, 90], [1, 1, 64, 80]]])
        >>> sequences[0].tolist(), pitches.tolist()
        ([[0.0, 1.0, 90.0, 1.0, 0.0], [1.0, 1.0, 80.0, 0.0, 1.0]], [60, 64])
    """
    pieces = checked_pieces(pieces)
    pitches, numbers = np.unique(np.round(np.concatenate(pieces)[:, 2]), return_inverse=True)
    if len(pitches) < 2:
        raise ValueError(
            f"Expected notes of two pitches at least. Received: all of pitch {pitches[0]:g}. Leave the "
            "pitch out, and pass the other columns to fit."
        )
    ones = np.eye(len(pitches))[numbers]
    cuts = np.cumsum([len(notes) for notes in pieces])[:-1]
    sequences = [
        np.concatenate([notes[:, [0, 1, 3]], category], axis=1).astype("float32")
        for notes, category in zip(pieces, np.split(ones, cuts), strict=True)
    ]
    return sequences, pitches.astype(int)


def sequences_to_notes(sequences: Any, pitches: Sequence[int]) -> list[np.ndarray]:
    """Return the notes of sequences as `notes_to_sequences` makes them.

    Of each step's pitches the largest entry is taken.

    Args:
        sequences: A list of arrays `(notes, 3 + pitches)`, or an array with all of one length.
        pitches: The pitches that `notes_to_sequences` returned.

    Returns:
        A list of arrays `(notes, 4)` float32, as `read_midi` returns.

    Raises:
        ValueError: If a sequence has another shape.

    Example:
        >>> import keras_rgan as kr
        >>> sequences, pitches = kr.data.notes_to_sequences([[[0, 1, 60, 90], [1, 1, 64, 80]]])
        >>> kr.data.sequences_to_notes(sequences, pitches)[0].tolist()
        [[0.0, 1.0, 60.0, 90.0], [1.0, 1.0, 64.0, 80.0]]
    """
    names = np.asarray(pitches)
    pieces = []
    for i, sequence in enumerate(sequences):
        values = np.asarray(sequence, "float32")
        if values.ndim != 2 or values.shape[1] != 3 + len(names):
            raise ValueError(
                f"Expected sequences of shape (notes, {3 + len(names)}): three columns, and one for "
                f"each of the {len(names)} pitches. Received: shape {values.shape} as sequence {i}"
            )
        pitch = names[np.argmax(values[:, 3:], axis=1)][:, None]
        pieces.append(np.concatenate([values[:, :2], pitch, values[:, 2:3]], axis=1).astype("float32"))
    return pieces

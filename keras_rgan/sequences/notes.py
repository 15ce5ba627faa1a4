"""Notes: rows of waiting time, duration, pitch and velocity."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST = 127
"""The highest pitch and velocity of MIDI."""


def checked_notes(notes: Any, name: str = "notes") -> np.ndarray:
    """Return the notes of a piece in float64, `(notes, 4)`.

    Args:
        notes: Rows of the time since the note before, duration, pitch and velocity.
        name: What to call them in messages.

    Raises:
        ValueError: If there are none, or some cannot be notes.
    """
    values = np.asarray(notes, "float64")
    if values.ndim != 2 or values.shape[1:] != (4,) or not len(values):
        raise ValueError(
            f"Expected `{name}` of shape (notes, 4), one note at least: the time since the note "
            f"before, duration, pitch and velocity. Received: shape {values.shape}"
        )
    for column, (what, highest) in enumerate(
        (("time", np.inf), ("duration", np.inf), ("pitch", MOST), ("velocity", MOST))
    ):
        rounded = np.round(values[:, column]) if highest == MOST else values[:, column]
        wrong = np.flatnonzero(~((rounded >= 0.0) & (rounded <= highest)) | ~np.isfinite(rounded))
        if len(wrong):
            span = f"between 0 and {MOST}" if highest == MOST else "of at least 0"
            raise ValueError(
                f"Each {what} of `{name}` must be {span}. Received: {values[wrong[0], column]:g} in "
                f"note {wrong[0]}"
            )
    return values


def checked_pieces(pieces: Any, name: str = "pieces") -> list[np.ndarray]:
    """Return the notes of several pieces, each as `checked_notes` returns them.

    Raises:
        ValueError: If there is no piece, or one is refused.
    """
    if isinstance(pieces, np.ndarray) and pieces.ndim == 2:
        raise ValueError(
            f"Expected a list of pieces, each of notes. Received: one piece, `{name}` of shape "
            f"{pieces.shape}. Pass [{name}]."
        )
    checked = [checked_notes(notes, f"{name}[{i}]") for i, notes in enumerate(pieces)]
    if not checked:
        raise ValueError(f"Expected one piece at least in `{name}`. Received: none")
    return checked

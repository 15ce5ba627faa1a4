"""What pieces of music are like, in numbers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from keras_rgan.sequences.notes import checked_pieces

SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 8, 11))
"""Major, natural minor and harmonic minor, in half tones above the tonic."""

RUN = 3
"""Of so many tones repetitions are counted."""

TOGETHER = 1e-6
"""Notes that begin within so short a time begin together."""


def note_statistics(pieces: Any) -> dict[str, np.ndarray]:
    """Return statistics of each of some pieces.

    Args:
        pieces: Notes of each piece, `(notes, 4)`: the time since the note before, duration, pitch,
            velocity, as `kr.data.read_midi` returns them.

    Returns:
        By name an array with a row for each piece:

        - "polyphony": the share of the moments at which notes begin when two or more do.
        - "scale_consistency": the share of notes on the scale that has most of them, of the major,
          natural minor and harmonic minor scales on all tonics.
        - "repetitions": pairs of equal runs of three pitches, in the order of the notes, that share no
          note.
        - "tone_span": half tones from the lowest pitch to the highest.
        - "pitch_count": different pitches.
        - "inter_onset_interval": the mean time between moments at which notes begin; 0 for one.
        - "note_length": the mean duration.
        - "pitch_classes": shares of the twelve pitches of an octave, `(pieces, 12)`.

    Raises:
        ValueError: If there are no pieces, or one is refused.

    Example:
        >>> import keras_rgan as kr
        >>> chord_then_scale = [[0, 4, 60, 80], [0, 4, 64, 80], [0, 4, 67, 80], [4, 1, 62, 80]]
        >>> statistics = kr.metrics.note_statistics([chord_then_scale])
        >>> statistics["polyphony"].tolist(), statistics["scale_consistency"].tolist()
        ([0.5], [1.0])
        >>> statistics["tone_span"].tolist(), statistics["repetitions"].tolist()
        ([7.0], [0.0])

    Reference:
        Mogren, "C-RNN-GAN: Continuous Recurrent Neural Networks with Adversarial Training", 2016 (the
        first four); Yang and Lerch, "On the Evaluation of Generative Models in Music", Neural Computing
        and Applications 2020 (the others).
    """
    of_each = [_statistics(notes) for notes in checked_pieces(pieces)]
    return {name: np.array([one[name] for one in of_each]) for name in of_each[0]}


def _statistics(notes: np.ndarray) -> dict[str, Any]:
    pitches = np.round(notes[:, 2]).astype(int)
    begins = np.concatenate([[True], notes[1:, 0] > TOGETHER])
    moments = np.cumsum(notes[:, 0])[begins]
    together = np.bincount(np.cumsum(begins) - 1)
    classes = np.bincount(pitches % 12, minlength=12)
    on_scale = [
        classes[(np.array(scale) + tonic) % 12].sum() for scale in SCALES for tonic in range(12)
    ]
    return {
        "polyphony": float((together > 1).mean()),
        "scale_consistency": float(max(on_scale) / len(pitches)),
        "repetitions": float(_repetitions(pitches.tolist())),
        "tone_span": float(pitches.max() - pitches.min()),
        "pitch_count": float(len(np.unique(pitches))),
        "inter_onset_interval": float(np.diff(moments).mean()) if len(moments) > 1 else 0.0,
        "note_length": float(notes[:, 1].mean()),
        "pitch_classes": classes / len(pitches),
    }


def _repetitions(pitches: list[int]) -> int:
    """Return how many pairs of equal runs there are that share no note."""
    runs = [tuple(pitches[i : i + RUN]) for i in range(len(pitches) - RUN + 1)]
    seen: Counter[tuple[int, ...]] = Counter()
    count = 0
    for i, run in enumerate(runs):
        if i >= RUN:
            seen[runs[i - RUN]] += 1
        count += seen[run]
    return count

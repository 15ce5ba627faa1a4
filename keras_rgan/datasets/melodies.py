"""Melodies with chords, made by rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keras_rgan.utils import checks

SCALE = np.array([0, 2, 4, 5, 7, 9, 11])

PROGRESSIONS = ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (5, 3, 0, 4))
"""Degrees of the scale on which the chords of four bars stand."""

RHYTHMS = ((1.0, 1.0, 1.0, 1.0), (2.0, 1.0, 1.0), (1.0, 0.5, 0.5, 2.0), (1.5, 0.5, 1.0, 1.0))
"""Durations of the notes of a bar of four beats."""

MOVES, SHARES = (-2, -1, 0, 1, 2), (0.15, 0.3, 0.1, 0.3, 0.15)
"""Degrees by which a melody moves off the beat, and how often."""

MELODY, CHORDS = 60, 48
"""From which pitches up the two lie."""


def make_melodies(
    num_samples: int = 1000, num_bars: int = 4, keys: int | Sequence[int] = (0, 5, 7), seed: int = 0
) -> list[np.ndarray]:
    """Make melodies with a chord in each bar, in several keys.

    A piece has one major key throughout. Its chords follow one of four progressions. On the first beat
    of a bar the melody takes a tone of the chord near where it was, and moves by up to two degrees of
    the scale from there; the third bar of four repeats the first, rhythm and tones; the last note is
    the tonic, as long as a bar.

    Args:
        num_samples: How many pieces.
        num_bars: How many bars of four beats each has.
        keys: Tonics to choose from, in half tones above C.
        seed: Seed of the draws.

    Returns:
        A list of arrays `(notes, 4)` float32: beats since the note before, duration in beats, pitch and
        velocity, as `kr.data.read_midi` returns them.

    Raises:
        ValueError: If a number is not positive, or a key is not one of 0 … 11.

    Example:
        >>> import keras_rgan as kr
        >>> pieces = kr.datasets.make_melodies(50)
        >>> float(kr.metrics.note_statistics(pieces)["scale_consistency"].min())
        1.0
    """
    checks.positive_int("num_samples", num_samples)
    checks.positive_int("num_bars", num_bars)
    tonics = [checks.one_of("keys", key, range(12)) for key in np.ravel(keys).tolist()]
    if not tonics:
        raise ValueError("`keys` must name one key at least, 0 … 11. Received: none")
    random = np.random.default_rng(seed)
    return [_piece(num_bars, int(random.choice(tonics)), random) for _ in range(num_samples)]


def _piece(num_bars: int, tonic: int, random: np.random.Generator) -> np.ndarray:
    progression = PROGRESSIONS[random.integers(len(PROGRESSIONS))]
    rows: list[tuple[float, float, int, int]] = []
    degree = int(random.integers(0, 8))
    bars: list[tuple[tuple[float, ...], list[int]]] = []
    for bar in range(num_bars):
        root = progression[bar % 4]
        last = bar == num_bars - 1
        root = 0 if last else root
        rows += [(4.0 * bar, 4.0, CHORDS + tonic + _half_tones(root + i), 60) for i in (0, 2, 4)]
        rhythm: tuple[float, ...] = (4.0,)
        if last:
            degrees = [0 if degree < 4 else 7]
        elif bar % 4 == 2:
            rhythm, degrees = bars[bar - 2]
        else:
            rhythm = RHYTHMS[random.integers(len(RHYTHMS))]
            degrees = _walk(degree, root, len(rhythm), random)
        bars.append((rhythm, degrees))
        degree, time = degrees[-1], 4.0 * bar
        for i, (duration, step) in enumerate(zip(rhythm, degrees, strict=True)):
            rows.append((time, duration, MELODY + tonic + _half_tones(step), 80 if i else 100))
            time += duration
    notes = np.array(sorted(rows, key=lambda row: (row[0], row[2], row[1])))
    notes[:, 0] = np.diff(notes[:, 0], prepend=0.0)
    return notes.astype("float32")


def _walk(degree: int, root: int, count: int, random: np.random.Generator) -> list[int]:
    """Return degrees of a bar: a tone of the chord near the last one, and steps from there."""
    tones = [d for d in range(10) if (d - root) % 7 in (0, 2, 4)]
    nearest = sorted(tones, key=lambda d: abs(d - degree))[:2]
    degrees = [int(random.choice(nearest))]
    for move in random.choice(MOVES, size=count - 1, p=SHARES):
        degrees.append(int(np.clip(degrees[-1] + move, 0, 9)))
    return degrees


def _half_tones(degree: int) -> int:
    return 12 * (degree // 7) + int(SCALE[degree % 7])

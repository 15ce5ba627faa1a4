"""Notes as sound."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np

from keras_rgan.data.midi import UNITS
from keras_rgan.sequences.notes import checked_notes
from keras_rgan.utils import checks

HARMONICS = 8
"""Of how many partial tones, at the most, a tone consists."""

ATTACK, RELEASE = 0.01, 0.08
"""Seconds over which a tone begins, and ends."""

DECAY = 0.8
"""Seconds in which the second partial of a tone falls to a third, an octave above middle C."""

MOST = 2**28
"""Samples of a file, more than three hours by default: what is longer is taken for a mistake."""

LOUDNESS = 0.9
"""The loudest sample, of what a file can hold."""


def write_wav(
    notes: Any, path: Any, *, unit: str = "beats", tempo: float = 120.0, sample_rate: int = 22_050
) -> None:
    """Write notes as a sound file, each as a plucked tone of decaying partials.

    Args:
        notes: `(notes, 4)`, as `read_midi` returns them.
        path: The file, 16 bits, one channel; a folder that is not there is made.
        unit: Of times and durations: "beats" or "seconds".
        tempo: Beats a minute.
        sample_rate: Samples a second.

    Raises:
        ValueError: If there are no notes, or some cannot be such.

    Example:
        >>> import pathlib, tempfile, wave, keras_rgan as kr
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.wav"
        >>> kr.data.write_wav([[0.0, 1.0, 69, 90]], path, tempo=60)
        >>> with wave.open(str(path)) as file:
        ...     round(file.getnframes() / file.getframerate(), 2)
        1.08
    """
    values = checked_notes(notes)
    checks.one_of("unit", unit, UNITS)
    rate = checks.positive_int("sample_rate", sample_rate)
    seconds = 60.0 / checks.number("tempo", tempo, 4.0, 1e6) if unit == "beats" else 1.0
    end = float((np.cumsum(values[:, 0]) + values[:, 1]).max()) * seconds
    if end * rate > MOST:
        raise ValueError(
            f"A sound file has {MOST:,} samples at the most. Received: notes that end after {end:,.0f} "
            f"seconds, at sample_rate={rate}. Look at what makes the notes, or at `unit` and `tempo`."
        )
    starts = np.round(np.cumsum(values[:, 0]) * seconds * rate).astype(int)
    tones = [
        _tone(pitch, duration * seconds, rate) * velocity for duration, pitch, velocity in values[:, 1:]
    ]
    sound = np.zeros(max(s + len(t) for s, t in zip(starts, tones, strict=True)))
    for start, tone in zip(starts, tones, strict=True):
        sound[start : start + len(tone)] += tone
    loudest = np.abs(sound).max()
    sound *= LOUDNESS * (2**15 - 1) / loudest if loudest > 0.0 else 0.0
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(sound).astype("<i2").tobytes())


def _tone(pitch: float, duration: float, rate: int) -> np.ndarray:
    """Return a tone of a pitch, in half tones, of loudness 1."""
    frequency = 440.0 * 2.0 ** ((round(pitch) - 69) / 12.0)
    time = np.arange(max(round((duration + RELEASE) * rate), 1)) / rate
    tone = np.zeros(len(time))
    for k in range(1, HARMONICS + 1):
        if k * frequency < 0.45 * rate:
            fading = k * frequency / (2.0 * 523.25 * DECAY)
            tone += k**-1.5 * np.exp(-fading * time) * np.sin(2.0 * np.pi * k * frequency * time)
    return (
        tone * np.minimum(time / ATTACK, 1.0) * np.clip((duration + RELEASE - time) / RELEASE, 0.0, 1.0)
    )

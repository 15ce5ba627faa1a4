"""Notes of MIDI files, and back."""

from __future__ import annotations

import os
import warnings
from collections import defaultdict, deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from keras_rgan.sequences.notes import checked_notes
from keras_rgan.utils import checks

UNITS = ("beats", "seconds")

ENDINGS = (".mid", ".midi")

DRUMS = 9
"""The channel, counted from 0, whose pitches are drums."""

CHANNELS = [channel for channel in range(16) if channel != DRUMS]
"""On which notes are written."""

TICKS = 480
"""Ticks of a beat in what is written: whole for halves down to 32nds, and for triplets."""

LONGEST = 2**28 - 1
"""Ticks from one event of a file to the next, at the most."""

DEFAULT_TEMPO = 500_000
"""Microseconds of a beat where a file says nothing."""


def read_midi(
    source: Any,
    *,
    unit: str = "beats",
    step: float | None = None,
    drums: bool = False,
    on_error: str = "raise",
) -> list[np.ndarray]:
    """Read the notes of MIDI files, all tracks together.

    Each note is a row: the time since the note before began (of the first: since the beginning of the
    file), its duration, its pitch (0 … 127; 60 is the middle C) and its velocity (1 … 127). Notes that
    begin together stand in ascending order of pitch, then of duration, with a time of 0 between them.

    Needs mido: `pip install 'keras_rgan[music]'`.

    Args:
        source: A file, a folder, of which all files `*.mid` and `*.midi` in it and below are read in
            the order of their names, or a list of files.
        unit: Of times and durations: "beats" (quarter notes, whatever the tempo) or "seconds".
        step: To multiples of which times and durations are rounded, durations to one at the least; None
            for as they are. A quarter of a beat makes whole sixteenths of what was played by hand.
        drums: Whether notes of the drum channel count.
        on_error: "raise", or "skip": files that cannot be read or have no notes are left out, with one
            warning that names them.

    Returns:
        A list of arrays `(notes, 4)` float32, one for each file.

    Raises:
        ModuleNotFoundError: If mido is not installed.
        ValueError: If there is no file, one is no MIDI file or has no notes, or a name is unknown.

    Example:
        >>> import pathlib, tempfile, keras_rgan as kr
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "two_notes.mid"
        >>> kr.data.write_midi([[0.0, 1.0, 60, 90], [1.5, 0.5, 64, 80]], path)
        >>> kr.data.read_midi(path)[0].tolist()
        [[0.0, 1.0, 60.0, 90.0], [1.5, 0.5, 64.0, 80.0]]

    Reference:
        Mogren, "C-RNN-GAN: Continuous Recurrent Neural Networks with Adversarial Training", 2016 (notes
        as tuples of these four).
    """
    mido = _mido()
    checks.one_of("unit", unit, UNITS)
    checks.one_of("on_error", on_error, ("raise", "skip"))
    if step is not None:
        step = checks.number("step", step, 1e-6)
    pieces, problems = [], []
    for path in _files(source):
        try:
            pieces.append(_notes_of(mido, path, unit, step, drums))
        except ValueError as error:
            if on_error == "raise":
                raise
            problems.append(str(error))
    if problems:
        shown = " ".join(problems[:5])
        warnings.warn(f"{len(problems)} files were left out. {shown}", stacklevel=2)
    if not pieces:
        raise ValueError(f"None of the files of {source} could be read.")
    return pieces


def write_midi(notes: Any, path: Any, *, unit: str = "beats", tempo: float = 120.0) -> None:
    """Write notes as a MIDI file of one track.

    Needs mido: `pip install 'keras_rgan[music]'`.

    Args:
        notes: `(notes, 4)`, as `read_midi` returns them. Pitches and velocities are rounded, times to
            480ths of a beat. Notes of one pitch that sound together come on different channels.
        path: The file; a folder that is not there is made.
        unit: Of times and durations: "beats" or "seconds".
        tempo: Beats a minute.

    Raises:
        ModuleNotFoundError: If mido is not installed.
        ValueError: If there are no notes, times are negative, or pitches or velocities beyond 0 … 127.

    Example:
        >>> import pathlib, tempfile, keras_rgan as kr
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "chord.mid"
        >>> kr.data.write_midi([[0, 4, 60, 64], [0, 4, 64, 64], [0, 4, 67, 64]], path, tempo=90)
        >>> len(kr.data.read_midi(path)[0])
        3
    """
    mido = _mido()
    checks.one_of("unit", unit, UNITS)
    tempo = checks.number("tempo", tempo, 4.0, 1e6)
    values = checked_notes(notes)
    ticks = TICKS if unit == "beats" else TICKS * tempo / 60.0
    longest = int(values[:, :2].max(axis=1).argmax())
    if values[longest, :2].max() * ticks > LONGEST:
        raise ValueError(
            f"Times and durations of a MIDI file are of at most {LONGEST / ticks:,.0f} {unit}. "
            f"Received: {values[longest, :2].max():g} in note {longest}. Look at what makes the notes, "
            "or at `unit`."
        )
    start = np.round(np.cumsum(values[:, 0]) * ticks).astype(int)
    end = start + np.maximum(np.round(values[:, 1] * ticks).astype(int), 1)
    pitches, velocities = np.round(values[:, 2:]).astype(int).T
    events = []
    busy: dict[tuple[int, int], int] = {}  # until when a channel sounds a pitch
    for first, last, pitch, velocity in zip(
        *(x.tolist() for x in (start, end, pitches, velocities)), strict=True
    ):
        free = [channel for channel in CHANNELS if busy.get((channel, pitch), 0) <= first]
        channel = free[0] if free else CHANNELS[0]
        busy[channel, pitch] = last
        events += [(first, 1, pitch, channel, max(velocity, 1)), (last, 0, pitch, channel, 0)]
    track, now = mido.MidiTrack(), 0
    track.append(mido.MetaMessage("set_tempo", tempo=min(round(60e6 / tempo), 2**24 - 1)))
    for tick, begins, pitch, channel, velocity in sorted(events):
        kind = "note_on" if begins else "note_off"
        track.append(
            mido.Message(kind, channel=channel, note=pitch, velocity=velocity, time=tick - now)
        )
        now = tick
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[track]).save(path)


def _mido() -> Any:
    try:
        import mido
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "MIDI files need the package 'mido', which is not installed. Run: pip install "
            "'keras_rgan[music]', or pip install mido",
            name=error.name,
        ) from error
    return mido


def _files(source: Any) -> list[Path]:
    """Return the files that a source names.

    Raises:
        ValueError: If there is none.
    """
    if not isinstance(source, str | os.PathLike):
        paths = [Path(path) for path in source] if isinstance(source, Iterable) else []
    elif Path(source).is_dir():
        paths = sorted(p for p in Path(source).rglob("*") if p.suffix.lower() in ENDINGS)
    else:
        paths = [Path(source)]
    if not paths:
        raise ValueError(
            f"Expected a MIDI file, a folder of files *.mid or *.midi, or a list of files. Received: "
            f"{source!r}, which has none."
        )
    missing = next((path for path in paths if not path.is_file()), None)
    if missing is not None:
        raise ValueError(f"There is no file {missing}. Pass a MIDI file, or a folder of such.")
    return paths


def _notes_of(mido: Any, path: Path, unit: str, step: float | None, drums: bool) -> np.ndarray:
    """Return the notes of a file.

    Raises:
        ValueError: If it is no MIDI file, or has none.
    """
    try:
        file = mido.MidiFile(path, clip=True)
    except Exception as error:  # whatever mido makes of bytes that mean nothing
        raise ValueError(
            f"{path} cannot be read as a MIDI file: {str(error) or type(error).__name__}. Expected a "
            "standard MIDI file, *.mid; sound files and scores have to be converted before."
        ) from error
    if file.ticks_per_beat <= 0 or file.type == 2:
        what = "independent patterns (type 2)" if file.type == 2 else "times by frames of film (SMPTE)"
        raise ValueError(
            f"{path} has {what}, which have no common beats. Save it anew as a file of type 0 or 1."
        )
    rows, tempi = _events_of(file, drums)
    if not len(rows):
        beside = "" if drums else " but on the drum channel; drums=True reads these too"
        raise ValueError(
            f"{path} has no notes{beside if _events_of(file, True)[0].size else ''}. Leave it out, or "
            "pass on_error='skip'."
        )
    begins, ends = rows[:, 0], rows[:, 1]
    if unit == "beats":
        begins, ends = begins / file.ticks_per_beat, ends / file.ticks_per_beat
    else:
        begins, ends = (_seconds(ticks, tempi, file.ticks_per_beat) for ticks in (begins, ends))
    durations = ends - begins
    if step is not None:
        begins = np.round(begins / step) * step
        durations = np.maximum(np.round(durations / step), 1.0) * step
    order = np.lexsort((durations, rows[:, 2], np.round(begins, 9)))
    waits = np.diff(begins[order], prepend=0.0)
    waits[waits < 1e-9] = 0.0
    return np.stack([waits, durations[order], *rows[order, 2:].T], axis=1).astype("float32")


def _events_of(file: Any, drums: bool) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Return notes, (begin, end, pitch, velocity) in ticks, and tempi, (tick, microseconds a beat)."""
    rows, tempi = [], []
    for track in file.tracks:
        now = 0
        sounding: dict[tuple[int, int], deque[tuple[int, int]]] = defaultdict(deque)
        for message in track:
            now += message.time
            if message.type == "set_tempo":
                tempi.append((now, message.tempo))
            if message.type not in ("note_on", "note_off") or (message.channel == DRUMS and not drums):
                continue
            on = sounding[message.channel, message.note]
            if message.type == "note_on" and message.velocity > 0:
                on.append((now, message.velocity))
            elif on:
                begin, velocity = on.popleft()
                rows.append((begin, now, message.note, velocity))
        for (_, pitch), on in sounding.items():  # what nobody ended ends with the track
            rows += [(begin, now, pitch, velocity) for begin, velocity in on]
    # Of several at one tick the last counts, as it does for players.
    return np.array(rows, "float64").reshape(-1, 4), sorted(tempi, key=lambda tempo: tempo[0])


def _seconds(ticks: np.ndarray, tempi: list[tuple[int, int]], ticks_per_beat: int) -> np.ndarray:
    """Return ticks in seconds."""
    changes = dict([(0, DEFAULT_TEMPO), *tempi])
    at = np.array(sorted(changes), "float64")
    pace = np.array([changes[int(t)] for t in at]) / (1e6 * ticks_per_beat)
    before = np.concatenate([[0.0], np.cumsum(np.diff(at) * pace[:-1])])
    piece = np.searchsorted(at, ticks, side="right") - 1
    return before[piece] + (ticks - at[piece]) * pace[piece]

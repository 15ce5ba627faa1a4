import sys

import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH
mido = pytest.importorskip("mido")
NOTES = np.array(
    [[0, 4, 60, 64], [0, 1.5, 64, 90], [1, 0.25, 60, 1], [1.25, 3, 127, 127], [0.5, 1, 0, 5]]
)


def file_of(path, *tracks, ticks_per_beat=100, kind=1):
    """Write messages, (type, options) each."""
    made = []
    for messages in tracks:
        made.append(mido.MidiTrack())
        for name, options in messages:
            message = mido.MetaMessage if name == "set_tempo" else mido.Message
            made[-1].append(message(name, **options))
    mido.MidiFile(type=kind, ticks_per_beat=ticks_per_beat, tracks=made).save(path)
    return path


def on(note, time=0, velocity=80, channel=0):
    return "note_on", {"note": note, "time": time, "velocity": velocity, "channel": channel}


def off(note, time=0, channel=0):
    return "note_off", {"note": note, "time": time, "channel": channel}


@pytest.mark.parametrize("unit", ["beats", "seconds"])
def test_there_and_back(tmp_path, unit):
    path = tmp_path / "new" / "notes.mid"
    kr.data.write_midi(NOTES, path, unit=unit, tempo=90)
    (read,) = kr.data.read_midi(path, unit=unit)
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, NOTES, atol=1e-3)
    other = {"beats": "seconds", "seconds": "beats"}[unit]
    factor = 60.0 / 90.0 if unit == "beats" else 90.0 / 60.0
    np.testing.assert_allclose(
        kr.data.read_midi(path, unit=other)[0][:, :2], NOTES[:, :2] * factor, atol=2e-3
    )


def test_melodies_survive(tmp_path):
    for i, notes in enumerate(kr.datasets.make_melodies(20)):
        kr.data.write_midi(notes, tmp_path / f"{i:02}.mid")
    for a, b in zip(kr.data.read_midi(tmp_path), kr.datasets.make_melodies(20), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_tracks_tempi_and_notes_that_nobody_ends(tmp_path):
    """Half a second a beat, from beat 2 on a second; two tracks; a note on of velocity 0 ends one."""
    path = file_of(
        tmp_path / "x.mid",
        [("set_tempo", {"tempo": 500_000}), ("set_tempo", {"tempo": 1_000_000, "time": 200})],
        [on(60), on(60, 300, velocity=0), on(64, 100), off(70, 200)],
        [on(48, 100), off(48, 50)],
    )
    (beats,) = kr.data.read_midi(path)
    np.testing.assert_allclose(beats[:, :3], [[0, 3, 60], [1, 0.5, 48], [3, 2, 64]])
    (seconds,) = kr.data.read_midi([path], unit="seconds")
    np.testing.assert_allclose(seconds[:, :2], [[0, 2], [0.5, 0.25], [2.5, 2]])


def test_of_several_tempi_at_one_tick_the_last_counts(tmp_path):
    tempi = [("set_tempo", {"tempo": tempo, "time": 0}) for tempo in (1_000_000, 250_000)]
    path = file_of(tmp_path / "x.mid", [*tempi, on(60, 0), on(60, 400, velocity=0)])
    by_mido = sum(message.time for message in mido.MidiFile(path))
    assert by_mido == pytest.approx(1.0)
    assert kr.data.read_midi(path, unit="seconds")[0][0, 1] == pytest.approx(by_mido)


def test_steps(tmp_path):
    path = file_of(
        tmp_path / "x.mid", [on(64, 3), on(60, 2), off(64, 44), off(60, 1), on(67, 60), off(67, 2)]
    )
    (notes,) = kr.data.read_midi(path, step=0.25)
    np.testing.assert_allclose(notes[:, :3], [[0, 0.5, 60], [0, 0.5, 64], [1, 0.25, 67]])


def test_drums(tmp_path):
    path = file_of(
        tmp_path / "x.mid", [on(60), off(60, 100), on(36, channel=9), off(36, 50, channel=9)]
    )
    assert kr.data.read_midi(path)[0][:, 2].tolist() == [60]
    assert kr.data.read_midi(path, drums=True)[0][:, 2].tolist() == [60, 36]
    alone = file_of(tmp_path / "y.mid", [on(36, channel=9), off(36, 50, channel=9)])
    refuses(lambda: kr.data.read_midi(alone), "no notes but on the drum channel; drums=True")


def test_bad_files(tmp_path):
    read = kr.data.read_midi
    sound = tmp_path / "sound.mid"
    sound.write_bytes(b"RIFF....WAVEfmt ")
    empty = file_of(tmp_path / "empty.mid", [off(60, 10)])
    cut = tmp_path / "cut.mid"
    kr.data.write_midi(NOTES, cut)
    cut.write_bytes(cut.read_bytes()[:40])
    patterns = file_of(tmp_path / "patterns.mid", [on(60), off(60, 1)], kind=2)
    film = file_of(tmp_path / "film.mid", [on(60), off(60, 1)], ticks_per_beat=-7640)
    for path in (sound, cut):
        refuses(
            lambda path=path: read(path),
            f"{path.name} cannot be read as a MIDI file.*a standard MIDI file",
        )
    refuses(lambda: read(empty), "empty.mid has no notes. Leave it out, or pass on_error='skip'")
    refuses(lambda: read(patterns), "independent patterns .type 2.*Save it anew")
    refuses(lambda: read(film), "SMPTE")
    refuses(lambda: read(tmp_path / "none.mid"), "There is no file .*none.mid")
    refuses(lambda: read(tmp_path / "folder"), "There is no file")
    (tmp_path / "folder").mkdir()
    refuses(lambda: read(tmp_path / "folder"), "a folder of files .* which has none")
    refuses(lambda: read(sound, unit="bars"), "`unit` must be one of 'beats', 'seconds'")
    refuses(lambda: read(sound, step=0), "`step` must be a number")
    kr.data.write_midi(NOTES, tmp_path / "good.mid")
    with pytest.warns(UserWarning, match="5 files were left out. .*cut.mid"):
        assert len(read(tmp_path, on_error="skip")) == 1
    with pytest.warns(UserWarning, match="1 files"):
        refuses(lambda: read(sound, on_error="skip"), "None of the files")


def test_bad_notes(tmp_path):
    long = [[0, 1, 60, 90], [1e30, 1, 60, 90]]
    refuses(
        lambda: kr.data.write_midi(long, tmp_path / "x.mid"), "559,241 beats. Received: 1e.30 in note 1"
    )
    seconds = {"unit": "seconds", "tempo": 60.0}
    refuses(lambda: kr.data.write_midi(long, tmp_path / "x.mid", **seconds), "559,241 seconds")
    refuses(lambda: kr.data.write_midi([[0, 1, 300, 9]], tmp_path / "x.mid"), "Each pitch .*300")
    assert not (tmp_path / "x.mid").exists()


def test_without_mido(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "mido", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'keras_rgan\[music\]'"):
        kr.data.read_midi(tmp_path)

import wave

import numpy as np

import keras_rgan as kr
from tests.testing import refuses


def sound_of(path):
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 2**15, file.getframerate()


def test_pitches_times_and_loudness(tmp_path):
    """An A of 440 Hz for a second, and after a second of silence the one below."""
    path = tmp_path / "new" / "a.wav"
    kr.data.write_wav([[0, 1, 69, 90], [2, 1, 57, 90]], path, tempo=60, sample_rate=8000)
    sound, rate = sound_of(path)
    assert rate == 8000
    assert len(sound) == 8000 * 3.08
    assert 0.85 < np.abs(sound).max() <= 0.9
    for start, frequency in ((0, 440), (2, 220)):
        spectrum = np.abs(np.fft.rfft(sound[start * rate : (start + 1) * rate]))
        assert abs(spectrum.argmax() - frequency) <= 1
        assert spectrum[2 * frequency] > 10 * np.median(spectrum)  # partials
    assert not sound[int(1.1 * rate) : 2 * rate].any()
    halves = np.square(sound[: rate // 2]).sum(), np.square(sound[rate // 2 : rate]).sum()
    assert halves[0] > 1.5 * halves[1]  # it decays


def test_units_and_bad_input(tmp_path):
    path = tmp_path / "a.wav"
    kr.data.write_wav([[0, 1, 69, 90]], path, unit="seconds", tempo=240, sample_rate=4000)
    assert len(sound_of(path)[0]) == 4000 * 1.08
    kr.data.write_wav([[0, 1, 69, 0]], path)  # of velocity 0: silence
    assert not sound_of(path)[0].any()
    refuses(lambda: kr.data.write_wav([[0, 1, 69]], path), r"Received: shape \(1, 3\)")
    refuses(lambda: kr.data.write_wav([[0, 1, 69, 90]], path, unit="bars"), "`unit`")
    refuses(lambda: kr.data.write_wav([[1e7, 1, 69, 90]], path), "end after 5,000,000 seconds")

import numpy as np

import keras_rgan as kr
from tests.testing import refuses


def of(*rows):
    statistics = kr.metrics.note_statistics([rows])
    return {name: values[0] for name, values in statistics.items()}


def test_worked_by_hand():
    """C, E and G together, D after 2, a high C together with C# a beat later."""
    found = of(
        (0, 2, 60, 80), (0, 2, 64, 80), (0, 2, 67, 80), (2, 1, 62, 80), (1, 4, 72, 80), (0, 1, 73, 80)
    )
    assert found["polyphony"] == 2 / 3
    assert found["scale_consistency"] == 5 / 6  # C major, and C# beyond it
    assert found["tone_span"] == 13
    assert found["pitch_count"] == 6
    assert found["inter_onset_interval"] == 1.5
    assert found["note_length"] == 2.0
    classes = np.zeros(12)
    classes[[0, 1, 2, 4, 7]] = np.array([2, 1, 1, 1, 1]) / 6
    np.testing.assert_allclose(found["pitch_classes"], classes)


def test_scales():
    for steps in ([0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10], [0, 2, 3, 5, 7, 8, 11]):
        for tonic in (0, 7, 11):
            assert of(*[(1, 1, 50 + tonic + s, 80) for s in steps])["scale_consistency"] == 1.0
    chromatic = of(*[(1, 1, p, 80) for p in range(60, 72)])
    assert chromatic["scale_consistency"] == 7 / 12
    assert of(*[(1, 1, p, 80) for p in (60, 61, 62)])["scale_consistency"] == 2 / 3


def test_repetitions():
    def count(pitches):
        return of(*[(1, 1, p, 80) for p in pitches])["repetitions"]

    assert count([60, 62, 64, 60, 62, 64]) == 1
    assert count([60, 62, 64, 65, 60, 62, 64, 65]) == 2  # 60 62 64 and 62 64 65
    assert count([60] * 6) == 1  # runs that share a note are none
    assert count([60] * 7) == 3  # 0 and 3, 0 and 4, 1 and 4
    assert count([60, 62, 64, 65]) == 0
    assert count([60, 62]) == 0


def test_one_note_and_several_pieces():
    one = of((0.5, 1, 60, 80))
    assert (one["polyphony"], one["tone_span"], one["inter_onset_interval"]) == (0.0, 0.0, 0.0)
    pieces = kr.datasets.make_melodies(7)
    found = kr.metrics.note_statistics(pieces)
    assert {name: x.shape for name, x in found.items() if x.ndim > 1} == {"pitch_classes": (7, 12)}
    refuses(lambda: kr.metrics.note_statistics([]), "one piece at least")

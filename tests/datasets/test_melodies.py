import numpy as np

import keras_rgan as kr
from tests.testing import refuses


def test_pieces_keep_their_rules():
    pieces = kr.datasets.make_melodies(60, num_bars=4, keys=(2,), seed=1)
    for notes in pieces:
        begins = np.cumsum(notes[:, 0])
        chords = notes[:, 3] == 60
        np.testing.assert_array_equal(begins[chords], np.repeat([0, 4, 8, 12], 3))
        melody = notes[~chords]
        assert melody[:, 1].sum() == 16.0  # four bars of four beats, without rests
        np.testing.assert_array_equal(begins[~chords], np.cumsum(melody[:, 1]) - melody[:, 1])
        assert set((notes[:, 2] - 2) % 12) <= {0, 2, 4, 5, 7, 9, 11}
        assert (melody[-1, 2] - 2) % 12 == 0
        bars = begins[~chords] // 4
        np.testing.assert_array_equal(melody[bars == 0, 1:3], melody[bars == 2, 1:3])
    lengths = {len(notes) for notes in pieces}
    assert len(lengths) > 1


def test_seeds_and_bad_arguments():
    make = kr.datasets.make_melodies
    np.testing.assert_array_equal(make(3, seed=5)[2], make(3, seed=5)[2])
    refuses(lambda: make(3, keys=(12,)), "`keys` must be one of 0, 1.*Received: keys=12")
    assert len(make(3, keys=7)) == len(make(3, keys=np.array([5, 7]))) == 3
    refuses(lambda: make(3, keys=()), "`keys` must name one key at least")
    refuses(lambda: make(0), "`num_samples` must be an integer")

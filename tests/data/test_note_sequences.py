import numpy as np

import keras_rgan as kr
from tests.testing import refuses


def test_there_and_back():
    pieces = kr.datasets.make_melodies(10)
    sequences, pitches = kr.data.notes_to_sequences(pieces)
    assert all((s[:, 3:].sum(axis=1) == 1).all() for s in sequences)
    assert (np.concatenate(sequences)[:, 3:].sum(axis=0) > 0).all()
    for a, b in zip(kr.data.sequences_to_notes(sequences, pitches), pieces, strict=True):
        np.testing.assert_array_equal(a, b)
    soft = [s + 0.3 * np.random.default_rng(0).random(s.shape) for s in sequences]
    back = kr.data.sequences_to_notes(soft, pitches)
    np.testing.assert_array_equal(back[0][:, 2], pieces[0][:, 2])


def test_bad_input():
    refuses(lambda: kr.data.notes_to_sequences([[[0, 1, 60, 9]] * 3]), "all of pitch 60. Leave")
    refuses(lambda: kr.data.notes_to_sequences([]), "one piece at least")
    refuses(
        lambda: kr.data.sequences_to_notes([np.zeros((2, 6))], [60, 64]),
        r"shape \(notes, 5\).*the 2 pitches. Received: shape \(2, 6\) as sequence 0",
    )

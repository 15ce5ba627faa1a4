import itertools

import numpy as np
import pytest

import keras_rgan as kr
from tests.testing import refuses


@pytest.mark.parametrize("names", [("pitch",), ("velocity", "time", "duration", "pitch"), ()])
def test_there_and_back(names):
    pieces = kr.datasets.make_melodies(10)
    sequences, values = kr.data.notes_to_sequences(pieces, names)
    assert set(values) == set(names)
    width = 4 - len(names) + sum(map(len, values.values()))
    assert {s.shape[1] for s in sequences} == {width}
    for a, b in zip(kr.data.sequences_to_notes(sequences, values), pieces, strict=True):
        np.testing.assert_array_equal(a, b)


def test_categories_are_seen_as_such():
    pieces = kr.datasets.make_melodies(30)
    every = ("time", "duration", "pitch", "velocity")
    sequences, values = kr.data.notes_to_sequences(pieces, every)
    scaler = kr.layers.SequenceScaler()
    scaler.adapt(np.concatenate(sequences)[None])
    ends = np.cumsum([0, *(len(values[name]) for name in every)])
    assert scaler.categories == list(itertools.pairwise(ends))


def test_what_is_generated():
    """The value of the largest entry; a column of one value stays a number."""
    sequences, values = kr.data.notes_to_sequences(
        [[[0, 1, 60, 9], [2, 1, 64, 9]]], ("pitch", "velocity")
    )
    assert set(values) == {"pitch"}
    assert sequences[0].shape == (2, 5)
    notes = kr.data.sequences_to_notes(np.array([[[0.5, 1.0, 0.2, 0.7, 9.0]]]), values)
    assert notes[0].tolist() == [[0.5, 1.0, 64.0, 9.0]]


def test_one_category_by_its_name():
    notes = [[[0, 1, 60, 9], [1, 1, 64, 9]]]
    assert kr.data.notes_to_sequences(notes, "pitch")[1]["pitch"].tolist() == [60.0, 64.0]


def test_bad_input():
    to, back = kr.data.notes_to_sequences, kr.data.sequences_to_notes
    refuses(lambda: to([]), "one piece at least")
    refuses(lambda: to([[[0, 1, 60, 9]]], ("pich",)), "`categories` must be one of.*mean 'pitch'")
    many = np.tile([0.0, 1.0, 60.0, 9.0], (300, 1))
    many[:, 0] = np.arange(300) / 7.0
    refuses(lambda: to([many], ("time",)), r"Received: 300 of time. Leave it out .*step=0.25")
    refuses(
        lambda: back([np.zeros((2, 6))], {"pitch": [60, 64]}),
        r"shape \(notes, 5\), with \[1, 1, 2, 1\] columns .*Received: shape \(2, 6\) as sequence 0",
    )

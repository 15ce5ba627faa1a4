import numpy as np
import pytest

from keras_rgan.sequences.notes import checked_notes, checked_pieces
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        (np.zeros((0, 4)), r"shape \(notes, 4\), one note at least.*Received: shape \(0, 4\)"),
        ([[0, 1, 60]], r"Received: shape \(1, 3\)"),
        ([[-0.5, 1, 60, 90]], "Each time of `notes` must be of at least 0. Received: -0.5 in note 0"),
        ([[0, 1, 60, 90], [0, -1, 60, 90]], "Each duration .*Received: -1 in note 1"),
        ([[0, 1, 128, 90]], "Each pitch of `notes` must be between 0 and 127. Received: 128"),
        ([[0, 1, 60, -3]], "Each velocity .*Received: -3"),
        ([[np.nan, 1, 60, 90]], "Each time .*Received: nan"),
    ],
)
def test_bad_notes(notes, message):
    refuses(lambda: checked_notes(notes), message)


def test_no_pieces():
    refuses(lambda: checked_pieces([]), "one piece at least in `pieces`. Received: none")
    one = np.array([[0, 1, 60, 90], [1, 1, 64, 90]])
    refuses(lambda: checked_pieces(one), r"Received: one piece.*Pass \[pieces\]")
    refuses(lambda: checked_pieces([[[0, 1, 60, 90]], [[0, 1, 200, 90]]]), r"`pieces\[1\]`.*200")

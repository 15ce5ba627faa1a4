import numpy as np
import pytest

from keras_rgan.sequences.events import PaddedEvents, checked_events
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH


def test_padding_and_ends():
    events = PaddedEvents.of([[1.0, 2.5], [], [3.0]], [[0, 1], [], [1]], horizon=4.0)
    np.testing.assert_array_equal(events.times, [[1.0, 2.5, 4.0], [4.0] * 3, [3.0, 4.0, 4.0]])
    np.testing.assert_array_equal(events.marks, [[0, 1, -1], [-1, -1, -1], [1, -1, -1]])
    np.testing.assert_array_equal(events.steps.sum(axis=1), [3, 1, 2])
    assert events.num_marks == 2
    without = PaddedEvents.of([[1.0, 2.5], [3.0]], [[0, 1], [1]])
    np.testing.assert_array_equal(without.ends, [2.5, 3.0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[-0.5, 1.0]],), r"no waiting time is negative. Received: of sequence 0 the first at -0\.5"),
        (([[1.0], [2.0, 1.5]],), r"of sequence 1 1\.5 after 2, at event 1. Sort them"),
        (([[1.0, np.nan]],), "finite numbers, .*Received: NaN or infinite values as sequence 0"),
        (
            ([[1.0, 9.0]], None, None, 5.0),
            "beyond the horizon, 5. Received: 9 in sequence 0.*event_windows",
        ),
        (([[1.0]], [[2]], 2), r"whole numbers from 0 to 1. Received: 2 at event 0 .*larger num_marks="),
        (([[1.0]], [[-1]]), "Received: -1 at event 0 of sequence 0. Number the marks from 0"),
        (([[1.0]], [[0.5]]), "whole numbers"),
        (([[1.0]], [["buy"]]), "`marks` must be numbers. Received: .'buy'."),
        (([[1.0, 2.0]], [[0]]), "Received: 2 times and 1 marks of sequence 0"),
        (([[1.0]], [[0], [1]]), "marks of each of 1 sequences. Received: marks of 2"),
        (([[1.0]], None, 0), "`num_marks` must be an integer of at least 1"),
        (([[1.0]], None, 2.5), "`num_marks`"),
        (
            ([np.array(["2020-01-01"], "datetime64[s]")],),
            "dates or durations as sequence 0. Say in which",
        ),
        (([],), "one sequence of events at least. Received: none"),
        ((np.array([1.0, 2.0]),), r"one array of shape \(2,\). Pass \[times\], or cut it"),
    ],
)
def test_bad_events(arguments, message):
    refuses(lambda: checked_events(*arguments), message)

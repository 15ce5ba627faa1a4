import numpy as np

import keras_rgan as kr
from tests.testing import refuses

STREAM = np.array([0.5, 1.5, 1.75, 4.0, 6.5])
MARKS = np.array([0, 1, 1, 0, 2])


def test_by_number():
    times, marks = kr.data.event_windows(STREAM, MARKS, num_events=2)
    assert [t.tolist() for t in times] == [[0.5, 1.5], [0.25, 2.5]]
    assert [m.tolist() for m in marks] == [[0, 1], [1, 0]]
    waits = np.concatenate([np.diff(t, prepend=0.0) for t in times])
    np.testing.assert_allclose(waits, np.diff(STREAM, prepend=0.0)[:4])  # those of the stream


def test_by_time():
    times, marks = kr.data.event_windows(STREAM, MARKS, horizon=2.0, end=8.0)
    assert [t.tolist() for t in times] == [[0.5, 1.5, 1.75], [], [0.0], [0.5]]
    assert [m.tolist() for m in marks] == [[0, 1, 1], [], [0], [2]]
    again = np.concatenate([t + 2.0 * i for i, t in enumerate(times)])
    np.testing.assert_allclose(again, STREAM)
    assert len(kr.data.event_windows(STREAM, horizon=2.0)[0]) == 3  # the stream ends at 6.5


def test_bad_input():
    cut = kr.data.event_windows
    refuses(lambda: cut(STREAM), "either `num_events`.*or `horizon`")
    refuses(lambda: cut(STREAM, horizon=2.0, num_events=2), "either `num_events`")
    refuses(
        lambda: cut(STREAM, num_events=6), "A window needs 6 events. Received: a stream of 5 events"
    )
    refuses(lambda: cut(STREAM, horizon=7.0), "needs a time of 7. Received: a stream of a time of 6.5")
    refuses(lambda: cut(STREAM, horizon=2.0, end=5.0), "`end` must be a number of at least 6.5")
    refuses(lambda: cut(STREAM[::-1], num_events=2), "Sort them")

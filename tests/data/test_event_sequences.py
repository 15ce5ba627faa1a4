import numpy as np
import pytest
from scipy import stats

import keras_rgan as kr
from tests.testing import ON_TORCH, refuses

pytestmark = ON_TORCH
TO, BACK = kr.data.events_to_sequences, kr.data.sequences_to_events


@pytest.mark.parametrize("horizon", [None, 6.0])
def test_there_and_back(horizon):
    times, marks = kr.datasets.make_hawkes(40, horizon=6.0)
    if horizon is None:
        times, marks = ([x for x in part if len(x)] for part in (times, marks))
    sequences = TO(times, marks, 2, horizon)
    assert all(len(s) == len(t) + (horizon is not None) for s, t in zip(sequences, times, strict=True))
    assert any(len(t) == 0 for t in times) == (horizon is not None)
    back_times, back_marks = BACK(sequences, horizon)
    for a, b in zip(times, back_times, strict=True):
        np.testing.assert_allclose(b, a, atol=1e-5)
    for a, b in zip(marks, back_marks, strict=True):
        np.testing.assert_array_equal(b, a)


def test_one_mark():
    assert TO([[1.0, 3.0]], root=1)[0].tolist() == [[1.0], [2.0]]
    assert TO([[1.0]], horizon=2.0)[0].tolist() == [[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    times, marks = BACK([[[1.0], [2.0]]], root=1)
    assert times[0].tolist() == [1.0, 3.0]
    assert marks[0].tolist() == [0, 0]


def test_what_is_generated_becomes_events():
    """Waits below 0 count as 0, the largest of the marks is taken, the end is at the horizon."""
    sequence = [[-1.0, 0.2, 0.7, 0.1], [2.0, 0.6, 0.1, 0.3], [3.0, 0.0, 0.1, 0.9]]
    times, _ = BACK([sequence])
    np.testing.assert_allclose(times[0], [0.0, 8.0, 35.0])
    times, marks = BACK([sequence], horizon=10.0, root=1)
    np.testing.assert_allclose(times[0], [0.0, 4.0])
    assert marks[0].tolist() == [1, 0]
    times, marks = BACK(np.array([sequence]), root=1)
    np.testing.assert_allclose(times[0], [0.0, 2.0, 5.0])
    assert marks[0].tolist() == [1, 0, 2]


def test_cube_roots_of_exponential_waits_are_nearly_normal():
    times, _ = kr.baselines.HawkesProcess([3.0]).generate(50, num_events=100, seed=0)
    roots, waits = (np.concatenate(TO(times, root=r))[:, 0] for r in (3, 1))
    assert abs(stats.skew(roots)) < 0.25
    assert stats.skew(waits) > 1.7


def test_a_model_makes_events_of_them(cut_short):
    times, marks = kr.datasets.make_hawkes(80, horizon=4.0)
    gan = kr.RecurrentGAN({"units": 4}, {"units": 4}, seed=0)
    gan.compile()
    gan.fit(TO(times, marks, 2, horizon=4.0), batch_size=32, epochs=1, verbose=0)
    assert gan.scaler.categories == [(1, 4)]
    made = gan.generate(30, seed=0)
    new_times, new_marks = BACK(made, horizon=4.0)
    kr.data.events_to_sequences(new_times, new_marks, 3, horizon=4.0)  # which checks them
    assert {len(t) for t in new_times} <= {len(t) for t in times}


def test_bad_input():
    refuses(lambda: TO([[1.0], []]), "no events in sequence 1. Pass horizon=")
    refuses(lambda: TO([[2.0, 1.0]]), "Sort them")
    refuses(lambda: TO([[1.0]], [[3]], 3), "whole numbers from 0 to 2. Received: 3")
    refuses(lambda: TO([[1.0]], root=0.5), "`root` must be a number of at least 1")
    refuses(lambda: BACK([[[1.0, np.nan]]]), "Received: NaN or infinite values as sequence 0")
    refuses(
        lambda: BACK([[[1.0, 1.0]]], 3.0), r"\(steps, 1 \+ marks \+ 1\).*horizon=3.0.*shape \(1, 2\)"
    )
    refuses(lambda: BACK([np.zeros((0, 2))]), r"shape \(0, 2\) as sequence 0")

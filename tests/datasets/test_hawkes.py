import numpy as np

import keras_rgan as kr


def test_events_of_the_process():
    times, marks = kr.datasets.make_hawkes(20, horizon=5.0, seed=3)
    process = kr.baselines.HawkesProcess([0.4, 0.3], [[0.4, 0.2], [0.3, 0.3]], 2.0)
    expected = process.generate(20, horizon=5.0, seed=3)
    np.testing.assert_array_equal(np.concatenate(times), np.concatenate(expected[0]))
    np.testing.assert_array_equal(np.concatenate(marks), np.concatenate(expected[1]))
    assert all((t <= 5.0).all() for t in times)
    one_mark = kr.datasets.make_hawkes(5, num_events=3, base_rates=[1.0], excitation=[[0.2]])[1]
    assert not np.concatenate(one_mark).any()

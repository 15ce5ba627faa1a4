import numpy as np

from keras_rgan.conditioning.streams import ConditionStreams


def test_streams_follow_from_the_entropy_and_differ_from_each_other():
    one, same, other = (ConditionStreams.of(entropy) for entropy in ([3, 4], [3, 4], [4, 3]))
    rows = one.rows.random(5)
    np.testing.assert_array_equal(rows, same.rows.random(5))
    for stream in (one.noise, other.rows, np.random.default_rng([3, 4])):
        assert np.abs(stream.random(5) - rows).max() > 1e-3


def test_parts_are_one_whole():
    whole, parts = ConditionStreams.of([1]), ConditionStreams.of([1])
    joined = [parts.noise.standard_normal((n, 2)) for n in (3, 1, 2)]
    np.testing.assert_array_equal(np.concatenate(joined), whole.noise.standard_normal((6, 2)))

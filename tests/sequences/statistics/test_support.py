import numpy as np
import pytest

from keras_rgan.sequences.statistics.support import Support


def data(count=500):
    """Counts, a continuous feature, its copy, three categories of a group and a lone flag."""
    rng = np.random.default_rng(0)
    level = rng.normal(size=(count, 1))
    group = np.eye(3)[rng.integers(0, 3, count)]
    flag = rng.integers(0, 2, (count, 1))
    return np.concatenate([5.0 * rng.poisson(2.0, (count, 1)), level, level, group, flag], axis=1)


@pytest.mark.parametrize("num_parts", [1, 2, 100])
def test_what_values_there_are(num_parts):
    values, support = data(), Support()
    for part in np.array_split(values, num_parts):
        support.update(part)
    np.testing.assert_array_equal(support.low, values.min(axis=0))
    np.testing.assert_array_equal(support.high, values.max(axis=0))
    np.testing.assert_array_equal(support.step(), [5.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    np.testing.assert_array_equal(support.source(), [0, 1, 1, 3, 4, 5, 6])
    assert support.categories() == [(3, 6)]


def test_what_is_missing_is_neither_value_nor_difference():
    values = data()
    values[::7, 3:6] = np.nan
    values[::5, 1:3] = np.nan
    support = Support()
    support.update(values)
    np.testing.assert_array_equal(support.low, np.nanmin(values, axis=0))
    assert support.source()[2] == 1
    assert support.categories() == [(3, 6)]


def test_signs_of_zero_do_not_tell_copies_apart():
    support = Support()
    support.update(np.array([[0.0, -0.0], [1.5, 1.5]]))
    np.testing.assert_array_equal(support.source(), [0, 0])


def test_without_flags_no_groups():
    support = Support()
    assert support.categories() == []
    support.update(np.random.default_rng(0).normal(size=(50, 4)))
    assert support.categories() == []

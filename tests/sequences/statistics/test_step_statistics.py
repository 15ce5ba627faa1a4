import numpy as np
import pytest

from keras_rgan.sequences.statistics.gap_statistics import GapStatistics
from keras_rgan.sequences.statistics.increment_statistics import IncrementStatistics
from keras_rgan.sequences.statistics.smoothing_statistics import SmoothingStatistics
from keras_rgan.sequences.statistics.step_statistics import units_of


@pytest.mark.parametrize("kind", [GapStatistics, IncrementStatistics, SmoothingStatistics])
def test_refuse_what_are_no_sequences(kind):
    statistics = kind()
    with pytest.raises(ValueError, match=r"\(samples, time, features\). Received: shape \(5, 2\)"):
        statistics.update(np.zeros((5, 2)))
    for nothing in (None, np.zeros((0, 5, 2)), np.zeros((3, 0, 2))):
        if nothing is not None:
            statistics.update(nothing)
        with pytest.raises(ValueError, match="at least one sample. Received: none"):
            statistics.check()
    statistics.update(np.zeros((1, 5, 2)))
    statistics.check()


def test_units():
    offset, factor = units_of(None, None)
    assert (offset, factor) == (0.0, 1.0)
    offset, factor = units_of(np.float32([1.0, 2.0]), [0.0, 4.0])
    np.testing.assert_array_equal(offset, [1.0, 2.0])
    np.testing.assert_array_equal(factor, [0.0, 0.25])

import numpy as np

from keras_rgan.data.tables.runs import counted, runs_of


def test_runs():
    begins, lengths = runs_of(np.array([True, False, False, True, True, False]))
    assert begins.tolist() == [0, 3, 4]
    assert lengths.tolist() == [3, 1, 2]
    assert counted(lengths).tolist() == [0, 1, 2, 0, 0, 1]
    assert counted([2, 0, 1]).tolist() == [0, 1, 0]

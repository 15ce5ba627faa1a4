import numpy as np

from keras_rgan.layers.process_cell import ProcessCell
from tests.testing import to_numpy


def test_a_step_is_what_the_weights_say():
    cell = ProcessCell(2)
    cell.build((None, 1))
    cell.step.assign([[0.5], [2.0]])
    cell.new.assign([[3.0]])
    step, (past,) = cell(np.array([[1.0]], "float32"), [np.array([[4.0, 7.0]], "float32")])
    assert to_numpy(step).tolist() == [[0.5 * 4.0 + 2.0 * 7.0 + 3.0]]
    assert to_numpy(past).tolist() == [[7.0, 19.0]]

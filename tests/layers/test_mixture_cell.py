"""A step by one of several laws."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_rgan.layers.mixture_cell import REACH, MixtureCell, drawn
from tests.testing import to_numpy


def test_the_law_of_a_step_is_drawn_as_the_step_before_makes_it_likely():
    """Far on one side the law of that side follows, x + 1; on the other 2 x."""
    cell = MixtureCell(order=1, components=2)
    cell.build((None, 2))
    cell.centres.assign([[-1.0], [1.0]])
    cell.whiten.assign([[[5.0]], [[5.0]]])
    cell.mean.assign([[0.0], [2.0]])
    cell.follow.assign([[[1.0]], [[2.0]]])
    noise = keras.random.normal((200, 2), seed=0)
    for past, expected in ((-1.5, -0.5), (1.5, 3.0)):
        step, _ = cell(noise, [np.full((200, 1), past, "float32")])
        np.testing.assert_allclose(to_numpy(step), expected, atol=1e-5)
    step, _ = cell(noise, [np.zeros((200, 1), "float32")])
    first = np.isclose(to_numpy(step)[:, 0], 1.0).mean()
    assert first == pytest.approx(0.5, abs=0.1)


def test_one_part_is_drawn():
    bounds, choice = (ops.convert_to_tensor(x) for x in ([0.0, 1.0], [[-1.0], [0.5], [3.0]]))
    chosen = to_numpy(drawn(bounds, choice))
    np.testing.assert_array_equal(chosen, np.eye(3))


def test_a_step_never_runs_away():
    cell = MixtureCell(order=1, components=1)
    cell.build((None, 2))
    cell.follow.assign([[[3.0]]])
    step, (past,) = cell(np.zeros((1, 2), "float32"), [np.full((1, 1), 7.0, "float32")])
    assert float(to_numpy(step)[0, 0]) == float(to_numpy(past)[0, 0]) == REACH
    copy = MixtureCell.from_config(cell.get_config())
    assert (copy.order, copy.components) == (1, 1)

import numpy as np
import pytest

from keras_rgan.networks import frames
from tests.testing import refuses, slow_on_jax


def test_pictures_are_halved_until_they_are_coarse():
    assert frames.sizes_of(20, 20) == [(20, 20), (10, 10), (5, 5)]
    assert frames.sizes_of(64, 48) == [(64, 48), (32, 24), (16, 12), (8, 6)]
    assert frames.sizes_of(4, 9) == [(4, 9), (2, 5)]  # once at the least
    assert [frames.filters_of(8, level) for level in range(4)] == [8, 16, 32, 32]


@slow_on_jax
@pytest.mark.parametrize("size", [(4, 4), (7, 9), (20, 13), (33, 16)])
def test_any_size_is_drawn_and_read(size):
    painter = frames.Painter(*size, 3, filters=2, seed=0)
    pictures = painter(np.ones((2, 5), "float32"))
    assert tuple(pictures.shape) == (2, *size, 3) == painter.compute_output_shape((2, 5))
    reader = frames.Reader(6, filters=2, seed=0)
    assert tuple(reader(pictures).shape) == (2, 6) == reader.compute_output_shape((2, *size, 3))


def test_shapes_of_no_frame():
    assert frames.check_frame([20, 16, 3]) == (20, 16, 3)
    refuses(
        lambda: frames.check_frame((20, 20)),
        r"\(height, width, channels\).*\(20, 20\).*clips\[\.\.\., None\]",
    )
    refuses(lambda: frames.check_frame((20, None, 1)), "of positive integers")
    refuses(lambda: frames.check_frame(20), "Received: 20")
    refuses(
        lambda: frames.check_frame((3, 20, 1)),
        "at least 4 by 4 pixels. Received: 3 by 20. Pass smaller",
    )

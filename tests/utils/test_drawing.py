"""Words and frames as pictures show them."""

import numpy as np
import pytest

from keras_rgan.utils import drawing
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


@pytest.mark.parametrize("words", ["US$ x_{$", "$", "a$b$c", "$x^2$", "none"])
def test_a_dollar_is_shown_as_one(words):
    cbook = pytest.importorskip("matplotlib.cbook")
    shown = drawing.plain(words)
    assert not cbook.is_math_text(shown)
    assert shown.replace(r"\$", "$") == words


def test_clips_are_rows_of_frames_and_images_rows():
    clips = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5, 1)
    picture = drawing.strip(clips)
    assert picture.shape == (8, 15)
    np.testing.assert_allclose(picture[4:, 5:10], clips[1, 1, ..., 0] / 119.0)
    assert drawing.strip(clips[0]).shape == (12, 5)
    assert drawing.strip(np.ones((1, 2, 2, 3))).shape == (2, 2, 3)

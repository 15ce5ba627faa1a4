"""Pictures come back from TensorBoard's files."""

import builtins
import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from keras_rgan.callbacks.image_board import ImageBoard
from tests.testing import ON_TORCH

pytestmark = ON_TORCH


def pictures(folder):
    """Return the images of a folder of logs by tag, each with its step."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"images": 0})
    events.Reload()
    return {tag: events.Images(tag) for tag in events.Tags()["images"]}


def test_figures_are_images_of_a_run(tmp_path):
    board = ImageBoard(tmp_path)
    for step in (2, 5):
        figure = Figure(figsize=(3, 2))
        figure.subplots().plot([0, step])
        board.add("samples", figure, step)
    board.close()
    (two, five) = pictures(tmp_path / "samples")["samples"]
    assert (two.step, five.step) == (2, 5)
    assert (two.width, two.height) == (300, 200)
    picture = imread(io.BytesIO(two.encoded_image_string))
    assert picture.shape == (200, 300, 4)
    assert np.ptp(picture[..., 0]) > 0.5


def test_without_tensorboard_the_package_is_named(monkeypatch, tmp_path):
    plain = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("tensorboard"):
            raise ImportError(name)
        return plain(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        ImageBoard(tmp_path)

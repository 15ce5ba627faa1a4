import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

import keras_rgan as kr
from keras_rgan.datasets.moving_digits import _digits
from tests.testing import refuses


def test_a_digit_moves_as_its_positions_say():
    clips, classes, positions = kr.datasets.make_moving_digits(30, 20, num_digits=1, seed=3)
    assert clips.shape == (30, 20, 20, 20, 1)
    assert (clips.dtype, classes.shape, positions.shape) == ("float32", (30, 1), (30, 20, 1, 2))
    assert clips.min() == 0.0
    assert clips.max() <= 1.0
    mass = clips.sum(axis=(2, 3, 4))
    np.testing.assert_allclose(
        mass, np.repeat(mass[:, :1], 20, axis=1), rtol=1e-4
    )  # nothing is cut off
    grid = np.stack(np.meshgrid(np.arange(20), np.arange(20), indexing="ij"), axis=-1)
    centre = (clips * grid).sum(axis=(2, 3)) / mass[..., None]
    moved = (centre - positions[:, :, 0]) - (centre - positions[:, :, 0])[:, :1]
    np.testing.assert_allclose(moved, 0.0, atol=1e-3)


def test_speed_is_constant_between_walls_and_walls_reflect():
    _, _, positions = kr.datasets.make_moving_digits(50, 60, speed=(0.5, 1.0), seed=1)
    assert positions.min() >= 0.0
    assert positions.max() <= 12.0
    moves = np.diff(positions.astype("float64"), axis=1)
    fastest = np.abs(moves).max(axis=1, keepdims=True)
    turns = moves[:, 1:] * moves[:, :-1] < 0.0
    to_wall = np.minimum(positions, 12.0 - positions)[:, 1:-1]
    assert turns.any()
    assert (to_wall <= np.broadcast_to(fastest, to_wall.shape) + 1e-3)[turns].all()
    far = (to_wall > fastest + 1e-3) & (np.minimum(positions[:, 2:], 12.0 - positions[:, 2:]) > fastest)
    steady = np.abs(moves[:, 1:] - moves[:, :-1]) < 1e-3
    assert steady[far].all()
    speeds = np.linalg.norm(fastest[:, 0], axis=-1)
    assert speeds.min() >= 0.5 - 1e-3
    assert speeds.max() <= 1.0 + 1e-3


def test_a_digit_on_whole_pixels_is_scikit_learns():
    clips, classes, _ = kr.datasets.make_moving_digits(5, 1, size=9, num_digits=1, speed=(0, 0), seed=0)
    bunch = load_digits()
    for clip, (label,) in zip(clips, classes, strict=True):
        mass = bunch.images[bunch.target == label].sum(axis=(1, 2)) / 16.0
        assert np.abs(mass - clip.sum()).min() < 1e-3


def test_two_digits_show_the_brighter_pixel():
    images, _ = _digits("train")
    clips, _, positions = kr.datasets.make_moving_digits(4, 3, part="train", seed=2)
    random = np.random.default_rng(2)
    chosen = random.integers(len(images), size=(4, 2))
    alone = []
    for digit in range(2):
        frame = np.zeros((20, 20))
        for y, x in np.ndindex(20, 20):
            row, column = positions[1, 2, digit]
            down = np.maximum(1.0 - np.abs(y - row - np.arange(8)), 0.0)
            across = np.maximum(1.0 - np.abs(x - column - np.arange(8)), 0.0)
            frame[y, x] = down @ images[chosen[1, digit]] @ across
        alone.append(frame)
    np.testing.assert_allclose(clips[1, 2, ..., 0], np.maximum(*alone), atol=1e-5)


def test_parts_share_no_digit_and_seeds_repeat():
    train, test, everything = (_digits(part)[0] for part in ("train", "test", "all"))
    assert len(train) + len(test) == len(everything) == 1797
    assert len(np.unique(everything.reshape(1797, -1), axis=0)) == 1797
    same = (train.reshape(-1, 1, 64) == test.reshape(1, -1, 64)).all(axis=-1)
    assert not same.any()
    first, again, other = (kr.datasets.make_moving_digits(3, seed=s)[0] for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_bad_arguments(monkeypatch):
    make = kr.datasets.make_moving_digits
    refuses(
        lambda: make(2, size=8), "`size` must be at least 9, so that a digit can move. Received: size=8"
    )
    refuses(lambda: make(0), "`num_sequences` must be an integer")
    refuses(lambda: make(2, speed=(2.0, 1.0)), r"\(lowest, highest\)")
    refuses(lambda: make(2, part="tset"), "Did you mean 'test'")
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match="pip install scikit-learn"):
        make(2)

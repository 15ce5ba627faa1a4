"""Clips of digits that move and bounce."""

from __future__ import annotations

import numpy as np

from keras_rgan.utils import checks

PARTS = ("all", "train", "test")
TRAINING_SHARE = 0.7

DIGIT = 8
"""Rows and columns of a digit."""

CHUNK = 256
"""So many clips are drawn at a time."""


def make_moving_digits(
    num_sequences: int = 10_000,
    length: int = 12,
    size: int = 20,
    num_digits: int = 2,
    speed: tuple[float, float] = (0.5, 1.5),
    part: str = "all",
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make clips of handwritten digits that move at constant speed and bounce off the walls.

    The digits are scikit-learn's `load_digits`, 8 by 8 pixels. Each starts anywhere, moves in any
    direction, by parts of pixels (linear interpolation), and is reflected where it reaches an edge of
    the frame. Where two overlap the brighter pixel shows.

    Args:
        num_sequences: Number of clips.
        length: Frames of each.
        size: Rows and columns of a frame.
        num_digits: Digits in each.
        speed: Lowest and highest speed, in pixels a frame.
        part: Which digits to draw: "train" (70 %), "test" (the others) or "all".
        seed: Seed of the draws; the two parts are always the same.

    Returns:
        Clips `(num_sequences, length, size, size, 1)` float32, from 0 to 1; the digits' classes
        `(num_sequences, num_digits)`; and the row and column of their upper left pixels,
        `(num_sequences, length, num_digits, 2)` float32.

    Raises:
        ImportError: If scikit-learn is not installed.
        ValueError: If an argument is out of range, or a digit has no room to move.

    Example:
        >>> import keras_rgan as kr
        >>> clips, classes, positions = kr.datasets.make_moving_digits(10, length=6)
        >>> clips.shape, classes.shape, positions.shape
        ((10, 6, 20, 20, 1), (10, 2), (10, 6, 2, 2))

    Reference:
        Srivastava, Mansimov and Salakhutdinov, "Unsupervised Learning of Video Representations using
        LSTMs", ICML 2015 (Moving MNIST). Digits: Alpaydin and Kaynak, "Optical Recognition of
        Handwritten Digits", UCI Machine Learning Repository, 1998.
    """
    num_sequences = checks.positive_int("num_sequences", num_sequences)
    length = checks.positive_int("length", length)
    num_digits = checks.positive_int("num_digits", num_digits)
    room = checks.positive_int("size", size) - DIGIT
    if room < 1:
        raise ValueError(
            f"`size` must be at least {DIGIT + 1}, so that a digit can move. Received: size={size}"
        )
    slowest, fastest = (checks.number("speed", value, 0.0, room) for value in speed)
    if slowest > fastest:
        raise ValueError(f"`speed` must be (lowest, highest). Received: speed={speed}")
    images, labels = _digits(checks.one_of("part", part, PARTS))
    random = np.random.default_rng(seed)
    chosen = random.integers(len(images), size=(num_sequences, num_digits))
    start = random.uniform(0.0, room, (num_sequences, 1, num_digits, 2))
    angle = random.uniform(0.0, 2.0 * np.pi, (num_sequences, num_digits))
    pace = random.uniform(slowest, fastest, (num_sequences, num_digits, 1))
    velocity = pace * np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    path = start + velocity[:, None] * np.arange(length)[:, None, None]
    positions = np.abs((path + room) % (2 * room) - room).astype("float32")  # folded at both walls
    clips = np.empty((num_sequences, length, size, size, 1), "float32")
    for first in range(0, num_sequences, CHUNK):
        rows = slice(first, first + CHUNK)
        clips[rows, ..., 0] = _drawn(images[chosen[rows]], positions[rows], size)
    return clips, labels[chosen], positions


def _digits(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the digits of a part, from 0 to 1, and their classes."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError(
            "`make_moving_digits` takes its digits from scikit-learn. Install it: pip install "
            "scikit-learn"
        ) from error
    bunch = load_digits()
    order = np.random.default_rng(0).permutation(len(bunch.images))
    cut = int(TRAINING_SHARE * len(order))
    rows = {"all": order, "train": order[:cut], "test": order[cut:]}[part]
    return bunch.images[rows].astype("float32") / 16.0, bunch.target[rows]


def _drawn(digits: np.ndarray, positions: np.ndarray, size: int) -> np.ndarray:
    """Return frames of digits `(clips, digits, 8, 8)` at positions, `(clips, time, size, size)`."""
    offsets = np.arange(size)[:, None] - np.arange(DIGIT)
    down, across = (
        np.maximum(1.0 - np.abs(offsets - positions[..., axis, None, None]), 0.0).astype("float32")
        for axis in (0, 1)
    )
    placed = down @ digits[:, None] @ np.swapaxes(across, -1, -2)
    frames: np.ndarray = placed.max(axis=2)
    return frames

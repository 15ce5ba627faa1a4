"""Which block of its series each window lies in."""

from __future__ import annotations

import numpy as np

from keras_rgan.utils import checks


def window_blocks(num_windows: int, length: int, block: int, stride: int = 1) -> np.ndarray:
    """Return of each window of a series which block of consecutive steps it lies in, -1 across a cut.

    Windows that overlap are nearly the same: drawn at random they stand on both sides of a split, and a
    judge that learned them by heart is right about the others too. Of blocks no two windows share a
    step once those that reach over a cut are left out. They are `groups` of
    `metrics.discriminative_score` and of `metrics.with_yardsticks`.

    Args:
        num_windows: How many windows there are, in the order of `sliding_windows`.
        length: Steps in a window.
        block: Steps in a block, at least as many as in a window.
        stride: Steps between the beginnings of neighbouring windows.

    Returns:
        Whole numbers, `(num_windows,)`.

    Raises:
        ValueError: If a block is shorter than a window, or there are fewer than two blocks.

    Example:
        >>> import keras_rgan as kr
        >>> kr.data.window_blocks(6, length=2, block=3).tolist()
        [0, 0, -1, 1, 1, -1]

    Reference:
        Roberts et al., "Cross-validation strategies for data with temporal, spatial, hierarchical, or
        phylogenetic structure", Ecography 2017.
    """
    counts = {"num_windows": num_windows, "length": length, "block": block, "stride": stride}
    for name, value in counts.items():
        checks.positive_int(name, value)
    start = np.arange(num_windows) * stride
    blocks = np.where(start % block + length <= block, start // block, -1)
    found = len(np.unique(blocks[blocks >= 0]))
    if found < 2:
        raise ValueError(
            f"Expected blocks of at least {length} steps, two of which hold windows. Received: "
            f"block={block} of a series of {num_windows} windows of {length} steps, where {found} do. "
            f"Choose `block` from {length} to {max(int(start[-1]) + length, 2 * length) // 2}."
        )
    return blocks

"""Sequences of different lengths in one array."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from keras_rgan.data.named_columns import in_order


def pad_sequences(sequences: Iterable[Any], length: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Put sequences of different lengths into one array; each repeats its last step to the end.

    Args:
        sequences: Arrays `(time, features)`, of one step at least; or dataframes, whose columns come in
            the order of the first.
        length: Steps of the array; by default as the longest sequence has.

    Returns:
        The array, `(samples, length, features)`, and the lengths of the sequences.

    Raises:
        ValueError: If there is no sequence, one is empty, longer than `length`, or has other features.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> padded, lengths = kr.data.pad_sequences([np.ones((3, 2)), np.ones((5, 2))])
        >>> padded.shape, lengths.tolist()
        ((2, 5, 2), [3, 5])
    """
    sequences = in_order(sequences if isinstance(sequences, Mapping) else list(sequences))
    arrays = [np.asarray(x.detach().cpu() if hasattr(x, "detach") else x) for x in sequences]
    wrong = next((i for i, x in enumerate(arrays) if x.ndim != 2 or not len(x)), None)
    if wrong is not None or not arrays or len({x.shape[1] for x in arrays}) > 1:
        widths = sorted({x.shape[1] for x in arrays if x.ndim == 2})
        received = f"shape {arrays[wrong].shape} at index {wrong}" if wrong is not None else f"{widths}"
        raise ValueError(
            "Expected sequences of shape (time, features), of one step at least and of the same "
            f"features. Received: {received if arrays else 'none'}"
        )
    lengths = np.array([len(x) for x in arrays])
    steps = int(lengths.max()) if length is None else length
    if lengths.max() > steps:
        raise ValueError(f"Expected at most {steps} steps. Received: a sequence of {lengths.max()}")
    rows, starts = np.concatenate(arrays), np.cumsum(lengths) - lengths
    last = (starts + lengths - 1)[:, None]
    return rows[np.minimum(starts[:, None] + np.arange(steps), last)], lengths

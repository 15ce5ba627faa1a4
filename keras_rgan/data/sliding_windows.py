"""Cutting a long series into sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.utils import checks


def sliding_windows(series: Any, length: int, stride: int = 1) -> np.ndarray:
    """Cut a series into windows, in the order of time.

    Args:
        series: `(time, features)`, or `(time,)` for one feature.
        length: Steps in a window.
        stride: Steps between the beginnings of neighbouring windows.

    Returns:
        `(windows, length, features)`, with `(time - length) // stride + 1` windows: a copy, of the
        series' dtype.

    Raises:
        ValueError: If the series has another rank or is shorter than a window.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> kr.data.sliding_windows(np.arange(5), 3)[:, :, 0].tolist()
        [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    """
    values = np.asarray(series)
    length, stride = checks.positive_int("length", length), checks.positive_int("stride", stride)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2:
        raise ValueError(
            "`sliding_windows` expects a series of shape (time, features) or (time,). Received: "
            f"shape {values.shape}"
        )
    if len(values) < length:
        raise ValueError(
            f"`sliding_windows` needs at least {length} steps for windows of that length. Received: "
            f"{len(values)}. Pass a shorter length=."
        )
    windows = np.lib.stride_tricks.sliding_window_view(values, length, axis=0)[::stride]
    return windows.swapaxes(1, 2).copy()

"""In which precision networks compute."""

from __future__ import annotations

from typing import Any

import keras


def of_outputs(network: keras.Layer) -> Any:
    """Return the policy of a network's last layers: its own, or float32 where it computes in half."""
    half = network.compute_dtype in ("float16", "bfloat16")
    return "float32" if half else network.dtype_policy

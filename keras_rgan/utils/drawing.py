"""What pictures share: colours, words as they are, frames side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

BLUE, RED = "#0b6e8a", "#d1495b"
"""Colours of what is real or given, and of what is generated or found, other than red and green."""


def plain(words: Any) -> str:
    """Return words as matplotlib is to show them: a `$` is a dollar, and begins no formula."""
    return str(words).replace("$", r"\$")


def strip(samples: np.ndarray) -> np.ndarray:
    """Return images or clips as one picture, a row for each, in grey or in colours from 0 to 1."""
    clips = samples[:, None] if samples.ndim == 4 else samples
    picture = np.concatenate([np.concatenate(list(clip), axis=1) for clip in clips])
    low, high = np.nanmin(picture), np.nanmax(picture)
    picture = (picture - low) / (high - low if high > low else 1.0)
    return picture if picture.shape[-1] in (3, 4) else picture[..., 0]

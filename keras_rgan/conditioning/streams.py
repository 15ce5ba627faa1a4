"""Where conditions are drawn from, apart from the sequences' noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

ROWS_STREAM, NOISE_STREAM = 1_000_003, 1_000_033
"""Tell the draws of conditions, and the noise of attributes, from other noise of the same seed."""


class ConditionStreams(NamedTuple):
    """Random generators for conditions.

    Attributes:
        rows: Chooses rows of the data.
        noise: Makes the noise of generated attributes.
    """

    rows: np.random.Generator
    noise: np.random.Generator

    @classmethod
    def of(cls, entropy: Sequence[int]) -> ConditionStreams:
        """Return the streams of an entropy, so that batches of any size go on seamlessly."""
        return cls(*(np.random.default_rng([*entropy, n]) for n in (ROWS_STREAM, NOISE_STREAM)))

"""Events that set off others."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.baselines.hawkes_process import HawkesProcess

BASE_RATES = (0.4, 0.3)
EXCITATION = ((0.4, 0.2), (0.3, 0.3))


def make_hawkes(
    num_samples: int = 1000,
    *,
    horizon: float | None = None,
    num_events: int | None = None,
    base_rates: Any = BASE_RATES,
    excitation: Any = EXCITATION,
    decay: float = 2.0,
    seed: int = 0,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Draw marked events of a Hawkes process, in which each makes further ones more likely for a while.

    Args:
        num_samples: Number of sequences, each of which begins without a past.
        horizon: Until when each lasts.
        num_events: How many events each has. Either this or `horizon`.
        base_rates: Events of each mark a unit of time without any excitation.
        excitation: How many events of mark i one of mark j sets off, `(marks, marks)`.
        decay: How fast excitation dies down.
        seed: Seed of the draws.

    Returns:
        Times and marks: lists of arrays `(events,)`.

    Raises:
        ValueError: If not one of `horizon` and `num_events` is given, or a number is out of range.

    Example:
        >>> import keras_rgan as kr
        >>> times, marks = kr.datasets.make_hawkes(100, num_events=20)
        >>> len(times), times[0].shape, marks[0].shape
        (100, (20,), (20,))

    Reference:
        Hawkes, "Spectra of Some Self-Exciting and Mutually Exciting Point Processes", 1971.
    """
    process = HawkesProcess(base_rates, excitation, decay)
    return process.generate(num_samples, horizon=horizon, num_events=num_events, seed=seed)

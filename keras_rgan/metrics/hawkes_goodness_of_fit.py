"""Do events follow a law that is known?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_rgan.baselines.hawkes_process import HawkesProcess


def hawkes_goodness_of_fit(
    times: Sequence[Any],
    marks: Sequence[Any],
    process: HawkesProcess,
    horizon: float | None = None,
) -> dict[str, float]:
    """Hold events against a Hawkes process, by the time-rescaling theorem.

    On a clock that runs at the rate of the moment, waiting times of events of that process are
    independent and exponential of mean 1, those of each mark on its own clock too.

    Args:
        times: Of the events of each sequence, ascending from 0.
        marks: Of the same, 0 … marks - 1.
        process: The law: a `kr.baselines.HawkesProcess`, known or fitted to real events.
        horizon: Until when each sequence was watched; None where each ends with its last event.

    Returns:
        A dict of numbers:

        - "waiting_times": Kolmogorov-Smirnov distance of the rescaled waiting times from their law, 0
          to 1; ideally 0.
        - "marks": the same of the mark that is farthest off.
        - "dependence": the correlation of neighbouring rescaled waiting times, as shares of their law;
          ideally 0.
        - "num_events": events, as a share of those expected given what came before; ideally 1.
        - "branching_ratio": of the process that fits these events best with that decay; ideally the
          process's.

    Raises:
        ValueError: As `HawkesProcess.rescale`, or if there are fewer than three events.

    Example:
        >>> import keras_rgan as kr
        >>> process = kr.baselines.HawkesProcess([0.4, 0.3], [[0.4, 0.2], [0.3, 0.3]], decay=2.0)
        >>> real = process.generate(500, horizon=10.0, seed=0)
        >>> kr.metrics.hawkes_goodness_of_fit(*real, process, horizon=10.0)["waiting_times"] < 0.02
        True
        >>> poisson = kr.baselines.HawkesProcess(process.rates).generate(500, horizon=10.0, seed=0)
        >>> kr.metrics.hawkes_goodness_of_fit(*poisson, process, horizon=10.0)["waiting_times"] > 0.05
        True

    Reference:
        Ogata, "Statistical Models for Earthquake Occurrences and Residual Analysis for Point
        Processes", 1988; Brown et al., "The Time-Rescaling Theorem and Its Application to Neural Spike
        Train Data Analysis", 2002.
    """
    if not isinstance(process, HawkesProcess):
        raise ValueError(
            "`process` must be a kr.baselines.HawkesProcess, such as HawkesProcess.fit(times, marks) "
            f"of real events returns. Received: process={process!r}"
        )
    *of_marks, of_all = process.rescale(times, marks, horizon)
    if len(of_all) < 3:
        raise ValueError(f"Expected three events at least. Received: {len(of_all)}")
    fitted = HawkesProcess.fit(times, marks, process.num_marks, decay=process.decay, horizon=horizon)
    shares = -np.expm1(-of_all)
    return {
        "waiting_times": distance_from_exponential(of_all),
        "marks": max(distance_from_exponential(x) for x in of_marks if len(x)),
        "dependence": float(np.corrcoef(shares[1:], shares[:-1])[0, 1]),
        "num_events": float(len(of_all) / of_all.sum()),
        "branching_ratio": fitted.branching_ratio,
    }


def distance_from_exponential(values: np.ndarray) -> float:
    """Return the Kolmogorov-Smirnov distance of numbers from an exponential law of mean 1."""
    shares = np.sort(-np.expm1(-values))
    steps = np.arange(len(shares) + 1) / len(shares)
    return float(max((shares - steps[:-1]).max(), (steps[1:] - shares).max()))

"""A process of events that set off further events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_rgan.sequences.events import PaddedEvents
from keras_rgan.utils import checks

ROUNDS = 100
"""So many rounds of expectation and maximization find the rates and the excitation."""

DECAYS = np.geomspace(1.0 / 16.0, 16.0, 9)
"""Decays that are tried where none is given, in events a unit of time."""

MAX_ROUNDS = 1_000_000
"""So many events and proposals of one sequence are taken for a mistake."""


class HawkesProcess:
    """Marked events, each of which makes further ones more likely for a while.

    Events of mark i come at the rate `base_rates[i]`, and for a while after an event of mark j at
    `excitation[i, j] * decay * exp(-decay * t)` more, t after it. So an event of mark j sets off
    `excitation[i, j]` of mark i on average. Sequences begin without a past. Without excitation it is a
    Poisson process.

    Its law is known, so that events of any origin can be held against it (`rescale`,
    `kr.metrics.hawkes_goodness_of_fit`); fitted to data it is a yardstick in closed form.

    Args:
        base_rates: Events of each mark a unit of time without any excitation, `(marks,)`.
        excitation: How many events of mark i one of mark j sets off, `(marks, marks)`; None for none.
        decay: How fast excitation dies down, per unit of time.

    Attributes:
        branching_ratio: How many events an event sets off, generation by generation: the largest
            eigenvalue of the excitation.
        rates: Events of each mark a unit of time in the long run; infinite where the branching ratio
            is 1 or more.

    Raises:
        ValueError: If a number is negative or not finite, no base rate is positive, or shapes differ.

    Example:
        >>> import keras_rgan as kr
        >>> process = kr.baselines.HawkesProcess([0.4, 0.3], [[0.4, 0.2], [0.3, 0.3]], decay=2.0)
        >>> round(process.branching_ratio, 3), process.rates.round(3).tolist()
        (0.6, [0.944, 0.833])
        >>> times, marks = process.generate(100, horizon=10.0, seed=0)
        >>> len(times), set(marks[0].tolist()) <= {0, 1}
        (100, True)

    Reference:
        Hawkes, "Spectra of Some Self-Exciting and Mutually Exciting Point Processes", 1971; Ogata, "On
        Lewis' Simulation Method for Point Processes", 1981 (simulation); Veen and Schoenberg,
        "Estimation of Space-Time Branching Process Models in Seismology Using an EM-Type Algorithm",
        2008 (fit).
    """

    def __init__(self, base_rates: Any, excitation: Any = None, decay: float = 1.0) -> None:
        self.base_rates = _numbers("base_rates", base_rates, 1)
        count = len(self.base_rates)
        if not self.base_rates.any():
            raise ValueError(f"Some base rate must be positive. Received: base_rates={base_rates!r}")
        zeros = np.zeros((count, count))
        self.excitation = zeros if excitation is None else _numbers("excitation", excitation, 2)
        if self.excitation.shape != (count, count):
            raise ValueError(
                f"`excitation` must have a row and a column for each of the {count} base rates. "
                f"Received: shape {self.excitation.shape}"
            )
        self.decay = checks.number("decay", decay, 1e-12)
        self.branching_ratio = float(np.abs(np.linalg.eigvals(self.excitation)).max())
        self.rates = np.full(count, np.inf)
        if self.branching_ratio < 1.0:
            self.rates = np.linalg.solve(np.eye(count) - self.excitation, self.base_rates)

    @property
    def num_marks(self) -> int:
        """How many marks there are."""
        return len(self.base_rates)

    def generate(
        self,
        num_samples: int,
        *,
        horizon: float | None = None,
        num_events: int | None = None,
        seed: int | None = None,
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Draw sequences of events, exactly: proposals at the rate of the moment are thinned.

        Args:
            num_samples: How many.
            horizon: Until when each lasts; as many events as there are by then, none too.
            num_events: How many events each has, however long that lasts. Either this or `horizon`.
            seed: The same seed gives the same events.

        Returns:
            Times and marks: lists of arrays `(events,)`.

        Raises:
            ValueError: If not one of `horizon` and `num_events` is given, a number is not positive, or
                the branching ratio is 1 or more.
        """
        checks.positive_int("num_samples", num_samples)
        end, most = _ends(horizon, num_events)
        if self.branching_ratio >= 1.0:
            raise ValueError(
                "Only events that set off fewer than one each can be drawn: others breed without end. "
                f"Received: an excitation whose branching ratio is {self.branching_ratio:.3f}. Make it "
                "smaller."
            )
        random = np.random.default_rng(seed)
        now, excited = np.zeros(num_samples), np.zeros((num_samples, self.num_marks))
        going = np.arange(num_samples)
        counts = np.zeros(num_samples, int)
        found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        jumps = self.decay * self.excitation.T
        for _ in range(MAX_ROUNDS):
            if not len(going):
                break
            bound = self.base_rates.sum() + excited[going].sum(axis=1)
            wait = random.exponential(size=len(going)) / bound
            now[going] += wait
            excited[going] *= np.exp(-self.decay * wait)[:, None]
            rates = np.cumsum(self.base_rates + excited[going], axis=1)
            level = random.random(len(going)) * bound
            taken = (level < rates[:, -1]) & (now[going] <= end)
            rows = going[taken]
            marks = (level[taken, None] >= rates[taken]).sum(axis=1)
            excited[rows] += jumps[marks]
            counts[rows] += 1
            found.append((rows, now[rows], marks))
            going = going[(now[going] <= end) & (counts[going] < most)]
        if len(going):
            raise ValueError(
                f"A sequence has {MAX_ROUNDS:,} events at the most, with those that are proposed. "
                f"Received: horizon={horizon!r}, num_events={num_events!r}, of events that come "
                f"{self.rates.sum():.3g} times a unit of time. Draw shorter sequences, and more of "
                "them."
            )
        rows, times, marks = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.argsort(rows, kind="stable")
        cuts = np.cumsum(counts)[:-1]
        return np.split(times[order], cuts), np.split(marks[order], cuts)

    def rescale(
        self, times: Sequence[Any], marks: Sequence[Any], horizon: float | None = None
    ) -> list[np.ndarray]:
        """Return the waiting times of each mark on clocks that run at the rate of the moment.

        Of events of this process, the sequences put one after the other, they are independent and
        exponential of mean 1.

        Args:
            times: Of the events of each sequence, ascending from 0.
            marks: Of the same, 0 … marks - 1.
            horizon: Until when each sequence was watched; None where each ends with its last event.

        Returns:
            An array for each mark, and one more of all events whatever their mark.

        Raises:
            ValueError: If times are negative or unsorted, or marks beyond their number.

        Reference:
            Brown, Barbieri, Ventura, Kass and Frank, "The Time-Rescaling Theorem and Its Application to
            Neural Spike Train Data Analysis", 2002.
        """
        events = PaddedEvents.of(times, marks, self.num_marks, horizon)
        _, spent = self._clocks(events)
        every = np.concatenate([spent, spent.sum(axis=2, keepdims=True)], axis=2)
        flat = every[events.steps]  # each sequence's steps and then its rest, one after the other
        clocks, mark = np.cumsum(flat, axis=0), events.marks[events.steps]
        own = [mark == k for k in range(self.num_marks)] + [mark >= 0]
        return [np.diff(clocks[rows, k], prepend=0.0) for k, rows in enumerate(own)]

    def log_likelihood(
        self, times: Sequence[Any], marks: Sequence[Any], horizon: float | None = None
    ) -> float:
        """Return the logarithm of the density of events, as `rescale` takes them."""
        events = PaddedEvents.of(times, marks, self.num_marks, horizon)
        before, spent = self._clocks(events)
        at = events.there
        rates = self.base_rates + before @ self.excitation.T
        own = np.take_along_axis(rates, np.maximum(events.marks, 0)[..., None], axis=2)[..., 0]
        with np.errstate(divide="ignore"):
            return float(np.log(own[at]).sum() - spent[events.steps].sum())

    @classmethod
    def fit(
        cls,
        times: Sequence[Any],
        marks: Sequence[Any],
        num_marks: int | None = None,
        *,
        decay: float | None = None,
        horizon: float | None = None,
    ) -> HawkesProcess:
        """Return the process under which events are likeliest.

        Args:
            times: Of the events of each sequence, ascending from 0.
            marks: Of the same.
            num_marks: How many marks there are; one more than the largest where that is not told.
            decay: Of the excitation; None for the likeliest of some between a sixteenth and sixteen
                times the events a unit of time.
            horizon: Until when each sequence was watched; None where each ends with its last event.

        Raises:
            ValueError: As `rescale`, or if there are no events.
        """
        events = PaddedEvents.of(times, marks, num_marks, horizon)
        if not events.there.any():
            raise ValueError("`fit` needs events. Received: sequences without any")
        if not events.ends.any():
            raise ValueError(
                "`fit` needs time between events. Received: events at time 0 alone. Pass horizon=, "
                "until when sequences were watched."
            )
        if decay is not None:
            return cls._fitted(events, decay)
        each = DECAYS * events.there.sum() / events.ends.sum()
        fits = [cls._fitted(events, each_decay) for each_decay in each]
        return max(fits, key=lambda process: process.log_likelihood(times, marks, horizon))

    @classmethod
    def _fitted(cls, events: PaddedEvents, decay: float) -> HawkesProcess:
        count, at = events.num_marks, events.there
        duration = events.ends.sum()
        mark = events.marks[at]
        totals = np.bincount(mark, minlength=count)
        start = cls(np.maximum(totals, 1e-9) / duration, None, decay)
        before = start._clocks(events)[0][at]
        late = 1.0 - np.exp(-decay * (events.ends[:, None] - events.times)[at])
        reach = np.bincount(mark, weights=late, minlength=count)
        rates, excitation = start.base_rates / 2.0, np.full((count, count), 0.5 / count)
        for k in range(count):  # a rate depends on what sets off its own mark alone
            left, rate, row = before[mark == k], rates[k], excitation[k]
            for _ in range(ROUNDS):  # how much of each event is due to each mark
                share = 1.0 / (rate + left @ row)
                rate, row = rate * share.sum() / duration, row * (left.T @ share)
                row = row / np.where(reach > 0.0, reach, 1.0)
            rates[k], excitation[k] = rate, row
        return cls(rates, excitation, decay)

    def _clocks(self, events: PaddedEvents) -> tuple[np.ndarray, np.ndarray]:
        """Return what is left of each mark before a step, and what passes on its clock until there.

        Returns:
            `(sequences, steps, marks)` each; the last step of a sequence is its end.
        """
        num_samples, length = events.times.shape
        left = np.zeros((num_samples, self.num_marks))
        before = np.zeros((num_samples, length, self.num_marks))
        spent = np.zeros_like(before)
        ones = np.eye(self.num_marks)
        for i, wait in enumerate(np.diff(events.times, axis=1, prepend=0.0).T[..., None]):
            faded = left * np.exp(-self.decay * wait)
            spent[:, i] = self.base_rates * wait + ((left - faded) / self.decay) @ self.excitation.T
            before[:, i] = left = faded
            rows = events.there[:, i]
            left = left.copy()
            left[rows] += self.decay * ones[events.marks[rows, i]]
        return before, spent


def _numbers(name: str, values: Any, rank: int) -> np.ndarray:
    """Return numbers that are not negative.

    Raises:
        ValueError: If some are, or the rank is another.
    """
    array = np.asarray(values, "float64")
    if array.ndim != rank or not array.size or not (np.isfinite(array) & (array >= 0.0)).all():
        shape = "(marks,)" if rank == 1 else "(marks, marks)"
        raise ValueError(
            f"`{name}` must be finite numbers of at least 0, {shape}. Received: {name}={values!r}"
        )
    return array


def _ends(horizon: float | None, num_events: int | None) -> tuple[float, float]:
    """Return until when sequences last, and how many events they have at the most."""
    if (horizon is None) == (num_events is None):
        raise ValueError(
            "Pass either `horizon`, until when sequences last, or `num_events`, how many events each "
            f"has. Received: horizon={horizon!r}, num_events={num_events!r}"
        )
    if horizon is None:
        return np.inf, checks.positive_int("num_events", num_events)
    return checks.number("horizon", horizon, 1e-12, 1e12), np.inf

"""Training for so many minutes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from keras_rgan.callbacks.backup_record import BackupRecord
from keras_rgan.callbacks.learning_rates import FINAL_RATE, LearningRates
from keras_rgan.utils import checks

RECORD = BackupRecord("time_budget.npz", "the first learning rates", ("rates",))
"""Holds what the rates were at first, where a run goes on whose rates have fallen."""


class TimeBudget(keras.callbacks.Callback):
    """Ends training after some minutes or updates, and lowers both learning rates on the way.

    More training is not always better: once the discriminator knows its real sequences by heart, it
    teaches the generator these and no longer their distribution. `updates` ends that at the same place
    on every machine.

    Over the last `decay_share` of the time, or of the updates where these come to an end first, each
    optimizer's learning rate falls along a cosine to `final_rate` times its first value; it is set at
    the beginning of an epoch, and back to the first when training ends. Pass `fit` more epochs than the
    time allows.

    Args:
        minutes: How long to train, validation and other callbacks included.
        decay_share: The share of the time over which the rates fall; 0 leaves them as they are, and so
            does an optimizer with a schedule or function of its own.
        final_rate: The last learning rate, as a factor of the first.
        updates: The most updates of the networks in one `fit`, or None; with `steps_per_execution`
            rounded up to a multiple of that.
        clock: A function that returns seconds. `time.process_time` counts what the process itself
            computes, on all cores, which other work on the machine does not shorten.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.compile()
        >>> sines = kr.datasets.make_sines(64, length=8, num_features=2)
        >>> budget = kr.callbacks.TimeBudget(minutes=0.001)
        >>> history = gan.fit(sines, epochs=1000, callbacks=[budget], verbose=0)
        >>> len(history.epoch) < 1000
        True
    """

    def __init__(
        self,
        minutes: float,
        decay_share: float = 0.6,
        final_rate: float = FINAL_RATE,
        updates: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.minutes = checks.number("minutes", minutes, 0.0)
        self.decay_share = checks.number("decay_share", decay_share, 0.0, 1.0)
        self.final_rate = checks.number("final_rate", final_rate, 0.0, 1.0)
        self.updates = None if updates is None else checks.positive_int("updates", updates)
        self.clock = clock
        self.backup: Path | None = None
        """Where the first rates are kept, beside a backup; None for in memory alone."""

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start the clock."""
        self.start = self.clock()
        self.before = self.done = 0  # updates, before this epoch and in all
        self.rates = LearningRates(self.model.optimizer)
        found = RECORD.read(self.backup)
        if found is not None and len(found[0]["rates"]) == len(self.rates.first):
            self.rates.first = found[0]["rates"]
        RECORD.write(self.backup, {"rates": self.rates.first})

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the learning rates."""
        self.before = self.done
        if not self.decay_share:
            return
        spent = (self.clock() - self.start) / max(60.0 * self.minutes, 1e-9)
        left = 1.0 - max(spent, self.done / self.updates if self.updates else 0.0)
        self.rates.fall(1.0 - left / self.decay_share, self.final_rate)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Look at the clock, and count."""
        self.done = self.before + batch + 1
        counted = self.updates is not None and self.done >= self.updates
        if counted or self.clock() > self.start + 60.0 * self.minutes:
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Set the learning rates back, for a later `fit`."""
        if self.decay_share:
            self.rates.reset()

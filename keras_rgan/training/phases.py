"""Stretches of training with a step of their own, before the game of the two networks."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras

from keras_rgan.sequences.batch import Batch
from keras_rgan.training.finite_steps import Look
from keras_rgan.utils.variables import value_of

if TYPE_CHECKING:
    from keras_rgan.training.adversarial_step import AdversarialStep


class Phase(abc.ABC):
    """A stretch of training that has a turn of its own in place of the two networks' turns.

    A model lists its phases in its property `phases`. `fit` goes through them in their order, by the
    count of updates that the model has had, and then plays the game. A model that is loaded or backed
    up goes on in the phase in which it was.

    Args:
        updates: How many updates it lasts; None for all that are left.
        trackers: What it logs, under their names: 0 in the other phases.
    """

    def __init__(self, updates: int | None, trackers: Sequence[keras.metrics.Metric] = ()) -> None:
        self.updates = updates
        self.trackers = tuple(trackers)

    @abc.abstractmethod
    def turn(self, step: AdversarialStep, real: Batch, look: Look) -> None:
        """Train on a batch, in `keras.ops`: all of it is undone where it is not finite.

        Args:
            step: Goes down objectives by `step.descend(objective, look, optimizer, variables)`; its
                `samples` make generated batches, its `judge` asks the discriminator.
            real: Real samples, as the networks see them.
            look: Notes what is finite, for `descend`.
        """


def current(phases: Sequence[Phase], updates: int) -> Phase | None:
    """Return the phase that a model is in after so many updates; None in the game that follows."""
    end = 0
    for phase in phases:
        if phase.updates is None or updates < (end := end + phase.updates):
            return phase
    return None


def updates_left(phases: Sequence[Phase], updates: int) -> int:
    """Return after how many updates more the last phase begins, or the game where phases end.

    Args:
        phases: A model's phases.
        updates: How many updates there were.
    """
    return max(0, sum(phase.updates or 0 for phase in phases) - updates)


class PhaseWatch(keras.callbacks.Callback):
    """Has a model go from phase to phase while `fit` trains."""

    def __init__(self) -> None:
        super().__init__()
        self.phases: Sequence[Phase] = ()
        self.phase: Phase | None = None
        self.start = 0
        """How many updates there were when the epoch began, less those that were undone since."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Count from what the model has had, after a backup was restored too."""
        self.phases = self.model.phases
        self.start = self._applied()
        self._enter(self.start)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look whether a phase is over: by what was applied, which is asked once batches say so."""
        updates = self.start + batch + 1
        if current(self.phases, updates) is self.phase:
            return
        applied = self._applied()
        self.start -= updates - applied  # steps that were undone are none
        self._enter(applied)

    def _applied(self) -> int:
        """Return how many updates the model has had; on JAX reading `model` brings it up to date."""
        return int(value_of(self.model.optimizer.iterations))

    def _enter(self, updates: int) -> None:
        self.phase = current(self.phases, updates)
        if self.model.enter_phase(updates):
            self.model.make_train_function(force=True)

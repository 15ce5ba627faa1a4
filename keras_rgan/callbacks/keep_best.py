"""The weights whose samples a small judge tells least from the data."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_rgan.callbacks.backup_record import BackupRecord
from keras_rgan.callbacks.completion_score import completion_score
from keras_rgan.callbacks.learning_rates import LearningRates
from keras_rgan.callbacks.score_on_validation import ScoreOnValidation
from keras_rgan.metrics import discriminative_score, quick_score
from keras_rgan.sequences.statistics.random_features import random_feature_score
from keras_rgan.utils import checks
from keras_rgan.utils.variables import value_of

LOOKS = (0, 250, 500, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000, 24_000, 32_000)
"""After how many updates the judge looks by default."""

FEWEST = 10
"""Halves of fewer sequences are not compared."""

FEWEST_BATCHES, MOST_BATCHES = 50, 3_000
"""Between which the number of batches lies that the recurrent judge learns from."""

READ = 72_000
"""About so many steps it reads: fewer batches of longer sequences."""

OFF = 0.05
"""About what the two judges together are off by chance: what they tell apart by less stays as it is."""

NEAR = 0.2
"""The recurrent judge is asked of a state that the small one tells by so much more at the most."""

UNTRAINED = 0.49
"""What training begins at is nothing where it is told by more."""

SHOWN = 5
"""So many features are named in a line."""

State = list[np.ndarray]
"""The values of a model's variables."""

RECORD = BackupRecord(
    "keep_best.npz", "the best state", ("looked", "best", "_settles", "start", "rates")
)
"""Holds what `KeepBest` knows; without it what is best is told from there on."""


def small_judge(real: np.ndarray, generated: np.ndarray) -> float:
    """Return `metrics.quick_score`, and 0.5 of what is not finite."""
    return quick_score(real, generated) if np.isfinite(generated).all() else 0.5


def recurrent_judge(real: np.ndarray, generated: np.ndarray, updates: int) -> float:
    """Return what a GRU that reads step by step tells, and 0.5 of what is not finite.

    Args:
        real: Real sequences.
        generated: Generated ones.
        updates: Of the training that is judged: a third as many are enough for a judge.
    """
    if not np.isfinite(generated).all():
        return 0.5
    steps = max(min(READ // real.shape[1], updates // 3, MOST_BATCHES), FEWEST_BATCHES)
    return discriminative_score(real, generated, judge="strict", steps=steps, repeats=1).mean


class KeepBest(keras.callbacks.Callback):
    """Looks in on training now and then, and restores at its end the best of what it saw.

    A game has no loss that falls, and more training is not always better. So a small judge
    (`metrics.quick_score`) is trained at each look to tell generated sequences from real ones, and the
    state of which it told least comes back when training ends: weights, averages and optimizers, so
    that training can go on from there.
    The first look is before the first update: a generator that begins as a process that fits
    (`RecurrentGenerator(linear_process=…)`) is left for what is better by `margin` alone.

    With `settle` no number of epochs need be known: once nothing gets better, or after `updates`, both
    learning rates fall, as `TimeBudget` lets them, and training ends with that. Finer steps mend what
    long ones pass by, and the judge, which sees traces of noise too, may say less of it than they are
    worth, or see less than a judge that reads step by step: where it prefers an earlier state, or what
    training began at is told by little more, a GRU is asked about each, up to a minute of a core for
    one, and a sum that is clearly less is followed.

    Of a model that completes sequences the score is the sum of the judge's and of that of its
    completions: the continuous ranked probability score of what is hidden of the sequences, beside the
    error of straight lines.

    The last score stands in the logs of every epoch as `val_judge`, and where `fit` is verbose a line
    at its end says what was kept (`summary`). Beside a `keras.callbacks.BackupAndRestore` the best
    state is kept in its folder, and a run that goes on there knows what it saw before.

    Args:
        validation_data: Real sequences, as `ScoreOnValidation` takes them: held out, or some thousand
            of those that are trained on.
        looks: After how many updates of this `fit` to look, in order, at the end of the epoch in which
            each falls; behind the last in steps as from the one before it.
        patience: After how many looks without a better one training ends; None for never.
        margin: By how much an earlier score must be lower than a later one to be better: later weights
            had finer steps, and a judge is some 0.01 off by chance.
        score: A function `f(real, generated)` to judge by in place of the small judge; lower is
            better.
        updates: The most updates; None for as many as `fit` has.
        settle: Over how many more updates the rates fall before training ends, as a share of those up
            to there; 0 to end at once. Rates that follow a schedule stay with it.
        calibrate: Sequences to calibrate to at the end, as `RecurrentGAN.calibrate` takes them: the
            training data. A judge in closed form looks at each feature before and after, and the judge
            at all of them: what they tell more of stays as it was.

    Attributes:
        looked: Of each look the number of updates and the score.
        best: The number of updates and the score of what is kept; None before the first look.
        overruled: Whether a recurrent judge chose what the small one tells by more.
        calibrated: Whether the calibration was kept; None where none was asked for.
        left_out: The features whose values stayed as they were.

    Raises:
        ValueError: If a number is out of range, or `looks` do not rise.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN({"linear_process": 8}, seed=0)
        >>> gan.compile()
        >>> sines = kr.datasets.make_sines(256, length=8, num_features=2)
        >>> best = kr.callbacks.KeepBest(sines, looks=[0, 8])
        >>> history = gan.fit(sines, epochs=2, callbacks=[best], verbose=0)
        >>> [updates for updates, score in best.looked], best.best in best.looked
        ([0, 8, 16], True)
    """

    def __init__(
        self,
        validation_data: Any,
        looks: Sequence[int] = LOOKS,
        patience: int | None = None,
        margin: float = 0.01,
        score: Callable[[np.ndarray, np.ndarray], float] = small_judge,
        updates: int | None = None,
        settle: float = 0.0,
        calibrate: Any = None,
    ) -> None:
        super().__init__()
        self.scoring = ScoreOnValidation(validation_data, {"judge": score})
        self.scoring.of_numbers = score is small_judge
        self.looks = [checks.non_negative_int("looks", n) for n in looks]
        if len(self.looks) < 2 or any(np.diff(self.looks) <= 0):
            raise ValueError(
                "`looks` must be two numbers of updates at least, each larger than the one before. "
                f"Received: looks={list(looks)}"
            )
        self.patience = None if patience is None else checks.positive_int("patience", patience)
        self.margin = checks.number("margin", margin, 0.0)
        self.updates = None if updates is None else checks.positive_int("updates", updates)
        self.settle = checks.number("settle", settle, 0.0)
        self.calibrate = calibrate
        self.backup: Path | None = None
        """Where the best state is kept, beside a backup; None for in memory alone."""
        self._forget()

    def _forget(self) -> None:
        self.looked: list[tuple[int, float]] = []
        self.best: tuple[int, float] | None = None
        self.overruled = False
        self.calibrated: bool | None = None
        self.left_out: list[int] = []
        self._state: State = []
        self._begun: State = []
        """The state that training began at; empty where that is nothing."""
        self._settles: tuple[int, int] | None = None
        """After how many updates the rates began to fall, and over how many they do."""
        self._recalled = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Look before the first update, if that is asked for."""
        self.scoring.set_model(self.model)
        self.scoring.on_train_begin()
        self._forget()
        self.start = int(value_of(self.model.optimizer.iterations))
        self.rates = LearningRates(self.model.optimizer)
        if not self._recall() and self.looks[0] == 0:
            self._look(0)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the rates where they fall."""
        if self._recalled:  # the record may be of an epoch whose end the backup did not see
            self._recalled, done = False, self._done()
            self.looked = [look for look in self.looked if look[0] <= done]
            if self._settles is not None and self._settles[0] > done:
                self._settles = None
        if self._settles is not None:
            began, count = self._settles
            self.rates.fall((self._done() - began) / count)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Look where it is time to, begin to settle or end where nothing gets better, and log."""
        done = self._done()
        limit = self.updates if self._settles is None else sum(self._settles)
        ends = limit is not None and done >= limit
        if done >= self._next() or ends or self.model.stop_training:
            self._look(done)
            worse = sum(updates > (self.best or (0, 0.0))[0] for updates, _ in self.looked)
            gives_up = self.patience is not None and worse >= self.patience
            ends = ends or (gives_up and self._settles is None)
        if ends:
            self._end_or_settle(done)
        if logs is not None and self.looked:
            logs["val_judge"] = self.looked[-1][1]

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Look a last time, restore the best of what was seen, and calibrate where that does good."""
        done = self._done()
        if not self.looked or self.looked[-1][0] < done:
            self._look(done)
        self._choose(done)
        self.rates.reset()
        if self.calibrate is not None and self.best is not None:
            self._calibrate(self.best[1])
        self._state, self._begun = [], []
        if self.params.get("verbose"):
            sys.stdout.write(f"{self.summary()}\n")

    def summary(self) -> str:
        """Return in a line what was kept, and how good it is: beside the start, and real data."""
        if self.best is None:
            return "Nothing was kept: the judge never looked."
        (updates, score), real = self.best, self.scoring.validation_data
        beside = [f"{first:.3f} before the first update" for done, first in self.looked[:1] if not done]
        completes = self._judges_completions
        if len(real) >= 2 * FEWEST and not np.isnan(real).any() and not completes:
            # At random: of windows that overlap every other one would tell of those between.
            order, half = np.random.default_rng(0).permutation(len(real)), len(real) // 2
            halves = self.scoring.scores["judge"](real[order[:half]], real[order[half:]])
            beside.append(f"{halves:.3f} of two halves of the real data")
        judged = (
            "the judge's score and that of completions are" if completes else "the judge's score is"
        )
        preferred = ", which a recurrent judge prefers" if self.overruled else ""
        words = f"Kept the weights of update {updates}{preferred}: {judged} {score:.3f}"
        if beside:
            words += f" ({', '.join(beside)})"
        if self.calibrated is not None:
            words += ", calibrated" if self.calibrated else ", not calibrated, which it told more of"
        if self.calibrated and self.left_out:
            words += f" but for {self._names(self.left_out)}"
        return f"{words}."

    def _names(self, features: Sequence[int]) -> str:
        """Return some features by their names."""
        names, shown = self.model.column_names, list(features)[:SHOWN]
        words = [f"'{names[f]}'" if names else f"feature {f}" for f in shown]
        more = len(features) - len(shown)
        return ", ".join(words) + (f" and {more} more" if more else "")

    def _look(self, done: int) -> None:
        """Score the samples as they are, and keep the state unless an earlier one was better."""
        score = self._score()
        self.looked.append((done, score))
        if self._gets_better(score):
            self.best, self._state = (done, score), self._values()
        if self._is_a_start(done, score):
            self._begun = self._state
        self._remember()

    def _values(self) -> State:
        """Return the model's state as it is."""
        return [value_of(variable) for variable in self.model.state_variables()]

    def _gets_better(self, score: float) -> bool:
        """Return whether what the last look saw is to be kept.

        Of weights that were trained later ones win unless they are clearly worse. What training began
        at is left for what is clearly better alone: where a closed form has solved the data a game
        only adds noise, less of it than a look can see.
        """
        (begun, first), *trained = self.looked
        if begun > 0 or first > UNTRAINED:
            return score <= min(earlier for _, earlier in self.looked) + self.margin
        return not trained or (
            score < first - self.margin
            and score <= min(earlier for _, earlier in trained) + self.margin
        )

    def _score(self) -> float:
        """Return what the judge says, and of a model that completes how far its completions are off."""
        told = self.scoring.score()["val_judge"]
        if not self._judges_completions:
            return told
        real, conditions = self.scoring.validation_data, self.scoring.conditions
        return told + completion_score(self.model, real, conditions)

    @property
    def _judges_completions(self) -> bool:
        """Whether the score is that of completions as well."""
        return bool(self.model.completion) and self.scoring.scores["judge"] is small_judge

    def _end_or_settle(self, done: int) -> None:
        """Go on with falling rates, or end where that was done."""
        begins_with_the_best = self.best is None or self.best[0] == 0
        if self._settles is not None or not self.settle or begins_with_the_best:
            self.model.stop_training = True
            return
        self._settles = done, max(math.ceil(self.settle * done), 1)
        self._remember()

    def _choose(self, done: int) -> None:
        """Put back what is best, or a rival that both judges together tell clearly less."""
        if self.best is None:
            return
        kept = [(self.best, self._state), *self._rivals(self.best, done)]
        if len(kept) > 1:
            sums = []
            for (_, score), state in kept:
                self._put(state)
                sums.append(score + recurrent_judge(*self.scoring.pair(), self.looked[-1][0]))
            least = int(np.argmin(sums))
            if sums[least] <= sums[0] - OFF:
                self.best, self._state = kept[least]
                self.overruled = True
        if self.best[0] < done or len(kept) > 1:
            self._put(self._state)

    def _rivals(self, best: tuple[int, float], done: int) -> list[tuple[tuple[int, float], State]]:
        """Return looks at what may be better than the best, and the states then.

        These are where the rates ended, and what training began at. There are none to another score
        than the judge's own, nor where the best is what training began at.
        """
        if self._settles is None or not best[0] or not self._asks_both:
            return []
        end, start, most = self.looked[-1], self.looked[0], best[1] + NEAR
        rivals = [(end, self._values())] if best[0] < done and end[1] <= most else []
        return rivals + ([(start, self._begun)] if self._begun and start[1] <= most else [])

    def _is_a_start(self, updates: int, score: float) -> bool:
        """Return whether a look is at a beginning that may be held against the end."""
        return updates == 0 and score <= UNTRAINED and self._asks_both

    @property
    def _asks_both(self) -> bool:
        """Whether a recurrent judge is asked too: where rates fall, of the judge's own score."""
        own = self.scoring.scores["judge"] is small_judge and not self._judges_completions
        return bool(self.settle) and own

    def _put(self, state: State) -> None:
        """Have the model be in some state."""
        for variable, value in zip(self.model.state_variables(), state, strict=True):
            variable.assign(value)

    def _calibrate(self, score: float) -> None:
        """Calibrate, but for features of which a judge of each tells more then; or not at all."""
        real, before = self.scoring.pair()
        self.model.calibrate(self.calibrate)
        scaler = self.model.scaler
        _, after = self.scoring.pair()
        moved = map(int, np.flatnonzero(value_of(scaler.calibrated)))
        margin = self.margin + 1.0 / len(real) ** 0.5  # by chance
        worse = [f for f in moved if _told(real, after, f) > _told(real, before, f) + margin]
        if worse:
            scaler.forget_calibration(worse)
        self.left_out = worse
        self.calibrated = self._score() <= score + self.margin
        if not self.calibrated:
            scaler.forget_calibration()

    def _next(self) -> int:
        """Return after how many updates the next look is."""
        done = self.looked[-1][0] if self.looked else -1
        later = [n for n in self.looks if n > done]
        usual = later[0] if later else done + self.looks[-1] - self.looks[-2]
        return usual if self._settles is None else min(usual, sum(self._settles))

    def _remember(self) -> None:
        """Write down what is known, beside a backup."""
        known = {name: getattr(self, name) for name in ("looked", "best", "_settles", "start")}
        begun = [] if self._begun is self._state else self._begun
        RECORD.write(self.backup, {**known, "rates": self.rates.first}, [*self._state, *begun])

    def _recall(self) -> bool:
        """Read what was known where a backup goes on; return whether there is such a record."""
        found = RECORD.read(self.backup)
        if found is None:
            return False
        known, states = found
        shapes = [tuple(v.shape) for v in self.model.state_variables()]
        state, begun = states[: len(shapes)], states[len(shapes) :]
        if any([value.shape for value in values] != shapes for values in (state, begun) if values):
            return False  # a model of before, which had other variables
        self.looked = [(int(updates), float(score)) for updates, score in known["looked"]]
        self.best = None if known["best"] is None else (int(known["best"][0]), known["best"][1])
        self._settles = None if known["_settles"] is None else tuple(known["_settles"])
        self.start, self.rates.first, self._state = known["start"], known["rates"], state
        begins_best = self.best is not None and self._is_a_start(*self.best)
        self._begun = state if begins_best else begun
        self._recalled = True
        return True

    def _done(self) -> int:
        """Return how many updates there were in this `fit`."""
        self.model.sampler.synchronize()
        return int(value_of(self.model.optimizer.iterations)) - self.start


def _told(real: np.ndarray, generated: np.ndarray, feature: int) -> float:
    """Return by how much a judge in closed form tells one feature of two sets."""
    random = np.random.default_rng(0)
    real, generated = (random.permutation(x[..., [feature]]) for x in (real, generated))
    return random_feature_score(real, generated, random)

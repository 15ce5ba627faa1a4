"""The weights whose samples a small judge tells least from the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from keras_rgan.callbacks.score_on_validation import ScoreOnValidation
from keras_rgan.metrics import discriminative_score
from keras_rgan.utils import checks
from keras_rgan.utils.variables import value_of

LOOKS = (0, 250, 500, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 12_000, 16_000, 24_000, 32_000)
"""After how many updates the judge looks by default."""


def small_judge(real: np.ndarray, generated: np.ndarray) -> float:
    """Return the score of a judge of 32 units that trains for 400 steps; 0.5 of what is not finite."""
    if not np.isfinite(generated).all():
        return 0.5
    options = {"units": 32, "steps": 400, "repeats": 1, "seed": 1234}
    return discriminative_score(real, generated, strict=True, **options).mean


class KeepBest(keras.callbacks.Callback):
    """Looks in on training now and then, and restores at its end the best of what it saw.

    A game has no loss that falls, and more training is not always better. So a small judge is trained
    at each look to tell generated sequences from real ones, and the state of which it told least comes
    back when training ends: weights, averages and optimizers, so that training can go on from there.
    The first look is before the first update: a generator that begins as a process that fits
    (`RecurrentGenerator(linear_process=…)`) never ends behind it.

    The last score stands in the logs of every epoch as `val_judge`.

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

    Attributes:
        looked: Of each look the number of updates and the score.
        best: The number of updates and the score of what is kept; None before the first look.

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
    ) -> None:
        super().__init__()
        self.scoring = ScoreOnValidation(validation_data, {"judge": score})
        self.looks = [checks.non_negative_int("looks", n) for n in looks]
        if len(self.looks) < 2 or any(np.diff(self.looks) <= 0):
            raise ValueError(
                "`looks` must be two numbers of updates at least, each larger than the one before. "
                f"Received: looks={list(looks)}"
            )
        self.patience = None if patience is None else checks.positive_int("patience", patience)
        self.margin = checks.number("margin", margin, 0.0)
        self.looked: list[tuple[int, float]] = []
        self.best: tuple[int, float] | None = None
        self._state: list[np.ndarray] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Look before the first update, if that is asked for."""
        self.scoring.set_model(self.model)
        self.scoring.on_train_begin()
        self.start = self._updates_in_all()
        self.looked, self.best, self._state = [], None, []
        if self.looks[0] == 0:
            self._look(0)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Look where it is time to, and log."""
        done = self._updates_in_all() - self.start
        if done >= self._next() or self.model.stop_training:
            self._look(done)
        if logs is not None and self.looked:
            logs["val_judge"] = self.looked[-1][1]

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Look a last time, and restore the best of what was seen."""
        done = self._updates_in_all() - self.start
        if not self.looked or self.looked[-1][0] < done:
            self._look(done)
        if self.best is not None and self.best[0] < done:
            for variable, value in zip(self.model.state_variables(), self._state, strict=True):
                variable.assign(value)
        self._state = []

    def _look(self, done: int) -> None:
        """Score the samples as they are, and keep the state unless an earlier one was better."""
        score = self.scoring.score()["val_judge"]
        self.looked.append((done, score))
        if score <= min(earlier for _, earlier in self.looked) + self.margin:
            self.best = done, score
            self._state = [value_of(variable) for variable in self.model.state_variables()]
        since = sum(updates > (self.best or (0, 0))[0] for updates, _ in self.looked)
        if self.patience is not None and since >= self.patience:
            self.model.stop_training = True

    def _next(self) -> int:
        """Return after how many updates the next look is."""
        done = self.looked[-1][0] if self.looked else -1
        later = [n for n in self.looks if n > done]
        return later[0] if later else done + self.looks[-1] - self.looks[-2]

    def _updates_in_all(self) -> int:
        self.model.sampler.synchronize()
        return int(value_of(self.model.optimizer.iterations))

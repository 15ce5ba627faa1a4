"""Heavy scores while training goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_rgan import metrics
from keras_rgan.data.named_columns import check_names, names_of
from keras_rgan.data.pad_sequences import pad_sequences
from keras_rgan.sequences import reading
from keras_rgan.sequences.bridges import interpolate
from keras_rgan.utils import checks

SCORES: dict[str, Callable[..., Any]] = {
    name: getattr(metrics, name)
    for name in (
        "autocorrelation_difference",
        "context_fid",
        "correlational_score",
        "discriminative_score",
        "marginal_wasserstein_distance",
        "precision_recall",
        "predictive_score",
        "quick_score",
        "roughness",
        "spectral_difference",
    )
}


class ScoreOnValidation(keras.callbacks.Callback):
    """Scores generated against held-out sequences every few epochs, into the logs.

    The values appear as `val_` and the score's name (`val_discriminative_score`; each entry of
    a score that is a dict under its own name, as `val_coverage`) at the end of an epoch, so that
    EarlyStopping, ModelCheckpoint and keras-tuner can monitor them; put this callback before them and
    pass them `mode`. In the epochs between, the last value stands. The same noise makes the sequences
    each time.

    Args:
        validation_data: Real sequences in their own units, `(samples, time, features)`; or a pair of
            them and a dict of conditions, under which as many are generated. Sequences of different
            lengths are compared in arrays in which each repeats its last step to the end, and those
            with gaps (NaN) with generated ones of the same gaps, both bridged by straight lines.
        scores: Names of functions of `keras_rgan.metrics`, or a dict of names and functions
            `f(real, generated)` that return a number, a `Score` or a dict of numbers.
        every: Epochs from one scoring to the next; the first epoch is always scored, and so is the one
            in which another callback stops the training, where that comes first in the list.
        minutes: Minutes from one scoring to the next at the least, in place of epochs.
        num_samples: How many sequences are generated; by default as many as there are real ones, and
            with conditions or gaps always.
        seed: Seed of the noise.
        calibrate: Sequences to calibrate the model to before it is scored, those that it trains on, as
            `RecurrentGAN.calibrate` takes them; they are read anew each time. Checkpoints that
            callbacks behind this one write in that epoch are calibrated. Before training goes on, and
            at its end, the model is as it was.
        clock: A function that returns seconds, for `minutes`; see `TimeBudget`.

    Raises:
        ValueError: If a name is unknown or a number not a positive integer, or `calibrate` is True:
            a model that is calibrated to what it is scored on seems better than it is.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.compile()
        >>> sines = kr.datasets.make_sines(64, length=8, num_features=2)
        >>> watch = kr.callbacks.ScoreOnValidation(sines[32:], scores=["roughness"])
        >>> history = gan.fit(sines[:32], callbacks=[watch], epochs=1, verbose=0)
        >>> "val_roughness" in history.history
        True
    """

    def __init__(
        self,
        validation_data: Any,
        scores: Sequence[str] | Mapping[str, Callable[..., Any]] = (
            "correlational_score",
            "marginal_wasserstein_distance",
            "roughness",
        ),
        every: int = 1,
        minutes: float | None = None,
        num_samples: int | None = None,
        seed: int = 0,
        calibrate: Any = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.column_names = names_of(reading.unpaired(validation_data)[0])
        sequences, conditions = reading.gather(validation_data)
        self.validation_data = reading.to_numpy(sequences)
        self.conditions = conditions
        if isinstance(scores, str):
            scores = [scores]
        if not isinstance(scores, Mapping):
            scores = {name: SCORES[checks.one_of("scores", name, SCORES)] for name in scores}
        self.scores = dict(scores)
        self.of_numbers = any(score in SCORES.values() for score in self.scores.values())
        """Whether scores are of real numbers, which ids of tokens are not."""
        self.every = checks.positive_int("every", every)
        self.minutes = None if minutes is None else checks.number("minutes", minutes, 0.0)
        self.num_samples = checks.positive_int(
            "num_samples", len(self.validation_data) if num_samples is None else num_samples
        )
        self.seed = checks.non_negative_int("seed", seed)
        if calibrate is True:
            raise ValueError(
                "`calibrate` must be sequences to calibrate to, other than those that are scored. "
                "Received: calibrate=True. Pass the training sequences: calibrate=windows."
            )
        self.calibrate = None if calibrate is False else calibrate
        self.clock = clock
        self.last: dict[str, float] = {}
        self.scored_at = -math.inf
        self.uncalibrated: list[np.ndarray] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Refuse columns that are not those which the model learns, and ids of tokens; begin anew.

        Raises:
            ValueError: If there are such.
        """
        if hasattr(self.model, "vocabulary") and (self.of_numbers or self.validation_data.ndim < 2):
            raise ValueError(
                "A TokenGAN's ids are names: of these there are scores such as {'bleu': "
                "kr.metrics.bleu}, of ids and not of texts. Expected: these, or none: fit(…, "
                "validation_data=…) logs val_negative_log_likelihood, by which "
                "keras.callbacks.ModelCheckpoint keeps the best weights. Received: the scores "
                f"{list(self.scores)} of an array of shape {self.validation_data.shape}"
            )
        check_names(self.column_names, self.model.column_names)
        self.last, self.scored_at = {}, -math.inf

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Take the calibration back before training goes on."""
        self._take_calibration_back()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Take the calibration back."""
        self._take_calibration_back()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Score where it is time to, and log."""
        if self.minutes is None:
            due = (epoch + 1) % self.every == 0
        else:
            due = self.clock() - self.scored_at >= 60.0 * self.minutes
        if not self.last or due or self.model.stop_training:
            self.scored_at = self.clock()
            self.score()
        if logs is not None:
            logs.update(self.last)

    def score(self) -> dict[str, float]:
        """Score samples of the model as it is, and return the values by the names that logs have."""
        if self.calibrate is not None:
            if self.uncalibrated is None and self.model.scaler is not None:
                self.uncalibrated = self.model.scaler.get_weights()
            self.model.calibrate(self.calibrate)
        real, generated = self.pair()
        for name, function in self.scores.items():
            value = function(real, generated)
            values = value if isinstance(value, Mapping) else {name: value}
            self.last.update({f"val_{k}": float(v) for k, v in values.items()})
        return self.last

    def pair(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the real sequences and samples of the model as it is, always of the same noise."""
        conditions, length = self.conditions, self.validation_data.shape[1]
        if conditions is not None and self.model.conditions is None:  # lists of one length
            conditions = {k: v for k, v in conditions.items() if k != "length"} or None
        real, observed = self.validation_data, ~np.isnan(self.validation_data)
        count = self.num_samples if observed.all() else len(real)
        generated = self.model.generate(
            count if conditions is None else None,
            length=length,
            seed=self.seed,
            conditions=conditions,
        )
        if isinstance(generated, list):
            generated, _ = pad_sequences(generated, self.validation_data.shape[1])
        if not observed.all():
            scaler = self.model.scaler  # in whose units float32, in which gaps are bridged, will do
            real, generated = (
                keras.ops.convert_to_numpy(
                    interpolate(x if scaler is None else scaler.enter(x), observed)[0]
                )
                for x in (real, generated)
            )
        return real, generated

    def _take_calibration_back(self) -> None:
        """Give the scaler the weights that it had before it was calibrated."""
        if self.uncalibrated is not None:
            self.model.scaler.set_weights(self.uncalibrated)
            self.uncalibrated = None

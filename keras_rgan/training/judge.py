"""How any discriminator is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from keras_rgan.networks.discriminator import Discriminator
from keras_rgan.sequences.batch import Batch
from keras_rgan.training.terms import added_losses
from keras_rgan.utils.types import Nested, Tensor


class Judged(NamedTuple):
    """What a discriminator says of a set of samples.

    Attributes:
        judgement: `(batch, 1)`, or a judgement a step.
        prediction: Every step but the first, `(batch, time - 1, features)`, or None.
    """

    judgement: Tensor
    prediction: Tensor | None


class Judge:
    """Asks the discriminator of a model, whatever kind of Keras model it is.

    It judges looks: what it sees of samples, with their conditions as last columns, so that penalties
    measure slopes there.

    Args:
        model: The `RecurrentGAN`.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.per_step = False
        """Whether there is a judgement for each step of a sequence."""

    @property
    def discriminator(self) -> Any:
        """The network that is asked."""
        return self.model.discriminator

    @property
    def looks_first(self) -> bool:
        """Whether a call of the discriminator is known to be `look` and then `judge`.

        A model of the user's may use these names, or overwrite `call`, for something else.
        """
        return getattr(type(self.discriminator), "call", None) is Discriminator.call

    def look(self, batch: Batch) -> Tensor:
        """Return what the discriminator judges of a batch."""
        sequences = self.model.as_judged(batch.sequences)
        if self.looks_first:
            look = self.discriminator.look(with_columns(sequences, batch.columns))
            return ops.cast(look, "float32")
        return self.model.layout.join(sequences, batch.columns)

    def __call__(self, look: Tensor, training: bool) -> Judged:
        """Judge a look."""
        if self.looks_first:
            output = self.discriminator.judge(look, training=training)
        else:
            output = self.discriminator(with_columns(*self.model.layout.split(look)), training=training)
        judgement, prediction = parts_of(output)
        if prediction is not None:
            prediction = ops.cast(prediction, "float32")
        return Judged(ops.cast(judgement, "float32"), prediction)

    def each(self, looks: Sequence[Tensor]) -> tuple[list[Judged], Tensor]:
        """Judge several looks in training, in one pass where samples do not mix.

        Returns:
            What is said of each, and the sum of the losses that the network's layers added.
        """
        together = self.looks_first and self.discriminator.judges_one_by_one
        if not together or len(looks) == 1:
            every, added = [], ops.zeros(())
            for look in looks:
                every.append(self(look, training=True))
                added = added + added_losses(self.discriminator)
            return every, added
        judgement, prediction = self(ops.concatenate(looks), training=True)
        every, start = [], 0
        for look in looks:
            rows = slice(start, start + ops.shape(look)[0])
            every.append(Judged(judgement[rows], None if prediction is None else prediction[rows]))
            start = rows.stop
        return every, added_losses(self.discriminator)

    def weights_of(self, look: Tensor) -> Tensor | None:
        """Return a weight for each judgement of a step, of mean 1 in each sequence; None for all alike.

        Steps that do not count have none.
        """
        _, columns = self.model.layout.split(look)
        if not self.per_step or columns is None:
            return None
        return self.model.layout.weights_of(columns)

    def at_random(self, size: float) -> np.ndarray:
        """Return judgements of random samples, N(0, 1) but for a factor."""
        _, *rest = self.model.network_shape
        samples = size * np.random.default_rng(0).normal(size=(16, *rest)).astype("float32")
        total = self.model.layout.total
        columns = ops.ones((16, rest[0], total)) if total else None
        judged = self(self.look(Batch(ops.convert_to_tensor(samples), columns)), training=False)
        return ops.convert_to_numpy(judged.judgement)

    def log_scores(self, looks: Sequence[Tensor], judgements: Sequence[Tensor]) -> None:
        """Log the means, over the steps that count, of what is said of real and of generated looks."""
        trackers = self.model.real_score_tracker, self.model.fake_score_tracker
        for tracker, look, judgement in zip(trackers, looks, judgements, strict=True):
            tracker.update_state(ops.mean(self.weighted(look, judgement)))

    def weighted(self, look: Tensor, judgement: Tensor) -> Tensor:
        """Return judgements whose plain means are those over the steps that count."""
        weights = self.weights_of(look)
        return judgement if weights is None else weights * judgement


def with_columns(sequences: Tensor, columns: Any) -> Nested:
    """Return sequences as a discriminator takes them."""
    return sequences if columns is None else {"sequences": sequences, "conditions": columns}


def parts_of(output: Nested) -> tuple[Tensor, Tensor | None]:
    """Split what a discriminator returns into judgement and prediction."""
    if isinstance(output, dict) and "judgement" in output:
        return output["judgement"], output.get("prediction")
    return output, None


def draws_at_random(layers: Sequence[keras.Layer]) -> bool:
    """Return whether a network of these layers draws anything: one has seeds and no dropout of zero."""
    for layer in layers:
        seeds = any(isinstance(v, keras.random.SeedGenerator) for v in vars(layer).values())
        idle = getattr(layer, "dropout", None) == 0 and getattr(layer, "recurrent_dropout", 0) == 0
        if seeds and not idle:
            return True
    return False

"""How likely a generator of tokens makes the data: to warm up by, and to evaluate."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.sequences.batch import Batch
from keras_rgan.training.finite_steps import Look
from keras_rgan.training.phases import Phase
from keras_rgan.utils.types import Tensor


def negative_log_likelihood(
    generator: Any, batch: Batch, training: bool = False
) -> tuple[Tensor, Tensor]:
    """Return how unlikely a batch is, in nats a token, and how many tokens that is the mean of.

    Args:
        generator: A `TokenGenerator`.
        batch: Tokens as the networks see them, one-hot, and 0 where no step counts.
        training: Whether dropout drops.
    """
    ids = ops.argmax(batch.sequences, axis=-1)
    counts = ops.sum(batch.sequences, axis=-1)
    logs = generator.log_likelihood(ids, batch.columns, training=training)
    number = ops.maximum(ops.sum(counts), 1.0)
    return -ops.sum(logs * counts) / number, number


def mean_over(model: Any, data: Any, count: int, batch_size: int) -> float:
    """Return how unlikely the averaged generator makes data, in nats a token.

    Args:
        model: The `TokenGAN`.
        data: As a step takes it, in memory.
        count: How many sequences.
        batch_size: How many are looked at at a time.
    """
    total = tokens = 0.0
    with backend.no_gradient(), model.average.scope(model.generator):
        for start in range(0, count, batch_size):
            rows = slice(start, start + batch_size)
            batch = keras.tree.map_structure(lambda part, rows=rows: part[rows], data)
            real = model.samples.real(batch, model.evaluation_seed_generator)
            loss, number = negative_log_likelihood(model.generator, real)
            total += float(loss) * float(number)
            tokens += float(number)
    return total / tokens


class LikelihoodPhase(Phase):
    """Trains the generator by maximum likelihood: each token given the real ones before it.

    Args:
        model: The `TokenGAN`.
        updates: How many updates it lasts.
        tracker: Logs the negative log-likelihood of batches, in nats a token.

    Reference:
        Williams and Zipser, "A Learning Algorithm for Continually Running Fully Recurrent Neural
        Networks", 1989 (teacher forcing).
    """

    def __init__(self, model: Any, updates: int, tracker: keras.metrics.Mean) -> None:
        super().__init__(updates, [tracker])
        self.model, self.tracker = model, tracker

    def turn(self, step: Any, real: Batch, look: Look) -> None:
        """Take a step of the generator's optimizer."""

        def objective() -> tuple[Tensor, Any]:
            loss, number = negative_log_likelihood(self.model.generator, real, training=True)
            return loss, (ops.stop_gradient(loss), ops.stop_gradient(number))

        optimizer = self.model.optimizer
        loss, number = step.descend(
            objective, look, optimizer.generator_optimizer, optimizer.generator_variables.value
        )
        self.tracker.update_state(loss, sample_weight=number)

"""How a batch is compared with samples of the averaged generator."""

from __future__ import annotations

from typing import Any

import keras

from keras_rgan.sequences.batch import Batch
from keras_rgan.training.judge import Judge
from keras_rgan.training.samples import Samples
from keras_rgan.training.terms import prediction_error
from keras_rgan.utils.types import Tensor


class EvaluationStep:
    """Logs losses, scores and compiled metrics of a batch; nothing is trained.

    Args:
        model: The `RecurrentGAN`.
        samples: Makes batches.
        judge: Asks the discriminator.
    """

    def __init__(self, model: Any, samples: Samples, judge: Judge) -> None:
        self.model, self.samples, self.judge = model, samples, judge

    def __call__(self, data: Any) -> None:
        """Compare a batch with as many samples made freely, under the same conditions."""
        model, recipe, seed = self.model, self.model.recipe, self.model.evaluation_seed_generator
        asked, real, fake = self.sets(data, seed)
        looks = self.judge.look(real), self.judge.look(fake)
        (of_real, _), (of_fake, prediction) = (self.judge(look, training=False) for look in looks)
        weights = self.judge.weights_of(looks[0])
        generator_loss = recipe.generator_loss(of_real, of_fake, weights)
        discriminator_loss = recipe.discriminator_loss(of_real, of_fake, weights)
        model.generator_loss_tracker.update_state(generator_loss)
        model.discriminator_loss_tracker.update_state(discriminator_loss)
        self.judge.log_scores(looks, (of_real, of_fake))
        counts = model.layout.counts_of(real.columns)
        error = prediction_error(prediction, fake.sequences, counts)
        model.prediction_loss_tracker.update_state(error)
        self._score_terms(asked, seed)
        for metric in recipe.metrics:
            self._compare(metric, real.sequences, fake.sequences, counts)

    def sets(self, data: Any, seed: keras.random.SeedGenerator) -> tuple[Batch, Batch, Batch]:
        """Return a batch as it was asked for, as it is, and as many samples under its conditions."""
        asked = self.samples.real(data, seed)
        columns = asked.columns
        for capability in self.model.capabilities:
            columns = capability.unasked(columns)
        real = asked._replace(columns=columns)
        (fake,) = self.samples.averaged(real, self.samples.draw(real, seed), restored=True)
        return asked, real, fake

    def _score_terms(self, asked: Batch, seed: keras.random.SeedGenerator) -> None:
        """Log what capabilities say of samples of what was asked."""
        for capability in self.model.capabilities:
            if capability.extra_draws and capability.tracker is not None:
                draws = self.samples.draw(asked, seed, 1 + capability.extra_draws)
                fakes = self.samples.averaged(asked, draws, restored=False)
                term = capability.generator_term(asked, [fake.sequences for fake in fakes])
                capability.tracker.update_state(term)

    def _compare(
        self, metric: keras.metrics.Metric, real: Tensor, fake: Tensor, counts: Tensor | None
    ) -> None:
        """Update a compiled metric; one that weighs steps hears which of them count."""
        if counts is not None and getattr(metric, "weighs_steps", False):
            metric.update_state(real, fake, sample_weight=counts[..., 0])
        else:
            metric.update_state(real, fake)

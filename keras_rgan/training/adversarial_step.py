"""The game of the two networks, on one batch: algorithm 1 of Goodfellow et al., 2014."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.sequences.batch import Batch
from keras_rgan.training.finite_steps import Look, changing
from keras_rgan.training.gauges import ROLES, Turn, unscaled
from keras_rgan.training.judge import Judge
from keras_rgan.training.penalizer import Penalizer
from keras_rgan.training.phases import Phase
from keras_rgan.training.samples import Samples
from keras_rgan.training.terms import added_losses, prediction_error, weight_regularization
from keras_rgan.utils.types import Tensor


class AdversarialStep:
    """Updates the discriminator, the generator and the average of its weights.

    Args:
        model: The `RecurrentGAN`.
        samples: Makes batches.
        judge: Asks the discriminator.
        penalizer: Keeps it smooth.

    Reference:
        Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014.
    """

    def __init__(self, model: Any, samples: Samples, judge: Judge, penalizer: Penalizer) -> None:
        self.model, self.samples, self.judge, self.penalizer = model, samples, judge, penalizer
        self.changing: list[keras.Variable] | None = None
        """The variables that a step changes; None until it is known."""
        self.memory: list[Tensor] = []
        """Room for what they were before a step."""
        self.phase: Phase | None = None
        """The phase before the game that the model is in, if any."""

    def __call__(self, data: Any) -> None:
        """Take a step on a batch of real samples; one that is not finite changes nothing."""
        if self.changing is None:
            self.changing, self.memory = changing(self.model), []
        look = Look(self.model, self.changing, self.memory)
        real = self.samples.real(data, self.model.seed_generator)
        if self.model.regime.looks_at_batches:
            look.at_batch(real.sequences, real.columns)
        if self.phase is None:
            self.play(real, look)
        else:
            self.phase.turn(self, real, look)
        self.model.average.update(self.model.recipe.ema)
        self.model.optimizer.iterations.assign_add(1)
        look.finish()

    def play(self, real: Batch, look: Look) -> None:
        """Update the discriminator, several times if wanted, then the generator."""
        regime = self.model.regime
        for part in regime.parts(real, self.model.recipe.discriminator_steps):
            real_judgement = regime.discriminator_turn(self, part, look)
        self.generator_turn(part.for_generator, real_judgement, look)

    def discriminator_turn(self, real: Batch, finite: Look) -> Tensor:
        """Update the discriminator, and return what it said of the real samples before, D(x)."""
        model, optimizer = self.model, self.model.optimizer
        fake, looks, probes = self.posed(real)
        loss, penalty, real_judgement, fake_judgement = self.descend(
            lambda: self.discriminator_objective(real, fake, looks, probes),
            finite,
            optimizer.discriminator_optimizer,
            optimizer.discriminator_variables.value,
        )
        model.discriminator_loss_tracker.update_state(loss)
        model.penalty_tracker.update_state(penalty)
        self.judge.log_scores(looks, (real_judgement, fake_judgement))
        return real_judgement

    def posed(self, real: Batch) -> tuple[Batch, tuple[Tensor, Tensor], list[list[Tensor]]]:
        """Return what the discriminator is asked of: a generated batch, looks at both, and probes."""
        fake = self.samples.constant(real, self.samples.draw(real, self.model.seed_generator))
        looks = self.judge.look(real), self.judge.look(fake)
        return fake, looks, self.penalizer.probes(*looks)

    def discriminator_objective(
        self, real: Batch, fake: Batch, looks: Sequence[Tensor], probes: list[list[Tensor]]
    ) -> tuple[Tensor, Any]:
        """Return what the discriminator goes down, and beside it its loss, penalty and judgements.

        Args:
            real: Real samples.
            fake: As many generated ones.
            looks: The looks at both.
            probes: The further looks that penalties need.
        """
        model, recipe = self.model, self.model.recipe
        judged, added = self.judge.each([*looks, *itertools.chain(*probes)])
        of_real, of_fake = judged[:2]
        weights = self.judge.weights_of(looks[0])
        loss = recipe.discriminator_loss(of_real.judgement, of_fake.judgement, weights)
        penalty = self.penalizer(looks[0], looks[1], probes, judged)
        counts = model.layout.counts_of(real.columns)
        error = prediction_error(of_real.prediction, real.sequences, counts)
        total = loss + penalty + recipe.prediction_weight * error
        total = total + weight_regularization(model.discriminator) + added
        total = total + sum(c.judges_loss(real, fake) for c in model.capabilities if c.judges)
        judgements = (ops.stop_gradient(x.judgement) for x in (of_real, of_fake))
        return total, (loss, penalty, *judgements)

    def generator_turn(self, real: Batch, real_judgement: Tensor | None, finite: Look) -> None:
        """Update the generator; a loss of pairs gets the judgements that are known already."""
        model, recipe = self.model, self.model.recipe
        asking = [c for c in self.model.capabilities if c.extra_draws and c.weight > 0.0]
        copies = 1 + max((c.extra_draws for c in asking), default=0)
        draws = self.samples.draw(real, self.model.seed_generator, copies)
        counts = model.layout.counts_of(real.columns)

        def objective() -> tuple[Tensor, Any]:
            fakes = self.samples.generated(real, draws)
            added = sum(added_losses(network) for network in self.model.generators)
            look = self.judge.look(fakes[0])
            fake_judgement, prediction = self.judge(look, training=True)
            weights = self.judge.weights_of(look)
            loss = recipe.generator_loss(real_judgement, fake_judgement, weights)
            error = prediction_error(prediction, fakes[0].sequences, counts)
            total = loss + recipe.prediction_weight * error + added
            total += sum(weight_regularization(network) for network in self.model.generators)
            total += sum(c.judged_loss(real, fakes[0]) for c in self.model.capabilities if c.judges)
            sets = [fake.sequences for fake in fakes]
            terms = [c.generator_term(real, sets[: 1 + c.extra_draws]) for c in asking]
            total += sum(c.weight * term for c, term in zip(asking, terms, strict=True))
            return total, (loss, error, terms)

        optimizer = self.model.optimizer
        loss, error, terms = self.descend(
            objective, finite, optimizer.generator_optimizer, optimizer.generator_variables.value
        )
        model.generator_loss_tracker.update_state(loss)
        model.prediction_loss_tracker.update_state(error)
        for capability, term in zip(asking, terms, strict=True):
            if capability.tracker is not None:
                capability.tracker.update_state(term)

    def descend(
        self,
        objective: Callable[[], tuple[Tensor, Any]],
        finite: Look,
        optimizer: keras.optimizers.Optimizer | None,
        variables: Sequence[keras.Variable],
    ) -> Any:
        """Take one step down an objective, and return what it reports.

        Args:
            objective: Returns a loss, and what it reports beside it: tensors, without gradients.
            finite: Notes what is finite.
            optimizer: One of the model's two; None to take no step.
            variables: Those to change: all that the optimizer was built for, or a part of them.
        """
        if optimizer is None or not variables:
            with backend.no_gradient():
                return objective()[1]

        def scaled() -> tuple[Tensor, Any]:
            loss, report = objective()
            return optimizer.scale_loss(loss), (ops.stop_gradient(loss), report)

        (loss, report), gradients = self.model.value_and_gradients(scaled, variables)
        squares = finite.at_turn(
            optimizer is self.model.generator_optimizer,
            loss,
            gradients,
            isinstance(optimizer, keras.optimizers.LossScaleOptimizer),
        )
        if self.model.gauges:
            role = ROLES[optimizer is not self.model.generator_optimizer]
            turn = Turn(role, loss, unscaled(gradients, optimizer), squares)
            for gauge in self.model.gauges:
                gauge.at_turn(turn)
        self.model.apply(optimizer, gradients, variables)
        return report

"""The parts that play the game, for one model."""

from __future__ import annotations

from typing import Any, NamedTuple

from keras_rgan.training.adversarial_step import AdversarialStep
from keras_rgan.training.evaluation_step import EvaluationStep
from keras_rgan.training.judge import Judge
from keras_rgan.training.penalizer import Penalizer
from keras_rgan.training.samples import Samples
from keras_rgan.training.weight_average import WeightAverage


class Game(NamedTuple):
    """The parts that play it, for one model.

    Attributes:
        samples: Makes batches.
        judge: Asks the discriminator.
        penalizer: Keeps it smooth.
        average: The generator's averaged weights.
        step: Trains on a batch.
        evaluation: Compares with one.
    """

    samples: Samples
    judge: Judge
    penalizer: Penalizer
    average: WeightAverage
    step: AdversarialStep
    evaluation: EvaluationStep

    @classmethod
    def of(cls, model: Any) -> Game:
        """Return the parts of a model."""
        samples, judge = Samples(model), Judge(model)
        penalizer = Penalizer(model, judge)
        return cls(
            samples,
            judge,
            penalizer,
            WeightAverage(model),
            AdversarialStep(model, samples, judge, penalizer),
            EvaluationStep(model, samples, judge),
        )

"""Which of real and of generated sequences a discriminator ranks higher."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.sequences import reading
from keras_rgan.training.evaluation_step import EvaluationStep

MULTIPLE = 8
"""So many sequences, or a multiple, are judged at a time: a discriminator may judge some together."""


class Ranks:
    """Asks a model's discriminator of some of the data beside samples of the same conditions.

    Args:
        model: The model, built and compiled.
        source: What `fit` trains on, as the library admits it, in memory.
        count: How many sequences to ask of, at the most.
        seed: Of the noise.
    """

    def __init__(self, model: Any, source: Any, count: int, seed: int) -> None:
        self.step, self.seed = EvaluationStep(model, model.samples, model.judge), seed
        every = len(source.data)
        count = min(count, every)
        if count >= MULTIPLE:
            count -= count % MULTIPLE
        rows = np.linspace(0, every - 1, count).astype(int)
        given = {name: reading.to_numpy(values)[rows] for name, values in source.conditions.items()}
        some = dataclasses.replace(source, data=reading.to_numpy(source.data)[rows], conditions=given)
        self.batch = model.admission.admit(some, checked=True)

    def share(self) -> float | None:
        """Return in which share of pairs a real sequence ranks above a generated one.

        The area under the curve of the judgements: 0.5 by chance; None of what is not finite.
        """
        model, judge = self.step.model, self.step.judge
        with model.sampler.lock:
            _, real, fake = self.step.sets(self.batch, keras.random.SeedGenerator(self.seed))
            looks = judge.look(real), judge.look(fake)
            judged = [judge.weighted(x, judge(x, training=False).judgement) for x in looks]
        said = [ops.convert_to_numpy(x) for x in judged]
        of_real, of_fake = (x.reshape(len(x), -1).mean(axis=1) for x in said)
        if not (np.isfinite(of_real).all() and np.isfinite(of_fake).all()):
            return None
        above = of_real[:, None] - of_fake
        return float((above > 0.0).mean() + 0.5 * (above == 0.0).mean())

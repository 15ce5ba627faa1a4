"""The penalties of a recipe as one term of the discriminator's loss."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from keras import ops

from keras_rgan import backend, penalties
from keras_rgan.training.judge import Judge, Judged
from keras_rgan.utils.types import Tensor


class Penalizer:
    """Asks for what the penalties of the recipe need, and adds them up.

    A discriminator with dropout is judged without: two looks at one sample would differ by the dropout
    alone, and a difference of looks is what some penalties measure.

    Args:
        model: The `RecurrentGAN`.
        judge: Asks its discriminator.
    """

    def __init__(self, model: Any, judge: Judge) -> None:
        self.model = model
        self.judge = judge
        self.random = False
        """Whether the discriminator draws anything."""

    def probes(self, real: Tensor, fake: Tensor) -> list[list[Tensor]]:
        """Return, of each penalty, further looks that it needs judged at every step."""
        return [
            []
            if self.random or penalty.interval > 1
            else penalty.probes(real, fake, self.model.seed_generator)
            for penalty in self.model.recipe.penalties
        ]

    def __call__(
        self, real: Tensor, fake: Tensor, probes: list[list[Tensor]], judged: Sequence[Judged]
    ) -> Tensor:
        """Return the sum of the penalties.

        Args:
            real: The look at real samples.
            fake: The look at generated ones.
            probes: What `probes` returned.
            judged: What the discriminator says of these three, in this order.
        """
        seed = self.model.seed_generator
        said = iter(
            self.judge.weighted(look, one.judgement)
            for look, one in zip([real, fake, *itertools.chain(*probes)], judged, strict=True)
        )
        of_real, of_fake = next(said), next(said)

        def judge(look: Tensor) -> Tensor:
            return self.judge.weighted(look, self.judge(look, training=not self.random).judgement)

        total = ops.zeros(())
        for penalty, group in zip(self.model.recipe.penalties, probes, strict=True):
            usable = penalties.Judgements(of_real, of_fake, [next(said) for _ in group] or None)

            def value(
                penalty: penalties.Penalty = penalty,
                usable: penalties.Judgements | None = None if self.random else usable,
            ) -> Tensor:
                return penalty.interval * penalty(judge, real, fake, usable, seed)

            if penalty.interval == 1:
                total = total + value()  # not in place, which `vmap` refuses
            else:
                due = ops.equal(self.model.optimizer.iterations % penalty.interval, 0)
                total = total + backend.cond(due, value, lambda: ops.zeros(()))
                seed.next()  # a branch keeps its draws to itself
        return total

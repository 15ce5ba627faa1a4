"""What `compile` was told, and what it comes to: the only place where "auto" is resolved."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras

from keras_rgan import losses
from keras_rgan import metrics as gan_metrics
from keras_rgan import penalties as gan_penalties
from keras_rgan.losses.adversarial_loss import weights_for
from keras_rgan.utils import checks
from keras_rgan.utils.types import Tensor

DEFAULT_EMA = 0.999
"""Decay of the average of the generator's weights."""

DEFAULT_PENALTIES: dict[str, Callable[[], list[gan_penalties.Penalty]]] = {
    "approximate_r1_r2": lambda: [
        kind(weight=4.0, every=2, features=12)
        for kind in (gan_penalties.ApproximateR1Penalty, gan_penalties.ApproximateR2Penalty)
    ],
    "approximate_gradient_penalty": lambda: [gan_penalties.ApproximateGradientPenalty(every=2)],
    "of_clips": lambda: [
        kind(weight=0.3, every=2)
        for kind in (gan_penalties.ApproximateR1Penalty, gan_penalties.ApproximateR2Penalty)
    ],
}
"""New penalties of usual strength: of most losses, of the Wasserstein loss, and of clips, of which a
picture has many pixels that say little each."""


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        loss: The objectives of both networks.
        penalties: What keeps the discriminator smooth.
        discriminator_steps: Updates of the discriminator for one of the generator.
        ema: Decay of the average of the generator's weights; None for the last weights.
        metrics: What `evaluate` compares with.
        prediction_weight: Factor of the next-step error.
        completion_weight: Factor of the score of completions.
        nonfinite: What becomes of steps that are not finite: "raise" or "skip".
        keep_best: Whether a judge looks in and the best comes back at the end: True, False or "auto".
        waits: Whether loss and penalties are yet to be chosen by the data.
        given: The penalties as the user knows them, of which `penalties` are copies.
    """

    loss: losses.AdversarialLoss
    penalties: list[gan_penalties.Penalty]
    discriminator_steps: int
    ema: float | None
    metrics: list[keras.metrics.Metric]
    prediction_weight: float
    completion_weight: float
    nonfinite: str
    keep_best: bool | str
    waits: bool
    given: list[gan_penalties.Penalty] = dataclasses.field(default_factory=list)

    @classmethod
    def resolve(
        cls,
        *,
        loss: Any,
        penalties: Any,
        discriminator_steps: Any,
        ema: Any,
        metrics: Any,
        prediction_weight: Any,
        completion_weight: Any,
        nonfinite: Any,
        keep_best: Any,
    ) -> Recipe:
        """Return a recipe of `compile`'s arguments.

        Raises:
            ValueError: If a name is unknown or a number out of range.
        """
        if loss is None:
            raise ValueError(
                "`loss` cannot be None: without it nothing is adversarial. Pass a name such as "
                "'relativistic'."
            )
        if nonfinite not in ("raise", "skip"):
            raise ValueError(f"`nonfinite` must be 'raise' or 'skip'. Received: {nonfinite!r}")
        if not (isinstance(keep_best, bool) or _is_auto(keep_best)):
            raise ValueError(f"`keep_best` must be True, False or 'auto'. Received: {keep_best!r}")
        objective = losses.get("relativistic" if _is_auto(loss) else loss)
        given = _resolve_penalties(penalties, objective)
        return cls(
            loss=objective,
            penalties=given,
            discriminator_steps=checks.positive_int("discriminator_steps", discriminator_steps),
            ema=_resolve_ema(ema),
            metrics=[gan_metrics.get(m) for m in _as_list("mmd" if _is_auto(metrics) else metrics)],
            prediction_weight=checks.number("prediction_weight", prediction_weight, 0.0),
            completion_weight=checks.number("completion_weight", completion_weight, 0.0),
            nonfinite=nonfinite,
            keep_best=keep_best,
            waits=_is_auto(loss) and _is_auto(penalties),
            given=given,
        )

    def for_data(
        self, form: str, num_conditions: int, num_attributes: int, apart: float = 1.0
    ) -> Recipe:
        """Return the recipe for data that is known.

        Args:
            form: "wide" of data of which the Wasserstein loss is the better default, "clips" of clips,
                "usual" of all other.
            num_conditions: How many columns of conditions the discriminator sees.
            num_attributes: How many of these, the last, are generated.
            apart: Which share of the features says something of its own.
        """
        loss, given = self.loss, self.given
        if self.waits:
            loss = losses.get("wasserstein" if form == "wide" else "relativistic")
            clips = DEFAULT_PENALTIES["of_clips"]
            given = clips() if form == "clips" else _resolve_penalties("auto", loss)
        sized = [penalty.sized(num_conditions, num_attributes, apart) for penalty in given]
        return dataclasses.replace(self, loss=loss, penalties=sized, given=given)

    def arguments(self, data_is_known: bool) -> dict[str, Any]:
        """Return arguments of `compile` that come to this recipe."""
        waiting = self.waits and not data_is_known
        return {
            "loss": "auto" if waiting else self.loss,
            "penalties": "auto" if waiting else self.given,
            "discriminator_steps": self.discriminator_steps,
            "ema": self.ema,
            "metrics": self.metrics,
            "prediction_weight": self.prediction_weight,
            "completion_weight": self.completion_weight,
            "nonfinite": self.nonfinite,
            "keep_best": self.keep_best,
        }

    @property
    def second_derivative(self) -> bool:
        """Whether a penalty differentiates a gradient."""
        return any(penalty.second_derivative for penalty in self.penalties)

    def discriminator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None) -> Tensor:
        """Return the discriminator's loss of judgements, some of which may not count."""
        return self.loss.discriminator_loss(real, fake, **weights_for(self.loss, weights))

    def generator_loss(self, real: Tensor | None, fake: Tensor, weights: Tensor | None) -> Tensor:
        """Return the generator's loss of judgements, some of which may not count."""
        return self.loss.generator_loss(real, fake, **weights_for(self.loss, weights))


def default_optimizer(role: str, rate: float = 1e-3) -> keras.optimizers.Optimizer:
    """Return a new optimizer of either network, named after its role."""
    return keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.99, name=role)


def resolve_optimizer(
    role: str, identifier: Any, compute_dtype: str
) -> keras.optimizers.Optimizer | None:
    """Return the optimizer of a network that computes in a dtype; None leaves it as it is.

    Raises:
        ValueError: If there is no such optimizer.
    """
    if identifier is None:
        return None
    if _is_auto(identifier):
        optimizer = default_optimizer(role)
    else:
        try:
            optimizer = keras.optimizers.get(identifier)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"`{role}` must be 'auto', a name such as 'adam', a keras.optimizers.Optimizer "
                f"or None. Received: {role}={identifier!r}"
            ) from error
    if compute_dtype == "float16" and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def _is_auto(identifier: Any) -> bool:
    return isinstance(identifier, str) and identifier == "auto"


def _resolve_penalties(identifiers: Any, loss: losses.AdversarialLoss) -> list[gan_penalties.Penalty]:
    if _is_auto(identifiers):
        wasserstein = isinstance(loss, losses.WassersteinLoss)
        return DEFAULT_PENALTIES[
            "approximate_gradient_penalty" if wasserstein else "approximate_r1_r2"
        ]()
    return [gan_penalties.get(i) for i in _as_list(identifiers)]


def _resolve_ema(ema: Any) -> float | None:
    if ema is None:
        return None
    return DEFAULT_EMA if _is_auto(ema) else checks.number("ema", ema, 0.0, 1.0)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]

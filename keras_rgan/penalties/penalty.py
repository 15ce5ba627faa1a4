"""What all penalties on the discriminator share."""

from __future__ import annotations

import abc
import copy
from collections.abc import Callable
from typing import Any, Self

import keras
from keras import ops

from keras_rgan.penalties.judgements import Judgements
from keras_rgan.utils import checks
from keras_rgan.utils.types import Tensor

Judge = Callable[[Tensor], Tensor]


class Penalty(abc.ABC):
    """A term of the discriminator's loss that keeps its judgements smooth.

    Subclass it for a penalty of your own: define `penalty`, register the class with
    `keras.saving.register_keras_serializable` and pass an instance to `compile(penalties=[…])`.
    Every penalty is a mean over samples, so that its strength does not depend on the batch size. A
    judgement a step counts as the mean over the steps.

    Args:
        weight: Factor of the term.
        interval: Adds the term on every `interval`-th step only, multiplied by `interval` (lazy
            regularization), which saves most of its cost.

    Attributes:
        second_derivative: Whether training differentiates a gradient; fused recurrent kernels
            cannot.
        num_conditions: How many of the samples' last columns are conditions: no part of the sample, so
            that slopes there do not count. 0 but of what `sized` returned, as `RecurrentGAN` has it.
        num_attributes: How many of these, the last, are parts of the sample all the same: attributes
            that are generated with it.
        one_by_one: Whether it is a mean of terms that each look at one real and one generated sample,
            at every step, and all that it draws are its `probes`, one of each sample.

    Raises:
        ValueError: If `weight` is negative or `interval` no positive integer.
    """

    second_derivative: bool = False
    num_conditions: int = 0
    num_attributes: int = 0
    apart: float = 1.0
    one_by_one: bool = False

    def __init__(self, weight: float = 1.0, interval: int = 1) -> None:
        self.weight = checks.number("weight", weight, 0.0)
        self.interval = checks.positive_int("interval", interval)

    def sized(self, num_conditions: int, num_attributes: int = 0, apart: float = 1.0) -> Self:
        """Return a copy for samples of so many columns; this object stays as it is.

        A model asks a copy of its own, so that several models can share a penalty.

        Args:
            num_conditions: How many of the samples' last columns are conditions.
            num_attributes: How many of these, the last, are attributes that are generated.
            apart: Which share of the features says something of its own: of a group of categories,
                one-hot, one feature does.
        """
        bound = copy.copy(self)
        bound.num_conditions = checks.non_negative_int("num_conditions", num_conditions)
        bound.num_attributes = checks.non_negative_int("num_attributes", num_attributes)
        bound.apart = checks.number("apart", apart, 0.0, 1.0)
        return bound

    def __call__(
        self,
        judge: Judge,
        real: Tensor,
        fake: Tensor,
        known: Judgements | None = None,
        seed: keras.random.SeedGenerator | None = None,
    ) -> Tensor:
        """Return the weighted penalty, a scalar.

        Args:
            judge: The discriminator, or any function of a batch of samples.
            real: Real samples, `(batch, …)`.
            fake: Generated samples, of the same shape.
            known: What `judge` says of samples, as far as that is known already.
            seed: Where random draws come from.
        """
        seed = keras.random.SeedGenerator() if seed is None else seed
        real, fake = (ops.convert_to_tensor(x, "float32") for x in (real, fake))
        return self.weight * self.penalty(judge, real, fake, known or Judgements(), seed)

    def probes(self, real: Tensor, fake: Tensor, seed: keras.random.SeedGenerator) -> list[Tensor]:
        """Return further samples whose judgements the penalty needs.

        They are judged in one pass with the real and the generated ones where that is possible, and
        come back as `known.probes`.
        """
        return []

    @abc.abstractmethod
    def penalty(
        self,
        judge: Judge,
        real: Tensor,
        fake: Tensor,
        known: Judgements,
        seed: keras.random.SeedGenerator,
    ) -> Tensor:
        """Return the penalty before weighting, a scalar; see `__call__`."""

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"weight": self.weight, "interval": self.interval}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Penalty:
        """Make a penalty from its config."""
        return cls(**config)


def per_sample(judgement: Tensor) -> Tensor:
    """Return one float32 judgement a sample, `(batch,)`."""
    judgement = ops.cast(judgement, "float32")
    axes = tuple(range(1, len(judgement.shape)))
    return ops.mean(judgement, axis=axes) if axes else judgement


def squared_norm(gradient: Tensor, num_conditions: int = 0, num_attributes: int = 0) -> Tensor:
    """Return every sample's squared norm, `(batch,)`, but for conditions that are no attributes."""
    gradient = counted(ops.cast(gradient, "float32"), num_conditions, num_attributes)
    return ops.sum(ops.square(gradient), axis=tuple(range(1, len(gradient.shape))))


def counted(values: Tensor, num_conditions: int, num_attributes: int = 0) -> Tensor:
    """Return the features and attributes of samples: all columns but those between."""
    width = values.shape[-1]
    features = values[..., : width - num_conditions]
    if not num_attributes:
        return features
    return ops.concatenate([features, values[..., width - num_attributes :]], axis=-1)


def padded(values: Tensor, num_conditions: int, num_attributes: int = 0) -> Tensor:
    """Return values of features and attributes with columns of zeros where the conditions are."""
    missing = num_conditions - num_attributes
    if not missing:
        return values
    width = values.shape[-1] - num_attributes
    edges = [[0, 0]] * (len(values.shape) - 1)
    features = ops.pad(values[..., :width], [*edges, [0, missing]])
    if not num_attributes:
        return features
    return ops.concatenate([features, values[..., width:]], axis=-1)

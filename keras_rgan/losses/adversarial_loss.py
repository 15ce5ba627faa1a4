"""What all adversarial losses share."""

from __future__ import annotations

import abc
import inspect
from typing import Any

from keras import ops

from keras_rgan.utils.types import Tensor


class AdversarialLoss(abc.ABC):
    """The two objectives of a GAN, on the discriminator's judgements.

    Subclass it for a loss of your own: define both methods on logits, register the class with
    `keras.saving.register_keras_serializable` and pass an instance to `compile(loss=…)`. Means run
    over the batch (and over steps, for a judgement a step); the training step divides by the number
    of replicas where gradients are summed over several.

    Where every step is judged and sequences have lengths of their own, steps of padding must not
    count: both methods are then handed `weights`, and take their means of `weights * values`, as
    `keras.ops.mean(weights * keras.ops.relu(1.0 - real))`. A loss whose methods are
    `(real, fake)` alone serves everywhere else, and is refused there.

    Attributes:
        from_logits: Whether judgements are unbounded; a discriminator that ends in a sigmoid is then
            refused.
        takes_weights: Whether both methods take `weights`; read from how they are defined.
        generator_sees_real: Whether the generator's loss depends on judgements of real samples. A loss
            that says False is handed None for `real` there where training is private.
    """

    from_logits: bool = True
    generator_sees_real: bool = True

    @property
    def takes_weights(self) -> bool:
        """Whether both methods take `weights`."""
        return all(map(_takes_weights, (self.discriminator_loss, self.generator_loss)))

    @abc.abstractmethod
    def discriminator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return what the discriminator minimizes, a scalar.

        Args:
            real: Judgements of real samples, `(batch, 1)` or any shape with the batch first.
            fake: Judgements of generated samples, of the same shape.
            weights: How much each judgement counts, `(batch, time, 1)` of a judgement a step: 0 where
                a sequence has ended, and of mean 1 over the steps of each. None for all alike.
        """

    @abc.abstractmethod
    def generator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return what the generator minimizes, a scalar.

        Args:
            real: Judgements of real samples, constants: in training those of the discriminator
                before its last update.
            fake: Judgements of generated samples.
            weights: As in `discriminator_loss`.
        """

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> AdversarialLoss:
        """Make a loss from its config."""
        return cls(**config)


def mean(values: Tensor, weights: Tensor | None = None) -> Tensor:
    """Return the mean of what judgements cost, a scalar; with weights of mean 1 the weighted one.

    Raises:
        ValueError: If values and weights differ in rank, and would be paired in unmeant ways.
    """
    if weights is None:
        return ops.mean(values)
    values = ops.convert_to_tensor(values)
    if len(weights.shape) != len(values.shape):
        raise ValueError(
            "Expected a weight of each judgement, of one rank with these. Received: judgements of "
            f"shape {tuple(values.shape)} and weights of shape {tuple(weights.shape)}"
        )
    return ops.mean(ops.cast(weights, values.dtype) * values)


def weights_for(loss: AdversarialLoss, weights: Tensor | None) -> dict[str, Tensor]:
    """Return the keyword arguments by which a loss gets weights: none where all counts alike.

    Raises:
        ValueError: If there are weights and the loss does not take any.
    """
    if weights is None:
        return {}
    check_takes_weights(loss)
    return {"weights": weights}


def check_takes_weights(loss: AdversarialLoss) -> None:
    """Refuse a loss that cannot leave out judgements of steps that do not count.

    Raises:
        ValueError: If its methods take no weights.
    """
    if not loss.takes_weights:
        raise ValueError(
            "With a judgement of each step and sequences of lengths of their own a loss must leave "
            f"padding out. Received: {type(loss).__name__}, whose methods do not take `weights`. "
            "Define them as (self, real, fake, weights=None) and take means of weights * values (see "
            "AdversarialLoss), or judge whole sequences: per_step=False."
        )


def _takes_weights(method: Any) -> bool:
    parameters = inspect.signature(method).parameters
    return "weights" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def logits_of(judgement: Tensor, from_logits: bool) -> Tensor:
    """Return logits of judgements that may be probabilities."""
    judgement = ops.cast(judgement, "float32")
    if from_logits:
        return judgement
    judgement = ops.clip(judgement, 1e-7, 1.0 - 1e-7)
    return ops.log(judgement) - ops.log1p(-judgement)

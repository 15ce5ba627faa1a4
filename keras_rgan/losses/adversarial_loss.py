"""What all adversarial losses share."""

from __future__ import annotations

import abc
from typing import Any

from keras import ops

from keras_rgan.utils.types import Tensor


class AdversarialLoss(abc.ABC):
    """The two objectives of a GAN, on the discriminator's judgements.

    Subclass it for a loss of your own: define both methods on logits, register the class with
    `keras.saving.register_keras_serializable` and pass an instance to `compile(loss=…)`. Means run
    over the batch (and over steps, for a judgement a step); the training step divides by the number
    of replicas where gradients are summed over several.

    Attributes:
        from_logits: Whether judgements are unbounded; a discriminator that ends in a sigmoid is then
            refused.
    """

    from_logits: bool = True

    @abc.abstractmethod
    def discriminator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return what the discriminator minimizes, a scalar.

        Args:
            real: Judgements of real samples, `(batch, 1)` or any shape with the batch first.
            fake: Judgements of generated samples, of the same shape.
        """

    @abc.abstractmethod
    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return what the generator minimizes, a scalar.

        Args:
            real: Judgements of real samples, constants: in training those of the discriminator
                before its last update.
            fake: Judgements of generated samples.
        """

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> AdversarialLoss:
        """Make a loss from its config."""
        return cls(**config)


def logits_of(judgement: Tensor, from_logits: bool) -> Tensor:
    """Return logits of judgements that may be probabilities."""
    judgement = ops.cast(judgement, "float32")
    if from_logits:
        return judgement
    judgement = ops.clip(judgement, 1e-7, 1.0 - 1e-7)
    return ops.log(judgement) - ops.log1p(-judgement)

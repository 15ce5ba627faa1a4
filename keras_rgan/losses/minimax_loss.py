"""The objective of the first GAN."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.losses.adversarial_loss import AdversarialLoss, logits_of, mean
from keras_rgan.utils import checks
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class MinimaxLoss(AdversarialLoss):
    """min over G, max over D of V = E[log D(x)] + E[log(1 - D(G(z)))], name "minimax".

    The discriminator minimizes -V, the generator E[log(1 - D(G(z)))]. The latter saturates while the
    discriminator wins; `NonSaturatingLoss` does not.

    Args:
        label_smoothing: How far below one the discriminator's target for real samples lies
            (one-sided).
        from_logits: False where the discriminator ends in a sigmoid.

    Raises:
        ValueError: If `label_smoothing` is not between 0 and 0.5.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> loss = kr.losses.MinimaxLoss(from_logits=False)
        >>> value = loss.discriminator_loss(np.array([[0.8]]), np.array([[0.4]]))
        >>> bool(np.isclose(float(value), -(np.log(0.8) + np.log(0.6)), atol=1e-5))
        True

    Reference:
        Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014, equation 1. One-sided label
        smoothing: Salimans et al., 2016, section 3.4.
    """

    generator_sees_real = False

    def __init__(self, label_smoothing: float = 0.0, from_logits: bool = True) -> None:
        self.label_smoothing = checks.number("label_smoothing", label_smoothing, 0.0, 0.5)
        self.from_logits = from_logits

    def discriminator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return -V."""
        real, fake = logits_of(real, self.from_logits), logits_of(fake, self.from_logits)
        # log D = -softplus(-logit) and log(1 - D) = -softplus(logit)
        real_part = (1.0 - self.label_smoothing) * ops.softplus(-real)
        if self.label_smoothing:
            real_part = real_part + self.label_smoothing * ops.softplus(real)
        return mean(real_part, weights) + mean(ops.softplus(fake), weights)

    def generator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return E[log(1 - D(G(z)))]."""
        return -mean(ops.softplus(logits_of(fake, self.from_logits)), weights)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"label_smoothing": self.label_smoothing, "from_logits": self.from_logits}

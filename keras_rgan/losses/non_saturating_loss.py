"""The objective that keeps the first GAN's generator learning."""

from __future__ import annotations

import keras
from keras import ops

from keras_rgan.losses.adversarial_loss import logits_of, mean
from keras_rgan.losses.minimax_loss import MinimaxLoss
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class NonSaturatingLoss(MinimaxLoss):
    """The minimax discriminator; the generator minimizes -E[log D(G(z))], name "non_saturating".

    Args:
        label_smoothing: How far below one the discriminator's target for real samples lies
            (one-sided).
        from_logits: False where the discriminator ends in a sigmoid.

    Raises:
        ValueError: If `label_smoothing` is not between 0 and 0.5.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> value = kr.losses.NonSaturatingLoss().generator_loss(None, np.zeros((4, 1)))
        >>> bool(np.isclose(float(value), np.log(2.0), atol=1e-5))
        True

    Reference:
        Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014, section 3.
    """

    def generator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return -E[log D(G(z))]."""
        return mean(ops.softplus(-logits_of(fake, self.from_logits)), weights)

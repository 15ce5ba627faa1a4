"""The objective with a margin."""

from __future__ import annotations

import keras
from keras import ops

from keras_rgan.losses.adversarial_loss import AdversarialLoss, mean
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class HingeLoss(AdversarialLoss):
    """Judgements beyond a margin of one cost the discriminator nothing, name "hinge".

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> loss = kr.losses.HingeLoss()
        >>> float(loss.discriminator_loss(np.array([[2.0]]), np.array([[-0.5]])))
        0.5

    Reference:
        Lim and Ye, "Geometric GAN", 2017; Miyato et al., ICLR 2018, equations 16 and 17.
    """

    generator_sees_real = False

    def discriminator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]."""
        return mean(ops.relu(1.0 - real), weights) + mean(ops.relu(1.0 + fake), weights)

    def generator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return -E[D(G(z))]."""
        return -mean(fake, weights)

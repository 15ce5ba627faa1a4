"""The objective of WGAN."""

from __future__ import annotations

import keras

from keras_rgan.losses.adversarial_loss import AdversarialLoss, mean
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class WassersteinLoss(AdversarialLoss):
    """The difference of the critic's mean judgements, name "wasserstein".

    Estimates the Wasserstein distance only of a critic that is held 1-Lipschitz: use it with
    `penalties.GradientPenalty`.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> loss = kr.losses.WassersteinLoss()
        >>> float(loss.discriminator_loss(np.array([[3.0]]), np.array([[1.0]])))
        -2.0

    Reference:
        Arjovsky et al., "Wasserstein GAN", ICML 2017.
    """

    generator_sees_real = False

    def discriminator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return E[D(G(z))] - E[D(x)]."""
        return mean(fake, weights) - mean(real, weights)

    def generator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return -E[D(G(z))]."""
        return -mean(fake, weights)

"""The objective that judges real and fake in pairs."""

from __future__ import annotations

import keras
from keras import ops

from keras_rgan.losses.adversarial_loss import AdversarialLoss, mean
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class RelativisticLoss(AdversarialLoss):
    """How much more real each real sample looks than the fake it is paired with, name "relativistic".

    Pairing leaves no basin in which a collapsed generator is stable; with R1 and R2 penalties
    training converges locally. Part of the default recipe.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> loss = kr.losses.RelativisticLoss()
        >>> value = loss.generator_loss(np.array([[1.5]]), np.array([[0.5]]))
        >>> bool(np.isclose(float(value), np.log1p(np.exp(1.0)), atol=1e-5))
        True

    Reference:
        Jolicoeur-Martineau, "The relativistic discriminator", ICLR 2019 (RpGAN); Huang et al., "The
        GAN is dead; long live the GAN!", NeurIPS 2024 (R3GAN).
    """

    def discriminator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return E[softplus(D(G(z)) - D(x))]."""
        return mean(ops.softplus(fake - real), weights)

    def generator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return E[softplus(D(x) - D(G(z)))]."""
        return mean(ops.softplus(real - fake), weights)

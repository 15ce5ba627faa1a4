"""The objective of LSGAN."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.losses.adversarial_loss import AdversarialLoss, mean
from keras_rgan.utils import checks
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class LeastSquaresLoss(AdversarialLoss):
    """Half the squared distance of judgements from 1 for real and 0 for fake, name "least_squares".

    Args:
        label_smoothing: How far below one the discriminator's target for real samples lies.

    Raises:
        ValueError: If `label_smoothing` is not between 0 and 0.5.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> loss = kr.losses.LeastSquaresLoss()
        >>> float(loss.discriminator_loss(np.array([[3.0]]), np.array([[1.0]])))
        2.5

    Reference:
        Mao et al., "Least Squares Generative Adversarial Networks", ICCV 2017, equation 9.
    """

    generator_sees_real = False

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = checks.number("label_smoothing", label_smoothing, 0.0, 0.5)

    def discriminator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return (E[(D(x) - 1)^2] + E[D(G(z))^2]) / 2."""
        target = 1.0 - self.label_smoothing
        return 0.5 * (mean(ops.square(real - target), weights) + mean(ops.square(fake), weights))

    def generator_loss(self, real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return E[(D(G(z)) - 1)^2] / 2."""
        return 0.5 * mean(ops.square(fake - 1.0), weights)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"label_smoothing": self.label_smoothing}

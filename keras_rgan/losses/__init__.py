"""Adversarial losses: one class each, all on judgements of real and generated samples."""

from typing import Any

from keras_rgan.losses.adversarial_loss import AdversarialLoss
from keras_rgan.losses.hinge_loss import HingeLoss
from keras_rgan.losses.least_squares_loss import LeastSquaresLoss
from keras_rgan.losses.minimax_loss import MinimaxLoss
from keras_rgan.losses.non_saturating_loss import NonSaturatingLoss
from keras_rgan.losses.relativistic_loss import RelativisticLoss
from keras_rgan.losses.wasserstein_loss import WassersteinLoss
from keras_rgan.utils import checks

__all__ = [
    "AdversarialLoss",
    "HingeLoss",
    "LeastSquaresLoss",
    "MinimaxLoss",
    "NonSaturatingLoss",
    "RelativisticLoss",
    "WassersteinLoss",
    "get",
]

_NAMES: dict[str, type] = {
    "minimax": MinimaxLoss,
    "non_saturating": NonSaturatingLoss,
    "least_squares": LeastSquaresLoss,
    "hinge": HingeLoss,
    "wasserstein": WassersteinLoss,
    "relativistic": RelativisticLoss,
}


def get(identifier: Any) -> AdversarialLoss:
    """Return a loss by its name, from its config, or as it is.

    Args:
        identifier: A name such as "relativistic", a config, a loss or a loss class.

    Raises:
        ValueError: If there is no loss of that name.

    Example:
        >>> import keras_rgan as kr
        >>> kr.losses.get("hinge").__class__.__name__
        'HingeLoss'
    """
    return checks.resolve("loss", identifier, _NAMES, AdversarialLoss)

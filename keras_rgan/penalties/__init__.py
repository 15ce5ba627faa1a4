"""Penalties that keep the discriminator smooth: one class each, all means over samples."""

from typing import Any

from keras_rgan.penalties.approximate_gradient_penalty import ApproximateGradientPenalty
from keras_rgan.penalties.approximate_r1_penalty import ApproximateR1Penalty
from keras_rgan.penalties.approximate_r2_penalty import ApproximateR2Penalty
from keras_rgan.penalties.gradient_penalty import GradientPenalty
from keras_rgan.penalties.judgements import Judgements
from keras_rgan.penalties.penalty import Penalty
from keras_rgan.penalties.r1_penalty import R1Penalty
from keras_rgan.penalties.r2_penalty import R2Penalty
from keras_rgan.utils import checks

__all__ = [
    "ApproximateGradientPenalty",
    "ApproximateR1Penalty",
    "ApproximateR2Penalty",
    "GradientPenalty",
    "Judgements",
    "Penalty",
    "R1Penalty",
    "R2Penalty",
    "get",
]

_NAMES: dict[str, type] = {
    "gradient_penalty": GradientPenalty,
    "r1": R1Penalty,
    "r2": R2Penalty,
    "approximate_gradient_penalty": ApproximateGradientPenalty,
    "approximate_r1": ApproximateR1Penalty,
    "approximate_r2": ApproximateR2Penalty,
}


def get(identifier: Any) -> Penalty:
    """Return a penalty by its name, from its config, or as it is.

    Args:
        identifier: A name such as "r1", a config, a penalty or a penalty class.

    Raises:
        ValueError: If there is no penalty of that name.

    Example:
        >>> import keras_rgan as kr
        >>> kr.penalties.get("r1").weight
        1.0
    """
    return checks.resolve("penalties", identifier, _NAMES, Penalty)

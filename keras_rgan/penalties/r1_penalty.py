"""The penalty on the slope at real samples."""

from __future__ import annotations

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.penalties.judgements import Judgements
from keras_rgan.penalties.penalty import Judge, Penalty, per_sample, squared_norm
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class R1Penalty(Penalty):
    """Half the squared slope of the discriminator at real samples, name "r1".

    E[|grad D(x)|^2] / 2 over real x; `weight` is the paper's gamma.

    Args:
        weight: Factor of the term.
        interval: Adds the term on every `interval`-th step only, `interval` times as strong.

    Raises:
        ValueError: If `weight` is negative or `interval` no positive integer.

    Example:
        >>> import keras, keras_rgan as kr
        >>> x = keras.ops.ones((4, 24, 3))
        >>> round(float(kr.penalties.R1Penalty()(lambda x: 3.0 * x[:, 0, :1], x, x)), 4)
        4.5

    Reference:
        Mescheder et al., "Which Training Methods for GANs do actually Converge?", ICML 2018.
    """

    second_derivative = True

    def penalty(
        self,
        judge: Judge,
        real: Tensor,
        fake: Tensor,
        known: Judgements,
        seed: keras.random.SeedGenerator,
    ) -> Tensor:
        """Return E[|grad D|^2] / 2 at real samples."""
        return half_squared_slope(judge, real, self.num_conditions, self.num_attributes)


def half_squared_slope(
    judge: Judge, samples: Tensor, num_conditions: int = 0, num_attributes: int = 0
) -> Tensor:
    """Return the mean of half the squared norm of the judgement's gradient at `samples`."""
    gradient = backend.input_gradient(lambda x: per_sample(judge(x)), samples)
    return 0.5 * ops.mean(squared_norm(gradient, num_conditions, num_attributes))

"""The penalty on the slope at generated samples."""

from __future__ import annotations

import keras

from keras_rgan.penalties.judgements import Judgements
from keras_rgan.penalties.penalty import Judge, Penalty
from keras_rgan.penalties.r1_penalty import half_squared_slope
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class R2Penalty(Penalty):
    """Half the squared slope of the discriminator at generated samples, name "r2".

    E[|grad D(x)|^2] / 2 over generated x; `weight` is the paper's gamma.

    Args:
        weight: Factor of the term.
        interval: Adds the term on every `interval`-th step only, `interval` times as strong.

    Raises:
        ValueError: If `weight` is negative or `interval` no positive integer.

    Example:
        >>> import keras, keras_rgan as kr
        >>> x = keras.ops.ones((4, 24, 3))
        >>> round(float(kr.penalties.R2Penalty()(lambda x: 3.0 * x[:, 0, :1], x, x)), 4)
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
        """Return E[|grad D|^2] / 2 at generated samples."""
        return half_squared_slope(judge, fake, self.num_conditions, self.num_attributes)

"""The penalty of WGAN-GP."""

from __future__ import annotations

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.penalties.judgements import Judgements
from keras_rgan.penalties.penalty import Judge, Penalty, per_sample, squared_norm
from keras_rgan.sequences import noise as draws
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class GradientPenalty(Penalty):
    """Holds the critic's slope at one between real and fake samples, name "gradient_penalty".

    E[(|grad D(x)| - 1)^2] at x = real + u (fake - real), with one u from U(0, 1) a sample. Use it
    with `losses.WassersteinLoss`.

    Args:
        weight: Factor of the term, lambda in the paper.
        interval: Adds the term on every `interval`-th step only, `interval` times as strong.

    Raises:
        ValueError: If `weight` is negative or `interval` no positive integer.

    Example:
        >>> import keras, keras_rgan as kr
        >>> real, fake = keras.ops.ones((4, 24, 3)), keras.ops.zeros((4, 24, 3))
        >>> slope = lambda x: 2.0 * x[:, 0, :1]
        >>> round(float(kr.penalties.GradientPenalty(weight=10.0)(slope, real, fake)), 4)
        10.0

    Reference:
        Gulrajani et al., "Improved Training of Wasserstein GANs", NeurIPS 2017.
    """

    second_derivative = True

    def __init__(self, weight: float = 10.0, interval: int = 1) -> None:
        super().__init__(weight, interval)

    def penalty(
        self,
        judge: Judge,
        real: Tensor,
        fake: Tensor,
        known: Judgements,
        seed: keras.random.SeedGenerator,
    ) -> Tensor:
        """Return E[(|grad D| - 1)^2]."""
        shape = (ops.shape(real)[0],) + (1,) * (len(real.shape) - 1)
        share = 0.5 * (draws.draw("uniform", shape, seed) + 1.0)
        return ops.mean(ops.square(self.slopes(judge, real + share * (fake - real)) - 1.0))

    def slopes(self, judge: Judge, samples: Tensor) -> Tensor:
        """Return |grad D| at each sample, `(batch,)`."""
        gradient = backend.input_gradient(lambda x: per_sample(judge(x)), samples)
        norm = squared_norm(gradient, self.num_conditions, self.num_attributes)
        return ops.sqrt(norm + 1e-12)

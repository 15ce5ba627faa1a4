"""R2 without derivatives."""

from __future__ import annotations

import keras

from keras_rgan.penalties.approximate_r1_penalty import ApproximateR1Penalty
from keras_rgan.penalties.judgements import Judgements
from keras_rgan.penalties.penalty import Judge
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class ApproximateR2Penalty(ApproximateR1Penalty):
    """R2 from a second look at slightly noised generated samples, name "approximate_r2".

    `ApproximateR1Penalty`, at generated samples. Part of the default recipe.

    Args:
        weight: Factor of the term.
        interval: Adds the term on every `interval`-th step only, `interval` times as strong.
        noise_scale: The noise's standard deviation, in the scaled space of the networks.
        every: Looks again at every `every`-th sample of a batch only.
        features: For how many features `weight` is meant; None for any number.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras, keras_rgan as kr
        >>> x = keras.ops.ones((10000, 1))
        >>> value = kr.penalties.ApproximateR2Penalty()(lambda x: 3.0 * x, x, x)
        >>> 4.0 < float(value) < 5.0
        True

    Reference:
        Lin et al., "Diffusion Adversarial Post-Training for One-Step Video Generation", 2025.
    """

    def probes(self, real: Tensor, fake: Tensor, seed: keras.random.SeedGenerator) -> list[Tensor]:
        """Return the noised samples."""
        return [self._noised(fake, seed)]

    def penalty(
        self,
        judge: Judge,
        real: Tensor,
        fake: Tensor,
        known: Judgements,
        seed: keras.random.SeedGenerator,
    ) -> Tensor:
        """Return half the squared difference over the noise's variance, at generated samples."""
        noised = known.probes or [judge(probe) for probe in self.probes(real, fake, seed)]
        judgement = judge(fake) if known.fake is None else known.fake
        return self._half_squared_slope(judgement, noised[0], fake)

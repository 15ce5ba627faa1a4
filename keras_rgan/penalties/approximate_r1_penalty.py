"""R1 without derivatives."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.penalties.judgements import Judgements
from keras_rgan.penalties.penalty import Judge, Penalty, padded, per_sample
from keras_rgan.sequences import noise as draws
from keras_rgan.utils import checks
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class ApproximateR1Penalty(Penalty):
    """R1 from a second look at slightly noised real samples, name "approximate_r1".

    E[(D(x) - D(x + s e))^2] / (2 s^2) with e from N(0, 1): for small s that is `R1Penalty` in
    expectation. It needs no second derivative, so fused recurrent kernels stay usable, and costs one
    pass of the discriminator. Part of the default recipe.

    Args:
        weight: Factor of the term.
        interval: Adds the term on every `interval`-th step only, `interval` times as strong.
        noise_scale: s, in the scaled space of the networks. The discriminator stays blind to detail
            below it.
        every: Looks again at every `every`-th sample of a batch only, which on average says the same
            for less.
        features: For how many features `weight` is meant: where samples (what a discriminator with
            increments sees of them) have more, whose slopes add up, it counts for less in proportion;
            a group of categories, one-hot, counts as one feature, generated attributes are not
            counted. None for any number.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras, keras_rgan as kr
        >>> x = keras.ops.ones((10000, 1))
        >>> value = kr.penalties.ApproximateR1Penalty()(lambda x: 3.0 * x, x, x)
        >>> 4.0 < float(value) < 5.0
        True

    Reference:
        Lin et al., "Diffusion Adversarial Post-Training for One-Step Video Generation", 2025
        (approximated R1).
    """

    def __init__(
        self,
        weight: float = 1.0,
        interval: int = 1,
        noise_scale: float = 0.05,
        every: int = 1,
        features: int | None = None,
    ) -> None:
        super().__init__(weight, interval)
        self.noise_scale = checks.number("noise_scale", noise_scale, 1e-6)
        self.every = checks.positive_int("every", every)
        self.features = None if features is None else checks.positive_int("features", features)

    @property
    def one_by_one(self) -> bool:  # type: ignore[override]
        """Whether each term looks at one sample: of every one, at every step."""
        return self.every == 1 and self.interval == 1

    def probes(self, real: Tensor, fake: Tensor, seed: keras.random.SeedGenerator) -> list[Tensor]:
        """Return the noised samples."""
        return [self._noised(real, seed)]

    def penalty(
        self,
        judge: Judge,
        real: Tensor,
        fake: Tensor,
        known: Judgements,
        seed: keras.random.SeedGenerator,
    ) -> Tensor:
        """Return half the squared difference over the noise's variance, at real samples."""
        noised = known.probes or [judge(probe) for probe in self.probes(real, fake, seed)]
        judgement = judge(real) if known.real is None else known.real
        return self._half_squared_slope(judgement, noised[0], real)

    def _noised(self, samples: Tensor, seed: keras.random.SeedGenerator) -> Tensor:
        samples = samples[:: self.every]
        *shape, width = ops.shape(samples)
        width += self.num_attributes - self.num_conditions
        noise = draws.draw("normal", (*shape, width), seed)
        return samples + self.noise_scale * padded(noise, self.num_conditions, self.num_attributes)

    def _half_squared_slope(self, judgement: Tensor, noised: Tensor, samples: Tensor) -> Tensor:
        difference = per_sample(noised) - per_sample(judgement[:: self.every])
        width = self.apart * (samples.shape[-1] - self.num_conditions)
        excess = 1.0 if self.features is None else max(width / self.features, 1.0)
        return 0.5 * ops.mean(ops.square(difference)) / (excess * self.noise_scale**2)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "noise_scale": self.noise_scale,
            "every": self.every,
            "features": self.features,
        }

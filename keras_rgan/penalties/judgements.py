"""What a discriminator said already."""

from __future__ import annotations

from typing import NamedTuple

from keras_rgan.utils.types import Tensor


class Judgements(NamedTuple):
    """What a discriminator said of samples, so that a `Penalty` need not ask again.

    Args:
        real: Judgements of the real samples; None where they are not known.
        fake: Judgements of the generated samples.
        probes: Judgements of what `Penalty.probes` returned.

    Example:
        >>> import keras, keras_rgan as kr
        >>> x = keras.ops.ones((4, 1))
        >>> penalty = kr.penalties.ApproximateR1Penalty(noise_scale=0.1)
        >>> known = kr.penalties.Judgements(real=3.0 * x, probes=[3.2 * x])
        >>> round(float(penalty(lambda x: x, x, x, known)), 3)
        2.0
    """

    real: Tensor | None = None
    fake: Tensor | None = None
    probes: list[Tensor] | None = None

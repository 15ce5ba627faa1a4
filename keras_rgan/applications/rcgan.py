"""The recurrent conditional GAN of Esteban et al., 2017."""

from __future__ import annotations

from typing import Any

from keras_rgan.applications.needs_conditions import NeedsConditions
from keras_rgan.applications.rgan import make
from keras_rgan.recurrent_gan import RecurrentGAN


def rcgan(
    units: int = 100,
    noise_dim: int = 5,
    *,
    scaler: Any = "auto",
    seed: int | None = None,
    **kwargs: Any,
) -> RecurrentGAN:
    """Return the RCGAN of Esteban et al., 2017, compiled: `rgan` given conditions.

    Conditions stand beside every step of both networks as they are, as in the paper; of the generator
    they also set the state that its LSTM begins with, which is 0 there. All else is as in `rgan`.

    Args:
        units: Width of the recurrent layer of each network.
        noise_dim: Width of the noise at each step.
        scaler: As in `RecurrentGAN`.
        seed: Seed of all that is random in the model.
        **kwargs: Arguments of `RecurrentGAN.compile` in place of the paper's.

    Returns:
        A compiled `RecurrentGAN`, whose networks are made in the first `fit`, which must come with
        conditions.

    Raises:
        ValueError: If an argument is out of range.
        TypeError: If an argument is unknown.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> gan = kr.applications.rcgan(units=8, seed=0)
        >>> sines, labels = kr.datasets.make_sines(56, length=8, num_features=2), np.arange(56) % 2
        >>> history = gan.fit((sines, {"label": labels}), batch_size=28, epochs=1, verbose=0)
        >>> gan.generate(conditions={"label": [0, 1, 1]}).shape
        (3, 8, 2)

    Reference:
        Esteban, Hyland and Rätsch, "Real-valued (Medical) Time Series Generation with Recurrent
        Conditional GANs", 2017; https://github.com/ratschlab/RGAN.
    """
    return make(
        units,
        noise_dim,
        scaler=scaler,
        seed=seed,
        compiled=kwargs,
        capabilities=[NeedsConditions("rcgan", "rgan")],
    )

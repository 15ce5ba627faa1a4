"""The recurrent GAN of Esteban et al., 2017."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from keras_rgan.conditioning import Capability
from keras_rgan.networks import RecurrentDiscriminator, RecurrentGenerator
from keras_rgan.recurrent_gan import RecurrentGAN


def rgan(
    units: int = 100,
    noise_dim: int = 5,
    *,
    scaler: Any = "auto",
    seed: int | None = None,
    **kwargs: Any,
) -> RecurrentGAN:
    """Return the RGAN of Esteban et al., 2017, compiled: an LSTM against an LSTM, step by step.

    Train it in batches of 28, as the paper did; `rcgan` is the same given conditions.

    ======================= ===================================== ===============================
    setting                 paper and its code                    here
    ======================= ===================================== ===============================
    generator               LSTM of 100, noise N(0, 1) of 5 at    the same
                            every step, tanh
    discriminator           LSTM of 100, a judgement a step       the same
    losses                  cross-entropy, generator -log D       "non_saturating", the same
    generator's optimizer   Adam(1e-3)                            the same
    discriminator's         gradient descent, 0.1                 the same
    discriminator's updates 5 for one, each on another batch      5 for one, on one batch with new
                                                                  noise
    last layers' weights    N(0, 1), truncated                    Glorot's
    forget gate's bias      1                                     the same
    penalties, averages     none                                  none
    data                    scaled to -1 … 1                      the same
    ======================= ===================================== ===============================

    The paper's tables are of data that it made itself (sines, smooth functions), of digits and of
    patients; the TimeGAN paper has the same model, there called RCGAN, in its table 2. docs/quality.md
    has both beside what this one comes to.

    Args:
        units: Width of the recurrent layer of each network.
        noise_dim: Width of the noise at each step.
        scaler: As in `RecurrentGAN`.
        seed: Seed of all that is random in the model.
        **kwargs: Arguments of `RecurrentGAN.compile` in place of the paper's.

    Returns:
        A compiled `RecurrentGAN`, whose networks are made in the first `fit`.

    Raises:
        ValueError: If an argument is out of range.
        TypeError: If an argument is unknown.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.applications.rgan(units=8, seed=0)
        >>> sines = kr.datasets.make_sines(56, length=8, num_features=2)
        >>> history = gan.fit(sines, batch_size=28, epochs=1, verbose=0)
        >>> gan.generate(3).shape
        (3, 8, 2)

    Reference:
        Esteban, Hyland and Rätsch, "Real-valued (Medical) Time Series Generation with Recurrent
        Conditional GANs", 2017; https://github.com/ratschlab/RGAN.
    """
    return make(units, noise_dim, scaler=scaler, seed=seed, compiled=kwargs)


def make(
    units: int,
    noise_dim: int,
    *,
    scaler: Any,
    seed: int | None,
    compiled: dict[str, Any],
    capabilities: Sequence[Capability] = (),
) -> RecurrentGAN:
    """Return the model of both papers' names, with or without conditions."""
    gan = RecurrentGAN(
        generator={**PLAIN_GENERATOR, "units": units, "noise_dim": noise_dim, "latent_dim": 0},
        discriminator={**PLAIN_DISCRIMINATOR, "units": units, "per_step": True},
        scaler=scaler,
        capabilities=capabilities,
        seed=seed,
    )
    paper = {
        "loss": "non_saturating",
        "penalties": None,
        "generator_optimizer": keras.optimizers.Adam(1e-3, name="generator_optimizer"),
        "discriminator_optimizer": keras.optimizers.SGD(0.1, name="discriminator_optimizer"),
        "discriminator_steps": 5,
        "ema": None,
        "keep_best": False,
    }
    gan.compile(**{**paper, **compiled})
    return gan


PLAIN_GENERATOR = {
    "network": RecurrentGenerator,
    "cell": "lstm",
    "hidden_units": 0,
    "noise_to_head": False,
    "output_activation": "tanh",
    "smoothing": False,
    "gated_smoothing": False,
    "linear_process": 0,
    "context_units": 0,
    "condition_dim": 0,
}
"""A `RecurrentGenerator` as papers have it: recurrent layers that read noise, and a dense one."""

PLAIN_DISCRIMINATOR = {
    "network": RecurrentDiscriminator,
    "cell": "lstm",
    "bidirectional": False,
    "increments": 0,
    "convolution_units": 0,
    "condition_dim": 0,
}
"""A `RecurrentDiscriminator` as papers have it."""

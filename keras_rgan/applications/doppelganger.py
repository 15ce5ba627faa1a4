"""The DoppelGANger of Lin et al., 2020."""

from __future__ import annotations

from typing import Any

import keras

from keras_rgan.applications.rgan import PLAIN_GENERATOR
from keras_rgan.conditioning import AttributeJudge
from keras_rgan.networks.dense_discriminator import DenseDiscriminator
from keras_rgan.penalties import GradientPenalty
from keras_rgan.recurrent_gan import RecurrentGAN


def doppelganger(
    units: int = 100,
    emission_steps: int = 10,
    noise_dim: int = 1,
    latent_dim: int = 5,
    attribute_units: int = 100,
    discriminator_units: int = 200,
    discriminator_layers: int = 5,
    auxiliary_weight: float = 1.0,
    *,
    seed: int | None = None,
    **kwargs: Any,
) -> RecurrentGAN:
    """Return the DoppelGANger of Lin et al., 2020, compiled: attributes, ranges, then the sequence.

    Every sequence is scaled by its own minimum and maximum, which are generated with its attributes,
    the static conditions; several steps are made at a time; an auxiliary discriminator judges
    attributes and ranges alone. Train it in batches of 100, with attributes (`fit((sequences,
    {…}))`) or without.

    ======================= ======================================= ===============================
    setting                 paper and its code                      here
    ======================= ======================================= ===============================
    attributes              3 dense layers of 100, noise of 5,      2 and the outputs', the same
                            batch normalization; softmax            noise, no normalization; a choice
                                                                    by Gumbel's trick
    minimum and maximum     a network of their own that knows the   the same network's second part,
                            attributes                              that knows categories; on a scale
                                                                    like a logarithm's
    sequence                LSTM of 100, attributes and noise of 5  the same, noise of `noise_dim`
                            at each pass, tanh                      for each step of the pass
    first state             N(0, 1)                                 from attributes and a latent of
                                                                    5, also read at each pass
    steps a pass            10, such that passes are about 50       10
    lengths                 flags that are generated                drawn of the data
    discriminator           5 dense layers, 200 units, ReLU         the same
    auxiliary discriminator the same, weight 1                      the same
    losses                  Wasserstein, gradient penalty 10, each  the same
    optimizers              Adam(1e-3, beta_1=0.5), each            the same, the two
                                                                    discriminators share one
    updates                 one of each                             the same
    ======================= ======================================= ===============================

    The paper's figures are of data that is not public in this form (web traffic, broadband, clusters).
    docs/quality.md says what this one comes to on series that are.

    Args:
        units: Width of the generator's recurrent layer.
        emission_steps: How many steps of the sequence each of its steps makes.
        noise_dim: Width of the noise for each step of the sequence.
        latent_dim: Width of the latent of a sequence, which sets the first state.
        attribute_units: Width of the layers that make attributes.
        discriminator_units: Width of both discriminators' layers.
        discriminator_layers: How many layers each has.
        auxiliary_weight: Factor of the auxiliary discriminator in the generator's loss.
        seed: Seed of all that is random in the model.
        **kwargs: Arguments of `RecurrentGAN.compile` in place of the paper's.

    Returns:
        A compiled `RecurrentGAN`, whose networks are made in the first `fit`.

    Raises:
        ValueError: If an argument is out of range.
        TypeError: If an argument is unknown.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.applications.doppelganger(8, 4, discriminator_units=16, seed=0)
        >>> sines = kr.datasets.make_sines(64, length=8, num_features=2)
        >>> history = gan.fit(sines, batch_size=32, epochs=1, verbose=0)
        >>> gan.generate(3).shape, sorted(gan.sample_conditions(3))
        ((3, 8, 2), ['maximum', 'minimum'])

    Reference:
        Lin, Jain, Wang, Fanti and Sekar, "Using GANs for Sharing Networked Time Series Data:
        Challenges, Initial Promise, and Open Questions", IMC 2020;
        https://github.com/fjxmlzn/DoppelGANger.
    """
    gan = RecurrentGAN(
        generator={
            **PLAIN_GENERATOR,
            "units": units,
            "emission_steps": emission_steps,
            "noise_dim": noise_dim,
            "latent_dim": latent_dim,
        },
        discriminator={
            "network": DenseDiscriminator,
            "units": discriminator_units,
            "num_layers": discriminator_layers,
        },
        scaler="per_sample",
        attributes={"units": attribute_units, "num_layers": 2, "noise_dim": 5},
        capabilities=[AttributeJudge(discriminator_units, discriminator_layers, auxiliary_weight)],
        seed=seed,
    )
    paper = {
        "loss": "wasserstein",
        "penalties": GradientPenalty(10.0),
        "generator_optimizer": keras.optimizers.Adam(1e-3, beta_1=0.5, name="generator_optimizer"),
        "discriminator_optimizer": keras.optimizers.Adam(
            1e-3, beta_1=0.5, name="discriminator_optimizer"
        ),
        "ema": None,
        "keep_best": False,
    }
    gan.compile(**{**paper, **kwargs})
    return gan

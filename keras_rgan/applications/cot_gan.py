"""The COT-GAN of Xu et al., 2020."""

from __future__ import annotations

import functools
from typing import Any

import keras
from keras import ops

from keras_rgan.applications.phased_gan import PhasedGAN, as_published
from keras_rgan.applications.rgan import PLAIN_GENERATOR
from keras_rgan.losses.causal_transport import Followed, martingale_penalty, mixed_divergence
from keras_rgan.networks.causal_processes import CausalProcesses
from keras_rgan.sequences.batch import Batch
from keras_rgan.training.adversarial_step import AdversarialStep
from keras_rgan.training.finite_steps import Look
from keras_rgan.training.phases import Phase
from keras_rgan.utils import checks
from keras_rgan.utils.types import Tensor
from keras_rgan.utils.untracked import Untracked


def cot_gan(
    units: int = 32,
    latent_dim: int = 10,
    noise_dim: int = 10,
    num_processes: int = 32,
    epsilon: float = 100.0,
    iterations: int = 100,
    martingale_weight: float = 10.0,
    *,
    scaler: Any = "auto",
    seed: int | None = None,
    **kwargs: Any,
) -> COTGAN:
    """Return the COT-GAN of Xu et al., 2020, compiled: by causal optimal transport.

    No judge, but the price of carrying generated sequences to real ones: the generator makes it small,
    networks h and M make it high for plans that look ahead. Train it in batches of 64: two sets of 32,
    the paper's batch, are cut of each.

    ======================= ======================================= ==============================
    setting                 paper's code, of its AR-1 example       here
    ======================= ======================================= ==============================
    generator               LSTM of 32, noise U(-1, 1) of 10 at     the same, without
                            every step and of 10 for a sequence, a  normalization; the noise of a
                            dense layer of 32, batch normalization  sequence sets the first state
    h and M                 2 causal convolutions of 32 over 5      the same, without
                            steps, batch normalization; 32          normalization
                            processes each
    divergence              mixed Sinkhorn, entropy of 100, 100     the same; plans are constants
                            iterations that gradients go through    for gradients
    martingale penalty      10                                      the same
    optimizers              Adam(1e-3), each                        the same
    sets                    2 of 32 real sequences                  halves of a batch
    ======================= ======================================= ==============================

    Cot-GAN's scores in the table of the Diffusion-TS paper are 0.254 (sines), 0.230 (stocks) and 0.498
    (energy).

    Args:
        units: Width of the generator's layers and of the convolutions.
        latent_dim: Width of the noise of a sequence.
        noise_dim: Width of the noise at each step.
        num_processes: How many processes h and M have each.
        epsilon: Factor of the plans' entropy; distances are squared sums over steps and features.
        iterations: Sinkhorn's iterations.
        martingale_weight: Factor of the penalty on M.
        scaler: As in `RecurrentGAN`.
        seed: Seed of all that is random in the model.
        **kwargs: Arguments of `RecurrentGAN.compile` in place of the paper's, but for losses, penalties
            and steps.

    Returns:
        A compiled model, whose networks are made in the first `fit`. The `generator_loss` that it logs
        is the divergence; of what `evaluate` returns the metrics mean something, and nothing else.

    Raises:
        ValueError: If an argument is out of range, or the model's own.
        TypeError: If an argument is unknown.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.applications.cot_gan(units=8, iterations=10, seed=0)
        >>> sines = kr.datasets.make_sines(64, length=8, num_features=2)
        >>> history = gan.fit(sines, batch_size=32, epochs=1, verbose=0)
        >>> gan.generate(3).shape
        (3, 8, 2)

    Reference:
        Xu, Wenliang, Munn and Acciaio, "COT-GAN: Generating Sequential Data via Causal Optimal
        Transport", NeurIPS 2020; https://github.com/tianlinxu312/cot-gan.
    """
    gan = COTGAN(
        generator={
            **PLAIN_GENERATOR,
            "units": units,
            "latent_dim": latent_dim,
            "noise_dim": noise_dim,
            "hidden_units": units,
            "output_activation": None,
        },
        discriminator={
            "network": CausalProcesses,
            "units": units,
            "num_processes": num_processes,
        },
        epsilon=epsilon,
        iterations=iterations,
        martingale_weight=martingale_weight,
        scaler=scaler,
        noise="uniform",
        seed=seed,
    )
    optimizer = functools.partial(keras.optimizers.Adam, 1e-3)
    return as_published(gan, optimizer, kwargs)


@keras.saving.register_keras_serializable(package="keras_rgan")
class COTGAN(PhasedGAN):
    """A GAN whose discriminator prices plans that look ahead; see `cot_gan`.

    Args:
        *args: As in `RecurrentGAN`; the discriminator is a `CausalProcesses`.
        epsilon: Factor of the plans' entropy.
        iterations: Sinkhorn's iterations.
        martingale_weight: Factor of the penalty on M.
        **kwargs: As in `RecurrentGAN`.
    """

    def __init__(
        self,
        *args: Any,
        epsilon: float = 100.0,
        iterations: int = 100,
        martingale_weight: float = 10.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.epsilon = checks.number("epsilon", epsilon, 1e-6)
        self.iterations = checks.positive_int("iterations", iterations)
        self.martingale_weight = checks.number("martingale_weight", martingale_weight, 0.0)
        self._own_phases = Untracked([Transport(self)])

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "iterations": self.iterations,
            "martingale_weight": self.martingale_weight,
        }


class Transport(Phase):
    """h and M learn to price plans that look ahead, the generator to be near all the same.

    Args:
        model: The model.
    """

    def __init__(self, model: Any) -> None:
        super().__init__(None)
        self.model = model

    def turn(self, step: AdversarialStep, real: Batch, look: Look) -> None:
        """Update h and M, then the generator."""
        model, optimizer = self.model, self.model.optimizer
        halves = _halves(real)
        draws = [step.samples.draw(half, model.seed_generator) for half in halves]
        fakes = [step.samples.constant(*pair).sequences for pair in zip(halves, draws, strict=True)]

        def pricing() -> tuple[Tensor, Any]:
            divergence, martingales = self._divergence(halves, fakes)
            penalty = model.martingale_weight * martingale_penalty(martingales)
            return penalty - divergence, tuple(ops.stop_gradient(x) for x in (divergence, penalty))

        divergence, penalty = step.descend(
            pricing, look, optimizer.discriminator_optimizer, optimizer.discriminator_variables.value
        )
        model.discriminator_loss_tracker.update_state(-divergence)
        model.penalty_tracker.update_state(penalty)
        draws = [step.samples.draw(half, model.seed_generator) for half in halves]

        def approaching() -> tuple[Tensor, Any]:
            made = [
                step.samples.generated(*pair)[0].sequences for pair in zip(halves, draws, strict=True)
            ]
            divergence, _ = self._divergence(halves, made)
            return divergence, ops.stop_gradient(divergence)

        divergence = step.descend(
            approaching, look, optimizer.generator_optimizer, optimizer.generator_variables.value
        )
        model.generator_loss_tracker.update_state(divergence)

    def _divergence(self, halves: list[Batch], fakes: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the divergence, and M of the first half."""
        model = self.model
        sets = [*(half.sequences for half in halves), *fakes]
        followed = ops.cast(model.discriminator(ops.concatenate(sets), training=True), "float32")
        followed = ops.split(followed, 4)
        real, other, fake, another = (
            Followed(one, *ops.split(both, 2, axis=-1))
            for one, both in zip(sets, followed, strict=True)
        )
        divergence = mixed_divergence((real, other), (fake, another), model.epsilon, model.iterations)
        return divergence, real.martingales


def _halves(real: Batch) -> list[Batch]:
    """Return two batches of half of the sequences, of an odd number with the middle one in both."""
    size = ops.shape(real.sequences)[0]
    half = (size + 1) // 2
    rows = slice(None, half), slice(size - half, None)
    return [Batch(*(None if part is None else part[one] for part in real)) for one in rows]

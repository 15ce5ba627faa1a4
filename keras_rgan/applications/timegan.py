"""The TimeGAN of Yoon et al., 2019."""

from __future__ import annotations

import functools
from typing import Any

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.applications.phased_gan import PhasedGAN, as_published
from keras_rgan.layers import SequenceScaler
from keras_rgan.networks.embedding_generator import EmbeddingGenerator
from keras_rgan.sequences.batch import Batch
from keras_rgan.training.adversarial_step import AdversarialStep
from keras_rgan.training.finite_steps import Look
from keras_rgan.training.freezing import Freezer
from keras_rgan.training.phases import Phase
from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor
from keras_rgan.utils.untracked import Untracked

RECONSTRUCTION = 10.0
"""Factor of the root of the reconstruction's error."""

SUPERVISION, MOMENTS = 100.0, 100.0
"""Factors, in the generator's loss, of the root of the supervisor's error and of that of moments."""

SUPERVISED_EMBEDDING = 0.1
"""Factor of the supervisor's error in the embedder's loss."""

GENERATOR_STEPS = 2
"""Updates of generator and embedder for one of the discriminator."""

WEAK = 0.15
"""The discriminator learns only while its loss is larger."""


def timegan(
    units: int = 24,
    num_layers: int = 3,
    cell: Any = "gru",
    noise_dim: int | None = None,
    embedding_updates: int = 10_000,
    supervised_updates: int = 10_000,
    gamma: float = 1.0,
    *,
    scaler: Any = None,
    seed: int | None = None,
    **kwargs: Any,
) -> TimeGAN:
    """Return the TimeGAN of Yoon et al., 2019, compiled: a GAN in a space that is learned first.

    An embedder and a recovery learn to map sequences to hidden ones and back; a supervisor learns to
    tell the next hidden step; then a generator and a discriminator play in the hidden space, and all go
    on learning. One `fit` goes through these phases; train it in batches of 128. The paper's third
    phase has 10,000 updates too.

    ======================= ======================================= ==============================
    setting                 paper and its code                      here
    ======================= ======================================= ==============================
    networks                3 GRUs of 24 (code; four times the      the same
                            features in the paper), 2 in the
                            supervisor, and a sigmoid layer
    noise                   U(0, 1), as wide as the data, at every  the same
                            step
    discriminator           3 GRUs of 24, a judgement a step        the same
                            (code; in both directions in the paper)
    embedder's loss         10 roots of the reconstruction's error; the same
                            then 0.1 of the supervisor's besides
    generator's loss        cross-entropy of both hidden sequences, the same
                            100 roots of the supervisor's error,
                            100 times that of means and deviations
    discriminator's loss    cross-entropy, with what comes before   the same
                            the supervisor (`gamma`); rests at 0.15
    updates                 two of generator and embedder for one   the same, all three on one batch
                            of the discriminator, on new batches
    optimizers              Adam(1e-3), one for each phase          one for the discriminator and one
                                                                    for all else
    data                    scaled to 0 … 1, time reversed          scaled to 0 … 1
    ======================= ======================================= ==============================

    Table 2 of the paper has discriminative scores of 0.011 (sines), 0.102 (stocks) and 0.236 (energy);
    docs/quality.md shows them beside what this one comes to.

    Args:
        units: Width of all recurrent layers and of hidden sequences.
        num_layers: How many recurrent layers each network has; the supervisor has one fewer.
        cell: "gru", "lstm", "simple", "min_gru" or a Keras cell of width `units`.
        noise_dim: Width of the noise at each step; None for as many as there are features.
        embedding_updates: Updates of the first phase.
        supervised_updates: Updates of the second phase.
        gamma: Factor of what is judged before the supervisor.
        scaler: As in `RecurrentGAN`; None for the paper's.
        seed: Seed of all that is random in the model.
        **kwargs: Arguments of `RecurrentGAN.compile` in place of the paper's, but for losses,
            penalties and steps.

    Returns:
        A compiled model, whose networks are made in the first `fit`.

    Raises:
        ValueError: If an argument is out of range, or the model's own.
        TypeError: If an argument is unknown.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.applications.timegan(8, 1, embedding_updates=2, supervised_updates=2, seed=0)
        >>> sines = kr.datasets.make_sines(96, length=8, num_features=2)
        >>> history = gan.fit(sines, batch_size=16, epochs=1, verbose=0)
        >>> gan.generate(3).shape, bool(history.history["reconstruction_loss"][0] > 0.0)
        ((3, 8, 2), True)

    Reference:
        Yoon, Jarrett and van der Schaar, "Time-series Generative Adversarial Networks", NeurIPS 2019;
        https://github.com/jsyoon0823/TimeGAN.
    """
    if scaler is None:
        scaler = SequenceScaler("min_max", feature_range=(0.0, 1.0), name="scaler")
    gan = TimeGAN(
        generator={
            "network": EmbeddingGenerator,
            "units": units,
            "num_layers": num_layers,
            "cell": cell,
            "noise_dim": noise_dim,
        },
        discriminator={
            "units": units,
            "num_layers": num_layers,
            "cell": cell,
            "bidirectional": False,
            "per_step": True,
            "increments": 0,
            "convolution_units": 0,
        },
        embedding_updates=embedding_updates,
        supervised_updates=supervised_updates,
        gamma=gamma,
        scaler=scaler,
        noise="uniform",
        noise_mean=0.5,
        noise_scale=0.5,
        seed=seed,
    )
    optimizer = functools.partial(keras.optimizers.Adam, 1e-3)
    return as_published(gan, optimizer, kwargs)


@keras.saving.register_keras_serializable(package="keras_rgan")
class TimeGAN(PhasedGAN):
    """A GAN that plays in the hidden space of an `EmbeddingGenerator`; see `timegan`.

    Args:
        *args: As in `RecurrentGAN`; the discriminator judges hidden sequences.
        embedding_updates: Updates of the first phase.
        supervised_updates: Updates of the second phase.
        gamma: Factor of what is judged before the supervisor.
        **kwargs: As in `RecurrentGAN`.
    """

    def __init__(
        self,
        *args: Any,
        embedding_updates: int = 10_000,
        supervised_updates: int = 10_000,
        gamma: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.embedding_updates = checks.non_negative_int("embedding_updates", embedding_updates)
        self.supervised_updates = checks.non_negative_int("supervised_updates", supervised_updates)
        self.gamma = checks.number("gamma", gamma, 0.0)
        self.reconstruction_loss_tracker = keras.metrics.Mean(name="reconstruction_loss")
        self.supervised_loss_tracker = keras.metrics.Mean(name="supervised_loss")
        self.moment_loss_tracker = keras.metrics.Mean(name="moment_loss")
        self._own_phases = Untracked(
            [
                Embedding(self, embedding_updates, [self.reconstruction_loss_tracker]),
                Supervision(self, supervised_updates, [self.supervised_loss_tracker]),
                Joint(self, None, [self.moment_loss_tracker]),
            ]
        )

    def build(self, data_shape: Shape) -> None:
        """Make and build the networks, as `PhasedGAN.build`.

        Raises:
            ValueError: If sequences have gaps, which hidden sequences cannot show.
        """
        if self.has_gaps:
            raise ValueError(
                "TimeGAN judges hidden sequences, in which nothing tells a gap. Expected: sequences of "
                "which every value was observed. Received: the condition 'observed'. Fill gaps "
                "first and leave it out, or use kr.RecurrentGAN."
            )
        super().build(data_shape)

    def as_judged(self, sequences: Tensor) -> Tensor:
        """Return the hidden sequences of sequences."""
        return ops.cast(self.generator.embed(sequences), "float32")

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "embedding_updates": self.embedding_updates,
            "supervised_updates": self.supervised_updates,
            "gamma": self.gamma,
        }


class _HiddenPhase(Phase):
    """A phase that trains some of the networks of the generator.

    Args:
        model: The model.
        updates: As in `Phase`.
        trackers: As in `Phase`.
    """

    def __init__(self, model: Any, updates: int | None, trackers: Any) -> None:
        super().__init__(updates, trackers)
        self.model = model

    @property
    def networks(self) -> Any:
        """The four networks."""
        return self.model.generator

    def embed(self, step: AdversarialStep, real: Batch, look: Look, supervised: bool) -> None:
        """Update the embedder and the recovery."""

        def objective() -> tuple[Tensor, Any]:
            hidden = self.networks.embed(real.sequences, training=True)
            error = _error(self.networks.recover(hidden, training=True), real.sequences)
            loss = RECONSTRUCTION * _root(error)
            if supervised:
                loss += SUPERVISED_EMBEDDING * self.supervised_error(hidden)
            return loss, ops.stop_gradient(error)

        variables = self.networks.variables_of("embedder", "recovery")
        error = step.descend(objective, look, self.model.generator_optimizer, variables)
        self.model.reconstruction_loss_tracker.update_state(error)

    def hidden(self, real: Batch) -> Tensor:
        """Return the hidden sequences of real ones, as constants."""
        with backend.no_gradient():
            return ops.stop_gradient(self.networks.embed(real.sequences, training=True))

    def supervised_error(self, hidden: Tensor) -> Tensor:
        """Return by how much the supervisor misses the next hidden steps."""
        return _error(self.networks.supervise(hidden, training=True)[:, :-1], hidden[:, 1:])


class Embedding(_HiddenPhase):
    """The embedder and the recovery learn to map sequences to hidden ones and back."""

    def turn(self, step: AdversarialStep, real: Batch, look: Look) -> None:
        """Go down the reconstruction's error."""
        self.embed(step, real, look, supervised=False)


class Supervision(_HiddenPhase):
    """The supervisor learns to tell the next hidden step."""

    def turn(self, step: AdversarialStep, real: Batch, look: Look) -> None:
        """Go down the error of the next step."""
        hidden = self.hidden(real)

        def objective() -> tuple[Tensor, Any]:
            error = self.supervised_error(hidden)
            return error, ops.stop_gradient(error)

        variables = self.networks.variables_of("supervisor")
        error = step.descend(objective, look, self.model.generator_optimizer, variables)
        self.model.supervised_loss_tracker.update_state(error)


class Joint(_HiddenPhase):
    """All networks learn, the discriminator while it is weak."""

    def __init__(self, model: Any, updates: int | None, trackers: Any) -> None:
        super().__init__(model, updates, trackers)
        self.freezer = Freezer()

    def turn(self, step: AdversarialStep, real: Batch, look: Look) -> None:
        """Update generator and embedder twice, then the discriminator."""
        for _ in range(GENERATOR_STEPS):
            self.generate(step, real, look)
            self.embed(step, real, look, supervised=True)
        self.judge(step, real, look)

    def imagine(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return hidden sequences of noise, before and behind the supervisor."""
        before = self.networks.imagine(noise, training=True)
        return before, self.networks.supervise(before, training=True)

    def draw(self, real: Batch) -> Tensor:
        """Draw noise for as many sequences as a batch has."""
        size = ops.shape(real.sequences)[:2]
        noise: Tensor = self.model.noise_spec.draw(*size, self.model.seed_generator)
        return noise

    def generate(self, step: AdversarialStep, real: Batch, look: Look) -> None:
        """Update the generator and the supervisor."""
        noise = self.draw(real)
        hidden = self.hidden(real)

        def objective() -> tuple[Tensor, Any]:
            before, behind = self.imagine(noise)
            of_before, of_behind = (
                ops.mean(ops.softplus(-step.judge(one, training=True).judgement))
                for one in (before, behind)
            )
            made = self.networks.recover(behind, training=True)
            supervised, moments = self.supervised_error(hidden), _moments(made, real.sequences)
            loss = of_behind + self.model.gamma * of_before
            total = loss + SUPERVISION * _root(supervised) + MOMENTS * moments
            return total, tuple(ops.stop_gradient(x) for x in (loss, supervised, moments))

        variables = self.networks.variables_of("generator", "supervisor")
        loss, supervised, moments = step.descend(
            objective, look, self.model.generator_optimizer, variables
        )
        self.model.generator_loss_tracker.update_state(loss)
        self.model.supervised_loss_tracker.update_state(supervised)
        self.model.moment_loss_tracker.update_state(moments)

    def judge(self, step: AdversarialStep, real: Batch, look: Look) -> None:
        """Update the discriminator, unless its loss is small."""
        model = self.model
        with backend.no_gradient():
            before, behind = self.imagine(self.draw(real))
            parts = self.hidden(real), behind, before
            looks = [ops.stop_gradient(ops.cast(part, "float32")) for part in parts]

        def objective() -> tuple[Tensor, Any]:
            judged = [step.judge(one, training=True).judgement for one in looks]
            of_real, of_behind, of_before = judged
            loss = ops.mean(ops.softplus(-of_real)) + ops.mean(ops.softplus(of_behind))
            loss += model.gamma * ops.mean(ops.softplus(of_before))
            return loss, tuple(ops.stop_gradient(x) for x in (loss, *judged))

        loss, of_real, of_behind, _ = self.freezer.descend(
            lambda report: report[0] > WEAK,
            step,
            objective,
            look,
            model.optimizer.discriminator_optimizer,
            model.optimizer.discriminator_variables.value,
        )
        model.discriminator_loss_tracker.update_state(loss)
        step.judge.log_scores(looks[:2], (of_real, of_behind))


def _error(one: Tensor, other: Tensor) -> Tensor:
    """Return the mean squared difference."""
    return ops.mean(ops.square(ops.cast(one, "float32") - ops.cast(other, "float32")))


def _root(error: Tensor) -> Tensor:
    """Return the root of an error, which has a slope at 0 too."""
    return ops.sqrt(error + 1e-12)


def _moments(made: Tensor, real: Tensor) -> Tensor:
    """Return how far means and deviations over the batch are off, on average."""
    made = ops.cast(made, "float32")
    deviations = [ops.sqrt(ops.var(x, axis=0) + 1e-6) for x in (made, real)]
    means = [ops.mean(x, axis=0) for x in (made, real)]
    return sum(ops.mean(ops.abs(a - b)) for a, b in (deviations, means))

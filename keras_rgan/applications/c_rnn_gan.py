"""The C-RNN-GAN of Mogren, 2016."""

from __future__ import annotations

import functools
import math
from typing import Any

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.applications.phased_gan import PhasedGAN, as_published
from keras_rgan.networks.feedback_generator import FeedbackGenerator
from keras_rgan.sequences.batch import Batch
from keras_rgan.training.adversarial_step import AdversarialStep
from keras_rgan.training.finite_steps import Look
from keras_rgan.training.freezing import Freezer
from keras_rgan.training.phases import Phase
from keras_rgan.utils import checks
from keras_rgan.utils.types import Tensor
from keras_rgan.utils.untracked import Untracked

SHARES = (0.25, 0.5, 1.0)
"""Of how much of the sequences the generator is taught first, second, and last."""

TINY = 1e-7
"""Below which no probability is taken the logarithm of."""


def c_rnn_gan(
    units: int = 350,
    num_layers: int = 2,
    noise_dim: int | None = None,
    pretraining_updates: int = 1_109,
    freezing: float = 0.7,
    *,
    scaler: Any = "auto",
    seed: int | None = None,
    **kwargs: Any,
) -> CRNNGAN:
    """Return the C-RNN-GAN of Mogren, 2016, compiled: an LSTM that reads what it has made.

    It is first taught to predict the next step, of ever longer parts of the sequences, then to have the
    discriminator see what it sees of real ones. Both by one `fit`; train it in batches of 20.

    ======================= ====================================== ===============================
    setting                 paper and its code                     here
    ======================= ====================================== ===============================
    generator               2 LSTMs of 350 that read noise U(0, 1) the same
                            as wide as the data and the last
                            output
    discriminator           2 LSTMs of 350 in both directions,     the same
                            the mean of a sigmoid at every step
    pretraining             next-step error, 6 epochs of 3,697     as many updates, the last output
                            pieces in batches of 20, ever longer   a real one; a third each of
                                                                   quarters, halves and wholes
    generator's loss        squared difference of what the last    the same, the mean
                            layer sees of real and generated ones
    discriminator's loss    cross-entropy                          the same
    freezing                below 70 % of the other's loss         the same, cross-entropies a
                                                                   sample of each
    optimizers              gradient descent, 0.1; norm at most 5  the same
    L2 of weights           yes                                    decay of 1e-4
    ======================= ====================================== ===============================

    The paper's figures are statistics of music; the TimeGAN paper has a table of this model on series,
    which docs/quality.md shows beside what this one comes to.

    Args:
        units: Width of the recurrent layers of each network.
        num_layers: How many are stacked.
        noise_dim: Width of the noise at each step; None for as many as there are features.
        pretraining_updates: How many updates the generator learns to predict.
        freezing: A network rests while its loss is less than this share of the other's; 0 for never.
        scaler: As in `RecurrentGAN`.
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
        >>> gan = kr.applications.c_rnn_gan(units=8, pretraining_updates=3, seed=0)
        >>> sines = kr.datasets.make_sines(80, length=8, num_features=2)
        >>> history = gan.fit(sines, batch_size=20, epochs=2, verbose=0)
        >>> gan.generate(3).shape, len(history.history["pretraining_loss"])
        ((3, 8, 2), 2)

    Reference:
        Mogren, "C-RNN-GAN: Continuous recurrent neural networks with adversarial training", 2016;
        https://github.com/olofmogren/c-rnn-gan.
    """
    gan = CRNNGAN(
        generator={
            "network": FeedbackGenerator,
            "units": units,
            "num_layers": num_layers,
            "noise_dim": noise_dim,
        },
        discriminator={
            "units": units,
            "num_layers": num_layers,
            "cell": "lstm",
            "bidirectional": True,
            "per_step": True,
            "increments": 0,
            "convolution_units": 0,
        },
        pretraining_updates=pretraining_updates,
        freezing=freezing,
        scaler=scaler,
        noise="uniform",
        noise_mean=0.5,
        noise_scale=0.5,
        seed=seed,
    )
    optimizer = functools.partial(keras.optimizers.SGD, 0.1, global_clipnorm=5.0, weight_decay=1e-4)
    return as_published(gan, optimizer, kwargs)


@keras.saving.register_keras_serializable(package="keras_rgan")
class CRNNGAN(PhasedGAN):
    """A GAN whose generator learns to predict, then to match features; see `c_rnn_gan`.

    Args:
        *args: As in `RecurrentGAN`.
        pretraining_updates: How many updates the generator learns to predict.
        freezing: A network rests while its loss is less than this share of the other's.
        **kwargs: As in `RecurrentGAN`.
    """

    def __init__(
        self, *args: Any, pretraining_updates: int = 0, freezing: float = 0.7, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pretraining_updates = checks.non_negative_int("pretraining_updates", pretraining_updates)
        self.freezing = checks.number("freezing", freezing, 0.0, 1.0)
        self.pretraining_loss_tracker = keras.metrics.Mean(name="pretraining_loss")
        ends = [round(pretraining_updates * i / len(SHARES)) for i in range(len(SHARES) + 1)]
        self._own_phases = Untracked(
            [
                *(
                    Prediction(self, end - start, share)
                    for start, end, share in zip(ends, ends[1:], SHARES, strict=False)
                ),
                FeatureMatching(self),
            ]
        )

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "pretraining_updates": self.pretraining_updates,
            "freezing": self.freezing,
        }


class Prediction(Phase):
    """The generator learns to predict every next step of a part of each sequence.

    Args:
        model: The model.
        updates: How many updates it lasts.
        share: The part of a sequence, which begins anywhere in it.
    """

    def __init__(self, model: Any, updates: int, share: float) -> None:
        first = share == SHARES[0]  # phases log one loss together
        super().__init__(updates, [model.pretraining_loss_tracker] if first else ())
        self.model, self.share = model, share

    def turn(self, step: AdversarialStep, real: Batch, look: Look) -> None:
        """Go down the squared error."""
        model = self.model
        sequences = self._part(real.sequences)
        noise = model.noise_spec.draw(*ops.shape(sequences)[:2], model.seed_generator)

        def objective() -> tuple[Tensor, Any]:
            predicted = model.generator.predict_next(noise, sequences, training=True)
            error = ops.mean(ops.square(ops.cast(predicted, "float32") - sequences))
            return error, ops.stop_gradient(error)

        optimizer = model.optimizer
        error = step.descend(
            objective, look, optimizer.generator_optimizer, optimizer.generator_variables.value
        )
        model.pretraining_loss_tracker.update_state(error)

    def _part(self, sequences: Tensor) -> Tensor:
        """Return so much of each sequence, from a step that is drawn."""
        length = sequences.shape[1]
        count = math.ceil(self.share * length)
        if count == length:
            return sequences
        start = keras.random.randint((), 0, length - count + 1, seed=self.model.seed_generator)
        return ops.take(sequences, start + ops.arange(count, dtype="int32"), axis=1)


class FeatureMatching(Phase):
    """The discriminator learns to tell, the generator to look to it as real sequences do.

    Args:
        model: The model.
    """

    def __init__(self, model: Any) -> None:
        super().__init__(None)
        self.model = model
        self.freezers = Freezer(), Freezer()

    def turn(self, step: AdversarialStep, real: Batch, look: Look) -> None:
        """Update both networks, but for one that is far ahead."""
        model, share, optimizer = self.model, self.model.freezing, self.model.optimizer
        samples, seed = step.samples, model.seed_generator
        fake = samples.constant(real, samples.draw(real, seed))
        looks = step.judge.look(real), step.judge.look(fake)

        def telling() -> tuple[Tensor, Any]:
            judged = [step.judge(one, training=True).judgement for one in looks]
            of_real, of_fake = (_decision(one) for one in judged)
            loss = -ops.mean(ops.log(of_real)) - ops.mean(ops.log(1.0 - of_fake))
            report = loss, -ops.mean(ops.log(of_fake)), *judged
            return loss, tuple(ops.stop_gradient(x) for x in report)

        loss, opposite, *judged = self.freezers[0].descend(
            lambda report: 0.5 * report[0] >= share * report[1],
            step,
            telling,
            look,
            optimizer.discriminator_optimizer,
            optimizer.discriminator_variables.value,
        )
        model.discriminator_loss_tracker.update_state(loss)
        step.judge.log_scores(looks, judged)
        with backend.no_gradient():
            target = ops.stop_gradient(model.discriminator.features(looks[0], training=True))
        draws = samples.draw(real, seed)

        def matching() -> tuple[Tensor, Any]:
            (made,) = samples.generated(real, draws)
            features = model.discriminator.features(step.judge.look(made), training=True)
            error = ops.mean(ops.square(ops.cast(features - target, "float32")))
            return error, ops.stop_gradient(error)

        error = self.freezers[1].descend(
            lambda report: opposite >= share * 0.5 * loss,
            step,
            matching,
            look,
            optimizer.generator_optimizer,
            optimizer.generator_variables.value,
        )
        model.generator_loss_tracker.update_state(error)


def _decision(judgement: Tensor) -> Tensor:
    """Return how likely each sequence is real: the mean of what is said of its steps."""
    shares = ops.mean(ops.sigmoid(judgement), axis=tuple(range(1, len(judgement.shape))))
    return ops.clip(shares, TINY, 1.0 - TINY)

"""Differentially private training."""

from __future__ import annotations

import math
from typing import Any

import keras

from keras_rgan.training import privacy_accounting as accounting
from keras_rgan.training.private_regime import PrivateRegime
from keras_rgan.utils import checks


@keras.saving.register_keras_serializable(package="keras_rgan")
class DifferentialPrivacy:
    """Trains so that what leaves tells next to nothing of any one sequence: `compile(privacy=…)`.

    Only the discriminator sees data, so its updates alone are made private (DP-SGD): of each real
    sequence and the generated one beside it the gradient is clipped to a norm, over all weights
    together; of the sum Gaussian noise hides any one; what is divided by is the size that batches are
    expected to have. The generator learns of the discriminator, and what is generated costs nothing
    more.

    **What is promised.** Weights of both networks, all that is generated, and the training logs are
    (epsilon, delta)-differentially private: one sequence (one row of the array) more or less in the
    data changes the probability of anything that can be seen of them by a factor of e^epsilon at the
    most, but for a probability of delta. Where several windows are of one person or machine, that
    holds for each window and not for their owner: cut one window of each, or divide epsilon by the most
    that one has. How many sequences there are counts as known.

    **What is counted.** Each update takes a Poisson sample: every sequence is in it with the same
    probability, apart from the others. That is what the accountant assumes, and shuffled batches are
    not that. `batch_size` is what a sample is expected to have; an epoch is as many updates as there
    are such batches in the data. `fit` logs `epsilon` after each epoch, of all updates that the model
    ever had, in other `fit`s, sessions and recipes too. Several models of the same data add up, and so
    do trials of settings: that is not counted.

    **What is refused**, by `compile` or `fit`: all that would take from the data by another way. So the
    scaler has given bounds (`layers.SequenceScaler.from_bounds`) or is None; networks that are made
    are sized by the number of features alone, begin at no process of the data, and no rows are kept as
    examples. The data is one array; labels and attributes beside it must be known to the model without
    it, by a `ConditionEncoder` that was adapted to public values: of its rows the generator learns with
    a draw, and `generate` draws. A sequence and its labels are protected together. `evaluate`, scores
    and reports may look at data, but what they say is not counted: it should stay where the data is.

    **What must stay secret** is the randomness. Without `seed` it is the system's and goes into no
    file; a model that is loaded goes on with new noise. With `seed` all can be repeated, and there is
    no privacy from anyone who knows it or has the model's file; models that share one share noise, and
    what they cost does not add up. Draws are Keras's, not those of a
    cryptographic generator.

    Args:
        noise_multiplier: The noise's standard deviation over `clipping_norm`. `for_epsilon` finds the
            one for a budget. 0 clips only: epsilon is then infinite.
        clipping_norm: The largest norm of a sequence's gradient.
        delta: Probability with which more may leak: well below one over the number of sequences.
        max_epsilon: `fit` stops before epsilon is more; with `epochs="auto"` it trains until then.
            None for no bound.
        seed: Seed of samples and noise, for experiments that are to be repeated.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(256, length=8, num_features=2)  # between 0 and 1
        >>> scaler = kr.layers.SequenceScaler.from_bounds([0.0, 0.0], [1.0, 1.0])
        >>> gan = kr.RecurrentGAN({"units": 8}, {"units": 8}, scaler=scaler, seed=0)
        >>> privacy = kr.DifferentialPrivacy.for_epsilon(
        ...     2.0, num_samples=256, batch_size=32, epochs=2, delta=1e-3
        ... )
        >>> gan.compile(privacy=privacy)
        >>> history = gan.fit(sines, batch_size=32, epochs=2, verbose=0)
        >>> sorted(history.history), round(history.history["epsilon"][-1], 2)
        (['epsilon', 'generator_loss'], 2.0)

    Reference:
        Abadi et al., "Deep Learning with Differential Privacy", CCS 2016 (DP-SGD); Xie et al.,
        "Differentially Private Generative Adversarial Network", 2018; Bie, Kamath and Zhang, "Private
        GANs, Revisited", TMLR 2023 (several updates of the discriminator for one of the generator);
        Chua et al., "How Private are DP-SGD Implementations?", ICML 2024 (Poisson samples against
        shuffled batches). Samples too large for a batch: dp-accounting's
        `TruncatedSubsampledGaussianDpEvent`.
    """

    def __init__(
        self,
        noise_multiplier: float,
        clipping_norm: float = 1.0,
        delta: float = 1e-5,
        max_epsilon: float | None = None,
        seed: int | None = None,
    ) -> None:
        self.noise_multiplier = checks.number(
            "noise_multiplier", noise_multiplier, 0.0, accounting.MOST_NOISE
        )
        self.clipping_norm = checks.number("clipping_norm", clipping_norm, 1e-12)
        if self.noise_multiplier and not math.isfinite(self.clipping_norm):
            raise ValueError(
                "Noise is `noise_multiplier` times the norm to which gradients are clipped. Expected: "
                f"a finite clipping_norm, such as 1.0. Received: clipping_norm={clipping_norm!r}"
            )
        self.delta = checks.number("delta", delta, 1e-300, 1.0)
        self.max_epsilon = (
            None if max_epsilon is None else checks.number("max_epsilon", max_epsilon, 1e-6)
        )
        self.seed = None if seed is None else checks.non_negative_int("seed", seed)

    @classmethod
    def for_epsilon(
        cls,
        epsilon: float,
        *,
        num_samples: int,
        batch_size: int,
        epochs: int,
        discriminator_steps: int = 1,
        clipping_norm: float = 1.0,
        delta: float = 1e-5,
        seed: int | None = None,
    ) -> DifferentialPrivacy:
        """Return the privacy of so many epochs that spend an epsilon, which is `max_epsilon` too.

        Args:
            epsilon: What may be spent.
            num_samples: How many sequences the data has.
            batch_size: As `fit` is to be told.
            epochs: As `fit` is to be told.
            discriminator_steps: As `compile` is to be told.
            clipping_norm: As of the class.
            delta: As of the class.
            seed: As of the class.

        Raises:
            ValueError: If an argument is out of range.
        """
        epsilon = checks.number("epsilon", epsilon, 1e-6, 1e3)
        sizes = {"num_samples": num_samples, "batch_size": batch_size, "epochs": epochs}
        for name, value in {**sizes, "discriminator_steps": discriminator_steps}.items():
            checks.positive_int(name, value)
        delta = checks.number("delta", delta, 1e-300, 1.0)
        noise = accounting.noise_for(
            lambda noise: accounting.Mechanism.of(num_samples, batch_size, noise),
            math.ceil(num_samples / batch_size) * epochs * discriminator_steps,
            epsilon,
            delta,
        )
        return cls(noise, clipping_norm, delta, epsilon, seed)

    def in_place_of_auto(self, loss: Any, penalties: Any) -> tuple[Any, Any]:
        """Return loss and penalties as `compile` took them, or what is private for "auto"."""
        loss = "non_saturating" if isinstance(loss, str) and loss == "auto" else loss
        return loss, None if isinstance(penalties, str) and penalties == "auto" else penalties

    def regime(self, model: Any) -> PrivateRegime:
        """Return what stands between a model and its data."""
        return PrivateRegime(model, self)

    def epsilon(self, model: Any) -> float:
        """Return what a model has spent so far, at `delta`: infinite if data came in by other ways.

        Args:
            model: A `RecurrentGAN`.
        """
        return float(model.record.epsilon(self.delta))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            "noise_multiplier": self.noise_multiplier,
            "clipping_norm": self.clipping_norm,
            "delta": self.delta,
            "max_epsilon": self.max_epsilon,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DifferentialPrivacy:
        """Make one from its config."""
        return cls(**config)

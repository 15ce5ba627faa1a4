"""The model of text and other sequences of tokens."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.conditioning import Capability
from keras_rgan.layers import ConditionEncoder
from keras_rgan.layers.token_scaler import TokenScaler
from keras_rgan.networks import TokenGenerator, token_networks
from keras_rgan.recurrent_gan import RecurrentGAN
from keras_rgan.sequences.token_admission import TokenAdmission
from keras_rgan.sequences.vocabulary import Vocabulary
from keras_rgan.training.likelihood import LikelihoodPhase, mean_over, negative_log_likelihood
from keras_rgan.training.phases import Phase
from keras_rgan.utils import checks
from keras_rgan.utils.types import Shape, Tensor
from keras_rgan.utils.untracked import Untracked
from keras_rgan.utils.variables import value_of

WARM_UP = 2_000
"""Updates by maximum likelihood."""

RATES = (3e-3, 1e-4)
"""Of the generator: by maximum likelihood, and in the game, which a larger one drives apart."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class TokenGAN(RecurrentGAN):
    """A GAN for text and other sequences of tokens, trained by plain `fit`.

    A `RecurrentGAN` whose sequences are ids of a vocabulary. The generator is a language model that
    draws one token after the other. `fit` warms it up by maximum likelihood, and then lets it play
    against a discriminator that judges the whole sequence, by a Gumbel-softmax in place of what was
    drawn. A model whose `fit` ends with the warm-up is exactly the language model.

    Sequences of different lengths are conditions as everywhere in this library: `generate` draws the
    length first, as often as it was in the data, and the networks know how many tokens are to come.

    Args:
        vocabulary: The number of tokens, whose ids are 0 and up; a `keras.layers.TextVectorization`
            that was adapted to the text; or a list of words, which come as they are, split at spaces.
        generator: A `TokenGenerator`; None makes one, a dict of some of its arguments one that differs
            in these: `{"units": 32}`. One of your own must have `log_likelihood` for a warm-up.
        discriminator: A `TokenDiscriminator`, likewise.
        conditions: A `ConditionEncoder`; None has one made where the first `fit` is given conditions.
        capabilities: Further `conditioning.Capability` of your own.
        seed: Seed of all that is random in the model.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: Noise as `sample_noise` gives it.

    Output shape:
        Ids, `(batch, time, 1)`, as float32.

    Raises:
        ValueError: If the vocabulary is none, or an argument is out of range.

    Example:
        >>> import keras_rgan as kr
        >>> words = ["red", "green", "fish", "bird", "swims", "flies"]
        >>> texts = ["red fish swims", "green bird flies", "green fish swims", "red bird flies"] * 16
        >>> gan = kr.TokenGAN(words, {"units": 16}, {"filters": 8}, seed=0)
        >>> gan.compile(warm_up=8)
        >>> history = gan.fit(texts, batch_size=8, epochs=2, verbose=0)
        >>> gan.generate(3, seed=0).shape
        (3, 3)
        >>> [len(text.split()) for text in gan.generate_text(2, temperature=0.5, seed=0)]
        [3, 3]

    Reference:
        Nie, Narodytska and Patel, "RelGAN: Relational Generative Adversarial Networks for Text
        Generation", ICLR 2019; Yu et al., "SeqGAN", AAAI 2017 (the warm-up); Caccia et al., "Language
        GANs Falling Short", ICLR 2020 (why to look at quality and variety together).
    """

    default_networks = token_networks.KINDS
    meets_data_in_one_turn = False

    def __init__(
        self,
        vocabulary: Any,
        generator: keras.Model | dict[str, Any] | None = None,
        discriminator: keras.Model | dict[str, Any] | None = None,
        *,
        conditions: ConditionEncoder | None = None,
        capabilities: Sequence[Capability] = (),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        known = Vocabulary(vocabulary)
        scaler = TokenScaler(known.size, name="scaler")
        super().__init__(
            generator,
            discriminator,
            scaler=scaler,
            conditions=conditions,
            capabilities=capabilities,
            seed=seed,
            **kwargs,
        )
        for role, network in (("generator", self.generator), ("discriminator", self.discriminator)):
            size = getattr(network, "vocabulary_size", known.size)
            if size != known.size:
                raise ValueError(
                    f"The {role} knows {size} tokens, the vocabulary has {known.size}. Make it with "
                    f"vocabulary_size={known.size}."
                )
        self._vocabulary = Untracked(known)
        self._rooms.value = self.rooms._replace(admission=TokenAdmission(self, known))
        self.likelihood_tracker = keras.metrics.Mean(name="negative_log_likelihood")
        self.warm_up = WARM_UP
        self.relaxation: Any = 1.0
        self._phases: Untracked[tuple[Phase, ...]] = Untracked(())

    @property
    def vocabulary(self) -> Vocabulary:
        """What tokens there are."""
        return self._vocabulary.value

    def default_network(
        self,
        role: str,
        shape: Shape,
        changes: Mapping[str, Any],
        traits: Any,
        *,
        layout: Any,
        capabilities: Sequence[Any],
        seed: int | None,
        dtype: Any,
    ) -> keras.Model:
        """Return a network that is made where none is passed.

        Args:
            role: What it is for: "generator" or "discriminator".
            shape: Without effect, as `traits`: tokens have but an id.
            changes: Arguments in which it differs from the default.
            traits: Without effect.
            layout: What columns of conditions there are.
            capabilities: What else sequences can come with.
            seed: The model's.
            dtype: Its policy.
        """
        return token_networks.make(
            role,
            self.vocabulary,
            changes,
            layout=layout,
            capabilities=capabilities,
            seed=seed,
            dtype=dtype,
        )

    # Training

    def compile(  # type: ignore[override]
        self,
        loss: Any = "relativistic",
        penalties: Any = None,
        generator_optimizer: Any = "auto",
        discriminator_optimizer: Any = "auto",
        metrics: Any = None,
        warm_up: int = WARM_UP,
        relaxation: Any = "auto",
        keep_best: bool | str = "auto",
        **options: Any,
    ) -> None:
        """Choose how to train.

        Args:
            loss: As in `RecurrentGAN.compile`.
            penalties: As in `RecurrentGAN.compile`; none by default.
            generator_optimizer: As in `RecurrentGAN.compile`. "auto": Adam, 3e-3 during the warm-up and
                1e-4 behind it. One of your own serves both: give it a
                `keras.optimizers.schedules.PiecewiseConstantDecay` that falls with the end of the
                warm-up.
            discriminator_optimizer: As in `RecurrentGAN.compile`. "auto": Adam(1e-4).
            metrics: As in `RecurrentGAN.compile`; none by default. `evaluate` always has the
                `negative_log_likelihood` of the data, in nats a token.
            warm_up: How many updates `fit` begins with that train the generator alone, by maximum
                likelihood.
            relaxation: Temperature of the softmax that stands for a draw in the game: a number, or a
                `keras.optimizers.schedules.LearningRateSchedule` of the game's updates. "auto": 1.
            keep_best: Must not be True: the judge that it asks takes real numbers.
            **options: All others of `RecurrentGAN.compile`.

        Raises:
            ValueError: As `RecurrentGAN.compile`; or if `keep_best` is True.
        """
        if keep_best is True:
            raise ValueError(
                "keep_best=True asks a judge of real numbers, and ids of tokens are names. Leave it "
                "out; keras.callbacks.ModelCheckpoint(monitor='val_negative_log_likelihood', "
                "mode='min', save_best_only=True) keeps the weights of the best likelihood."
            )
        checks.one_of("keep_best", keep_best, ("auto", False))
        warm_up = checks.non_negative_int("warm_up", warm_up)
        relaxation = _checked_relaxation(relaxation)
        if _is_auto(generator_optimizer):
            rates: Any = keras.optimizers.schedules.PiecewiseConstantDecay([warm_up], RATES)
            generator_optimizer = keras.optimizers.Adam(rates, name="generator_optimizer")
        if _is_auto(discriminator_optimizer):
            discriminator_optimizer = keras.optimizers.Adam(RATES[1], name="discriminator_optimizer")
        before = self.warm_up, self.relaxation, self._phases.value
        phase = LikelihoodPhase(self, warm_up, self.likelihood_tracker)
        self.warm_up, self.relaxation = warm_up, relaxation
        self._phases.value = (phase,) if warm_up else ()
        try:
            super().compile(
                loss,
                penalties,
                generator_optimizer,
                discriminator_optimizer,
                metrics=metrics,
                keep_best=False,
                **options,
            )
        except BaseException:
            self.warm_up, self.relaxation, self._phases.value = before
            raise

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile` resolved."""
        config = super().get_compile_config()
        if not config:
            return config
        relaxation = keras.saving.serialize_keras_object(self.relaxation)
        return {**config, "warm_up": self.warm_up, "relaxation": relaxation}

    def finish_compile(self) -> None:
        """Do what needs both the networks and the recipe.

        Raises:
            ValueError: If the generator cannot be warmed up.
        """
        if self.phases and not hasattr(self.generator or TokenGenerator, "log_likelihood"):
            raise ValueError(
                f"warm_up={self.warm_up} trains by maximum likelihood, and the generator has no method "
                "`log_likelihood(ids, columns, training)`. Pass warm_up=0, or use a TokenGenerator."
            )
        super().finish_compile()

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The warm-up."""
        return self._phases.value

    def adversarial_step(self, data: Any) -> dict[str, Tensor]:
        """Take a step at the temperature that the softmax has by now."""
        layer = getattr(self.generator, "relaxation", None)
        if layer is not None:
            value = self.relaxation
            if callable(value):
                played = ops.cast(self.optimizer.iterations.value, "float32") - float(self.warm_up)
                value = value(ops.maximum(played, 0.0))
            layer.set(value)
        return super().adversarial_step(data)

    def evaluation_step(self, data: Any) -> dict[str, Tensor]:
        """Compare a batch with what is generated, and tell how likely the generator makes it."""
        if hasattr(self.generator, "log_likelihood"):
            real = self.samples.real(data, self.evaluation_seed_generator)
            with self.average.scope(self.generator):
                loss, number = negative_log_likelihood(self.generator, real)
            self.likelihood_tracker.update_state(loss, sample_weight=number)
        return super().evaluation_step(data)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """Losses, scores and the likelihood."""
        metrics = super().metrics
        tracker = self.likelihood_tracker
        return metrics if any(m is tracker for m in metrics) else [*metrics, tracker]

    def _displayed(self, evaluating: bool) -> list[keras.metrics.Metric]:
        shown = [m for m in super()._displayed(evaluating) if m is not self.likelihood_tracker]
        return [*shown, self.likelihood_tracker] if evaluating or self.phases else shown

    # What tokens are not

    def calibrate(self, data: Any, *, num_samples: int | None = None, limit: int | None = None) -> None:
        """Refuse: ids have no quantiles.

        Args:
            data: Without effect.
            num_samples: Without effect.
            limit: Without effect.

        Raises:
            ValueError: Always.
        """
        self.scaler.calibrate(data, None)

    def impute(self, x: Any, **options: Any) -> Any:
        """Refuse: a generator of tokens fills no gaps.

        Args:
            x: Without effect.
            **options: Without effect.

        Raises:
            ValueError: Always.
        """
        raise _no_completion()

    def forecast(self, history: Any, **options: Any) -> Any:
        """Refuse, as `impute`.

        Args:
            history: Without effect.
            **options: Without effect.

        Raises:
            ValueError: Always.
        """
        raise _no_completion()

    def continue_from(self, history: Any, **options: Any) -> Any:
        """Refuse, as `impute`.

        Args:
            history: Without effect.
            **options: Without effect.

        Raises:
            ValueError: Always.
        """
        raise _no_completion()

    # Generating

    def generate(
        self, num_samples: int | None = None, *, temperature: float = 1.0, **options: Any
    ) -> Any:
        """Write sequences.

        Args:
            num_samples: How many; with conditions as many as these.
            temperature: What logits are divided by. Below 1 likely tokens come more often: better
                sequences, and less variety.
            **options: `length`, `seed`, `batch_size`, `conditions` and `scaled` as in
                `RecurrentGAN.generate`; scaled ones are one-hot.

        Returns:
            Ids, `(num_samples, time)` int32; where sequences have lengths of their own a list of arrays
            `(length,)`.

        Raises:
            ValueError: As `RecurrentGAN.generate`, or if the temperature is not above 0.
        """
        parts = list(self.generate_batches(num_samples, temperature=temperature, **options))
        if isinstance(parts[0], list):
            return [sample for part in parts for sample in part]
        return np.concatenate(parts)

    def generate_batches(
        self, num_samples: int | None = None, *, temperature: float = 1.0, **options: Any
    ) -> Iterator[Any]:
        """Write sequences batch by batch, in memory that does not grow with their number.

        Args:
            num_samples: How many in all.
            temperature: As in `generate`.
            **options: As in `generate`, and `batch_size`.

        Returns:
            An iterator of arrays, or of lists, that, joined, are what `generate` returns.
        """
        temperature = self._checked_temperature(temperature)
        scaled = bool(options.get("scaled"))
        batches = super().generate_batches(num_samples, **options)

        def make() -> Iterator[Any]:
            while True:
                with self._at(temperature):
                    batch = next(batches, None)
                if batch is None:
                    return
                if scaled:
                    yield batch
                elif isinstance(batch, list):
                    yield [sample[:, 0].astype("int32") for sample in batch]
                else:
                    yield batch[..., 0].astype("int32")

        return make()

    def generate_text(
        self, num_samples: int | None = None, *, temperature: float = 1.0, **options: Any
    ) -> list[str]:
        """Write texts.

        Args:
            num_samples: How many; with conditions as many as these.
            temperature: As in `generate`.
            **options: As in `generate`, but for `scaled`.

        Raises:
            ValueError: As `generate`, or if the vocabulary has no words.
        """
        self.vocabulary.decode([])  # which refuses
        if options.pop("scaled", False):
            raise ValueError(
                "Texts have no networks' space. Received: scaled=True. Leave it out, or call generate."
            )
        return self.vocabulary.decode(self.generate(num_samples, temperature=temperature, **options))

    def negative_log_likelihood(
        self, x: Any, *, temperature: float = 1.0, batch_size: int = 256
    ) -> float:
        """Return how unlikely the averaged generator makes sequences, in nats a token.

        Args:
            x: Sequences, as `fit` takes them, in memory, with their conditions.
            temperature: As in `generate`.
            batch_size: How many are looked at at a time.

        Raises:
            ValueError: If the model knows no data yet, or these do not fit it.
        """
        temperature = self._checked_temperature(temperature)
        checks.positive_int("batch_size", batch_size)
        source = self.admission.gather("negative_log_likelihood", x)
        self.sampler.check_ready("negative_log_likelihood")
        if not source.is_array:
            raise ValueError(
                "Expected sequences in memory. Received: a dataset. evaluate(dataset) has its "
                "negative_log_likelihood, at temperature 1."
            )
        self.sampler.synchronize()
        with self._at(temperature):
            return mean_over(self, self.admission.admit(source), len(source.data), batch_size)

    def _checked_temperature(self, temperature: float) -> float:
        value = checks.number("temperature", temperature, 0.0)
        if value == 0.0:
            raise ValueError("`temperature` must be above 0; 0.01 takes the most likely token.")
        if value != 1.0 and self.generator is not None and not hasattr(self.generator, "temperature"):
            raise ValueError(
                "The generator has no layer `temperature`, as a TokenGenerator has. Expected: "
                f"temperature=1. Received: temperature={value}"
            )
        return value

    @contextlib.contextmanager
    def _at(self, temperature: float) -> Iterator[None]:
        """Have the generator draw at a temperature; threads take turns."""
        layer = getattr(self.generator, "temperature", None)
        with self.sampler.lock:
            before = None if layer is None else value_of(layer.value)
            try:
                if layer is not None:
                    layer.set(temperature)
                yield
            finally:
                if layer is not None:
                    layer.set(before)

    # Saving

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, with the networks as they are."""
        config = super().get_config()
        for name in ("scaler", "attributes", "completion", "noise", "noise_mean", "noise_scale"):
            del config[name]
        del config["noise_shape"]
        return {**config, "vocabulary": self.vocabulary.get_config()}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> TokenGAN:
        """Make a model from its config."""
        config = dict(config)
        for key in ("vocabulary", "generator", "discriminator", "conditions", "capabilities"):
            config[key] = keras.saving.deserialize_keras_object(
                config.get(key), custom_objects=custom_objects
            )
        return cls(**{**config, "capabilities": config["capabilities"] or []})


def _no_completion() -> ValueError:
    return ValueError(
        "A TokenGAN writes whole sequences: it completes none, and has no gaps to fill. Pass "
        "conditions for what is known of a sequence."
    )


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == "auto"


def _checked_relaxation(relaxation: Any) -> Any:
    """Return a number above 0, or a schedule."""
    if _is_auto(relaxation):
        return 1.0
    if isinstance(relaxation, keras.optimizers.schedules.LearningRateSchedule):
        return relaxation
    value = checks.number("relaxation", relaxation, 0.0)
    if value == 0.0:
        raise ValueError("`relaxation` must be above 0: the softmax of 0 has no gradient.")
    return value

"""The model that `fit` trains."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_rgan import backend, conditioning
from keras_rgan.generating import calibration, export
from keras_rgan.generating.generation import Generation
from keras_rgan.generating.imputation import Imputer
from keras_rgan.generating.sampler import Sampler
from keras_rgan.generating.streaming import Streamer
from keras_rgan.layers import ConditionEncoder, GapFeatures
from keras_rgan.networks import AttributeGenerator, defaults
from keras_rgan.networks.assembly import Assembly, make_scaler
from keras_rgan.sequences import survey
from keras_rgan.sequences.admission import Admission
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.sequences.noise import LAWS, NoiseSpec
from keras_rgan.training.adversarial_model import AdversarialModel
from keras_rgan.utils import checks
from keras_rgan.utils.types import Nested, Shape, Tensor
from keras_rgan.utils.untracked import Untracked

FACTORS = 32
"""How many factors common to a window bridge its gaps, at the most, where lines do so worse."""


class Rooms(NamedTuple):
    """The parts of a model that do its work.

    Attributes:
        admission: Lets data in.
        assembly: Makes and builds networks.
        generation: A call.
        sampler: Makes samples.
        streamer: Makes sequences without end.
        imputer: Completes sequences.
    """

    admission: Admission
    assembly: Assembly
    generation: Generation
    sampler: Sampler
    streamer: Streamer
    imputer: Imputer

    @classmethod
    def of(cls, model: Any, changes: Mapping[str, Any], noise_shape: Nested) -> Rooms:
        """Return the parts of a model."""
        return cls(
            Admission(model),
            Assembly(model, changes, noise_shape),
            Generation(model),
            Sampler(model),
            Streamer(model),
            Imputer(model),
        )


@keras.saving.register_keras_serializable(package="keras_rgan")
class RecurrentGAN(AdversarialModel):
    """A generative adversarial network for sequences, trained by plain `fit`.

    Takes sequences in their own units and gives them back in these: a scaler, adapted to the data of
    the first `fit`, stands before the discriminator and behind the generator, and is saved with
    them. Any Keras models can be the two networks, on data of any rank. Both live in the scaled space:
    `gan.discriminator(gan.scaler(samples))` judges samples in the data's units. What is generated keeps
    to the scaler's constraints.

    Networks made here are both 48 wide for up to 8 features; with more of them the generator's
    recurrent layer and head grow to 128 at 28 features, the discriminator to 64; its convolutional
    branch has half of its width. The latent of a sequence has 32 entries. The noise of a step has as
    many as are new in the data at a step, 8 to 32. Where the data is much like a linear process, whose
    mean may follow from conditions (a Gaussian copula that a judge in closed form tells from it by 0.15
    at the most), the generator begins as that (`RecurrentGenerator`'s `linear_process`), around the
    means of clusters where there are some; or as a mixture of autoregressions (`MixtureProcess`) where
    that fits better. `summary` says what was chosen, and why.

    Of clips, `(samples, time, height, width, channels)`, networks made here are a `VideoGenerator` with
    two objects in front of a background, and a `VideoDiscriminator`.

    Sequences can come with conditions: `fit((sequences, {"label": labels}))` learns their distribution
    given the labels, `generate(conditions={"label": …})` makes sequences on request. What conditions
    may be stands at `ConditionEncoder`. Networks of your own take them as columns beside every step: a
    generator as the part `conditions` of a dict of inputs, `(batch, time, columns)`, a discriminator as
    that part of the dict `{"sequences": …, "conditions": …}`.

    Static conditions, the attributes of a sequence, can be generated too, `attributes="generated"`: the
    model draws the attributes, then the sequence given them.

    Sequences can have lengths of their own: a list of arrays `(time, features)`, a `tf.RaggedTensor`,
    or a padded array with `{"mask": …}` or `{"length": …}` beside it. What is padded is never seen. The
    model knows how often each length was, together with the other conditions, and `generate` returns a
    list.

    Sequences can have gaps: `{"observed": mask}` beside them, True where a value was observed, or NaN
    with `completion=True`, from the first `fit` on. Losses, penalties and metrics see both real and
    generated sequences with the same gaps, bridged by straight lines. What is generated has none, or on
    request those of the data, drawn apart from the values.

    Features may be categories, one-hot: side by side, of which always one is 1 and the others are 0.
    Generators made here draw them as such.

    With `completion=True` the generator is shown part of a sequence, and judged by how it goes on: one
    model then fills gaps (`impute`), draws futures (`forecast`) and, shown nothing, generates. What is
    observed stays exactly as it is.

    Args:
        generator: Model from noise to samples in the scaled space; None makes a `RecurrentGenerator`
            (of clips a `VideoGenerator`) sized from the data, a dict of some of its arguments one that
            differs in these: `{"units": 64, "cell": "lstm"}`.
        discriminator: Model from samples to judgements (logits), `(batch, 1)` or a judgement a step;
            None makes a `RecurrentDiscriminator` sized from the data, which looks at second
            increments too where every feature of the data bends slowly (less than half as much, on
            average, as it moves), a dict of some of its arguments one that differs in these. In either
            dict "network" can name another registered class of networks: `{"network":
            kr.networks.FeedbackGenerator, "units": 64}`.
        scaler: "auto" ("min_max" to -1 … 1), a kind of `SequenceScaler`, one of your own, or None
            where the data is in the generator's range already. "per_sample", a `PerSampleScaler`, is
            for sequences whose scales differ by orders of magnitude: each is scaled by its own range,
            and two columns a feature of what holds for the whole sequence tell both networks this.
            Ranges are drawn or generated as other attributes are. Where conditions are given without
            `minimum` and `maximum`, those are drawn of rows that are like them.
        conditions: A `ConditionEncoder`; None has one made where the first `fit` is given conditions.
        attributes: Where static conditions come from where none are given: "drawn" (rows of the
            data) or "generated": the model learns to make them too, by a network of its own that is
            trained with the generator, so that the discriminator judges series and attributes
            together. Categories are those of the data, real values stay within their range. Lengths,
            covariates at each step and gaps are drawn from the data's rows all the same; attributes
            are then made given the length and each covariate's mean over time, but apart from gaps.
            Pass an `AttributeGenerator` in place of "generated" to have one of your own, or a dict of
            arguments in which it is to differ.
        completion: Whether the model learns to complete sequences of which part is observed. Networks
            of your own get three columns a feature more among the conditions of each step, last of the
            temporal ones: what `layers.GapFeatures` makes of what is observed.
        capabilities: Further `conditioning.Capability` of your own, of which the model takes copies.
        noise: Law of the noise: "normal" for N(0, 1), "uniform" for U(-1, 1). That of categories is
            N(0, 1) whatever the law, mean and scale.
        noise_mean: Added to the noise.
        noise_scale: Factor of the noise, before the mean is added. With noise close to a constant let
            the generator normalize its input, or it may never leave a constant.
        noise_shape: Shape of a sample's noise without the batch, None for the length of the
            sequences: a tuple, or a dict or list of tuples for several inputs. By default as the
            generator's inputs have it.
        seed: Seed of all that is random in the model: the weights of networks made here, and the
            noise. The order in which `fit` shuffles samples is Keras's: `keras.utils.set_random_seed`.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: Noise as `sample_noise` gives it.

    Output shape:
        Samples in the data's units, of the data's shape.

    Raises:
        ValueError: If an argument is out of range or a name is unknown.

    Example:
        >>> import keras_rgan as kr
        >>> windows = kr.datasets.make_sines(64, length=8, num_features=2)
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.compile()
        >>> history = gan.fit(windows, batch_size=32, epochs=1, verbose=0)
        >>> sorted(history.history)
        ['discriminator_loss', 'fake_score', 'generator_loss', 'penalty', 'real_score']
        >>> gan.generate(3, length=12).shape
        (3, 12, 2)

    Reference:
        Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014; Esteban et al., "Real-valued
        (Medical) Time Series Generation with Recurrent Conditional GANs", 2017; Mirza and Osindero,
        "Conditional Generative Adversarial Nets", 2014; Lin et al., "Using GANs for Sharing Networked
        Time Series Data" (DoppelGANger), IMC 2020 (generated attributes).
    """

    default_networks = defaults.CLASSES
    """By role the class of a network that is made where none is passed."""

    def __init__(
        self,
        generator: keras.Model | dict[str, Any] | None = None,
        discriminator: keras.Model | dict[str, Any] | None = None,
        *,
        scaler: Any = "auto",
        conditions: ConditionEncoder | None = None,
        attributes: str | AttributeGenerator | dict[str, Any] = "drawn",
        completion: bool = False,
        capabilities: Sequence[conditioning.Capability] = (),
        noise: str = "normal",
        noise_mean: float = 0.0,
        noise_scale: float = 1.0,
        noise_shape: Nested = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, **kwargs)
        networks: dict[str, Any] = {"generator": generator, "discriminator": discriminator}
        changes: dict[str, dict[str, Any]] = {role: {} for role in defaults.CLASSES}
        for role, network in networks.items():
            if isinstance(network, Mapping):
                kind = self.default_networks[role]
                networks[role], changes[role] = None, defaults.check_arguments(role, network, kind)
            elif network is not None and not isinstance(network, keras.Layer):
                raise ValueError(
                    f"`{role}` must be a Keras model or layer, or None or a dict of arguments to have "
                    f"one made. Received: {role}={network!r}"
                )
        # Any: Keras has no types, and None ends once the data is known.
        self.generator: Any = networks["generator"]
        self.discriminator: Any = networks["discriminator"]
        self.scaler: Any = make_scaler(scaler)
        if not isinstance(conditions, ConditionEncoder | None):
            raise ValueError(
                "`conditions` must be a keras_rgan.layers.ConditionEncoder or None; the conditions "
                "themselves go to fit((sequences, {'label': labels})). Received: "
                f"conditions={conditions!r}"
            )
        self.conditions = conditions
        if isinstance(attributes, Mapping):
            changes["attribute_generator"] = defaults.check_arguments("attribute_generator", attributes)
            attributes = "generated"
        generated = isinstance(attributes, AttributeGenerator)
        self.attributes: Any = "generated" if generated else attributes
        self.attribute_generator: Any = attributes if generated else None
        self.completion = completion
        self.gap_features: Any = GapFeatures(FACTORS, name="gap_features") if completion else None
        self.noise = checks.one_of("noise", noise, LAWS)
        self.noise_mean = checks.number("noise_mean", noise_mean, -math.inf)
        self.noise_scale = checks.number("noise_scale", noise_scale, 0.0)
        self.data_shape: Shape | None = None
        self._column_names: Untracked[list[str] | None] = Untracked(None)
        self.examples: np.ndarray | None = None
        self._capabilities = Untracked(conditioning.all_of(self, capabilities))
        self._rooms = Untracked(Rooms.of(self, changes, noise_shape))
        for capability in self.capabilities:
            capability.check_model()

    # The rooms, and what they ask of one another

    @property
    def rooms(self) -> Rooms:
        """The parts that do the work; methods of this class are doors to them."""
        return self._rooms.value

    @property
    def admission(self) -> Admission:
        """Lets data in."""
        return self.rooms.admission

    @property
    def sampler(self) -> Sampler:
        """Makes samples."""
        return self.rooms.sampler

    @property
    def capabilities(self) -> list[conditioning.Capability]:
        """What sequences can come with, in the order in which each is asked."""
        return self._capabilities.value

    @property
    def generators(self) -> list[keras.Model]:
        """The networks whose weights the generator's optimizer trains."""
        further = [network for c in self.capabilities for network in c.networks]
        return [network for network in (self.generator, *further) if network is not None]

    @property
    def discriminators(self) -> list[keras.Model]:
        """The networks whose weights the discriminator's optimizer trains."""
        return [self.discriminator, *(network for c in self.capabilities for network in c.judges)]

    @property
    def noise_spec(self) -> NoiseSpec:
        """What noise the generator takes, once that is known."""
        assert self.rooms.assembly.noise_spec is not None
        return self.rooms.assembly.noise_spec

    @property
    def layout(self) -> ColumnLayout:
        """Which columns stand beside sequences, once the data is known."""
        return self.rooms.assembly.built_layout

    @property
    def network_shape(self) -> Shape:
        """The shape of samples as the networks see them, once the data is known."""
        assert self.data_shape is not None
        if self.scaler is None:
            return self.data_shape
        return tuple(self.scaler.compute_output_shape(self.data_shape))

    def default_network(self, role: str, *args: Any, **kwargs: Any) -> keras.Model:
        """Return a network that is made where none is passed; `defaults.make_network` has the rest.

        Args:
            role: What it is for: "generator" or "discriminator".
            *args: What of the data and of the user decides how it is.
            **kwargs: The same.
        """
        return defaults.make_network(role, *args, **kwargs)

    @property
    def column_names(self) -> list[str] | None:
        """What the columns of sequences are called, where the data had names, as a table has."""
        return self._column_names.value

    @column_names.setter
    def column_names(self, names: list[str] | None) -> None:
        self._column_names.value = names

    def summary(self, *args: Any, print_fn: Any = None, **kwargs: Any) -> None:
        """Show the layers as `keras.Model.summary` does, and why networks were made as they are."""
        super().summary(*args, print_fn=print_fn, **kwargs)
        reasons = self.rooms.assembly.reasons
        if reasons:
            show = sys.stdout.write if print_fn is None else print_fn
            show("Made for the data:\n" + "".join(f"- {reason}.\n" for reason in reasons))

    def as_judged(self, sequences: Tensor) -> Tensor:
        """Return what the discriminator looks at of sequences in the networks' space: these themselves.

        A subclass can show it something else, what an embedding makes of them, say.
        """
        return sequences

    def left(self, samples: np.ndarray) -> np.ndarray:
        """Return samples in the units of `SequenceScaler.enter` as the data has them."""
        return samples if self.scaler is None else self.scaler.leave(samples)

    @property
    def has_gaps(self) -> bool:
        """Whether NaN stands for a missing value in the data that the model knows."""
        return any(capability.missing_values for capability in self.capabilities)

    # Data

    def build(self, data_shape: Shape) -> None:
        """Make the networks that are missing and build them, for data of a shape.

        `fit` and `adapt` do this by themselves.

        Args:
            data_shape: `(None, time, features)`, or the shape of whatever the networks make.

        Raises:
            ValueError: If the networks do not fit the data or each other.
        """
        self.rooms.assembly.build(data_shape)

    def ensure_built(self) -> None:
        """Build for the generator's own output where no data has been seen."""
        self.rooms.assembly.ensure_built()

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shape of the data, the names of its columns, and what was made for it, if known.

        A model that was made by the same code and knows no data, as keras-tuner makes one to load the
        best weights, is built of it as this one was.
        """
        if self.data_shape is None:
            return None
        made, reasons = self.rooms.assembly.made_parts(), self.rooms.assembly.reasons
        config = {"data_shape": self.data_shape, "column_names": self.column_names, "made": made}
        return {**config, "reasons": list(reasons)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build of what `get_build_config` returned."""
        self.rooms.assembly.make_again(config.get("made") or {})
        self.build(tuple(config["data_shape"]))
        self.column_names = config.get("column_names")
        reasons = config.get("reasons")
        if isinstance(reasons, list):  # files before have none
            self.rooms.assembly.reasons = [str(reason) for reason in reasons]

    def adapt(self, data: Any, *, limit: int | None = None) -> None:
        """Build the networks for `data` and adapt the scaler to it, without training.

        `fit` does this by itself; call it to evaluate or generate with untrained weights. A model that
        was not trained yet adapts anew at each call; one that was keeps to what it learned with.

        Args:
            data: Sequences, as `fit` takes them; with conditions a pair `(sequences, {…})`.
            limit: The most batches to read of `data` where its end is not known.

        Raises:
            ValueError: If the data has a wrong shape, or holds NaN or infinite values; or if the model
                was trained already, in the units of other data.
        """
        self.regime.looks("adapt")
        source = self.admission.gather("adapt", data)
        if not survey.learn(self, source, limit):
            survey.learn_again(self, source, limit)

    def calibrate(self, data: Any, *, num_samples: int | None = None, limit: int | None = None) -> None:
        """Give what is generated the marginal distributions of `data` from now on, feature by feature.

        Call it once training is over. `SequenceScaler.calibrate` has the method: values of each
        continuous feature whose distribution is off are moved so that their quantiles are those of the
        data; ranks stay. It is saved with the model, until `fit` trains on.

        Args:
            data: Sequences in their own units, as `fit` takes them.
            num_samples: How many sequences are generated to measure quantiles; by default 5,000, or
                fewer long ones (of a million steps in all, and at least 500).
            limit: The most batches to read of `data`, of a dataset.

        Raises:
            ValueError: If the model has no scaler, was not built and its scaler adapted, or the data
                is wrong.

        Example:
            >>> import keras_rgan as kr
            >>> gan = kr.RecurrentGAN(seed=0)
            >>> sines = kr.datasets.make_sines(256, length=8, num_features=2)
            >>> gan.adapt(sines)
            >>> before = kr.metrics.marginal_wasserstein_distance(sines, gan.generate(256, seed=0))
            >>> gan.calibrate(sines, num_samples=500)
            >>> after = kr.metrics.marginal_wasserstein_distance(sines, gan.generate(256, seed=0))
            >>> after < 0.5 * before
            True
        """
        self.regime.looks("calibrate")
        calibration.calibrate(self, data, num_samples, limit)

    # Generating

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """Make samples of noise; see the class."""
        self.sampler.check_ready("a call")
        return super().__call__(*args, **kwargs)

    def call(self, inputs: Nested, training: bool = False) -> Tensor:
        """Make samples of noise, in the data's units."""
        generation = self.rooms.generation
        generation.check(inputs)
        with backend.collectable_graphs():
            return generation.train(inputs) if training else generation.make(inputs)

    def sample_conditions(self, num_samples: int, *, seed: int | None = None) -> dict[str, np.ndarray]:
        """Draw conditions as they were in the data: rows of the first `fit`, up to 65,536 of them.

        With `attributes="generated"` static ones are new, made by the model; with `scaler="per_sample"`
        the range of each feature of each sequence is among them, as `minimum` and `maximum`.

        Args:
            num_samples: How many.
            seed: Seed of the draws; `generate` with the same seed draws the same conditions.

        Returns:
            Dict of arrays, as `generate(conditions=…)` takes them.

        Raises:
            ValueError: If the model takes no conditions, or the count is not positive.
        """
        checks.positive_int("num_samples", num_samples)
        return self.sampler.conditions(num_samples, seed)

    def sample_noise(
        self,
        num_samples: int | None = None,
        *,
        length: int | None = None,
        seed: int | None = None,
        conditions: Mapping[str, Any] | None = None,
    ) -> Nested:
        """Draw noise for the generator.

        Args:
            num_samples: How many samples; with conditions as many as these.
            length: Steps of a sequence; by default as in the data.
            conditions: Conditions, as `generate` takes them; their columns stand beside the noise.
            seed: Seed of the draws, the same on every backend; by default the model's own, which
                gives new noise at every call.

        Returns:
            Float32 NumPy arrays, as the generator takes them.

        Raises:
            ValueError: If the model was not built, a count is not positive, or the generator cannot
                make sequences of that length.
        """
        return self.sampler.noise(num_samples, length, seed, conditions)

    def generate(
        self,
        num_samples: int | None = None,
        *,
        length: int | None = None,
        seed: int | None = None,
        batch_size: int = 256,
        scaled: bool = False,
        conditions: Mapping[str, Any] | None = None,
        missing: bool = False,
    ) -> Any:
        """Generate samples.

        Args:
            num_samples: How many; with conditions as many as these.
            length: Steps of a sequence, of any number; by default as in the data, or as conditions
                at each step have.
            seed: The same seed gives the same samples; by default every call gives new ones.
            batch_size: How many are made at a time; without effect on the result.
            scaled: Whether to map them by the scaler to the networks' space.
            conditions: Dict of conditions, a row for each sample. A model that takes conditions draws
                them where none are given (`sample_conditions` shows which).
            missing: Whether to leave out, as NaN, what is not observed in sequences of the data, drawn
                with the conditions, or in the condition `observed`. By default samples have no gaps.

        Returns:
            `(num_samples, length, features)` in the data's units, float32, or float64 where float32
            does not hold these (see `SequenceScaler`); where sequences have lengths of their own a list
            of arrays `(length, features)`.

        Raises:
            ValueError: If the model was not built or its scaler not adapted, a count is not positive,
                or the generator cannot make sequences of that length.

        Example:
            >>> import keras_rgan as kr
            >>> gan = kr.RecurrentGAN(seed=0)
            >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
            >>> gan.generate(5, seed=1).shape
            (5, 8, 2)
        """
        batches = self.sampler.batches(
            num_samples, batch_size, length, seed, scaled, conditions, missing
        )
        parts = list(batches)
        if isinstance(parts[0], list):
            return [sample for part in parts for sample in part]
        return np.concatenate(parts)

    def generate_batches(
        self,
        num_samples: int | None = None,
        *,
        batch_size: int = 256,
        length: int | None = None,
        seed: int | None = None,
        scaled: bool = False,
        conditions: Mapping[str, Any] | None = None,
        missing: bool = False,
    ) -> Iterator[Any]:
        """Generate samples batch by batch, in memory that does not grow with their number.

        Args:
            num_samples: How many in all.
            batch_size: How many at a time.
            length: As in `generate`.
            seed: As in `generate`.
            scaled: As in `generate`.
            conditions: As in `generate`.
            missing: As in `generate`.

        Returns:
            An iterator of arrays, or of lists, that, joined, are what `generate` returns.

        Raises:
            ValueError: As `generate`.
        """
        return self.sampler.batches(num_samples, batch_size, length, seed, scaled, conditions, missing)

    def stream(
        self,
        num_samples: int = 1,
        *,
        steps: int = 1024,
        seed: int | None = None,
        conditions: Mapping[str, Any] | None = None,
    ) -> Iterator[np.ndarray]:
        """Generate sequences without end, part by part, in memory that does not grow.

        The state goes from part to part, so that these join without a seam: joined, they are what
        `generate` makes of the same noise in one piece. How far a sequence can go on from what was
        learned of short ones is the model's affair. A model that completes sequences has no such state:
        it makes a window of as many steps as those of training, and then goes on as `forecast` does,
        half a window at a time, from the half before.

        Args:
            num_samples: How many sequences side by side; with conditions as many as these.
            steps: Steps of a part, a multiple of the generator's `emission_steps`; of a model that
                completes sequences any number.
            seed: The same seed gives the same sequences; by default every call gives new ones.
            conditions: Conditions that hold throughout, as `generate` takes them.

        Returns:
            An endless iterator of `(num_samples, steps, features)`, in the data's units, as `generate`.

        Raises:
            ValueError: If the generator has no `continue_from` (unless the model completes sequences),
                the model takes conditions at each step or sequences of lengths of their own, or a count
                is wrong.

        Example:
            >>> import itertools, keras_rgan as kr
            >>> gan = kr.RecurrentGAN(seed=0)
            >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
            >>> [part.shape for part in itertools.islice(gan.stream(steps=50, seed=1), 3)]
            [(1, 50, 2), (1, 50, 2), (1, 50, 2)]
        """
        return self.rooms.streamer.parts(num_samples, steps, seed, conditions)

    def impute(
        self,
        x: Any,
        *,
        num_samples: int | None = None,
        quantiles: Sequence[float] | None = None,
        seed: int | None = None,
        conditions: Mapping[str, Any] | None = None,
        batch_size: int = 256,
    ) -> Any:
        """Fill what is missing in sequences; what is observed stays exactly as it is.

        Args:
            x: Sequences in their own units, `(samples, time, features)`, of any length, or a single
                one, `(time, features)`, NaN where a value is missing; where the model learned sequences
                of different lengths a list of arrays; or the table of such that `fit` took, with its
                conditions.
            num_samples: How many ways each is filled, drawn from the distribution given what is
                observed; or how many draws quantiles are taken of, 32. By default each value is filled
                by the median of 32 draws, which is near the truth on average but smoother.
            quantiles: Levels between 0 and 1 of the draws' quantiles to return in their place. Of
                categories all hold the most frequent one.
            seed: The same seed gives the same draws; by default every call gives new ones.
            conditions: Conditions of the sequences, where the model takes some.
            batch_size: How many sequences are made at a time.

        Returns:
            `(samples, time, features)`; with `num_samples` `(samples, num_samples, time, features)`;
            with `quantiles` `(samples, quantiles, time, features)`; of a model that learned sequences
            of different lengths a list of these, without the first axis. Float64 where `x` is; integers
            and categories keep to their steps, but may leave the range of the data.

        Raises:
            ValueError: If the model was not made with `completion=True` or has seen no data, or the
                sequences are not as in training.

        Example:
            >>> import numpy as np, keras_rgan as kr
            >>> sines = kr.datasets.make_sines(64, length=8, num_features=2)
            >>> gan = kr.RecurrentGAN(completion=True, seed=0)
            >>> gan.compile()
            >>> history = gan.fit(sines, batch_size=32, epochs=1, verbose=0)
            >>> gaps = sines[:3].copy()
            >>> gaps[:, 2:5] = np.nan
            >>> filled = gan.impute(gaps, seed=1)
            >>> bool(np.all(filled[:, 5:] == sines[:3, 5:]) and np.all(np.isfinite(filled)))
            True

        Reference:
            Rubin, "Multiple Imputation for Nonresponse in Surveys", 1987; Yoon et al., "GAIN: Missing
            Data Imputation using Generative Adversarial Nets", ICML 2018.
        """
        return self.rooms.imputer.impute(x, num_samples, quantiles, seed, conditions, batch_size)

    def forecast(
        self,
        history: Any,
        *,
        steps: int,
        num_samples: int = 100,
        quantiles: Sequence[float] | None = None,
        seed: int | None = None,
        conditions: Mapping[str, Any] | None = None,
        batch_size: int = 256,
    ) -> np.ndarray:
        """Draw how sequences go on.

        A model sees as many steps as it was trained on: the last of the history that leave room for the
        steps that are asked for, and at least half of them. Of more it draws one part after another.
        Where sequences have lengths of their own, how much further than these steps each goes is drawn
        from those of the data that are as long.

        Args:
            history: Sequences in their own units, `(series, time, features)`, or one, `(time,
                features)`, or a list of such of different lengths; NaN where a value is missing. Or a
                table, each sequence of which goes on.
            steps: How many further steps. They may leave the range of the data, as the history may.
            num_samples: How many futures are drawn of each; with `quantiles` of how many these are
                taken.
            quantiles: Levels between 0 and 1 of the draws' quantiles, step by step, to return in place
                of the draws. Of categories all hold the most frequent one.
            seed: The same seed gives the same draws; by default every call gives new ones.
            conditions: Conditions of the sequences, where the model takes some; those at each step for
                all steps, of history and future (of histories of different lengths a list of arrays).
            batch_size: How many sequences are made at a time.

        Returns:
            `(series, num_samples, steps, features)`, or `(series, quantiles, steps, features)`; without
            the first axis for a single series.

        Raises:
            ValueError: If the model was not made with `completion=True` or has seen no data, or the
                sequences are not as in training.

        Example:
            >>> import keras_rgan as kr
            >>> sines = kr.datasets.make_sines(64, length=12, num_features=2)
            >>> gan = kr.RecurrentGAN(completion=True, seed=0)
            >>> gan.compile()
            >>> history = gan.fit(sines, batch_size=32, epochs=1, verbose=0)
            >>> gan.forecast(sines[:5, :8], steps=4, num_samples=10, seed=1).shape
            (5, 10, 4, 2)
            >>> gan.forecast(sines[0, :8], steps=20, quantiles=[0.1, 0.9], seed=1).shape
            (2, 20, 2)

        Reference:
            Koochali et al., "Probabilistic Forecasting of Sensory Data with Generative Adversarial
            Networks - ForGAN", IEEE Access 2019.
        """
        return self.rooms.imputer.forecast(
            history, steps, num_samples, quantiles, seed, conditions, batch_size
        )

    def continue_from(
        self,
        history: Any,
        *,
        steps: int,
        seed: int | None = None,
        conditions: Mapping[str, Any] | None = None,
    ) -> np.ndarray:
        """Draw one way in which each of some sequences goes on: `forecast` of a single future.

        Args:
            history: Sequences in their own units, `(series, time, features)`, or one, `(time,
                features)`.
            steps: How many further steps.
            seed: The same seed gives the same steps; by default every call gives new ones.
            conditions: Conditions, as `forecast` takes them.

        Returns:
            `(series, steps, features)`, or `(steps, features)` for a single series: what stands behind
            the history in one sequence.

        Raises:
            ValueError: As `forecast`.
        """
        paths = self.forecast(history, steps=steps, num_samples=1, seed=seed, conditions=conditions)
        return paths[..., 0, :, :]

    def export_generator(
        self,
        path: Any,
        *,
        format: str = "tf_saved_model",
        length: int | None = None,
        seeded: bool = False,
        **kwargs: Any,
    ) -> None:
        """Write the generator alone, to a file or folder that runs without this package.

        It makes what a call makes: samples of the averaged weights, in the data's units, calibrated and
        held to the scaler's constraints, in batches of any size. Its inputs are the parts of the noise
        by name, as `sample_noise` gives them: with conditions their columns too, `conditions`. Where
        sequences have lengths of their own they come padded, and the columns tell how long each is.
        The model itself stays as it is.

        Args:
            path: A folder for "tf_saved_model", a file that ends in ".onnx" or ".tflite" for the
                others. It appears whole or not at all, in the place of an earlier one.
            format: "tf_saved_model" (TensorFlow, JAX), "onnx" (all backends) or "litert" (TensorFlow).
            length: Steps of a sequence. By default any number where format and backend can, which
                docs/export.md lists, else as in the data.
            seeded: Whether the file draws the noise itself, in place of taking it: inputs are then
                the int32 scalars `seed` and `num_samples`, and `length` where it is open; with
                conditions `seed` and `conditions`. A SavedModel of the TensorFlow backend only. The
                same seed gives the same samples, other ones than in `generate`.
            **kwargs: Options of the format, as `keras.Model.export` takes them.

        Raises:
            ImportError: If the package that writes the format is not installed.
            ValueError: If the model is not ready to generate, the backend cannot write the format, the
                path is none for it, the generator draws random numbers of its own, or one of its layers
                has operations that the format lacks.

        Example:
            >>> import pathlib, tempfile, keras_rgan as kr
            >>> gan = kr.RecurrentGAN(seed=0)
            >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
            >>> folder = pathlib.Path(tempfile.mkdtemp())
            >>> gan.export_generator(folder / "sines.onnx", format="onnx")
            >>> [file.name for file in folder.iterdir()]
            ['sines.onnx']
        """
        self.sampler.check_ready("an export")
        export.export_generator(self, path, format, length, seeded, kwargs)

    # Saving

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, with the networks as they are."""
        return {
            **super().get_config(),
            **self.rooms.assembly.portable_parts(conditioning.of_the_user(self.capabilities)),
            "completion": self.completion,
            "noise": self.noise,
            "noise_mean": self.noise_mean,
            "noise_scale": self.noise_scale,
            "noise_shape": self.rooms.assembly.noise_shape,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> RecurrentGAN:
        """Make a model from its config."""
        config = {"attributes": "drawn", "capabilities": [], **config}
        parts = ("generator", "discriminator", "scaler", "conditions", "attributes", "capabilities")
        for key in parts:
            config[key] = keras.saving.deserialize_keras_object(
                config.get(key), custom_objects=custom_objects
            )
        return cls(**config)

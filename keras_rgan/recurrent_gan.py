"""The model that `fit` trains."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import math
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from keras_rgan import backend, losses, penalties
from keras_rgan import metrics as gan_metrics
from keras_rgan.conditioning import completion
from keras_rgan.conditioning.attributes import SOURCES, AttributesMixin, Streams
from keras_rgan.conditioning.ranges import RANGE, RangesMixin
from keras_rgan.data.parquet_windows import ParquetWindows
from keras_rgan.generating import export
from keras_rgan.generating.continuation import Continuation, averaged_scope
from keras_rgan.layers import ConditionEncoder, GapFeatures, PerSampleScaler, SequenceScaler
from keras_rgan.networks import AttributeGenerator, RecurrentDiscriminator, RecurrentGenerator
from keras_rgan.sequences import bridges, reading
from keras_rgan.sequences.noise import LAWS, NoiseSpec
from keras_rgan.training.optimizer_pair import OptimizerPair
from keras_rgan.utils import checks, saving, seeding
from keras_rgan.utils.types import Nested, Shape, Tensor
from keras_rgan.utils.untracked import Untracked

NUM_EXAMPLES = 64
"""How many real samples are kept from `fit` for pictures."""

FEW_FEATURES = 8
"""Up to so many features networks are narrow, and relativistic pairing is the better loss."""

DEFAULT_EMA = 0.999
"""Decay of the average of the generator's weights."""

DEFAULT_PENALTIES: dict[str, Callable[[], list[penalties.Penalty]]] = {
    "approximate_r1_r2": lambda: [
        kind(weight=4.0, every=2, features=12)
        for kind in (penalties.ApproximateR1Penalty, penalties.ApproximateR2Penalty)
    ],
    "approximate_gradient_penalty": lambda: [penalties.ApproximateGradientPenalty(every=2)],
}
"""New penalties of usual strength: of most losses, and of the Wasserstein loss."""

CALIBRATION_SEED = 1968
"""Seed of the samples that calibration measures, unlike one that a user would take."""


@dataclasses.dataclass
class Recipe:
    """What `compile` resolved."""

    loss: losses.AdversarialLoss
    penalties: list[penalties.Penalty]
    discriminator_steps: int
    ema: float | None
    metrics: list[keras.metrics.Metric]
    prediction_weight: float
    completion_weight: float


class Given(NamedTuple):
    """What stands beside a batch of real samples.

    Attributes:
        columns: Conditions beside every step, `(batch, time, columns)`, or None.
        known: Which values of the samples there are, `(batch, time, features)`, or None for all.
    """

    columns: Tensor | None = None
    known: Tensor | None = None


@keras.saving.register_keras_serializable(package="keras_rgan")
class RecurrentGAN(
    AttributesMixin, RangesMixin, completion.CompletionMixin, backend.AdversarialTrainer, keras.Model
):
    """A generative adversarial network for sequences, trained by plain `fit`.

    Takes sequences in their own units and gives them back in these: a scaler, adapted to the data of
    the first `fit`, stands before the discriminator and behind the generator, and is saved with
    them. Any Keras models can be the two networks, on data of any rank. Both live in the scaled space:
    `gan.discriminator(gan.scaler(samples))` judges samples in the data's units. What is generated keeps
    to the scaler's constraints.

    Networks made here are both 48 wide for up to 8 features, else the generator is 128 in its recurrent
    layer and head and the discriminator 64; its convolutional branch has half of its width. The latent
    of a sequence has 32 entries, the noise of a step 8.

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
            sized from the data, a dict of some of its arguments one that differs in these:
            `{"units": 64, "cell": "lstm"}`.
        discriminator: Model from samples to judgements (logits), `(batch, 1)` or a judgement a step;
            None makes a `RecurrentDiscriminator` sized from the data, which looks at second
            increments too where every feature of the data bends slowly (less than half as much, on
            average, as it moves), a dict of some of its arguments one that differs in these.
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
            Pass an `AttributeGenerator` in place of "generated" to have one of your own.
        completion: Whether the model learns to complete sequences of which part is observed. Networks
            of your own get three columns a feature more among the conditions of each step, last of the
            temporal ones: what `layers.GapFeatures` makes of what is observed.
        noise: Law of the noise: "normal" for N(0, 1), "uniform" for U(-1, 1).
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

    def __init__(
        self,
        generator: keras.Model | dict[str, Any] | None = None,
        discriminator: keras.Model | dict[str, Any] | None = None,
        *,
        scaler: Any = "auto",
        conditions: ConditionEncoder | None = None,
        attributes: str | AttributeGenerator = "drawn",
        completion: bool = False,
        noise: str = "normal",
        noise_mean: float = 0.0,
        noise_scale: float = 1.0,
        noise_shape: Nested = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        networks: dict[str, Any] = {"generator": generator, "discriminator": discriminator}
        changes: dict[str, dict[str, Any]] = {role: {} for role in networks}
        for role, network in networks.items():
            if isinstance(network, Mapping):
                networks[role], changes[role] = None, _check_network_arguments(role, network)
            elif network is not None and not isinstance(network, keras.Layer):
                raise ValueError(
                    f"`{role}` must be a Keras model or layer, or None or a dict of arguments to have "
                    f"one made. Received: {role}={network!r}"
                )
        self._network_changes = Untracked(changes)
        self._shown_model: Untracked[Any] = Untracked(None)
        # Any: Keras has no types, and None ends once the data is known.
        self.generator: Any = networks["generator"]
        self.discriminator: Any = networks["discriminator"]
        self.scaler: Any = _make_scaler(scaler)
        if not isinstance(conditions, ConditionEncoder | None):
            raise ValueError(
                "`conditions` must be a keras_rgan.layers.ConditionEncoder or None; the conditions "
                "themselves go to fit((sequences, {'label': labels})). Received: "
                f"conditions={conditions!r}"
            )
        self.conditions = conditions
        if not isinstance(attributes, AttributeGenerator):
            checks.one_of("attributes", attributes, SOURCES)
        if completion and attributes != "drawn":
            raise ValueError(
                "A model that completes sequences is given their attributes. Expected: "
                f"attributes='drawn' with completion=True. Received: attributes={attributes!r}"
            )
        if completion and self._per_sample:
            raise ValueError(
                "A sequence of which part is hidden has no range of its own that is known. Expected: "
                "another scaler with completion=True. Received: scaler='per_sample'"
            )
        if self._per_sample:
            self.autocast = False  # a range in half precision is off by a hundredth
        generated = isinstance(attributes, AttributeGenerator)
        self.attributes = "generated" if generated else str(attributes)
        self.attribute_generator: Any = attributes if generated else None
        self.completion = completion
        self.gap_features: Any = GapFeatures(name="gap_features") if completion else None
        self.noise = checks.one_of("noise", noise, LAWS)
        self.noise_mean = checks.number("noise_mean", noise_mean, -math.inf)
        self.noise_scale = checks.number("noise_scale", noise_scale, 0.0)
        self._noise_shape_argument = noise_shape
        self._noise_spec: NoiseSpec | None = None
        self.seed = seed
        self.seed_generator = _seed_generator(seed, "training")
        self.evaluation_seed_generator = _seed_generator(seed, "evaluation")
        self.sampling_seed_generator = _seed_generator(seed, "sampling")
        self.generator_loss_tracker = keras.metrics.Mean(name="generator_loss")
        self.discriminator_loss_tracker = keras.metrics.Mean(name="discriminator_loss")
        self.real_score_tracker = keras.metrics.Mean(name="real_score")
        self.fake_score_tracker = keras.metrics.Mean(name="fake_score")
        self.penalty_tracker = keras.metrics.Mean(name="penalty")
        self.prediction_loss_tracker = keras.metrics.Mean(name="prediction_loss")
        self.completion_loss_tracker = keras.metrics.Mean(name="completion_loss")
        self._evaluation_start = _numpy(self.evaluation_seed_generator.state)
        self.ema_weights: list[keras.Variable] = []
        self._averaged: Untracked[list[keras.Variable]] = Untracked([])
        self._fused_layers: Untracked[list[tuple[keras.Layer, Any]]] = Untracked([])
        self.examples: np.ndarray | None = None
        self._recipe: Recipe | None = None
        self._follows_data = False
        self._evaluating = False
        self._random_judge = False
        self._data_shape: Shape | None = None

    # Building

    def build(self, data_shape: Shape) -> None:
        """Make the networks that are missing and build them, for data of a shape.

        `fit` and `adapt` do this by themselves.

        Args:
            data_shape: `(None, time, features)`, or the shape of whatever the networks make.

        Raises:
            ValueError: If the networks do not fit the data or each other.
        """
        shape: Shape = (None, *(int(n) for n in data_shape[1:] if n is not None))
        if len(shape) != len(data_shape):
            raise ValueError(
                "The shape of the data must be known but for the number of samples: (None, 24, 6). "
                f"Received: {tuple(data_shape)}"
            )
        self._check_knows_ranges(building=True)
        if self.built:  # keras-tuner's Hyperband builds again what it goes on with
            if shape == self._data_shape:
                return
            raise ValueError(
                f"This model was built for data of shape {self._data_shape}. Received: {shape}. Make a "
                "new RecurrentGAN."
            )
        with backend.variable_scope(self):
            self._make_networks(shape)
            noise_spec = self._infer_noise_spec()
            self._make_attribute_generator()
            self._check_networks(shape, noise_spec)
            self._noise_spec, self._data_shape = noise_spec, shape
            for layer in (self.scaler, self.gap_features):
                if layer is not None and not layer.built:
                    layer.build(shape)
            # Trained or frozen: that may change later.
            self._averaged = Untracked(
                [
                    v
                    for network in self._generators
                    for v in network.weights
                    if keras.backend.is_float_dtype(v.dtype)
                ]
            )
            options = {"trainable": False, "autocast": False, "aggregation": "only_first_replica"}
            self.ema_weights = [
                self.add_weight(
                    shape=v.shape,
                    initializer="zeros",
                    name=f"ema_{v.path.replace('/', '_')}",
                    **options,
                )
                for v in self._averaged.value
            ]
            self.ema_steps = self.add_weight(shape=(), initializer="zeros", name="ema_steps", **options)
            self._start_average()
        self._finish_compile()

    @property
    def _generators(self) -> list[keras.Model]:
        """The networks whose weights the generator's optimizer trains."""
        return [x for x in (self.generator, self.attribute_generator) if x is not None]

    def _start_average(self) -> None:
        for average, variable in zip(self.ema_weights, self._averaged.value, strict=True):
            average.assign(ops.copy(variable.value))

    def _make_networks(
        self, shape: Shape, increments: int = 1, categories: Sequence[tuple[int, int]] = ()
    ) -> None:
        if (self.generator is None or self.discriminator is None) and len(shape) != 3:
            raise ValueError(
                "The networks made by default are for sequences of shape (samples, time, features). "
                f"Received: data of shape {shape}. Pass generator= and discriminator= for other data."
            )
        if self.completion and len(shape) != 3:
            raise ValueError(
                "completion=True is for sequences, (samples, time, features). Received: data of shape "
                f"{shape}"
            )
        num_features = shape[-1] or 0
        counts = self._count_conditions(num_features)
        widths = default_widths(num_features)
        changes = self._network_changes.value
        if self.generator is None:
            units = checks.positive_int("units", changes["generator"].get("units", widths[0]))
            arguments = {
                "units": units,
                "hidden_units": units,
                "smoothing": True,
                "gated_smoothing": True,
                "context_units": units // 2 if self.completion else 0,
                "seed": seeding.child_seed(self.seed, "generator"),
                **changes["generator"],
            }
            self.generator = RecurrentGenerator(
                num_features,
                categories=categories,
                completion=self.completion,
                **counts,
                **arguments,
                dtype=self.dtype_policy,
                name="generator",
            )
        if self.discriminator is None:
            units = checks.positive_int("units", changes["discriminator"].get("units", widths[1]))
            arguments = {
                "units": units,
                "increments": increments,
                "convolution_units": units // 2,
                "seed": seeding.child_seed(self.seed, "discriminator"),
                **changes["discriminator"],
            }
            self.discriminator = RecurrentDiscriminator(
                variable_length=self._variable_length,
                **counts,
                **arguments,
                dtype=self.dtype_policy,
                name="discriminator",
            )

    def _count_conditions(self, num_features: int) -> dict[str, Any]:
        """Return how many columns of either kind of condition stand beside a step."""
        encoder = self.conditions
        static, temporal = (0, 0) if encoder is None else (encoder.num_static, encoder.num_temporal)
        temporal += 3 * num_features if self.completion else 0
        return {"temporal_conditions": temporal, "static_conditions": static}

    @property
    def _num_conditions(self) -> dict[str, Any]:
        """How many columns of either kind of condition stand beside a step, once the data is known."""
        return self._count_conditions((self._data_shape or (0,))[-1] or 0)

    @property
    def _has_gaps(self) -> bool:
        return self.conditions is not None and "observed" in self.conditions.names

    @property
    def _variable_length(self) -> bool:
        return self.conditions is not None and self.conditions.max_length is not None

    @property
    def _num_columns(self) -> int:
        return sum(self._num_conditions.values())

    def _infer_noise_spec(self) -> NoiseSpec:
        shapes = self._noise_shape_argument
        if shapes is None:
            shapes = getattr(self.generator, "noise_shape", None)
        if shapes is None:
            shapes = _input_shapes(self.generator)
            if isinstance(shapes, dict):
                shapes = {name: s for name, s in shapes.items() if name != "conditions"}
        if shapes is None:
            raise ValueError(
                "The shape of the noise cannot be inferred: the generator's inputs are not known. "
                "Pass noise_shape=, for instance noise_shape=(32,), or build the generator with a "
                "keras.Input."
            )
        return NoiseSpec.from_shapes(self.noise, self.noise_mean, self.noise_scale, shapes)

    def _check_networks(self, shape: Shape, noise_spec: NoiseSpec) -> None:
        """Build both networks on symbolic tensors, and compare shapes."""
        length = shape[1] if len(shape) > 2 else None
        counts = self._count_conditions(shape[-1] or 0)
        count = sum(counts.values())
        for role, network in (("generator", self.generator), ("discriminator", self.discriminator)):
            known = [getattr(network, k, n) for k, n in counts.items()]
            if known != list(counts.values()):
                raise ValueError(
                    f"The {role} has (temporal_conditions, static_conditions) = {tuple(known)}, the "
                    f"data {tuple(counts.values())}. Make it with temporal_conditions="
                    f"{counts['temporal_conditions']}, static_conditions={counts['static_conditions']}."
                    + (" Completion takes three columns a feature." if self.completion else "")
                )
        if getattr(self.discriminator, "variable_length", True) < self._variable_length:
            raise ValueError(
                "The sequences have lengths of their own, which the discriminator does not tell from "
                "padding. Make it with variable_length=True."
            )
        columns = keras.KerasTensor((None, length, count)) if count else None
        noise = noise_spec.symbolic(length)
        if count and not isinstance(noise, dict):
            raise ValueError(
                "With conditions the generator must take a dict of inputs, of noise and of the columns "
                f"'conditions', shape (None, {length}, {count}). Received: a generator of one input."
            )
        samples = self.generator(completion.beside(noise, columns), training=False)
        for role, network in (("generator", self.generator), ("discriminator", self.discriminator)):
            for layer in network._flatten_layers():
                if getattr(layer, "activity_regularizer", None) is not None:
                    raise ValueError(
                        f"The {role}'s layer '{layer.name}' has an activity_regularizer, which the "
                        "adversarial step does not add. Use a kernel_regularizer, or a subclass of "
                        "keras_rgan.penalties.Penalty."
                    )
        made = tuple(samples.shape) if hasattr(samples, "shape") else repr(samples)
        fits = len(made) == len(shape) and all(
            a is None or b is None or a == b for a, b in zip(made, shape, strict=True)
        )
        if not fits:
            hint = (
                " Batch a dataset first (dataset.batch(64)), or add the axis that the data lacks."
                if len(made) == len(shape) + 1
                else " Change the generator's output, or the data."
            )
            raise ValueError(
                f"The generator makes samples of shape {made}, the data has shape {shape}. Expected: "
                f"the same shape.{hint}"
            )
        judgement, prediction = _parts_of(
            self.discriminator(
                _with_conditions(keras.KerasTensor(shape, dtype="float32"), columns), training=False
            )
        )
        if not hasattr(judgement, "shape") or len(judgement.shape) < 1:
            raise ValueError(
                "The discriminator must return a tensor of judgements, (batch, 1), or a dict with "
                f"one as 'judgement'. Received: {judgement!r}"
            )
        expected = (None, None if length is None else length - 1, *shape[2:])
        if prediction is not None and tuple(prediction.shape)[1:] != expected[1:]:
            raise ValueError(
                f"The discriminator's prediction must have the shape {expected}: every step but the "
                f"first. Received: {tuple(prediction.shape)}"
            )

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shape of the data, where it is known."""
        return None if self._data_shape is None else {"data_shape": self._data_shape}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build for the shape of the data."""
        self.build(tuple(config["data_shape"]))

    def adapt(self, data: Any, limit: int | None = None) -> None:
        """Build the networks for `data` and adapt the scaler to it, without training.

        `fit` does this by itself; call it to evaluate or generate with untrained weights.

        Args:
            data: Sequences, as `fit` takes them; with conditions a pair `(sequences, {…})`.
            limit: The most batches to read of `data` where its end is not known.

        Raises:
            ValueError: If the data has a wrong shape, or holds NaN or infinite values.
        """
        needs_scaler = self.scaler is not None and not self.scaler.adapted
        if isinstance(data, ParquetWindows):
            if not needs_scaler and self.built and self.examples is not None:
                return
            data, limit = data.disjoint(), None
        data, conditions = self._gather("adapt", data, None, {})
        whole = data if conditions is None else (data, conditions)
        if reading.is_finite(data):
            limit = None
        if isinstance(data, list | tuple):
            raise ValueError(
                f"Expected one array of samples. Received: a {type(data).__name__} of {len(data)}. "
                "Pass np.asarray(data), np.stack where its entries are arrays, or a list of arrays "
                "(time, features) of different lengths; labels go in a dict, (sequences, {'label': "
                "labels})."
            )
        if reading.is_array(data):
            self._check_samples(data, gaps="observed" in (conditions or {}))
            sample = data
            if not needs_scaler:
                self._warn_of_other_units(sample)
        elif reading.is_one_shot(data):
            if needs_scaler or not self.built:
                raise ValueError(
                    "A Python generator can be read only once, but the model must see the data before "
                    "it trains. Call gan.adapt(samples) with some of the data first, or pass a "
                    "tf.data.Dataset, keras.utils.PyDataset or DataLoader. Received: "
                    f"{type(data).__name__}"
                )
            return
        else:
            known = not needs_scaler and self.built and self.examples is not None
            if known and not self.completion:
                return
            gaps = self._has_gaps
            if self.completion and not self.built:
                gaps = any(_has_nan(batch) for batch, _ in reading.iterate_pairs(data, limit))
            whole = reading.WithGaps(data) if gaps else data
            sample, conditions = next(reading.iterate_pairs(whole, limit=1), (None, None))
            if sample is None:
                raise ValueError("Expected at least one batch of data. Received: none")
            self._check_samples(sample, gaps="observed" in (conditions or {}))
            if known:
                return
        if needs_scaler and self.scaler.num_features not in (None, sample.shape[-1]):
            raise ValueError(
                f"The scaler has {self.scaler.num_features} features, the data "
                f"{sample.shape[-1]}. Pass a scaler for this data."
            )
        self._check_ranges(conditions, sample)
        first, fresh = not self.built, self.generator is None and self.discriminator is None
        with self._adapted_ranges(whole, limit, needs_scaler):
            self._adapt_conditions(whole, conditions, sample, limit)
            if first:
                if sample.ndim == 3:  # networks made by `build`, without data, look at first increments
                    with backend.variable_scope(self):
                        parts = [sample]
                        if "length" in (conditions or {}):
                            parts = list(reading.by_length(sample, conditions["length"]))
                        categories = self._find_categories(whole, sample, conditions, limit)
                        self._make_networks(sample.shape, default_increments(parts), categories)
                self.build((None, *sample.shape[1:]))
        if needs_scaler and not self._per_sample:
            self.scaler.adapt(whole, limit)
        # Networks that come with an adapted scaler may have learned with it.
        if needs_scaler or (first and (self.scaler is None or fresh)):
            self._adapt_networks(whole, limit)
        if self.completion and not self.gap_features.adapted:
            self.gap_features.adapt(self._scaled(whole, limit))
        chosen = np.linspace(0, len(sample) - 1, min(NUM_EXAMPLES, len(sample))).astype(int)
        self.examples = reading.to_numpy(sample)[chosen].astype("float32")
        if "length" in (conditions or {}):  # what is padded is not drawn
            lengths = np.ravel(conditions["length"])[chosen, None]
            self.examples[np.arange(self.examples.shape[1]) >= lengths] = np.nan

    def _find_categories(
        self, data: Any, sample: Any, conditions: Any, limit: int | None
    ) -> list[tuple[int, int]]:
        """Return which features of the data are one-hot; most data shows at once that none are."""
        if self.generator is not None or self.scaler is None:
            return []
        if self.scaler.adapted:
            return self.scaler.categories
        first = sample[:1000]
        if conditions is not None:
            first = first, {name: values[:1000] for name, values in conditions.items()}
        if not self.scaler.find_categories(first):
            return []
        return self.scaler.find_categories(data, limit)

    def _adapt_conditions(self, data: Any, first: Any, sample: Any, limit: int | None) -> None:
        """Learn what conditions there are, of which `first` stand beside `sample`, and check them."""
        first = self._with_ranges(first, sample)
        unknown = self.conditions is None or not self.conditions.adapted
        if unknown and first is None:
            self._check_attributes([])
        if unknown and first is not None and not self.built:
            if len(sample.shape) != 3:
                raise ValueError(
                    "Conditions stand beside sequences of shape (samples, time, features). Received: "
                    f"conditions beside samples of shape {tuple(sample.shape)}"
                )
            encoder = (
                ConditionEncoder(name="conditions") if self.conditions is None else self.conditions
            )
            reading.check_rows(first, sample)
            self._check_attributes([k for k, v in first.items() if np.ndim(v) < 3 and k != "length"])
            if isinstance(data, tuple) or reading.is_array(data):  # all of it
                encoder.adapt(first)
            else:
                pairs = self._pairs_with_ranges(reading.iterate_pairs(data, limit))
                encoder.adapt(_conditions_of(pairs))
            self.conditions = encoder
        self._check_conditions(first, sample)

    def _check_conditions(self, conditions: Any, samples: Any) -> dict[str, np.ndarray] | None:
        """Return the conditions beside an array of samples as a step takes them; refuse wrong ones."""
        encoder = self.conditions
        if encoder is None or not encoder.adapted:
            if conditions is not None:
                raise ValueError(
                    "This model was built for sequences without conditions. Received: the conditions "
                    f"{sorted(map(str, conditions))}. Make a new RecurrentGAN."
                )
            if encoder is not None:
                raise ValueError(
                    "The model has a ConditionEncoder that knows no conditions yet. Expected: "
                    "conditions beside the sequences, fit((sequences, {'label': labels})). Received: "
                    "none"
                )
            return None
        if conditions is None:
            raise ValueError(
                f"This model takes the conditions {encoder.names}. Received: none. Pass them beside "
                f"the sequences, as (sequences, {{{encoder.names[0]!r}: …}})."
            )
        encoded = encoder.encode(conditions)
        reading.check_rows(encoded, samples)
        return encoded

    def _gather(
        self, where: str, x: Any, y: Any, weights: dict[str, Any], gaps: bool = False
    ) -> tuple[Any, Any]:
        """Return sequences, padded if need be, and their conditions; refuse targets that are none.

        With `gaps`, and where the model knows such, what is observed is always among these.
        """
        x, conditions = reading.gather(x, y)
        _refuse_targets(where, conditions, weights)
        gaps = gaps or self._has_gaps
        if reading.is_array(x) and (gaps or (self.completion and not self.built)):
            values = reading.to_numpy(x)
            if "observed" not in (conditions or {}) and (gaps or _has_nan(values)):
                observed = (
                    ~np.isnan(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)
                )
                conditions = {**(conditions or {}), "observed": observed}
        if conditions is None:
            return x, None
        if not reading.is_array(x):
            raise ValueError(
                "Conditions beside an array of sequences are a dict of arrays; a dataset yields pairs "
                f"(sequences, {{name: values}}). Received: a {type(x).__name__} with a dict in {where}"
            )
        if not self._has_gaps and self.built and np.all(conditions.get("observed", False)):
            conditions = {k: v for k, v in conditions.items() if k != "observed"}  # which says nothing
        lengths = conditions.get("length")
        if not self._variable_length and lengths is not None and len(x.shape) == 3:
            conditions = dict(conditions)
            if (reading.to_numpy(lengths) == x.shape[1]).all():  # which says nothing
                del conditions["length"]
        return x, conditions or None

    def _paired(self, samples: Any, conditions: Any) -> Any:
        """Return an array as a step takes it, with its conditions where there are any."""
        encoded = self._check_conditions(self._with_ranges(conditions, samples), samples)
        return samples if encoded is None else {"sequences": samples, "conditions": encoded}

    def calibrate(self, data: Any, num_samples: int | None = None, limit: int | None = None) -> None:
        """Give what is generated the marginal distributions of `data` from now on, feature by feature.

        Call it once training is over. `SequenceScaler.calibrate` has the method: values of each
        continuous feature whose distribution is off are moved so that their quantiles are those of the
        data; ranks stay. It is saved with the model, until `fit` trains on.

        Args:
            data: Sequences in their own units, as `fit` takes them.
            num_samples: How many sequences are generated to measure quantiles; by default 5,000, or
                fewer long ones (of a million steps in all, and at least 500).
            limit: The most batches to read of `data` where its end is not known.

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
        if self.scaler is None:
            raise ValueError(
                "calibrate moves values in the scaler, and this model has none. Expected: a model made "
                "with scaler='auto' or a SequenceScaler. Received: scaler=None"
            )
        self._check_ready("calibrate")
        if self._per_sample:
            self.scaler.calibrate(data, None)
        samples, conditions = self._gather("calibrate", data, None, {})
        if reading.is_array(samples):
            self._check_samples(samples, self._has_gaps)
        if num_samples is None:
            _, length = self._sampling(None)
            num_samples = min(5000, max(500, 1_000_000 // (length or 1)))
        with self.scaler.unconstrained():
            generated = list(
                self.generate_batches(num_samples, seed=CALIBRATION_SEED, missing=self._has_gaps)
            )
            if self._variable_length:
                generated = [np.concatenate(part)[None] for part in generated]
            if self._has_gaps:
                generated = [(part, {"observed": ~np.isnan(part)}) for part in generated]
        whole = samples if conditions is None else (samples, conditions)
        if self._has_gaps and not reading.is_array(samples):
            whole = reading.WithGaps(samples)
        self.scaler.calibrate(whole, generated, limit)

    def _warn_of_other_units(self, samples: Any) -> None:
        """Warn of values far from all that the scaler was adapted to."""
        if self.scaler is None or self.scaler.kind != "min_max" or self._per_sample:
            return
        low, high = self.scaler.feature_range
        values = reading.to_numpy(samples)
        values = values.reshape(-1, values.shape[-1])
        extremes = np.stack([np.fmin.reduce(values), np.fmax.reduce(values)]).astype("float32")
        scaled = ops.convert_to_numpy(self.scaler(extremes))
        middle, reach = 0.5 * (low + high), 0.5 * (high - low)
        distance = np.nan_to_num(np.abs(scaled - middle)).max(axis=0) / reach
        if distance.max() > 3.0:
            warnings.warn(
                f"Feature {int(distance.argmax())} reaches {distance.max():.1f} times as far as the "
                "data that the scaler was adapted to. Make a new RecurrentGAN for data in other units.",
                stacklevel=4,
            )

    def _adapt_networks(self, data: Any, limit: int | None) -> None:
        """Show the scaled data to those layers of the networks that adapt to it."""
        layers = [
            layer
            for layer in (
                getattr(self.generator, "smoother", None),
                getattr(self.discriminator, "view", None),
            )
            if layer is not None
        ]
        for layer in layers:
            layer.adapt(self._scaled(data, limit))
        if layers:
            self._start_average()

    def _scaled(self, data: Any, limit: int | None) -> Iterator[np.ndarray]:
        for batch in reading.iterate(data, limit):
            batch = batch.astype("float32")  # NaN where it has gaps
            yield batch if self.scaler is None else ops.convert_to_numpy(self.scaler(batch))

    def _check_samples(self, samples: Any, gaps: bool = False) -> None:
        """Refuse an array that the networks or the scaler cannot take, before anything changes.

        With `gaps` NaN stands for what is not observed.
        """
        shape = tuple(samples.shape)
        values = reading.to_numpy(samples)
        if values.dtype.kind not in "fiub":
            raise ValueError(f"Expected numbers. Received: an array of dtype {values.dtype}")
        made = self.generator is None or self.discriminator is None
        expected = None if self._data_shape is None else len(self._data_shape)
        if (expected is None and (len(shape) < 2 or (made and len(shape) != 3))) or (
            expected is not None and len(shape) != expected
        ):
            hint = (
                " Cut a long series with keras_rgan.data.sliding_windows(series, length)."
                if len(shape) < 3
                else ""
            )
            wanted = self._data_shape or "(samples, time, features)"
            raise ValueError(f"Expected samples of shape {wanted}. Received: shape {shape}.{hint}")
        scaler = self.scaler
        if scaler is not None and scaler.adapted and shape[-1] != scaler.num_features:
            raise ValueError(
                f"The scaler was adapted to {scaler.num_features} features. Received: samples of "
                f"{shape[-1]}, shape {shape}. Pass the same features, or make a new model."
            )
        if self._data_shape is not None and not self._same_but_length(shape):
            raise ValueError(
                f"The networks were built for samples of shape {self._data_shape}. Received: shape "
                f"{shape}. Pass samples of that shape, or make a new model."
            )
        problem = reading.describe_non_finite(values, gaps)
        if problem:
            hint = "Drop or fill them first"
            if self._per_sample:
                hint += ", or use another scaler: gaps do not go with ranges of their own"
            elif not gaps and not self.built:
                hint += (
                    ", or train on what is observed: pass (samples, {'observed': ~np.isnan(samples)})"
                )
                if not self.completion:
                    hint += ", or make the model with completion=True, to which data may hold NaN"
            elif not gaps:
                hint += ", or make a new model: this one was first trained on sequences without gaps"
            raise ValueError(
                f"Expected finite values. Received: NaN or infinite values in {problem}. {hint}."
            )

    def _same_but_length(self, shape: Shape) -> bool:
        assert self._data_shape is not None
        assert self._noise_spec is not None
        known = self._data_shape[2:] if self._noise_spec.any_length else self._data_shape[1:]
        return tuple(shape[len(shape) - len(known) :]) == tuple(known)

    # Compiling

    def compile(
        self,
        loss: Any = "auto",
        penalties: Any = "auto",
        generator_optimizer: Any = "auto",
        discriminator_optimizer: Any = "auto",
        discriminator_steps: int = 1,
        ema: float | str | None = "auto",
        metrics: Any = "auto",
        prediction_weight: float = 1.0,
        completion_weight: float = 1.0,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        **unknown: Any,
    ) -> None:
        """Choose how to train; "auto" everywhere is the default recipe.

        Args:
            loss: Name or object of `keras_rgan.losses`. "auto": "relativistic"; with penalties="auto"
                and recurrent networks of this library "wasserstein" where the data is known to have
                more than 8 features and none of these are categories, unless the model completes.
            penalties: Names or objects of `keras_rgan.penalties`, one or a list; None for none.
                "auto": `ApproximateGradientPenalty` between every other pair (`every=2`) for the
                Wasserstein loss, else `ApproximateR1Penalty` and `ApproximateR2Penalty` of weight 4
                at every other sample (`every=2`), of less in proportion where the discriminator sees
                more than 12 features (`features=12`; with increments of one order, where the data has
                more than 6).
            generator_optimizer: Name or object of `keras.optimizers`, learning-rate schedules
                included; None leaves the generator as it is. "auto":
                Adam(1e-3, beta_1=0, beta_2=0.99).
            discriminator_optimizer: The same for the discriminator.
            discriminator_steps: Updates of the discriminator for one of the generator, on the same
                real samples and new noise.
            ema: Decay, per step, of the moving average of the generator's weights, which generating
                and evaluating use; None uses the weights of the last step. The average starts fast:
                the decay is at most (1 + step) / (10 + step). "auto": 0.999.
            metrics: Names or objects, one or a list, of metrics of real and generated samples
                (`update_state(real, generated)`, in the scaled space), computed where `evaluate` or
                `validation_data` asks for them; None for none. "auto": "mmd".
            prediction_weight: Factor of the error of a discriminator's next-step prediction in both
                networks' losses; without effect on one that predicts nothing.
            completion_weight: Factor, in the generator's loss, of the continuous ranked probability
                score of completions, in units of the spread that `layers.GapFeatures` tells; without
                effect where the model was made without `completion=True`.
            run_eagerly: As in `keras.Model.compile`.
            steps_per_execution: As in `keras.Model.compile`.
            jit_compile: As in `keras.Model.compile`.
            **unknown: Nothing; named to explain the arguments of other models.

        Raises:
            ValueError: If a name is unknown, a number out of range, one optimizer serves both
                networks, or the discriminator ends in a sigmoid and the loss expects logits.
            TypeError: If an argument is unknown.
        """
        if unknown:
            hint = (
                " A GAN has two optimizers: pass generator_optimizer= and discriminator_optimizer=, "
                "such as keras.optimizers.Adam(1e-4)."
                if {"optimizer", "learning_rate"} & set(unknown)
                else ""
            )
            raise TypeError(f"compile() got unexpected arguments {sorted(unknown)}.{hint}")
        if loss is None:
            raise ValueError(
                "`loss` cannot be None: without it nothing is adversarial. Pass a name such as "
                "'relativistic'."
            )
        resolved_loss = losses.get("relativistic" if loss == "auto" else loss)
        recipe = Recipe(
            loss=resolved_loss,
            penalties=_resolve_penalties(penalties, resolved_loss),
            discriminator_steps=checks.positive_int("discriminator_steps", discriminator_steps),
            ema=_resolve_ema(ema),
            metrics=_resolve_metrics(metrics),
            prediction_weight=checks.number("prediction_weight", prediction_weight, 0.0),
            completion_weight=checks.number("completion_weight", completion_weight, 0.0),
        )
        second_derivative = any(p.second_derivative for p in recipe.penalties)
        backend.check_compile_options(jit_compile, second_derivative)
        if self.discriminator is not None:
            _check_ending(self.discriminator, recipe.loss)
        with backend.variable_scope(self):
            optimizers = [
                self._resolve_optimizer(role, identifier, network)
                for role, identifier, network in (
                    ("generator_optimizer", generator_optimizer, self.generator),
                    ("discriminator_optimizer", discriminator_optimizer, self.discriminator),
                )
            ]
            if optimizers[0] is not None and optimizers[0] is optimizers[1]:
                raise ValueError(
                    "One optimizer cannot serve both networks: it keeps the state of one. Pass two "
                    "objects."
                )
            super().compile(
                optimizer=OptimizerPair(*optimizers),
                run_eagerly=run_eagerly,
                steps_per_execution=steps_per_execution,
                jit_compile=jit_compile,
                auto_scale_loss=False,
            )
        self._recipe = recipe
        self._follows_data = all(isinstance(x, str) and x == "auto" for x in (loss, penalties))
        self._compile_arguments = Untracked(
            {
                "loss": loss if self._follows_data else recipe.loss,
                "penalties": penalties if self._follows_data else recipe.penalties,
                "generator_optimizer": optimizers[0],
                "discriminator_optimizer": optimizers[1],
                "discriminator_steps": recipe.discriminator_steps,
                "ema": recipe.ema,
                "metrics": recipe.metrics,
                "prediction_weight": recipe.prediction_weight,
                "completion_weight": recipe.completion_weight,
                "run_eagerly": run_eagerly,
                "steps_per_execution": steps_per_execution,
                "jit_compile": jit_compile,
            }
        )
        if self.built:
            self._finish_compile()

    def _resolve_optimizer(
        self, role: str, identifier: Any, network: keras.Model | None
    ) -> keras.optimizers.Optimizer | None:
        if identifier is None:
            return None
        if isinstance(identifier, str) and identifier == "auto":
            optimizer = default_optimizer(role)
        else:
            try:
                optimizer = keras.optimizers.get(identifier)
            except (ValueError, TypeError) as error:
                raise ValueError(
                    f"`{role}` must be 'auto', a name such as 'adam', a keras.optimizers.Optimizer "
                    f"or None. Received: {role}={identifier!r}"
                ) from error
        policy = (self if network is None else network).dtype_policy
        if policy.compute_dtype == "float16" and not isinstance(
            optimizer, keras.optimizers.LossScaleOptimizer
        ):
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        return optimizer

    def _finish_compile(self) -> None:
        """Do what needs both the networks and the recipe."""
        if self._recipe is None or self.generator is None or self.discriminator is None:
            return
        if self._follows_data:
            loss = losses.get("wasserstein" if self._is_wide else "relativistic")
            chosen: dict[str, Any] = {"loss": loss, "penalties": _resolve_penalties("auto", loss)}
            self._recipe = dataclasses.replace(self._recipe, **chosen)
            self._compile_arguments.value.update(chosen)
        _check_ending(self.discriminator, self._recipe.loss)
        for penalty in self._recipe.penalties:
            penalty.num_conditions = self._num_columns
            penalty.num_attributes = self.conditions.num_static if self._generates_attributes else 0
        for layer, before in self._fused_layers.value:
            layer.use_cudnn = before
        self._fused_layers.value.clear()
        twice = any(p.second_derivative for p in self._recipe.penalties)
        if twice and not backend.loops_differentiate_twice():
            # The flag is not serialized, so it is set anew.
            for layer in self.discriminator._flatten_layers():
                if hasattr(layer, "use_cudnn"):
                    self._fused_layers.value.append((layer, layer.use_cudnn))
                    layer.use_cudnn = False
        with backend.variable_scope(self):
            self.optimizer.build_for(
                [v for network in self._generators for v in network.trainable_variables],
                self.discriminator.trainable_variables,
            )
        self._random_judge = _is_random(self.discriminator)

    @property
    def _is_wide(self) -> bool:
        """Whether the data is such that the Wasserstein loss is the better default."""
        generator = self.generator
        return (
            isinstance(generator, RecurrentGenerator)
            and isinstance(self.discriminator, RecurrentDiscriminator)
            and generator.num_features > FEW_FEATURES
            and not (generator.categories or self.completion)
        )

    @property
    def generator_optimizer(self) -> keras.optimizers.Optimizer | None:
        """The generator's optimizer, as compiled; its `learning_rate` can be set."""
        return getattr(self.optimizer, "generator_optimizer", None)

    @property
    def discriminator_optimizer(self) -> keras.optimizers.Optimizer | None:
        """The discriminator's optimizer, as compiled; its `learning_rate` can be set."""
        return getattr(self.optimizer, "discriminator_optimizer", None)

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile` resolved."""
        if self._recipe is None:
            return {}
        return {
            key: _portable(keras.saving.serialize_keras_object(value))
            for key, value in self._compile_arguments.value.items()
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile, and create the optimizers' state where the networks are built."""
        if config:
            self.compile(**{k: keras.saving.deserialize_keras_object(v) for k, v in config.items()})

    # Training

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> keras.callbacks.History:
        """Train on sequences, as `keras.Model.fit`.

        The first call builds the networks and adapts the scaler, in one pass over the data.

        Args:
            x: Sequences in their own units, `(samples, time, features)`: an array or tensor, or a
                `tf.data.Dataset`, `keras.utils.PyDataset` or `torch` DataLoader of batches. With
                conditions a pair `(sequences, {name: values})`, and batches that are such pairs.
            y: Conditions beside an array of sequences, in place of the pair: a dict. No targets: a
                GAN learns the distribution of `x`.
            batch_size: Samples in a batch, of an array; 32 by default.
            epochs: Index of the epoch to train to.
            verbose: As in `keras.Model.fit`, and so all that follow.
            callbacks: Keras's callbacks. Where one monitors a value, pass `mode="min"`.
            validation_split: Share of an array's end that validates.
            validation_data: Sequences to validate on, with their conditions.
            shuffle: Whether to shuffle an array's samples in each epoch.
            class_weight: Nothing.
            sample_weight: Nothing.
            initial_epoch: Index of the epoch to start with.
            steps_per_epoch: Batches in an epoch. Of data without a known end the scaler sees as many.
            validation_steps: Batches of `validation_data` to validate on.
            validation_batch_size: Samples in a batch of validation.
            validation_freq: Epochs from one validation to the next.

        Returns:
            Keras's `History`. Its names: `generator_loss`, `discriminator_loss` (without penalties),
            `real_score` and `fake_score` (mean judgements), `penalty`, `prediction_loss` and
            `completion_loss` where there are any, and these with the compiled metrics under `val_…`.

        Raises:
            ValueError: If the data has a wrong shape, is too small for a batch, comes with targets,
                or holds NaN (other than gaps) or infinite values (arrays; and datasets where the scaler
                adapts to them); if the model was made outside of the scope of a strategy that is open,
                or a batch does not split evenly over the devices.
        """
        self._assert_compile_called("fit")
        backend.check_devices(self)
        weights = {"sample_weight": sample_weight, "class_weight": class_weight}
        x, conditions = self._gather("fit", x, y, weights)
        if x is None:
            raise ValueError("Expected sequences as `x`. Received: None")
        if validation_split and validation_data is None and reading.is_array(x):
            cut = math.floor(len(x) * (1.0 - validation_split))
            if conditions is not None:
                reading.check_rows(conditions, x)
            kept, held = (
                None if conditions is None else {k: v[part] for k, v in conditions.items()}
                for part in (slice(None, cut), slice(cut, None))
            )
            validation_data, validation_split = (x[cut:], held), 0.0
            x, conditions = x[:cut], kept
        size = batch_size or 32
        if reading.is_array(x):
            if len(x) < size:
                raise ValueError(
                    f"Expected at least one full batch of {size} samples. Received: {len(x)}. Pass "
                    "a smaller batch_size=, or more data."
                )
            checks.even_shares(len(x), size, backend.device_count(self))
        validation_size = validation_batch_size or size
        if validation_data is not None:
            held = weight = None
            if not isinstance(validation_data, list):  # which is one of sequences
                validation_data, held, weight = keras.utils.unpack_x_y_sample_weight(validation_data)
            weights = {"sample_weight": weight}
            gaps = "observed" in (conditions or {})
            validation_data, held = self._gather(
                "validation_data", validation_data, held, weights, gaps
            )
            if reading.is_array(validation_data):
                checks.even_shares(len(validation_data), validation_size, backend.device_count(self))
        self.adapt(x if conditions is None else (x, conditions), limit=steps_per_epoch)
        if validation_data is not None and reading.is_array(validation_data):
            self._check_samples(validation_data, self._has_gaps)
            validation_data = self._paired(validation_data, held)
            validation_data, validation_batch_size = _batched(
                self, validation_data, validation_size, False
            )
        if self.scaler is not None:
            self.scaler.forget_calibration()
        if reading.is_array(x):
            x = self._paired(x, conditions)
            if shuffle != "batch":
                x, batch_size = _batched(self, x, size, shuffle)
                shuffle = shuffle and batch_size is not None
        return super().fit(
            x,
            batch_size=batch_size,
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            validation_split=validation_split,
            validation_data=validation_data,
            shuffle=shuffle and not isinstance(x, ParquetWindows),  # which has an order of its own
            initial_epoch=initial_epoch,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
            validation_freq=validation_freq,
        )

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Train on one batch, as `keras.Model.train_on_batch`.

        Call `adapt` with all of the data first: without, the scaler knows the first batch alone.
        """
        self._assert_compile_called("train_on_batch")
        weights = {"sample_weight": sample_weight, "class_weight": class_weight}
        x, conditions = self._gather("train_on_batch", x, y, weights)
        if self.built:
            self._check_samples(x, self._has_gaps)
        if not self.built or not (self.scaler is None or self.scaler.adapted):
            self.adapt(x if conditions is None else (x, conditions))
        return super().train_on_batch(self._paired(x, conditions), return_dict=return_dict)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Compare generated samples with real ones, as `keras.Model.evaluate`.

        Every evaluation draws the same noise, so that its results can be compared.

        Args:
            x: Sequences in their own units, as `fit` takes them; generated ones are compared under the
                same conditions (those that the model generates apart).
            y: Conditions, as `fit` takes them.
            batch_size: Samples in a batch, of an array; 32 by default.
            verbose: As in `keras.Model.evaluate`.
            sample_weight: Nothing.
            steps: Batches to evaluate; by default all.
            callbacks: Keras's callbacks.
            return_dict: Whether to return a dict.
            **kwargs: What `fit` passes on.

        Returns:
            The losses and scores (without penalties) and the compiled metrics: a list in the order
            of `metrics_names`, or a dict.

        Raises:
            ValueError: If the model was not built and its scaler adapted, or the data is wrong.
        """
        self._assert_compile_called("evaluate")
        if not kwargs.get("_use_cached_eval_dataset"):
            x, conditions = self._gather("evaluate", x, y, {"sample_weight": sample_weight})
            self._check_ready("evaluate")
            if reading.is_array(x):
                self._check_samples(x, self._has_gaps)
                checks.even_shares(len(x), batch_size or 32, backend.device_count(self))
                x, batch_size = _batched(self, self._paired(x, conditions), batch_size or 32, False)
        with self._evaluation():
            return super().evaluate(
                x,
                batch_size=batch_size,
                verbose=verbose,
                steps=steps,
                callbacks=callbacks,
                return_dict=return_dict,
                **kwargs,
            )

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Evaluate one batch, as `keras.Model.test_on_batch`."""
        self._assert_compile_called("test_on_batch")
        x, conditions = self._gather("test_on_batch", x, y, {"sample_weight": sample_weight})
        self._check_ready("test_on_batch")
        self._check_samples(x, self._has_gaps)
        with self._evaluation():
            return super().test_on_batch(self._paired(x, conditions), return_dict=return_dict)

    @contextlib.contextmanager
    def _evaluation(self) -> Iterator[None]:
        """Rewind the noise, and show the compiled metrics in the logs."""
        state = self.evaluation_seed_generator.state
        state.assign(self._evaluation_start)
        self._evaluating = True
        try:
            yield
        finally:
            self._evaluating = False
            state.assign(self._evaluation_start)  # as it is saved

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """Losses and scores, and the compiled metrics."""
        return [
            self.generator_loss_tracker,
            self.discriminator_loss_tracker,
            self.real_score_tracker,
            self.fake_score_tracker,
            self.penalty_tracker,
            self.prediction_loss_tracker,
            self.completion_loss_tracker,
            *(self._recipe.metrics if self._recipe is not None else []),
        ]

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order."""
        return [metric.name for metric in self._displayed(evaluating=True)]

    def _displayed(self, evaluating: bool) -> list[keras.metrics.Metric]:
        hidden: list[keras.metrics.Metric] = []
        recipe = self._recipe
        if evaluating or recipe is None or not recipe.penalties:
            hidden.append(self.penalty_tracker)
        if not getattr(self.discriminator, "next_step_prediction", False):
            hidden.append(self.prediction_loss_tracker)
        if not self.completion:
            hidden.append(self.completion_loss_tracker)
        if not evaluating and recipe is not None:
            hidden.extend(recipe.metrics)
        return [m for m in self.metrics if all(m is not h for h in hidden)]

    def get_metrics_result(self) -> dict[str, Tensor]:
        """Return what is logged: losses and scores, and while evaluating the compiled metrics."""
        results: dict[str, Tensor] = {}
        for metric in self._displayed(self._evaluating):
            result = metric.result()
            results.update(result if isinstance(result, dict) else {metric.name: result})
        return results

    @property
    def _compiled(self) -> Recipe:
        assert self._recipe is not None
        return self._recipe

    def adversarial_step(self, data: Any) -> dict[str, Tensor]:
        """Update the discriminator, the generator and the average of its weights on a batch."""
        real, given = self._real_samples(data, self.seed_generator)
        for _ in range(self._compiled.discriminator_steps):
            real_judgement = self._update_discriminator(real, given)
        self._update_generator(real, given, real_judgement)
        self._update_ema()
        self.optimizer.iterations.assign_add(1)
        return self.get_metrics_result()

    def evaluation_step(self, data: Any) -> dict[str, Tensor]:
        """Compare a batch with as many samples of the averaged generator."""
        recipe = self._compiled
        real, shown = self._real_samples(data, self.evaluation_seed_generator)
        given = self._shown_nothing(shown)
        noise = self._attribute_noise(given.columns, self.evaluation_seed_generator)
        made = given._replace(columns=self._with_attributes(given.columns, noise, training=False))
        fake = self._make_averaged(real, made)
        if self.scaler is not None:
            fake = self._to_scaled(self._restored(fake, made.columns), made.columns)
        fake = self._with_gaps(fake, given)
        real_judgement, _ = self._judge(self._look(real, given.columns), training=False)
        fake_judgement, prediction = self._judge(self._look(fake, made.columns), training=False)
        generator_loss = recipe.loss.generator_loss(real_judgement, fake_judgement)
        discriminator_loss = recipe.loss.discriminator_loss(real_judgement, fake_judgement)
        self.generator_loss_tracker.update_state(generator_loss)
        self.discriminator_loss_tracker.update_state(discriminator_loss)
        self.real_score_tracker.update_state(ops.mean(real_judgement))
        self.fake_score_tracker.update_state(ops.mean(fake_judgement))
        error = self._prediction_error(prediction, fake, given.columns)
        self.prediction_loss_tracker.update_state(error)
        if self.completion:
            first, second = (self._make_averaged(real, shown) for _ in range(2))
            completed = self._completion_score(real, first, second, shown)
            self.completion_loss_tracker.update_state(completed)
        for metric in recipe.metrics:
            metric.update_state(real, fake)
        return self.get_metrics_result()

    def _update_discriminator(self, samples: Tensor, given: Given) -> Tensor:
        """Take the discriminator's step, and return what it said of the real samples before it."""
        recipe = self._compiled
        columns = given.columns
        made, made_columns = self._fake_samples(samples, given)
        real, fake = self._look(samples, columns), self._look(made, made_columns)
        probes = [
            p.probes(real, fake, self.seed_generator)
            if p.interval == 1 and not self._random_judge
            else []
            for p in recipe.penalties
        ]

        def objective() -> tuple[Tensor, Any]:
            judged = self._judge_each([real, fake, *(x for group in probes for x in group)])
            (real_judgement, prediction), (fake_judgement, _), *rest = judged
            loss = recipe.loss.discriminator_loss(real_judgement, fake_judgement)
            others = iter(judgement for judgement, _ in rest)
            known = [
                penalties.Judgements(
                    real_judgement, fake_judgement, [next(others) for _ in group] or None
                )
                for group in probes
            ]
            penalty = self._penalty(real, fake, known)
            error = self._prediction_error(prediction, samples, columns)
            total = loss + penalty + recipe.prediction_weight * error
            total += _regularization(self.discriminator)
            real_judgement, fake_judgement = map(ops.stop_gradient, (real_judgement, fake_judgement))
            return total, (loss, penalty, real_judgement, fake_judgement)

        loss, penalty, real_judgement, fake_judgement = self._minimize(
            objective,
            self.optimizer.discriminator_optimizer,
            self.optimizer.discriminator_variables.value,
        )
        self.discriminator_loss_tracker.update_state(loss)
        self.penalty_tracker.update_state(penalty)
        self.real_score_tracker.update_state(ops.mean(real_judgement))
        self.fake_score_tracker.update_state(ops.mean(fake_judgement))
        return real_judgement

    def _update_generator(self, real: Tensor, given: Given, real_judgement: Tensor) -> None:
        """Take the generator's step; a loss of pairs gets the judgements that are known already."""
        recipe = self._compiled
        twice = self.completion and recipe.completion_weight > 0.0
        parts = [self._draw_noise(real, given, self.seed_generator) for _ in range(1 + twice)]
        noise = keras.tree.map_structure(lambda *x: ops.concatenate(x), *parts) if twice else parts[0]
        attribute_noise = self._attribute_noise(given.columns, self.seed_generator)

        def objective() -> tuple[Tensor, Any]:
            columns, inputs = given.columns, noise
            if attribute_noise is not None:
                columns = self._with_attributes(columns, attribute_noise, training=True)
                inputs = completion.beside(noise, columns)
            fake = self._make(inputs)
            completed = ops.zeros(())
            if twice:
                first, second = ops.split(fake, 2)
                completed = self._completion_score(real, first, second, given)
                fake = first
            fake = self._with_gaps(fake, given)
            fake_judgement, prediction = self._judge(self._look(fake, columns), training=True)
            loss = recipe.loss.generator_loss(real_judgement, fake_judgement)
            error = self._prediction_error(prediction, fake, columns)
            total = loss + recipe.prediction_weight * error
            total += sum(_regularization(network) for network in self._generators)
            return total + recipe.completion_weight * completed, (loss, error, completed)

        loss, error, completed = self._minimize(
            objective, self.optimizer.generator_optimizer, self.optimizer.generator_variables.value
        )
        self.generator_loss_tracker.update_state(loss)
        self.prediction_loss_tracker.update_state(error)
        self.completion_loss_tracker.update_state(completed)

    def _minimize(
        self,
        objective: Callable[[], tuple[Tensor, Any]],
        optimizer: keras.optimizers.Optimizer | None,
        variables: list[keras.Variable],
    ) -> Any:
        """Take one step down `objective`, and return what it reports beside its value."""
        if optimizer is None or not variables:
            with backend.no_gradient():
                return objective()[1]

        def scaled() -> tuple[Tensor, Any]:
            loss, report = objective()
            return optimizer.scale_loss(loss), report

        report, gradients = self.value_and_gradients(scaled, variables)
        self.apply(optimizer, gradients, variables)
        return report

    def _update_ema(self) -> None:
        """Move the averages; a young average forgets fast what the untrained weights were."""
        ema = self._compiled.ema
        step = self.ema_steps.value
        rate = 1.0 - ops.minimum(ema or 0.0, (1.0 + step) / (10.0 + step))
        for average, variable in zip(self.ema_weights, self._averaged.value, strict=True):
            value = ops.cast(variable.value, average.dtype)
            if ema is not None:
                value = average.value + ops.cast(rate, average.dtype) * (value - average.value)
            average.assign(value)
        self.ema_steps.assign_add(1.0)

    def _penalty(self, real: Tensor, fake: Tensor, known: list[penalties.Judgements]) -> Tensor:
        """Return the sum of the penalties.

        A discriminator with dropout is judged without: two looks at one sample would differ by the
        dropout alone, and a difference of looks is what some penalties measure.
        """
        random = self._random_judge

        def judge(samples: Tensor) -> Tensor:
            return self._judge(samples, training=not random)[0]

        total = ops.zeros(())
        for penalty, judgements in zip(self._compiled.penalties, known, strict=True):
            usable = None if random else judgements

            def value(
                penalty: penalties.Penalty = penalty, usable: penalties.Judgements | None = usable
            ) -> Tensor:
                return penalty.interval * penalty(judge, real, fake, usable, self.seed_generator)

            if penalty.interval == 1:
                total += value()
            else:
                due = ops.equal(self.optimizer.iterations % penalty.interval, 0)
                total += backend.cond(due, value, lambda: ops.zeros(()))
                self.seed_generator.next()  # a branch keeps its draws to itself
        return total

    def _real_samples(self, data: Any, seed: keras.random.SeedGenerator) -> tuple[Tensor, Given]:
        """Return a batch in the scaled space, and what stands beside it."""
        samples, conditions, weights = keras.utils.unpack_x_y_sample_weight(data)
        if isinstance(samples, dict) and "sequences" in samples:
            samples, conditions = samples["sequences"], samples["conditions"]
        if isinstance(conditions, Mapping) and "mask" in conditions and self._variable_length:
            counts = ops.sum(ops.cast(conditions["mask"], "int32"), axis=1)
            conditions = {**{k: v for k, v in conditions.items() if k != "mask"}, "length": counts}
        _refuse_targets("a batch", conditions, {"sample_weight": weights})
        shape = tuple(samples.shape)
        assert self._data_shape is not None
        if len(shape) != len(self._data_shape) or not self._same_but_length(shape):
            raise ValueError(
                f"The networks were built for samples of shape {self._data_shape}. Received: a batch "
                f"of shape {shape}"
            )
        known = None
        if self._has_gaps:
            conditions = dict(conditions or {})
            observed = conditions.pop("observed", None)
            known = ops.logical_not(ops.isnan(samples))
            if observed is not None:
                observed = ops.cast(observed, "bool")
                known = known & (observed if len(observed.shape) == 3 else observed[..., None])
            samples = ops.where(known, samples, ops.zeros_like(samples))
        mask = None
        if self._per_sample:
            mask = self._counting_steps(conditions, ops.shape(samples)[1])
            conditions = {**(conditions or {}), RANGE: self.scaler.ranges(samples, mask)}
        columns = self._columns(conditions, ops.shape(samples)[1] if self._num_columns else None)
        counts = self._counts(columns)
        if known is not None and counts is not None:
            known = known & (counts > 0)
        if self.scaler is None:
            samples = ops.cast(samples, "float32")
        else:
            samples = self.scaler(samples, **({} if mask is None else {"mask": mask}))
        samples = self._with_gaps(samples, Given(columns, known))
        if self.completion:
            observed = completion.draw_observed(tuple(ops.shape(samples)), seed, known, counts)
            columns = self._show(columns, self.gap_features(samples, observed))
        return samples, Given(columns, known)

    def _with_gaps(self, samples: Tensor, given: Given) -> Tensor:
        """Return samples that are 0 where no step counts, and bridged where a value is not known."""
        if given.known is not None:
            samples, _ = bridges.interpolate(samples, given.known)
        counts = self._counts(given.columns)
        if counts is None:
            return samples
        return ops.where(counts > 0, samples, ops.zeros_like(samples))

    def _show(self, columns: Tensor | None, shown: Tensor) -> Tensor:
        """Return the columns with what is observed of a sequence among them: last of the temporal."""
        if columns is None:
            return shown
        count = self._num_conditions["temporal_conditions"] - shown.shape[-1]
        return ops.concatenate([columns[..., :count], shown, columns[..., count:]], axis=-1)

    @property
    def _num_features(self) -> int:
        assert self._data_shape is not None
        assert self._data_shape[-1] is not None
        return self._data_shape[-1]

    def _shown(self, columns: Any) -> tuple[Tensor, Tensor]:
        """Return the bridged values and the spreads among the columns."""
        end = self._num_conditions["temporal_conditions"]
        _, bridged, spread = GapFeatures.split(columns[..., end - 3 * self._num_features : end])
        return bridged, spread

    def _shown_nothing(self, given: Given) -> Given:
        """Return what stands beside the samples where nothing of these is shown."""
        if not self.completion:
            return given
        columns: Any = given.columns
        end = self._num_conditions["temporal_conditions"]
        nothing = self.gap_features.of_nothing(tuple(ops.shape(columns)[:2]))
        parts = [columns[..., : end - nothing.shape[-1]], nothing, columns[..., end:]]
        return given._replace(columns=ops.concatenate(parts, axis=-1))

    def _completed(self, samples: Tensor, noise: Nested) -> Tensor:
        """Return samples made of noise in which what is observed, beside it, is as it is."""
        if not self.completion:
            return samples
        bridged, spread = self._shown(noise["conditions"])
        return ops.where(spread > 0, samples, ops.cast(bridged, samples.dtype))

    def _completion_score(self, real: Tensor, first: Tensor, second: Tensor, given: Given) -> Tensor:
        _, spread = self._shown(given.columns)
        scale = spread * ops.convert_to_tensor(self.gap_features.deviation)
        known = self._counts(given.columns) if given.known is None else given.known
        return completion.score(real, first, second, scale, known)

    def _counts(self, columns: Any) -> Tensor | None:
        """Return which steps are of the sequences, `(batch, time, 1)`, where lengths are their own."""
        return columns[..., :1] if self._variable_length else None

    def _prediction_error(
        self, prediction: Tensor | None, samples: Tensor, columns: Tensor | None
    ) -> Tensor:
        """Return the mean squared error of the prediction of every step but the first that counts."""
        if prediction is None:
            return ops.zeros(())
        errors = ops.square(prediction - samples[:, 1:])
        counts = self._counts(columns)
        if counts is None:
            return ops.mean(errors)
        counts = counts[:, 1:]
        total = ops.maximum(ops.sum(counts), 1.0) * samples.shape[-1]
        return ops.sum(counts * errors) / total

    def _columns(self, conditions: Any, length: Any) -> Tensor | None:
        """Return the columns of conditions, `(batch, length, columns)`, where the model takes any."""
        names = [] if self.conditions is None else self.conditions.column_names
        if sorted(conditions or ()) != sorted(names):
            raise ValueError(
                f"This model takes the conditions {names or 'of no name'}. Received: a batch with "
                f"{sorted(map(str, conditions or ()))}"
            )
        if not names:
            return None
        assert self.conditions is not None
        return self.conditions({k: conditions[k] for k in names}, length=length)

    def _fake_samples(self, real: Tensor, given: Given) -> tuple[Tensor, Tensor | None]:
        """Make samples to train the discriminator, and return the columns beside them."""
        noise = self._draw_noise(real, given, self.seed_generator)
        attribute_noise = self._attribute_noise(given.columns, self.seed_generator)
        with backend.no_gradient():
            columns = self._with_attributes(given.columns, attribute_noise, training=True)
            samples = self._make(completion.beside(noise, columns))
            samples = ops.stop_gradient(self._with_gaps(samples, given))
            return samples, None if columns is None else ops.stop_gradient(columns)

    def _make_averaged(self, real: Tensor, given: Given) -> Tensor:
        """Make samples to evaluate, as many as real ones, in the scaled space."""
        noise = self._draw_noise(real, given, self.evaluation_seed_generator)
        return ops.cast(self._generate_scaled(noise), "float32")

    def _make(self, noise: Nested) -> Tensor:
        """Make samples in training, in the scaled space.

        Values off the data's range or lattice stay as they are until they are restored: trained
        through rounding or clipping, with the gradient passed straight through, generators of energy
        and stocks diverged.
        """
        samples = ops.cast(self.generator(noise, training=True), "float32")
        samples = samples if self.scaler is None else self.scaler.copy(samples)
        return self._completed(samples, noise)

    def _draw_noise(self, real: Tensor, given: Given, seed: keras.random.SeedGenerator) -> Nested:
        assert self._noise_spec is not None
        shape = ops.shape(real)
        return completion.beside(self._noise_spec.draw(shape[0], shape[1], seed), given.columns)

    def _judge_each(self, sets: list[Tensor]) -> list[tuple[Tensor, Tensor | None]]:
        """Judge sets of samples in training, in one pass where samples do not mix."""
        together = self._looks_first and self.discriminator.judges_one_by_one
        if not together or len(sets) == 1:
            return [self._judge(samples, training=True) for samples in sets]
        judgement, prediction = self._judge(ops.concatenate(sets), training=True)
        judged, start = [], 0
        for samples in sets:
            part = slice(start, start + ops.shape(samples)[0])
            judged.append((judgement[part], None if prediction is None else prediction[part]))
            start = part.stop
        return judged

    def _look(self, samples: Tensor, columns: Tensor | None) -> Tensor:
        """Return what the discriminator judges of samples; conditions are its last columns."""
        if self._looks_first:
            samples = _with_conditions(samples, columns)
            return ops.cast(self.discriminator.look(samples), "float32")
        return samples if columns is None else ops.concatenate([samples, columns], axis=-1)

    @property
    def _looks_first(self) -> bool:
        """Whether a call of the discriminator is known to be `look` and then `judge`.

        A model of the user's may use these names, or overwrite `call`, for something else.
        """
        return getattr(type(self.discriminator), "call", None) is RecurrentDiscriminator.call

    def _judge(self, seen: Tensor, training: bool) -> tuple[Tensor, Tensor | None]:
        judge, count = self.discriminator, self._num_columns
        if self._looks_first:
            judge = self.discriminator.judge
        elif count:
            seen = _with_conditions(seen[..., :-count], seen[..., -count:])
        judgement, prediction = _parts_of(judge(seen, training=training))
        if prediction is not None:
            prediction = ops.cast(prediction, "float32")
        return ops.cast(judgement, "float32"), prediction

    # Generating

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """Make samples of noise; see the class."""
        self._check_ready("a call")
        return super().__call__(*args, **kwargs)

    def call(self, inputs: Nested, training: bool = False) -> Tensor:
        """Make samples of noise, in the data's units."""
        self._check_noise(inputs)
        if training:
            samples = self._completed(self.generator(inputs, training=True), inputs)
        else:
            samples = self._generate_scaled(inputs)
        columns = inputs["conditions"] if self._num_columns else None
        return self._restored(ops.cast(samples, "float32"), columns)

    def _specs_of_call(self, length: int | None) -> Nested:
        """Return Keras tensors of what a call takes."""
        assert self._noise_spec is not None
        count = self._num_columns
        columns = keras.KerasTensor((None, length, count)) if count else None
        return completion.beside(self._noise_spec.symbolic(length), columns)

    def _check_noise(self, noise: Nested) -> None:
        expected = self._specs_of_call(None)
        found = keras.tree.map_structure(lambda x: tuple(x.shape), noise)
        try:
            keras.tree.assert_same_structure(expected, noise)
            fits = all(
                len(a.shape) == len(b.shape)
                and all(None in (n, m) or n == m for n, m in zip(a.shape, b.shape, strict=True))
                for a, b in zip(keras.tree.flatten(expected), keras.tree.flatten(noise), strict=True)
            )
        except (ValueError, TypeError):
            fits = False
        if not fits:
            shapes = keras.tree.map_structure(lambda x: tuple(x.shape), expected)
            raise ValueError(
                f"A RecurrentGAN is called with noise, of shape {shapes}. Received: {found}. Use "
                "generate(num_samples), or pass what sample_noise(num_samples) returns."
            )

    def _generate_scaled(self, noise: Nested) -> Tensor:
        """Run the generator with its averaged weights."""
        scope, others = averaged_scope(self.generator, self._averaged.value, self.ema_weights)
        before = [scope.get_current_value(v) for v in others]
        with scope:
            samples = self.generator(noise, training=False)
        for variable, value in zip(others, before, strict=True):
            changed = scope.get_current_value(variable)
            if changed is not value:  # the state of draws of its own
                variable.assign(changed)
        return self._completed(samples, noise)

    def sample_conditions(self, num_samples: int, seed: int | None = None) -> dict[str, np.ndarray]:
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
        if self.conditions is None or not self.conditions.adapted:
            raise ValueError(
                "This model takes no conditions. Expected: a model trained by fit((sequences, "
                "{'label': labels}))"
            )
        if self._generates_attributes or self._per_sample:
            self._check_ready("sample_conditions")
            backend.synchronize(self)
        streams = Streams.of(self._entropy(seed))
        rows = self._generated(self.conditions.sample(num_samples, streams.rows), streams)
        return self._shown_conditions(self.conditions.restore(rows))

    def sample_noise(
        self,
        num_samples: int | None = None,
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
        given, num_samples, steps = self._asked_for(num_samples, length, conditions)
        spec, steps = self._sampling(steps)
        entropy = self._entropy(seed)
        noise = spec.draw_numpy(num_samples, steps, spec.streams(entropy))
        rows = self._rows_of(given, num_samples, steps, Streams.of(entropy), length)
        return completion.beside(noise, self._columns_of(rows, num_samples, steps))

    def _asked_for(
        self, num_samples: int | None, length: int | None, conditions: Mapping[str, Any] | None
    ) -> tuple[dict[str, np.ndarray] | None, int, int | None]:
        """Return encoded conditions, and how many samples of which length they ask for."""
        self._ensure_built()
        if conditions is None:
            if num_samples is None:
                raise ValueError(
                    "Expected num_samples, or conditions to make samples of. Received: none"
                )
            return None, checks.positive_int("num_samples", num_samples), length
        encoder = self.conditions
        if encoder is None or not encoder.adapted:
            raise ValueError(
                "This model takes no conditions: it was trained without. Received: conditions="
                f"{sorted(map(str, conditions))}"
            )
        given = self._encode_given(conditions)
        count = len(next(iter(given.values())))
        if num_samples is not None and num_samples != count:
            raise ValueError(
                "One sample is made of each row of the conditions. Received: num_samples="
                f"{num_samples} and conditions of {count} rows. Leave num_samples out."
            )
        lengths = {f"the condition {name!r}": v.shape[1] for name, v in given.items() if v.ndim == 3}
        if length is not None:
            lengths["the sequences"] = length
        if len(set(lengths.values())) > 1:
            raise ValueError(f"Expected conditions of one length at each step. Received: {lengths}")
        steps = next(iter(lengths.values()), None)
        if self._variable_length:
            longest = int(given["length"].max())
            if steps is not None and steps < longest:
                raise ValueError(
                    f"Expected conditions at each of {longest} steps, the largest of the condition "
                    f"'length'. Received: {lengths}"
                )
            # Of one size wherever that will do: one shape, one compilation.
            steps = max(longest, encoder.max_length or 0) if steps is None else steps
        return given, count, steps

    def _rows_of(
        self,
        given: dict[str, np.ndarray] | None,
        num_samples: int,
        length: int | None,
        streams: Streams,
        forced: int | None = None,
    ) -> dict[str, np.ndarray]:
        """Return conditions as a `ConditionEncoder` takes them, the data's if none are given.

        Drawn ones hold for `length` steps; `forced` stands in for the sequences' own lengths.
        """
        if given is not None:
            return self._with_fitting_ranges(given, streams)
        if self.conditions is None:
            return {}
        given = self.conditions.sample(num_samples, streams.rows)
        if forced is not None and self._variable_length:
            given["length"] = np.full((num_samples, 1), forced, "int32")
        temporal = (v for name, v in given.items() if v.ndim == 3 and name != "observed")
        known = next((v.shape[1] for v in temporal), length)
        if known != length:
            raise ValueError(
                f"The conditions at each step that are kept of the data have {known} steps. "
                f"Received: length={length}. Pass conditions of that length, conditions={{…}}."
            )
        return self._generated(given, streams)

    def _columns_of(
        self,
        rows: dict[str, np.ndarray],
        num_samples: int,
        length: int | None,
        shown: Tensor | None = None,
    ) -> np.ndarray | None:
        """Return the columns of conditions and of what is shown of sequences, nothing by default."""
        if not self._num_columns:
            return None
        columns = None
        if self.conditions is not None and self.conditions.column_names:
            columns = self.conditions(rows, length=length)
        if self.completion:
            if shown is None:
                shown = self.gap_features.of_nothing((num_samples, length))
            columns = self._show(columns, shown)
        return ops.convert_to_numpy(columns)

    def generate(
        self,
        num_samples: int | None = None,
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
            `(num_samples, length, features)` float32, in the data's units; where sequences have
            lengths of their own, a list of arrays `(length, features)`.

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
        parts = self.generate_batches(
            num_samples, batch_size, length, seed, scaled, conditions, missing
        )
        if self._variable_length:
            return [sample for part in parts for sample in part]
        return np.concatenate(list(parts))

    def generate_batches(
        self,
        num_samples: int | None = None,
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
        self._check_ready("generate")
        given, total, steps = self._asked_for(num_samples, length, conditions)
        if missing and not self._has_gaps:
            raise ValueError(
                "This model was trained on sequences without gaps. Expected: missing=False. Received: "
                "missing=True"
            )
        size = min(checks.positive_int("batch_size", batch_size), total)
        spec, steps = self._sampling(steps)
        entropy = self._entropy(seed)
        streams, row_streams = spec.streams(entropy), Streams.of(entropy)
        if given is not None:  # for all batches at once
            given = self._with_fitting_ranges(given, row_streams)

        def make() -> Iterator[Any]:
            for start in range(0, total, size):
                count = min(size, total - start)
                noise = spec.draw_numpy(count, steps, streams)
                part = None
                if given is not None:
                    part = {name: values[start : start + count] for name, values in given.items()}
                rows = self._rows_of(part, count, steps, row_streams, length)
                columns = self._columns_of(rows, count, steps)
                noise = completion.beside(noise, columns)
                samples = self._predict_padded(noise, size)
                if scaled and self.scaler is not None:
                    samples = ops.convert_to_numpy(self._to_scaled(samples, columns))
                if missing:
                    samples = reading.hide(
                        samples, self._pattern(rows, samples.shape, row_streams.rows)
                    )
                if columns is not None and self._variable_length:
                    yield reading.unpad(samples, columns[..., 0].sum(axis=1))
                else:
                    yield samples

        return make()

    def _pattern(
        self, rows: dict[str, np.ndarray], shape: Shape, random: np.random.Generator
    ) -> np.ndarray:
        """Return which values are observed, as given or drawn."""
        assert self.conditions is not None
        observed = rows.get("observed")
        if observed is None:
            observed = self.conditions.sample(shape[0] or 0, random)["observed"]
        if observed.shape != shape:
            raise ValueError(
                f"The patterns of what is observed have the shape {observed.shape[1:]}. Received: "
                f"samples of shape {shape[1:]}. Leave length= out, or pass "
                "conditions={'observed': …}."
            )
        return observed

    def stream(
        self,
        num_samples: int = 1,
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
            An endless iterator of `(num_samples, steps, features)` float32, in the data's units.

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
        self._check_ready("stream")
        steps = checks.positive_int("steps", steps)
        if not self.completion:
            if not hasattr(self.generator, "continue_from"):
                raise ValueError(
                    "An endless sequence needs a generator that can go on: one with a method "
                    f"continue_from, as RecurrentGenerator. Received: {type(self.generator).__name__}"
                )
            if steps % getattr(self.generator, "emission_steps", 1):
                raise ValueError(
                    f"`steps` must be a multiple of the generator's emission_steps="
                    f"{self.generator.emission_steps}. Received: steps={steps}"
                )
        encoder = self.conditions
        if self._variable_length or (encoder is not None and encoder.num_temporal):
            found = "lengths of their own" if self._variable_length else "conditions at each step"
            raise ValueError(
                "An endless sequence ends nowhere and is not told what comes. Received: a model of "
                f"sequences with {found}. Use generate(…, length=…), of any length."
            )
        given, count, _ = self._asked_for(None if conditions else num_samples, None, conditions)
        spec, _ = self._sampling(None if self.completion else steps)
        entropy = self._entropy(seed)
        rows = self._rows_of(given, count, steps, Streams.of(entropy))
        if self.completion:
            return completion.in_parts(self._roll_on(count, rows, entropy), steps)
        columns = self._columns_of(rows, count, steps)
        streams = spec.streams(entropy)
        model = Continuation(self.generator, self._averaged.value, self.ema_weights)

        def make() -> Iterator[np.ndarray]:
            noise = spec.draw_numpy(count, steps, streams)
            inputs = {"noise": completion.beside(noise, columns)}
            while True:
                samples, state = model.predict_on_batch(inputs)
                samples = samples.astype("float32")
                if self.scaler is not None:
                    samples = ops.convert_to_numpy(self._restored(samples, columns))
                yield samples
                fresh = spec.draw_numpy(count, steps, streams)
                if isinstance(noise, dict) and "latent" in noise:
                    fresh["latent"] = noise["latent"]  # which holds for the whole sequence
                inputs = {"noise": completion.beside(fresh, columns), "state": list(state)}

        return make()

    def export_generator(
        self,
        path: Any,
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
        self._check_ready("an export")
        export.export_generator(self, path, format, length, seeded, kwargs)

    def _predict_padded(self, noise: Nested, size: int) -> np.ndarray:
        """Make samples of noise of at most `size` rows, filled up: one shape, one compilation."""
        count = len(keras.tree.flatten(noise)[0])
        whole = keras.tree.map_structure(
            lambda part: np.pad(part, [(0, size - count)] + [(0, 0)] * (part.ndim - 1)), noise
        )
        return self.predict_on_batch(whole)[:count]

    def _sampling(self, length: int | None) -> tuple[NoiseSpec, int | None]:
        self._ensure_built()
        backend.synchronize(self)
        assert self._noise_spec is not None
        assert self._data_shape is not None
        known = self._data_shape[1] if len(self._data_shape) > 2 else None
        if length is None:
            return self._noise_spec, known
        checks.positive_int("length", length)
        if length != known and not self._noise_spec.any_length:
            raise ValueError(
                f"This generator makes samples of shape {self._data_shape[1:]} only: its noise has "
                f"no open length. Received: length={length}. Leave length= out, or use a generator "
                "with noise of shape (None, noise_dim), such as RecurrentGenerator."
            )
        return self._noise_spec, length

    def _entropy(self, seed: int | None) -> list[int]:
        if seed is not None:
            return [checks.non_negative_int("seed", seed)]
        state = ops.convert_to_numpy(self.sampling_seed_generator.next())
        return [int(n) for n in state]

    def _ensure_built(self) -> None:
        """Build for the generator's own output where no data has been seen."""
        if self.built:
            return
        try:
            shape = tuple(self.generator.output_shape)
            known = None not in shape[1:] and self.discriminator is not None
        except (AttributeError, ValueError):
            known = False
        if not known:
            raise ValueError(
                "The model does not know its data yet, so it has no networks. Call fit(data) or "
                "adapt(data), load a saved model, or build((None, time, features))."
            )
        self.build(shape)

    def _check_ready(self, action: str) -> None:
        self._ensure_built()
        if self.scaler is not None and not self.scaler.adapted:
            raise ValueError(
                f"The scaler was never adapted to data, so {action} has no units to speak in. Call "
                "fit(data) or adapt(data), or make the model with scaler=None."
            )

    # Saving

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, with the networks as they are."""
        networks = {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "scaler": self.scaler,
            "conditions": self.conditions,
            "attributes": self.attribute_generator or self.attributes,
        }
        for role, changes in self._network_changes.value.items():
            if networks[role] is None:
                networks[role] = changes or None
        return {
            **super().get_config(),
            **{k: keras.saving.serialize_keras_object(v) for k, v in networks.items()},
            "completion": self.completion,
            "noise": self.noise,
            "noise_mean": self.noise_mean,
            "noise_scale": self.noise_scale,
            "noise_shape": self._noise_shape_argument,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> RecurrentGAN:
        """Make a model from its config."""
        config = {"attributes": "drawn", **config}
        for key in ("generator", "discriminator", "scaler", "conditions", "attributes"):
            config[key] = keras.saving.deserialize_keras_object(
                config.get(key), custom_objects=custom_objects
            )
        return cls(**config)

    def save(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Save all of the model to a `.keras` file, as `keras.Model.save`.

        Both networks and optimizers, the averaged weights, the scaler, the recipe and the state of
        the random draws: training goes on from the file as if it had not stopped. The file appears
        whole or not at all.

        Args:
            filepath: Path that ends in `.keras`.
            overwrite: Whether to overwrite a file without asking.
            **kwargs: Other arguments of `keras.Model.save`.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                f"A RecurrentGAN is saved to a .keras file. Received: {filepath}. Pass a path that "
                "ends in '.keras', or save_weights('….weights.h5') for the weights alone."
            )
        whole = kwargs.get("zipped") in (None, True) and saving.is_local_file(filepath, ".keras")
        if not (whole and overwrite):
            super().save(filepath, overwrite=overwrite, **kwargs)
            return
        saving.write_atomically(
            filepath, ".keras", lambda p: super(RecurrentGAN, self).save(p, **kwargs)
        )

    def save_weights(self, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
        """Save the state without the architecture, as `keras.Model.save_weights`.

        Args:
            filepath: Path that ends in `.weights.h5`. The file appears whole or not at all.
            overwrite: Whether to overwrite a file without asking.
            **kwargs: Other arguments of `keras.Model.save_weights`.
        """
        whole = not kwargs.get("max_shard_size") and saving.is_local_file(filepath, ".weights.h5")
        if not (whole and overwrite):
            super().save_weights(filepath, overwrite=overwrite, **kwargs)
            return
        saving.write_atomically(
            filepath, ".weights.h5", lambda p: super(RecurrentGAN, self).save_weights(p, **kwargs)
        )

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Load what `save_weights` saved, as `keras.Model.load_weights`.

        Raises:
            OSError: If the file is missing, damaged or incomplete.
            ValueError: If the model does not know its data yet, so that it has no weights.
        """
        self._ensure_built()
        try:
            super().load_weights(filepath, skip_mismatch=skip_mismatch, **kwargs)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise OSError(
                f"The file {filepath} is missing, damaged or incomplete ({error}). Load an earlier "
                "checkpoint."
            ) from error

    def _seed_states(self) -> list[keras.Variable]:
        """Return the state of all random draws, the networks' own included; Keras saves none."""
        saved = {id(v) for v in self.weights}
        return [v for v in self.variables if id(v) not in saved]

    def save_own_variables(self, store: Any) -> None:
        """Save the averaged weights and the state of the random draws."""
        for i, average in enumerate(self.ema_weights):
            store[f"ema_{i}"] = _numpy(average)
        for i, state in enumerate(self._seed_states()):
            store[f"seed_{i}"] = _numpy(state).astype("int64")
        if self.built:
            store["ema_steps"] = _numpy(self.ema_steps)

    def load_own_variables(self, store: Any) -> None:
        """Load the averaged weights and the state of the random draws."""
        groups = {"ema": self.ema_weights, "seed": self._seed_states()}
        expected = {f"{name}_{i}" for name, group in groups.items() for i in range(len(group))}
        if self.built:
            expected.add("ema_steps")
        if set(store.keys()) != expected:
            raise ValueError(
                f"The file does not hold the state of this model. Expected: {len(expected)} entries "
                f"({len(self.ema_weights)} averaged weights and {len(groups['seed'])} random states). "
                f"Received: {len(store.keys())}. The file is damaged, or was saved by a model with "
                "other networks."
            )
        for name, group in groups.items():
            for i, variable in enumerate(group):
                variable.assign(np.asarray(store[f"{name}_{i}"]))
        if self.built:
            self.ema_steps.assign(np.asarray(store["ema_steps"]))
        self._evaluation_start = _numpy(self.evaluation_seed_generator.state)


def _check_network_arguments(role: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments of a network that is made by default; refuse those that the data decides."""
    kind: Any = {"generator": RecurrentGenerator, "discriminator": RecurrentDiscriminator}[role]
    decided = {"kwargs", "num_features", "categories", "completion", "variable_length"}
    decided |= {"temporal_conditions", "static_conditions"}
    known = [name for name in inspect.signature(kind).parameters if name not in decided]
    return {checks.one_of(f"{role} argument", name, known): arguments[name] for name in arguments}


def default_optimizer(role: str, rate: float = 1e-3) -> keras.optimizers.Optimizer:
    """Return a new optimizer of either network, named after its role."""
    return keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.99, name=role)


def default_widths(num_features: int) -> tuple[int, int]:
    """Return the widths of the generator and discriminator made for data of `num_features` features."""
    return (48, 48) if num_features <= FEW_FEATURES else (128, 64)


def default_increments(parts: list[np.ndarray]) -> int:
    """Return to which order a discriminator made for samples, in parts of one length, sees increments.

    2 where every feature bends slowly: where second increments are on average less than half as large
    as first ones, as in sines of more than 12 steps a period. Else 1.
    """
    every = -(-sum(len(part) for part in parts) // 2000)
    moves: list[np.ndarray] = []
    bends: list[np.ndarray] = []
    for part in parts:
        steps = np.diff(reading.to_numpy(part[::every]).astype("float32"), axis=1)
        bent = np.diff(steps, axis=1)
        for kept, found in ((moves, steps), (bends, bent)):
            kept.append(np.stack([reading.total_of(np.abs(found)), reading.count_of(found)]))
    (moved, num_moves), (bent, num_bends) = (np.sum(x, axis=0) for x in (moves, bends))
    if not num_bends.any():
        return 1
    moved, bent = moved / np.maximum(num_moves, 1.0), bent / np.maximum(num_bends, 1.0)
    return 2 if bool((bent <= 0.5 * moved).all()) else 1


_SHAPING = (keras.layers.Reshape, keras.layers.Flatten, keras.layers.Permute, keras.layers.Dropout)


def _make_scaler(scaler: Any) -> SequenceScaler | None:
    if scaler is None or isinstance(scaler, SequenceScaler):
        return scaler
    if isinstance(scaler, str) and scaler == "per_sample":
        return PerSampleScaler(name="scaler")
    if isinstance(scaler, str):
        return SequenceScaler("min_max" if scaler == "auto" else scaler, name="scaler")
    raise ValueError(
        "`scaler` must be 'auto', 'per_sample', a kind of SequenceScaler, a SequenceScaler or None. "
        "Received: "
        f"scaler={scaler!r}"
    )


def _seed_generator(seed: int | None, name: str) -> keras.random.SeedGenerator:
    return keras.random.SeedGenerator(seeding.child_seed(seed, name), name=f"{name}_seed")


def _resolve_penalties(identifiers: Any, loss: losses.AdversarialLoss) -> list[penalties.Penalty]:
    if isinstance(identifiers, str) and identifiers == "auto":
        wasserstein = isinstance(loss, losses.WassersteinLoss)
        return DEFAULT_PENALTIES[
            "approximate_gradient_penalty" if wasserstein else "approximate_r1_r2"
        ]()
    return [penalties.get(i) for i in _as_list(identifiers)]


def _resolve_metrics(identifiers: Any) -> list[keras.metrics.Metric]:
    if isinstance(identifiers, str) and identifiers == "auto":
        identifiers = "mmd"
    return [gan_metrics.get(i) for i in _as_list(identifiers)]


def _resolve_ema(ema: float | str | None) -> float | None:
    if ema is None:
        return None
    return DEFAULT_EMA if ema == "auto" else checks.number("ema", ema, 0.0, 1.0)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _refuse_targets(where: str, targets: Any, weights: dict[str, Any]) -> None:
    """Refuse targets that are no conditions, and weights."""
    given = {"y": None if isinstance(targets, Mapping) else targets, **weights}
    named = [name for name, value in given.items() if value is not None]
    if named:
        raise ValueError(
            "A GAN learns the distribution of the sequences alone, without targets or weights. "
            f"Received: {', '.join(named)} in {where}. Pass the sequences only, or conditions beside "
            "them as a dict, (sequences, {'label': labels})."
        )


def _has_nan(samples: np.ndarray) -> bool:
    return samples.dtype.kind == "f" and samples.ndim == 3 and bool(np.isnan(samples).any())


def _conditions_of(pairs: Iterator[tuple[Any, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the conditions of batches that must all have some."""
    for i, (_, conditions) in enumerate(pairs):
        for name, values in (conditions or {}).items():
            if reading.to_numpy(values).dtype.kind not in "biuf":
                raise ValueError(
                    "A dataset must yield conditions as numbers: categories as whole ones. Received: "
                    f"text in the condition {name!r}. Number the categories first, or pass arrays."
                )
        if conditions is None:
            raise ValueError(
                "Expected every batch to be a pair (sequences, {name: values}), as the first is. "
                f"Received: batch {i} without conditions"
            )
        yield conditions


def _with_conditions(sequences: Tensor, columns: Any) -> Nested:
    """Return sequences as a discriminator takes them."""
    return sequences if columns is None else {"sequences": sequences, "conditions": columns}


def _batched(model: keras.Model, x: Any, batch_size: int, shuffle: bool) -> tuple[Any, int | None]:
    """Return an array and its batch size, or a dataset and None where the backend prefers one."""
    data = backend.batched(x, batch_size, shuffle, model)
    return (x, batch_size) if data is None else (data, None)


def _parts_of(output: Nested) -> tuple[Tensor, Tensor | None]:
    """Split what a discriminator returns into judgement and prediction."""
    if isinstance(output, dict) and "judgement" in output:
        return output["judgement"], output.get("prediction")
    return output, None


def _numpy(variable: keras.Variable) -> np.ndarray:
    """Return a variable's value, on one replica where there are several."""
    return ops.convert_to_numpy(ops.convert_to_tensor(variable))


def _portable(config: Any) -> Any:
    """Return a config that other backends can read: torch's optimizers are classes of their own."""
    if isinstance(config, list):
        return [_portable(part) for part in config]
    if not isinstance(config, dict):
        return config
    config = {key: _portable(part) for key, part in config.items()}
    if str(config.get("module")).startswith("keras.src.backend."):
        config.update(module="keras.optimizers", registered_name=None)
    return config


def _regularization(network: keras.Model) -> Tensor:
    """Return the sum of the regularizers of a network's weights."""
    total = ops.zeros(())
    for variable in network.trainable_variables:
        if getattr(variable, "regularizer", None) is not None:
            total += ops.cast(variable.regularizer(variable), "float32")
    return total


def _is_random(network: keras.Model) -> bool:
    """Return whether a network draws anything: a layer has seeds and no dropout of zero."""
    for layer in network._flatten_layers():
        seeds = any(isinstance(v, keras.random.SeedGenerator) for v in vars(layer).values())
        idle = getattr(layer, "dropout", None) == 0 and getattr(layer, "recurrent_dropout", 0) == 0
        if seeds and not idle:
            return True
    return False


def _input_shapes(network: keras.Model) -> Nested:
    """Return the shapes of a network's inputs without the batch, as it packs them; None if unknown."""
    try:
        inputs = network.inputs[0] if isinstance(network, keras.Sequential) else network.input
    except (AttributeError, ValueError, TypeError):
        return None
    return keras.tree.map_structure(lambda x: tuple(x.shape[1:]), inputs)


def _last_activation(network: keras.Model) -> Any:
    """Return the activation of the layer that makes a network's output, where it can be told."""
    layers = [x for x in getattr(network, "layers", []) if not isinstance(x, _SHAPING)]
    if not layers:
        return getattr(network, "activation", None)
    try:
        outputs = keras.tree.flatten(network.output)
    except (AttributeError, ValueError):
        outputs = []
    last = next((x for x in layers if _makes(x, outputs)), layers[-1])
    return _last_activation(last)


def _makes(layer: keras.Layer, outputs: list[Any]) -> bool:
    try:
        return any(o is output for o in keras.tree.flatten(layer.output) for output in outputs)
    except (AttributeError, ValueError):
        return False


def _check_ending(discriminator: keras.Model, loss: losses.AdversarialLoss) -> None:
    """Refuse probabilities where a loss expects logits."""
    activation = _last_activation(discriminator)
    if not loss.from_logits and activation is keras.activations.linear:
        raise ValueError(
            f"{type(loss).__name__}(from_logits=False) expects probabilities, and the discriminator "
            "ends in a linear layer: judgements outside of 0 … 1 would have no slope. Leave "
            "from_logits out, or end the discriminator in a sigmoid."
        )
    squashing = (
        keras.activations.sigmoid,
        keras.activations.hard_sigmoid,
        keras.activations.softmax,
    )
    if loss.from_logits and activation in squashing:
        name = activation.__name__
        raise ValueError(
            f"The discriminator ends in a {name}, and {type(loss).__name__} expects logits. Remove "
            f"the {name} (activation=None), or pass loss=NonSaturatingLoss(from_logits=False) or "
            "MinimaxLoss(from_logits=False)."
        )

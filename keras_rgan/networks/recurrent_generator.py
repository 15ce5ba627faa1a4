"""The recurrent generator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_rgan.layers import recurrence
from keras_rgan.layers.exponential_smoothing import ExponentialSmoothing
from keras_rgan.layers.gap_features import GapFeatures
from keras_rgan.layers.linear_process import LinearProcess
from keras_rgan.layers.mixture_process import MixtureProcess
from keras_rgan.layers.recurrent_noise_encoder import RecurrentNoiseEncoder
from keras_rgan.networks import causal_blocks, conditions, emission
from keras_rgan.sequences import noise as draws
from keras_rgan.sequences.categories import put
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Nested, Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class RecurrentGenerator(keras.Model):
    """Makes sequences of any length of a global latent, of noise at every step, and of conditions.

    A `RecurrentNoiseEncoder`, and a head that reads its output and the noise of the step.

    Args:
        num_features: Width of the sequences.
        units: Width of the recurrent layers.
        num_layers: How many recurrent layers are stacked.
        cell: "gru", "lstm", "simple", "min_gru" or a Keras cell of width `units`.
        latent_dim: Width of the latent that a whole sequence shares; 0 for none.
        noise_dim: Width of the noise at each step; 0 for none.
        hidden_units: Width of the head's hidden layer; 0 for none.
        output_activation: Activation of the output, as a Keras activation; None is the identity.
        emission_steps: How many steps of the sequence each step of the recurrent layers makes: faster,
            and the recurrence has less far to remember.
        convolution_units: Width of a causal `ConvolutionBlock` behind the recurrent layers; 0 for none.
        attention_heads: Heads of a causal `AttentionBlock` behind these; 0 for none.
        attention_span: How many steps of the recurrent layers back that block sees.
        smoothing: Whether an `ExponentialSmoothing` follows, whose paces `RecurrentGAN` adapts.
        gated_smoothing: Whether what the head reads changes these paces at every step, so that values
            can hold and jump: of all features, or once adapted of those that hold in the data.
        truncation: After how many steps of the recurrent layers their gradients end, as in a
            `RecurrentNoiseEncoder`; None for never.
        temporal_conditions: How many columns of conditions are known at each step; they stand beside
            its noise.
        static_conditions: How many columns of conditions hold for the whole sequence.
        condition_dim: Width to which static conditions are embedded, beside the latent; 0 to leave them
            as they are.
        context_units: Width of a recurrent layer that reads the conditions of the steps from the end
            to the beginning and stands beside these, so that every step knows what is to come; 0 for
            none.
        completion: Whether the last `3 * num_features` of the temporal conditions are what
            `layers.GapFeatures` makes of sequences with gaps. The output is then the bridged values,
            and from there as far as their spread reaches: where values are observed, these.
        categories: The first feature and the one behind the last of each group that is one-hot, in the
            scaled space -1 or 1, as `SequenceScaler.categories` has them. At every step one of a group
            is drawn before the head, which reads it: by Gumbel's trick, and in training by a softmax of
            temperature 0.4 in its place (penalties keep a discriminator flat about real categories,
            so that a hard choice, its gradient passed straight through, learns little). The noise of
            the choice, N(0, 1) as any, follows that of the step, a column for each such feature.
        linear_process: How many first steps of the sequences a `LinearProcess` takes as one Gaussian
            vector; 0 for no such process. Where `RecurrentGAN` has adapted it, the generator begins as
            a Gaussian copula of the data: its output is what the process makes, and the head's, which
            is 0 to begin with, added. The layers read the process as noise of the step.
        process_clusters: Around how many means that process lies, each as it is likely to.
        mixture_process: Order and number of components of a `MixtureProcess` in place of a linear one;
            () for none.
        noise_to_head: Whether the head reads the noise of the step as well.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: Dict of `latent`, `(batch, latent_dim)` (left out where `latent_dim` is 0), and
            `noise`, `(batch, time, noise_dim)`, with categories wider; noise of width 0 gives the
            length alone. With a linear process also `process`, `(batch, time, num_features)`, and a
            column more with clusters. With
            conditions also `conditions`, `(batch, time, temporal_conditions +
            static_conditions)`, as a `ConditionEncoder` returns them.
        initial_state: List of states, to continue a sequence; see `continue_from`.

    Output shape:
        `(batch, time, num_features)`.

    Raises:
        ValueError: If an argument is out of range, or both widths of noise are 0.

    Example:
        >>> import keras, keras_rgan as kr
        >>> generator = kr.networks.RecurrentGenerator(num_features=3, units=16, noise_dim=4)
        >>> noise = {
        ...     "latent": keras.random.normal((2, generator.latent_dim)),
        ...     "noise": keras.random.normal((2, 24, 4)),
        ... }
        >>> generator(noise).shape == (2, 24, 3)
        True

    Reference:
        Esteban et al., "Real-valued (Medical) Time Series Generation with Recurrent Conditional
        GANs", 2017; Mogren, "C-RNN-GAN", 2016; Mirza and Osindero, "Conditional Generative
        Adversarial Nets", 2014; Jang, Gu and Poole, "Categorical Reparameterization with
        Gumbel-Softmax", ICLR 2017.
    """

    def __init__(
        self,
        num_features: int,
        units: int,
        num_layers: int = 1,
        cell: Any = "gru",
        latent_dim: int = 32,
        noise_dim: int = 8,
        hidden_units: int = 0,
        output_activation: Any = None,
        emission_steps: int = 1,
        convolution_units: int = 0,
        attention_heads: int = 0,
        attention_span: int = 64,
        smoothing: bool = False,
        gated_smoothing: bool = False,
        truncation: int | None = None,
        temporal_conditions: int = 0,
        static_conditions: int = 0,
        condition_dim: int = 16,
        context_units: int = 0,
        completion: bool = False,
        categories: Sequence[Sequence[int]] = (),
        linear_process: int = 0,
        process_clusters: int = 1,
        mixture_process: Sequence[int] = (),
        noise_to_head: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_features = checks.positive_int("num_features", num_features)
        self.units = checks.positive_int("units", units)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        self.latent_dim = checks.non_negative_int("latent_dim", latent_dim)
        self.noise_dim = checks.non_negative_int("noise_dim", noise_dim)
        self.hidden_units = checks.non_negative_int("hidden_units", hidden_units)
        if not (latent_dim or noise_dim):
            raise ValueError("A generator needs a latent or noise. Received: latent_dim=0, noise_dim=0")
        self.emission_steps = checks.positive_int("emission_steps", emission_steps)
        self.convolution_units = checks.non_negative_int("convolution_units", convolution_units)
        self.attention_heads = checks.non_negative_int("attention_heads", attention_heads)
        self.attention_span = checks.positive_int("attention_span", attention_span)
        if gated_smoothing and not smoothing:
            raise ValueError(
                "Only smoothing can be gated. Received: gated_smoothing=True, smoothing=False. Pass "
                "smoothing=True too."
            )
        self.temporal_conditions = checks.non_negative_int("temporal_conditions", temporal_conditions)
        self.static_conditions = checks.non_negative_int("static_conditions", static_conditions)
        self.condition_dim = checks.non_negative_int("condition_dim", condition_dim)
        self.noise_to_head = noise_to_head
        self.context_units = checks.non_negative_int("context_units", context_units)
        if context_units and not temporal_conditions:
            raise ValueError(
                "A context is read of conditions at each step. Received: "
                f"context_units={context_units}, temporal_conditions=0"
            )
        self.completion = completion
        if completion and temporal_conditions < 3 * num_features:
            raise ValueError(
                "Completion needs three columns of every feature among the conditions of a step: "
                f"temporal_conditions of {3 * num_features} at least. Received: "
                f"{temporal_conditions}"
            )
        self.column_layout = ColumnLayout.of_network(
            temporal_conditions, static_conditions, num_features, completion=completion
        )
        self.categories = [(int(first), int(last)) for first, last in categories]
        ends = [0, *(n for group in self.categories for n in group), num_features]
        if ends != sorted(ends) or any(last - first < 2 for first, last in self.categories):
            raise ValueError(
                "`categories` must be pairs (first, behind the last) of at least two features each, in "
                f"order, within {num_features} features. Received: {self.categories}"
            )
        self.output_activation = keras.activations.get(output_activation)
        self.seed = seed
        self.linear_process = checks.non_negative_int("linear_process", linear_process)
        if linear_process and mixture_process:
            raise ValueError(
                "A generator begins as one process. Received: "
                f"linear_process={linear_process}, mixture_process={tuple(mixture_process)}"
            )
        if (linear_process or mixture_process) and completion:
            raise ValueError(
                "Completion begins with what is shown of a sequence, not with a process. Received: "
                f"linear_process={linear_process}, mixture_process={tuple(mixture_process)}, "
                "completion=True"
            )
        self.encoder = RecurrentNoiseEncoder(
            units,
            cell,
            num_layers,
            return_state=True,
            truncation=truncation,
            seed=seeding.child_seed(seed, "encoder"),
            dtype=self.dtype_policy,
            name="encoder",
        )
        self.embedding = conditions.embedding(condition_dim, static_conditions, seed, self.dtype_policy)
        self.context: list[keras.layers.RNN] = []
        if context_units:
            self.context = recurrence.stack(
                context_units,
                "gru",
                1,
                seed=seed,
                dtype=self.dtype_policy,
                go_backwards=True,
                name="context",
            )
        self.blocks = causal_blocks.make(
            convolution_units, attention_heads, attention_span, seed, self.dtype_policy
        )
        self.hidden = self._dense(hidden_units, "hidden", activation="swish")
        self.choice: Any = self._dense(emission_steps * self.num_choices, "choice")
        begins = linear_process or mixture_process
        begin = {"kernel_initializer": "zeros"} if begins else {}
        self.head: Any = self._dense(
            emission_steps * num_features, "head", activation=output_activation, **begin
        )
        self.process = self._make_process(
            checks.positive_int("process_clusters", process_clusters), tuple(mixture_process)
        )
        self.smoother = (
            ExponentialSmoothing(return_state=True, dtype=self.dtype_policy, name="smoother")
            if smoothing
            else None
        )
        self.gate = None
        if gated_smoothing:  # without a bias: the smoother's logits are it
            width = emission_steps * num_features
            self.gate = self._dense(width, "gate", use_bias=False, kernel_initializer="zeros")

    def _dense(self, width: int, name: str, **options: Any) -> keras.layers.Dense | None:
        """Return a dense layer; None where it has no width."""
        if not width:
            return None
        options = {"kernel_initializer": seeding.glorot(self.seed, name), **options}
        return keras.layers.Dense(width, dtype=self.dtype_policy, name=name, **options)

    def _make_process(
        self, clusters: int, mixture: tuple[int, ...]
    ) -> LinearProcess | MixtureProcess | None:
        """Return what the generator begins as; None for nothing."""
        columns = self.temporal_conditions + self.static_conditions
        if mixture:
            order, components = mixture
            return MixtureProcess(order, components, name="process")
        if self.linear_process:
            return LinearProcess(self.linear_process, columns, clusters, name="process")
        return None

    @property
    def process_steps(self) -> int:
        """How many first steps the process that it begins as draws together; 0 without one."""
        if isinstance(self.process, MixtureProcess):
            return self.process.order
        return self.linear_process

    @property
    def noise_shape(self) -> dict[str, Shape]:
        """The shapes of the inputs, without the batch; the length is open."""
        latent: dict[str, Shape] = {"latent": (self.latent_dim,)} if self.latent_dim else {}
        process: dict[str, Shape] = {"process": (None, self._process_width)} if self.process else {}
        return {**latent, "noise": (None, self.noise_dim + self.num_choices), **process}

    @property
    def normal_noise(self) -> dict[str, int]:
        """How many of the last columns of a part of the noise are N(0, 1) whatever law the rest has.

        Those of the choices and of the process, which are drawn of that law alone: `NoiseSpec` reads
        it here.
        """
        choices = {"noise": self.num_choices} if self.categories else {}
        return {**choices, "process": self._process_width} if self.process else choices

    @property
    def _mixture(self) -> tuple[int, ...]:
        """Order and components of a mixture process; () without one."""
        process = self.process
        return (process.order, process.components) if isinstance(process, MixtureProcess) else ()

    @property
    def _process_width(self) -> int:
        """How many numbers a step of the process takes."""
        return self.num_features + (0 if self.process is None else self.process.num_choices)

    @property
    def num_choices(self) -> int:
        """How many features are categories."""
        return sum(last - first for first, last in self.categories)

    def build(self, input_shape: Nested = None) -> None:
        """Build the layers; the input's shape is known from the arguments."""
        for layer in self.context:
            layer.build((None, None, self.temporal_conditions))
        beside = self.temporal_conditions + self.context_units
        if self.process is not None:
            self.process.build((None, None, self._process_width))
            self.share = self.add_weight((self.num_features,), "ones", name="share")
            beside += 2 * self.num_features
        step_noise = self.emission_steps * (self.noise_dim + self.num_choices + beside)
        latent_dim = self.latent_dim
        if self.embedding is not None:
            self.embedding.build((None, self.static_conditions))
            latent_dim += self.condition_dim or self.static_conditions
        latent = {"latent": (None, latent_dim)} if latent_dim else {}
        self.encoder.build({**latent, "noise": (None, None, step_noise)})
        width = self.units
        for block in self.blocks:
            block.build((None, None, width))
            width = self.convolution_units or width
        width += step_noise if self.noise_to_head else 0
        if self.choice is not None:
            self.choice.build((None, None, width))
            width += self.emission_steps * self.num_choices
        if self.hidden is not None:
            self.hidden.build((None, None, width))
            width = self.hidden_units
        self.head.build((None, None, width))
        if self.smoother is not None:
            self.smoother.build((None, None, self.num_features))
        if self.gate is not None:
            self.gate.build((None, None, width))

    def call(
        self,
        inputs: Nested,
        initial_state: list[Tensor] | None = None,
        training: bool = False,
    ) -> Tensor:
        """Make sequences."""
        return self.continue_from(inputs, initial_state, training=training)[0]

    def continue_from(
        self, inputs: Nested, state: list[Tensor] | None = None, training: bool = False
    ) -> tuple[Tensor, list[Tensor]]:
        """Make sequences that go on from `state`.

        Args:
            inputs: As in a call; the latent must be the one that the sequences began with.
            state: The state after the last step, or None to begin. All parts of a sequence but the
                last must have a length that is a multiple of `emission_steps`. A context begins at the
                end of each part.
            training: Whether the layers train.

        Returns:
            The sequences, `(batch, time, num_features)`, and the state after them.
        """
        last, memory, past, made = None, None, None, None
        if state is not None and self.process is not None:
            *state, past = state
        if state is not None and self.smoother is not None:
            *state, last = state
        if state is not None and self.blocks:
            *state, values, is_value = state
            memory = values, is_value
        length, choice_noise = ops.shape(inputs["noise"])[1], inputs["noise"][..., self.noise_dim :]
        columns: Any = inputs.get("conditions")
        if self.process is not None:
            scores, made, past = self.process(inputs["process"], past, columns)
            inputs = self._with_process(inputs, scores, made)
        inputs = self._condition(inputs, training)
        step_noise = emission.fold(inputs["noise"], length, self.emission_steps)
        hidden, *state = self.encoder(
            {**inputs, "noise": step_noise}, initial_state=state, training=training
        )
        if self.blocks:
            hidden, memory = causal_blocks.run(self.blocks, hidden, memory)
            state = [*state, *memory]
        if step_noise.shape[-1] and self.noise_to_head:
            hidden = ops.concatenate([hidden, ops.cast(step_noise, hidden.dtype)], axis=-1)
        bridged: Any = None
        spread: Any = None
        if self.completion:
            shown = ops.cast(self.column_layout.shown_of(columns), hidden.dtype)
            _, bridged, spread = GapFeatures.split(shown)
        chosen: list[Tensor] = []
        if self.choice is not None:
            chosen = self._choose(hidden, choice_noise, bridged, spread, training)
            read = emission.fold(ops.concatenate(chosen, axis=-1), length, self.emission_steps)
            hidden = ops.concatenate([hidden, ops.cast(read, hidden.dtype)], axis=-1)
        if self.hidden is not None:
            hidden = self.hidden(hidden)
        outputs = emission.unfold(self.head(hidden), length, self.emission_steps)
        if self.smoother is not None:
            changes = None
            if self.gate is not None:
                changes = emission.unfold(self.gate(hidden), length, self.emission_steps)
            outputs, last = self.smoother(outputs, initial_state=last, changes=changes)
            state = [*state, last]
        if self.completion:
            outputs = bridged + spread * outputs
        if made is not None:
            outputs = outputs + ops.cast(self.share, outputs.dtype) * ops.cast(made, outputs.dtype)
            state = [*state, past]
        for (first, behind), drawn in zip(self.categories, chosen, strict=True):
            outputs = put(outputs, drawn, first, behind)
        return outputs, state

    @staticmethod
    def _with_process(inputs: dict[str, Tensor], scores: Tensor, made: Tensor) -> dict[str, Tensor]:
        """Return inputs with a process among the noise of the steps."""
        noise = inputs["noise"]
        parts = [noise, *(ops.cast(x, noise.dtype) for x in (scores, ops.clip(made, -3.0, 3.0)))]
        others = {name: value for name, value in inputs.items() if name != "process"}
        return {**others, "noise": ops.concatenate(parts, axis=-1)}

    def _choose(
        self, hidden: Tensor, noise: Tensor, bridged: Any, spread: Any, training: bool
    ) -> list[Tensor]:
        """Return what is drawn of each group of categories; what is observed is no choice."""
        logits = emission.unfold(self.choice(hidden), ops.shape(noise)[1], self.emission_steps)
        chosen, start = [], 0
        for first, behind in self.categories:
            part = slice(start, start := start + behind - first)
            drawn = draws.choose(logits[..., part], noise[..., part], relaxed=training)
            if self.completion:
                observed = bridged[..., first:behind]
                drawn = ops.where(spread[..., first:behind] > 0, drawn, observed)
            chosen.append(drawn)
        return chosen

    def _condition(self, inputs: dict[str, Tensor], training: bool) -> dict[str, Tensor]:
        """Return a latent and noise that conditions have joined."""
        columns = inputs.get("conditions")
        conditions.check_columns(columns, self.temporal_conditions, self.static_conditions)
        if columns is None:
            return inputs
        inputs = {k: v for k, v in inputs.items() if k != "conditions"}
        if self.temporal_conditions:
            noise, at_each_step = inputs["noise"], self.column_layout.temporal_of(columns)
            parts = [noise, at_each_step]
            if self.context:
                context, *_ = recurrence.run(self.context[0], at_each_step, None, None, training, None)
                parts.append(ops.flip(context, axis=1))
            inputs["noise"] = ops.concatenate([ops.cast(x, noise.dtype) for x in parts], axis=-1)
        if self.embedding is not None:
            embedded = self.embedding(self.column_layout.static_of(columns))
            latent = inputs.get("latent")
            if latent is not None:
                embedded = ops.concatenate([ops.cast(latent, embedded.dtype), embedded], axis=-1)
            inputs["latent"] = embedded
        return inputs

    def compute_output_shape(self, inputs_shape: Nested, initial_state_shape: Any = None) -> Shape:
        """Return `(batch, time, num_features)`."""
        batch, length, _ = inputs_shape["noise"]
        return (batch, length, self.num_features)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "num_features": self.num_features,
            "units": self.units,
            "num_layers": self.num_layers,
            "cell": recurrence.serialize_cell(self.encoder.recurrent_layers[0]),
            "latent_dim": self.latent_dim,
            "noise_dim": self.noise_dim,
            "hidden_units": self.hidden_units,
            "output_activation": keras.activations.serialize(self.output_activation),
            "emission_steps": self.emission_steps,
            "convolution_units": self.convolution_units,
            "attention_heads": self.attention_heads,
            "attention_span": self.attention_span,
            "smoothing": self.smoother is not None,
            "gated_smoothing": self.gate is not None,
            "truncation": self.encoder.truncation,
            "temporal_conditions": self.temporal_conditions,
            "static_conditions": self.static_conditions,
            "condition_dim": self.condition_dim,
            "context_units": self.context_units,
            "completion": self.completion,
            "categories": self.categories,
            "linear_process": self.linear_process,
            "process_clusters": getattr(self.process, "clusters", 1),
            "mixture_process": self._mixture,
            "noise_to_head": self.noise_to_head,
            "seed": self.seed,
        }

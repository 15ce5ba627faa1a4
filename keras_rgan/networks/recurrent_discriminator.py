"""The recurrent discriminator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_rgan.layers import recurrence
from keras_rgan.layers.attention_block import AttentionBlock
from keras_rgan.layers.convolution_block import ConvolutionBlock
from keras_rgan.layers.increment_features import IncrementFeatures
from keras_rgan.layers.minibatch_std_dev import MinibatchStdDev
from keras_rgan.networks import conditions, directions, pooling, precision
from keras_rgan.networks.discriminator import Discriminator, sequences_of
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Nested, Tensor

POOLINGS = ("last", "mean")


@keras.saving.register_keras_serializable(package="keras_rgan")
class RecurrentDiscriminator(Discriminator):
    """Judges sequences of any length, whole or step by step.

    Args:
        units: Width of the recurrent layers, in each direction.
        num_layers: How many recurrent layers are stacked.
        cell: "gru", "lstm", "simple", "min_gru" or a Keras cell of width `units`.
        bidirectional: Whether to read the sequence from its end as well.
        pooling: What a judgement of the whole sequence rests on: any of "last" (the state after the
            last step) and "mean" (the mean over the steps).
        per_step: Whether to judge every step rather than the sequence.
        next_step_prediction: Whether to predict every next step from the steps before it as well;
            `RecurrentGAN` then adds the error of the prediction to the losses of both networks.
        minibatch_group_size: Group size of a `MinibatchStdDev` before the judgement; None for none.
        dropout: Share of the recurrent layers' outputs that is dropped in training.
        increments: To which order to look at standardized increments beside standardized levels, by an
            `IncrementFeatures`; 0 for the sequences as they are. `RecurrentGAN` adapts it, and its
            penalties then measure slopes there.
        convolution_units: Width of a branch of two `ConvolutionBlock`s beside the recurrent one, whose
            mean and maximum over time join the pooled features; 0 for none.
        attention_heads: Heads of an `AttentionBlock` between the recurrent layers and the mean over the
            steps or the judgements of steps; 0 for none.
        truncation: After how many steps the recurrent layers' gradients end in training, as in a
            `RecurrentNoiseEncoder`; None for never.
        temporal_conditions: How many columns of conditions are known at each step; they stand beside
            it.
        static_conditions: How many columns of conditions hold for the whole sequence: embedded they
            stand beside every step, and the judgement gains their inner product with the features that
            it rests on (projection).
        condition_dim: Width to which static conditions are embedded; 0 to have them stand beside every
            step as they are, without a projection.
        variable_length: Whether the first column of temporal conditions tells which steps count: 1, and
            0 where a sequence has ended. A judgement is that of the sequence without the latter;
            judgements of such steps are 0.
        seed: Seed of the initial weights and of the dropout.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: Sequences, `(batch, time, features)`; with conditions a dict of them as `sequences` and
            of `conditions`, `(batch, time, temporal_conditions + static_conditions)`, as a
            `ConditionEncoder` returns them.
        mask: `(batch, time)`, True where a step counts.

    Output shape:
        Logits, in float32 under policies of half precision as well: `(batch, 1)`, or
        `(batch, time, 1)` with `per_step`. With `next_step_prediction` a dict of them as `judgement`,
        and of `prediction`, `(batch, time - 1, features)`.

    Raises:
        ValueError: If an argument is out of range or a name is unknown.

    Example:
        >>> import keras, keras_rgan as kr
        >>> discriminator = kr.networks.RecurrentDiscriminator(units=16)
        >>> discriminator(keras.random.normal((2, 24, 3))).shape == (2, 1)
        True

    Reference:
        Mogren, "C-RNN-GAN", 2016 (bidirectional); Esteban et al., 2017 (a judgement a step);
        Yoon et al., "Time-series Generative Adversarial Networks", NeurIPS 2019 (next-step error);
        Miyato and Koyama, "cGANs with Projection Discriminator", ICLR 2018.
    """

    def __init__(
        self,
        units: int,
        num_layers: int = 1,
        cell: Any = "gru",
        bidirectional: bool = True,
        pooling: str | Sequence[str] = POOLINGS,
        per_step: bool = False,
        next_step_prediction: bool = False,
        minibatch_group_size: int | None = None,
        dropout: float = 0.0,
        increments: int = 0,
        convolution_units: int = 0,
        attention_heads: int = 0,
        truncation: int | None = None,
        temporal_conditions: int = 0,
        static_conditions: int = 0,
        condition_dim: int = 16,
        variable_length: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = checks.positive_int("units", units)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        self.bidirectional = bidirectional
        pooling = (pooling,) if isinstance(pooling, str) else tuple(pooling)
        if not pooling:
            raise ValueError(f"`pooling` must hold at least one of {POOLINGS}. Received: ()")
        self.pooling = tuple(checks.one_of("pooling", p, POOLINGS) for p in pooling)
        self.per_step = per_step
        self.next_step_prediction = next_step_prediction
        self.minibatch_group_size = minibatch_group_size
        self.dropout = checks.number("dropout", dropout, 0.0, 1.0)
        self.increments = checks.non_negative_int("increments", int(increments))
        self.convolution_units = checks.non_negative_int("convolution_units", convolution_units)
        self.attention_heads = checks.non_negative_int("attention_heads", attention_heads)
        self.truncation = None if truncation is None else checks.positive_int("truncation", truncation)
        self.temporal_conditions = checks.non_negative_int("temporal_conditions", temporal_conditions)
        self.static_conditions = checks.non_negative_int("static_conditions", static_conditions)
        self.condition_dim = checks.non_negative_int("condition_dim", condition_dim)
        self.variable_length = variable_length
        conditions.check_tells_length(variable_length, temporal_conditions)
        self.column_layout = ColumnLayout.of_network(
            temporal_conditions, static_conditions, variable_length=variable_length
        )
        if per_step and convolution_units:
            raise ValueError(
                "A convolutional branch judges whole sequences. Received: per_step=True with "
                f"convolution_units={convolution_units}"
            )
        if attention_heads and not per_step and "mean" not in self.pooling:
            raise ValueError(
                "Attention reaches a judgement of the sequence through the mean over its steps. "
                f"Received: attention_heads={attention_heads} with pooling={self.pooling}. Add 'mean'."
            )
        self.seed = seed
        self.supports_masking = True
        self.view = (
            IncrementFeatures(order=self.increments, dtype=self.dtype_policy, name="view")
            if increments
            else None
        )
        self.convolutions = [
            ConvolutionBlock(
                convolution_units,
                kernel_size=5 if i == 0 else 3,
                seed=seeding.child_seed(seed, f"convolution_{i}"),
                dtype=self.dtype_policy,
                name=f"convolution_{i}",
            )
            for i in range(2 if convolution_units else 0)
        ]
        self.forward_layers = recurrence.stack(
            units, cell, num_layers, seed=seed, dtype=self.dtype_policy, name="forward"
        )
        self.backward_layers: list[keras.layers.RNN] = []
        if bidirectional:
            self.backward_layers = recurrence.stack(
                units,
                recurrence.serialize_cell(self.forward_layers[0]),
                num_layers,
                seed=seed,
                dtype=self.dtype_policy,
                go_backwards=True,
                name="backward",
            )
        self.attention = (
            AttentionBlock(
                attention_heads,
                seed=seeding.child_seed(seed, "attention"),
                dtype=self.dtype_policy,
                name="attention",
            )
            if attention_heads
            else None
        )
        self.drop = keras.layers.Dropout(
            dropout, seed=seeding.child_seed(seed, "dropout"), dtype=self.dtype_policy
        )
        self.minibatch = (
            MinibatchStdDev(minibatch_group_size, dtype=self.dtype_policy)
            if minibatch_group_size is not None
            else None
        )
        # Penalties and losses take differences of judgements, which half precision would round away.
        self.output_dtype = precision.of_outputs(self)
        self.head = keras.layers.Dense(
            1,
            kernel_initializer=seeding.glorot(seed, "head"),
            dtype=self.output_dtype,
            name="judgement",
        )
        self.prediction_head: Any = None
        self.embedding = conditions.embedding(condition_dim, static_conditions, seed, self.dtype_policy)
        self.projection: Any = None

    @property
    def num_conditions(self) -> int:
        """How many columns of conditions stand beside a step."""
        return self.temporal_conditions + self.static_conditions

    @property
    def judges_one_by_one(self) -> bool:
        """Whether a sample's judgement depends on that sample alone; sets may then share a pass."""
        return self.minibatch is None

    def build(self, input_shape: Nested) -> None:
        """Build the layers for sequences of `input_shape`."""
        input_shape = sequences_of(input_shape)
        batch, _, num_features = input_shape
        seen = num_features
        if self.view is not None:
            self.view.build(input_shape)
            seen = self.view.compute_output_shape(input_shape)[-1]
        seen += self.temporal_conditions
        if self.embedding is not None:
            self.embedding.build((batch, self.static_conditions))
            seen += self.condition_dim or self.static_conditions
        outputs: Any = 0
        for layers in filter(None, (self.forward_layers, self.backward_layers)):
            width = seen
            for layer in layers:
                layer.build((batch, None, width))
                width = layer.cell.output_size
            outputs += width
        if self.attention is not None:
            self.attention.build((batch, None, outputs))
        pooled = outputs if self.per_step else outputs * len(self.pooling)
        width = seen
        for block in self.convolutions:
            block.build((batch, None, width))
            width = self.convolution_units
        pooled += 2 * self.convolution_units
        if self.minibatch is not None:
            self.minibatch.build((batch, pooled))
            pooled += 1
        self.drop.build((batch, pooled))
        self.head.build((batch, pooled))
        if self.static_conditions and self.condition_dim:
            self.projection = keras.layers.Dense(
                pooled,
                use_bias=False,
                kernel_initializer=seeding.glorot(self.seed, "projection"),
                dtype=self.output_dtype,
                name="projection",
            )
            self.projection.build((batch, self.static_conditions))
        if self.next_step_prediction:
            self.prediction_head = keras.layers.Dense(
                num_features,
                kernel_initializer=seeding.glorot(self.seed, "prediction"),
                dtype=self.output_dtype,
                name="prediction",
            )
            self.prediction_head.build((batch, None, self.forward_layers[-1].cell.output_size))

    def look(self, inputs: Nested) -> Tensor:
        """Return what is judged: the sequences, or what `IncrementFeatures` makes of them.

        Conditions are the last columns.
        """
        sequences = sequences_of(inputs)
        columns = inputs.get("conditions") if isinstance(inputs, dict) else None
        conditions.check_columns(columns, self.temporal_conditions, self.static_conditions)
        seen = sequences if self.view is None else self.view(sequences)
        if columns is None:
            return seen
        return ops.concatenate([seen, ops.cast(columns, seen.dtype)], axis=-1)

    def judge(self, inputs: Tensor, mask: Tensor | None = None, training: bool = False) -> Nested:
        """Judge what `look` returned."""
        inputs, mask, lengths = self._counted(inputs, mask)
        inputs, static = self._embed(inputs)
        forward, features = self._read(inputs, mask, training, lengths)
        features = self.drop(features, training=training)
        judgement = self.head(features)
        if self.projection is not None:
            direction = self.projection(static)
            if self.per_step:
                direction = direction[:, None]
            judgement += ops.sum(
                direction * ops.cast(features, direction.dtype), axis=-1, keepdims=True
            )
        if self.per_step and lengths is not None:
            judgement *= ops.cast(ops.expand_dims(mask, -1), judgement.dtype)
        if self.prediction_head is None:
            return judgement
        return {"judgement": judgement, "prediction": self.prediction_head(forward[:, :-1])}

    def features(self, inputs: Tensor, mask: Tensor | None = None, training: bool = False) -> Tensor:
        """Return what a judgement of what `look` returned rests on: to match features by, say.

        `(batch, width)`, or `(batch, time, width)` with `per_step`.
        """
        inputs, mask, lengths = self._counted(inputs, mask)
        return self._read(self._embed(inputs)[0], mask, training, lengths)[1]

    def _counted(
        self, inputs: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Return inputs without the steps that do not count, which do, and how many, by the columns."""
        layout = self.column_layout
        counts = layout.counts_of(layout.split(inputs)[1])
        if counts is None:
            return inputs, mask, None
        lengths = ops.cast(ops.sum(counts, axis=(1, 2)), "int32")
        return inputs * counts, counts[..., 0], lengths

    def _embed(self, inputs: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return what stands at each step, static conditions embedded, and these as they are."""
        if self.embedding is None:
            return inputs, None
        samples, columns = self.column_layout.split(inputs)
        static = self.column_layout.static_of(columns)
        temporal = self.column_layout.temporal_of(columns)
        embedded = self.embedding(static)
        shape = (ops.shape(inputs)[0], ops.shape(inputs)[1], embedded.shape[-1])
        parts = [samples] if temporal is None else [samples, temporal]
        parts = [ops.cast(part, embedded.dtype) for part in parts]
        return ops.concatenate([*parts, ops.broadcast_to(embedded[:, None], shape)], axis=-1), static

    def _read(
        self, inputs: Tensor, mask: Tensor | None, training: bool, lengths: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return the forward layers' outputs, and the features that judgements rest on."""
        options = mask, training, self.truncation, lengths
        forward, last_forward = directions.run(self.forward_layers, inputs, *options)
        steps, last = [forward], [last_forward]
        if self.backward_layers:
            backward, last_backward = directions.run(self.backward_layers, inputs, *options)
            steps.append(directions.in_time(backward, lengths))
            last.append(last_backward)
        outputs = ops.concatenate(steps, axis=-1)
        if self.attention is not None:
            outputs = self.attention(outputs, mask=mask)
        if self.per_step:
            features = outputs
        else:
            pooled = {"last": lambda: last, "mean": lambda: [pooling.mean(outputs, mask)]}
            features = ops.concatenate([p for name in self.pooling for p in pooled[name]()], axis=-1)
        if self.convolutions:
            local = inputs
            for block in self.convolutions:
                local = block(local, mask=mask)
            parts = [features, pooling.mean(local, mask), pooling.maximum(local, mask)]
            features = ops.concatenate(parts, axis=-1)
        return forward, features if self.minibatch is None else self.minibatch(features)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Pass a mask on to judgements of steps."""
        mask = sequences_of(previous_mask) if self.per_step else None
        if not self.next_step_prediction:
            return mask
        return {"judgement": mask, "prediction": None}

    def compute_output_shape(self, input_shape: Nested) -> Nested:
        """Return the shape of the judgement, and of the prediction where there is one."""
        batch, length, num_features = sequences_of(input_shape)
        judgement = (batch, length, 1) if self.per_step else (batch, 1)
        if not self.next_step_prediction:
            return judgement
        shorter = None if length is None else length - 1
        return {"judgement": judgement, "prediction": (batch, shorter, num_features)}

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "num_layers": self.num_layers,
            "cell": recurrence.serialize_cell(self.forward_layers[0]),
            "bidirectional": self.bidirectional,
            "pooling": self.pooling,
            "per_step": self.per_step,
            "next_step_prediction": self.next_step_prediction,
            "minibatch_group_size": self.minibatch_group_size,
            "dropout": self.dropout,
            "increments": self.increments,
            "convolution_units": self.convolution_units,
            "attention_heads": self.attention_heads,
            "truncation": self.truncation,
            "temporal_conditions": self.temporal_conditions,
            "static_conditions": self.static_conditions,
            "condition_dim": self.condition_dim,
            "variable_length": self.variable_length,
            "seed": self.seed,
        }

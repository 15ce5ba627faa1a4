"""The discriminator of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_rgan.networks import conditions, pooling, precision
from keras_rgan.networks.discriminator import sequences_of
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Nested, Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class TokenDiscriminator(keras.Model):
    """Judges sequences of tokens by the runs that they are made of.

    Embeds one-hot vectors, or soft ones in their place, and looks for patterns by convolutions of
    several widths, the strongest of each in the sequence and its mean. Several views embed anew, and
    judge by the same convolutions; their judgements are averaged.

    Args:
        vocabulary_size: How many tokens there are.
        embedding_dim: Width to which a view embeds tokens.
        filters: How many patterns of each width it knows.
        kernel_sizes: The widths, in tokens.
        num_views: How many embeddings judge.
        hidden_units: Width of the layer before the judgement; 0 for none.
        dropout: Share of what that layer reads that is dropped in training.
        temporal_conditions: How many columns of conditions are known at each step.
        static_conditions: How many hold for the whole sequence.
        variable_length: Whether the first column tells which steps count.
        seed: Seed of the initial weights and of dropout.
        **kwargs: Arguments of `keras.Model`.

    Call arguments:
        inputs: `(batch, time, vocabulary_size)`; with conditions a dict of these as `sequences` and
            `conditions`, `(batch, time, temporal_conditions + static_conditions)`.

    Output shape:
        `(batch, 1)`.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras, keras_rgan as kr
        >>> discriminator = kr.networks.TokenDiscriminator(vocabulary_size=10, filters=8)
        >>> discriminator(keras.ops.one_hot([[1, 5, 9, 0]], 10)).shape == (1, 1)
        True

    Reference:
        Kim, "Convolutional Neural Networks for Sentence Classification", EMNLP 2014; Nie, Narodytska
        and Patel, "RelGAN: Relational Generative Adversarial Networks for Text Generation", ICLR 2019
        (several embedded views).
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_dim: int = 32,
        filters: int = 32,
        kernel_sizes: Sequence[int] = (1, 2, 3, 4),
        num_views: int = 1,
        hidden_units: int = 64,
        dropout: float = 0.25,
        temporal_conditions: int = 0,
        static_conditions: int = 0,
        variable_length: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocabulary_size = checks.positive_int("vocabulary_size", vocabulary_size)
        self.embedding_dim = checks.positive_int("embedding_dim", embedding_dim)
        self.filters = checks.positive_int("filters", filters)
        self.kernel_sizes = tuple(checks.positive_int("kernel_sizes", n) for n in kernel_sizes)
        if not self.kernel_sizes:
            raise ValueError("`kernel_sizes` must hold one width at the least. Received: ()")
        self.num_views = checks.positive_int("num_views", num_views)
        self.hidden_units = checks.non_negative_int("hidden_units", hidden_units)
        self.dropout = checks.number("dropout", dropout, 0.0, 1.0)
        self.temporal_conditions = checks.non_negative_int("temporal_conditions", temporal_conditions)
        self.static_conditions = checks.non_negative_int("static_conditions", static_conditions)
        self.variable_length = variable_length
        conditions.check_tells_length(variable_length, temporal_conditions)
        self.column_layout = ColumnLayout.of_network(
            temporal_conditions, static_conditions, variable_length=variable_length
        )
        self.seed = seed
        self.embedding = keras.layers.Dense(
            embedding_dim * num_views,
            use_bias=False,
            kernel_initializer=keras.initializers.RandomNormal(
                stddev=0.3, seed=seeding.child_seed(seed, "embedding")
            ),
            dtype=self.dtype_policy,
            name="embedding",
        )
        self.convolutions = [
            keras.layers.Conv1D(
                filters,
                size,
                activation="swish",
                kernel_initializer=seeding.glorot(seed, f"convolution_{i}"),
                dtype=self.dtype_policy,
                name=f"convolution_{i}",
            )
            for i, size in enumerate(self.kernel_sizes)
        ]
        self.drop = keras.layers.Dropout(
            dropout, seed=seeding.child_seed(seed, "dropout"), dtype=self.dtype_policy
        )
        self.hidden: Any = None
        if hidden_units:
            self.hidden = keras.layers.Dense(
                hidden_units,
                activation="swish",
                kernel_initializer=seeding.glorot(seed, "hidden"),
                dtype=self.dtype_policy,
                name="hidden",
            )
        # Losses take differences of judgements, which half precision would round away.
        self.head = keras.layers.Dense(
            1,
            kernel_initializer=seeding.glorot(seed, "head"),
            dtype=precision.of_outputs(self),
            name="judgement",
        )

    def build(self, input_shape: Nested) -> None:
        """Build the layers."""
        self.embedding.build((None, None, self.vocabulary_size))
        width = self.embedding_dim + self.temporal_conditions + self.static_conditions
        for convolution in self.convolutions:
            convolution.build((None, None, width))
        width = 2 * self.filters * len(self.kernel_sizes)
        self.drop.build((None, width))
        if self.hidden is not None:
            self.hidden.build((None, width))
            width = self.hidden_units
        self.head.build((None, width))

    def call(self, inputs: Nested, training: bool = False) -> Tensor:
        """Judge sequences."""
        columns = inputs.get("conditions") if isinstance(inputs, dict) else None
        sequences = sequences_of(inputs)
        conditions.check_columns(columns, self.temporal_conditions, self.static_conditions)
        counts = self.column_layout.counts_of(columns)
        embedded = self.embedding(sequences)
        batch, length = ops.shape(embedded)[:2]
        views = ops.reshape(embedded, (batch, length, self.num_views, self.embedding_dim))
        views = ops.reshape(
            ops.transpose(views, (0, 2, 1, 3)), (batch * self.num_views, length, self.embedding_dim)
        )
        if columns is not None:
            beside = ops.repeat(ops.cast(columns, views.dtype), self.num_views, axis=0)
            views = ops.concatenate([views, beside], axis=-1)
        if counts is not None:
            counts = ops.repeat(ops.cast(counts, views.dtype), self.num_views, axis=0)
            views = views * counts
        features = self._patterns(views, None if counts is None else counts[..., 0])
        features = self.drop(features, training=training)
        if self.hidden is not None:
            features = self.hidden(features)
        judgements = ops.reshape(self.head(features), (batch, self.num_views))
        return ops.mean(judgements, axis=1, keepdims=True)

    def _patterns(self, views: Tensor, counting: Tensor | None) -> Tensor:
        """Return how strong each pattern is, at its strongest and on average, `(batch, patterns)`.

        A pattern counts where its first token does: it may end in zeros behind the end.
        """
        parts = []
        for size, convolution in zip(self.kernel_sizes, self.convolutions, strict=True):
            found = convolution(ops.pad(views, [[0, 0], [0, size - 1], [0, 0]]))
            parts += [pooling.maximum(found, counting), pooling.mean(found, counting)]
        return ops.concatenate(parts, axis=-1)

    def compute_output_shape(self, input_shape: Nested) -> Shape:
        """Return `(batch, 1)`."""
        return (sequences_of(input_shape)[0], 1)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "embedding_dim": self.embedding_dim,
            "filters": self.filters,
            "kernel_sizes": self.kernel_sizes,
            "num_views": self.num_views,
            "hidden_units": self.hidden_units,
            "dropout": self.dropout,
            "temporal_conditions": self.temporal_conditions,
            "static_conditions": self.static_conditions,
            "variable_length": self.variable_length,
            "seed": self.seed,
        }

"""The generator of tokens."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.layers import recurrence
from keras_rgan.layers.temperature import Temperature
from keras_rgan.networks import conditions, precision
from keras_rgan.networks.token_cell import TokenCell
from keras_rgan.sequences import noise as draws
from keras_rgan.sequences import tokens
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Nested, Shape, Tensor
from keras_rgan.utils.untracked import Untracked

RAREST = -60.0
"""Log-probabilities below are taken for this: its exponential is still finite in float32."""

NEVER = -30.0
"""The logit of a token that is not written, to begin with: it comes once in 1e13."""


@keras.saving.register_keras_serializable(package="keras_rgan")
class TokenGenerator(keras.Model):
    """Writes sequences of tokens, one after the other, each drawn given those before it.

    A language model: an embedding, recurrent layers, and logits of every token. A number of the noise
    decides which token a step draws, and the next step reads it. Outside of training it makes one-hot
    vectors. In training it makes what has a gradient: the tokens are drawn first, then each is read
    again as a teacher forces it, all steps at once, and a Gumbel-softmax stands for the draw, whose
    noise is such that its largest entry is the token that was drawn. The gradient goes through the
    logits and states of all steps before, not through the tokens that these drew.

    Args:
        vocabulary_size: How many tokens there are.
        units: Width of the recurrent layers.
        embedding_dim: Width to which tokens are embedded.
        num_layers: How many recurrent layers are stacked.
        cell: "lstm", "gru", "simple" or a Keras cell of width `units`.
        dropout: Share of the embedding and of the last layer's output that is dropped while
            likelihoods are learned; none is while tokens are drawn.
        unused: Ids that are never written, as that of padding: their logits begin at -30.
        straight_through: Whether training makes one-hot vectors too, with the gradient of the softmax.
        temporal_conditions: How many columns of conditions are known at each step.
        static_conditions: How many hold for the whole sequence.
        seed: Seed of the initial weights, of dropout and of the Gumbel noise.
        **kwargs: Arguments of `keras.Model`.

    Attributes:
        temperature: `temperature.set(0.7)` draws from what is likely more often; 1 to begin with.
        relaxation: The temperature of the softmax that stands for a draw, likewise: the lower, the
            nearer to one-hot.

    Call arguments:
        inputs: Dict of `noise`, N(0, 1), `(batch, time, 1)`; with conditions also `conditions`,
            `(batch, time, temporal_conditions + static_conditions)`.

    Output shape:
        `(batch, time, vocabulary_size)`, entries from 0 to 1 that sum to 1 at each step.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras, keras_rgan as kr
        >>> generator = kr.networks.TokenGenerator(vocabulary_size=10, units=8)
        >>> one_hot = generator({"noise": keras.random.normal((2, 5, 1))})
        >>> one_hot.shape == (2, 5, 10)
        True
        >>> generator.log_likelihood(keras.ops.argmax(one_hot, axis=-1)).shape == (2, 5)
        True

    Reference:
        Jang, Gu and Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017; Nie,
        Narodytska and Patel, "RelGAN: Relational Generative Adversarial Networks for Text Generation",
        ICLR 2019; Maddison and Tarlow, "Gumbel Machinery", 2017 (noise given its largest entry).
    """

    def __init__(
        self,
        vocabulary_size: int,
        units: int = 32,
        embedding_dim: int = 32,
        num_layers: int = 1,
        cell: Any = "lstm",
        dropout: float = 0.0,
        unused: Sequence[int] = (),
        straight_through: bool = False,
        temporal_conditions: int = 0,
        static_conditions: int = 0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocabulary_size = checks.positive_int("vocabulary_size", vocabulary_size)
        self.units = checks.positive_int("units", units)
        self.embedding_dim = checks.positive_int("embedding_dim", embedding_dim)
        self.num_layers = checks.positive_int("num_layers", num_layers, checks.MAX_LAYERS)
        self.dropout = checks.number("dropout", dropout, 0.0, 1.0)
        self.unused = tuple(checks.non_negative_int("unused", i) for i in unused)
        if any(i >= vocabulary_size for i in self.unused):
            raise ValueError(
                f"`unused` must hold ids below {vocabulary_size}. Received: unused={self.unused}"
            )
        self.straight_through = straight_through
        self.temporal_conditions = checks.non_negative_int("temporal_conditions", temporal_conditions)
        self.static_conditions = checks.non_negative_int("static_conditions", static_conditions)
        self.seed = seed
        self.embedding = keras.layers.Embedding(
            vocabulary_size + 1,  # the first stands for the begin
            embedding_dim,
            embeddings_initializer=keras.initializers.RandomUniform(
                -0.05, 0.05, seed=seeding.child_seed(seed, "embedding")
            ),
            dtype=self.dtype_policy,
            name="embedding",
        )
        self.recurrent_layers = recurrence.stack(
            units, cell, num_layers, seed=seed, dtype=self.dtype_policy
        )
        self.head = keras.layers.Dense(
            vocabulary_size,
            kernel_initializer=seeding.glorot(seed, "head"),
            bias_initializer=functools.partial(_bias, unused=self.unused),
            dtype=precision.of_outputs(self),
            name="head",
        )
        self.drops = [
            keras.layers.Dropout(dropout, seed=seeding.child_seed(seed, name), name=name)
            for name in (("drop_inputs", "drop_outputs") if dropout else ())
        ]
        self.temperature = Temperature(name="temperature")
        self.relaxation = Temperature(name="relaxation")
        self.seed_generator = keras.random.SeedGenerator(seeding.child_seed(seed, "gumbel"))
        self._writer: Untracked[Any] = Untracked(None)
        self.unroll = False
        """Whether steps are laid out one by one, for formats that have no loops."""

    @property
    def noise_shape(self) -> dict[str, Shape]:
        """The shapes of the inputs, without the batch; the length is open."""
        return {"noise": (None, 1)}

    @property
    def normal_noise(self) -> dict[str, int]:
        """How many of the last columns of a part of the noise are N(0, 1) whatever the law."""
        return {"noise": 1}

    @property
    def num_conditions(self) -> int:
        """How many columns of conditions stand beside a step."""
        return self.temporal_conditions + self.static_conditions

    def build(self, inputs_shape: Nested) -> None:
        """Build the layers."""
        self.embedding.build((None, None))
        width = self.embedding_dim + self.num_conditions
        for layer in self.recurrent_layers:
            layer.build((None, None, width))
            width = self.units
        self.head.build((None, None, width))

    def call(self, inputs: Nested, training: bool = False) -> Tensor:
        """Write sequences."""
        columns = inputs.get("conditions")
        conditions.check_columns(columns, self.temporal_conditions, self.static_conditions)
        with backend.no_gradient():
            ids = ops.stop_gradient(ops.cast(self._write(inputs["noise"], columns), "int32"))
        one_hot = tokens.one_hot(ids, self.vocabulary_size)
        if not training:
            return one_hot
        return self._relaxed(self.log_probabilities(ids, columns), one_hot)

    def _write(self, noise: Tensor, columns: Any) -> Tensor:
        """Return the ids of tokens that are drawn, `(batch, time)`."""
        if self._writer.value is None:
            cell = TokenCell(self, dtype=self.dtype_policy)
            self._writer.value = keras.layers.RNN(cell, return_sequences=True, dtype=self.dtype_policy)
        self._writer.value.unroll = self.unroll
        noise = ops.cast(noise, "float32")
        parts = [noise] if columns is None else [noise, ops.cast(columns, "float32")]
        return self._writer.value(ops.concatenate(parts, axis=-1))[..., 0]

    def log_probabilities(
        self, ids: Tensor, columns: Tensor | None = None, training: bool = False
    ) -> Tensor:
        """Return the log-probability of every token at every step, given the tokens before it.

        Args:
            ids: `(batch, time)`.
            columns: Conditions, as a call takes them, or None.
            training: Whether dropout drops.

        Returns:
            `(batch, time, vocabulary_size)`, float32, at the temperature that is set.
        """
        return ops.log_softmax(self._logits(ids, columns, training), axis=-1)

    def _logits(self, ids: Tensor, columns: Tensor | None, training: bool) -> Tensor:
        """Return the logits of every token at every step, given the tokens before it."""
        before = ops.pad(ops.cast(ids, "int32")[:, :-1] + 1, [[0, 0], [1, 0]])
        x = self.embedding(before)
        if self.drops:
            x = self.drops[0](x, training=training)
        if columns is not None:
            x = ops.concatenate([x, ops.cast(columns, x.dtype)], axis=-1)
        for layer in self.recurrent_layers:
            x, *_ = recurrence.run(layer, x, training=training)
        if self.drops:
            x = self.drops[1](x, training=training)
        return self.temperature(self.head(x))

    def log_likelihood(
        self, ids: Tensor, columns: Tensor | None = None, training: bool = False
    ) -> Tensor:
        """Return the log-probability of each token, given those before it, `(batch, time)`.

        Args:
            ids: `(batch, time)`.
            columns: Conditions, as a call takes them, or None.
            training: Whether dropout drops.
        """
        ids = ops.cast(ids, "int32")
        logits = self._logits(ids, columns, training)
        of_ids = ops.take_along_axis(logits, ids[..., None], axis=-1)[..., 0]
        return of_ids - ops.logsumexp(logits, axis=-1)

    def _relaxed(self, logs: Tensor, one_hot: Tensor) -> Tensor:
        """Return a Gumbel-softmax whose largest entry is the token that was drawn.

        Args:
            logs: Log-probabilities, `(batch, time, vocabulary_size)`.
            one_hot: The tokens, likewise.
        """
        shape = ops.shape(logs)
        # Each log-probability and Gumbel noise add up to -log of a number of Exp(1) over the
        # probability. The least of these is of Exp(1) whichever it is, and the others lie beyond.
        constant = ops.stop_gradient(logs)
        least, others = self._exponential((*shape[:2], 1)), self._exponential(shape)
        beyond = (1.0 - one_hot) * others * ops.exp(-ops.maximum(constant, RAREST))
        disturbed = logs - (constant + ops.log(least + beyond))
        soft = ops.softmax(self.relaxation(disturbed), axis=-1)
        if not self.straight_through:
            return soft
        return one_hot + soft - ops.stop_gradient(soft)

    def _exponential(self, shape: Any) -> Tensor:
        """Draw from Exp(1)."""
        values = draws.draw("uniform", shape, self.seed_generator)  # from -1 to below 1
        return math.log(2.0) - ops.log(1.0 - values)

    def compute_output_shape(self, inputs_shape: Nested) -> Shape:
        """Return `(batch, time, vocabulary_size)`."""
        batch, length, _ = inputs_shape["noise"]
        return (batch, length, self.vocabulary_size)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "units": self.units,
            "embedding_dim": self.embedding_dim,
            "num_layers": self.num_layers,
            "cell": recurrence.serialize_cell(self.recurrent_layers[0]),
            "dropout": self.dropout,
            "unused": self.unused,
            "straight_through": self.straight_through,
            "temporal_conditions": self.temporal_conditions,
            "static_conditions": self.static_conditions,
            "seed": self.seed,
        }


def _bias(shape: Shape, dtype: Any = None, *, unused: Sequence[int]) -> Tensor:
    """Return the first logits without regard to what was written."""
    values = np.zeros([int(n or 0) for n in shape], "float32")
    values[list(unused)] = NEVER
    return ops.convert_to_tensor(values, dtype)

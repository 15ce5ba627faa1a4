"""Self-attention over time with a shortcut."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class AttentionBlock(keras.layers.Layer):
    """Self-attention over time, normalized before and added to its input by a trained gain.

    The gain starts at 0, so that the block starts as the identity: it can join a network that trains.
    Attention by itself does not know the order of steps; behind a recurrent layer their outputs tell.

    Args:
        num_heads: Heads; the width of the input must be a multiple.
        causal: Whether a step sees no later one.
        span: How many steps before (and, unless causal, after) it a step sees; None for all.
        seed: Seed of the initial weights.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: Sequences, `(batch, time, units)`.
        mask: `(batch, time)`, True where a step counts; others are not seen.

    Output shape:
        The input's.

    Raises:
        ValueError: If a number is not a positive integer, or the width is no multiple of the heads.

    Example:
        >>> import keras, keras_rgan as kr
        >>> block = kr.layers.AttentionBlock(num_heads=2, causal=True)
        >>> block(keras.ops.ones((2, 24, 8))).shape == (2, 24, 8)
        True

    Reference:
        Vaswani et al., "Attention Is All You Need", NeurIPS 2017; the gain: Zhang et al.,
        "Self-Attention Generative Adversarial Networks", ICML 2019.
    """

    def __init__(
        self,
        num_heads: int = 4,
        causal: bool = False,
        span: int | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_heads = checks.positive_int("num_heads", num_heads)
        self.causal = causal
        self.span = None if span is None else checks.positive_int("span", span)
        self.seed = seed
        self.supports_masking = True
        self.normalization = keras.layers.LayerNormalization(
            dtype=self.dtype_policy, name="normalization"
        )
        self.projections: list[keras.layers.Dense] = []

    def build(self, input_shape: Shape) -> None:
        """Build the projections to queries, keys and values, and of what they give."""
        units = input_shape[-1] or 0
        if units % self.num_heads:
            raise ValueError(
                "`num_heads`, a network's `attention_heads`, must divide the width of the sequences. "
                f"Received: {self.num_heads} heads, width {units}. Pass a divisor of {units}, or other "
                "units= to the layers before."
            )
        self.normalization.build(input_shape)
        self.projections = [
            keras.layers.Dense(
                units,
                kernel_initializer=seeding.glorot(self.seed, name),
                dtype=self.dtype_policy,
                name=name,
            )
            for name in ("query", "key", "value", "output")
        ]
        for projection in self.projections:
            projection.build(input_shape)
        self.gain = self.add_weight(shape=(), initializer="zeros", name="gain")

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Attend."""
        shape = ops.shape(inputs)
        normalized = self.normalization(inputs)
        heads = (*shape[:2], self.num_heads, inputs.shape[-1] // self.num_heads)
        query, key, value = (ops.reshape(p(normalized), heads) for p in self.projections[:3])
        # Written out: fused kernels of the backends have no second derivative, which penalties take.
        logits = ops.cast(ops.einsum("bthd,bshd->bhts", query, key), "float32")
        logits = logits / ops.sqrt(float(heads[-1]))
        seen = self._seen(shape[1], mask)
        if seen is not None:
            logits = ops.where(seen, logits, -1e9)
        # Keras's softmax warns of sequences of one step.
        weights = ops.exp(logits - ops.logsumexp(logits, axis=-1, keepdims=True))
        weights = ops.cast(weights, value.dtype)
        attended = ops.einsum("bhts,bshd->bthd", weights, value)
        outputs = self.projections[3](ops.reshape(attended, shape))
        return inputs + ops.cast(self.gain, outputs.dtype) * outputs

    def _seen(self, length: Any, mask: Tensor | None) -> Tensor | None:
        """Return which steps each step sees, `(batch or 1, 1, time, time)`; None for all."""
        seen = None if mask is None else ops.cast(mask, "bool")[:, None, None, :]
        if self.span is not None or self.causal:
            steps = ops.arange(0, length)
            lags = steps[:, None] - steps[None, :]
            near = lags >= 0 if self.causal else lags == lags
            if self.span is not None:
                near = ops.logical_and(near, ops.abs(lags) <= self.span)
            near = near[None, None]
            seen = near if seen is None else ops.logical_and(seen, near)
        return seen

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "causal": self.causal,
            "span": self.span,
            "seed": self.seed,
        }

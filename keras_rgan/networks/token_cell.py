"""One step of a generator of tokens as it draws."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_rgan.sequences.noise import normal_share
from keras_rgan.utils.types import Tensor
from keras_rgan.utils.untracked import Untracked


class TokenCell(keras.layers.Layer):
    """Draws a token given those before: it has no weights but those of the generator.

    Args:
        generator: The `TokenGenerator`, built.
        **kwargs: Arguments of `keras.layers.Layer`.
    """

    def __init__(self, generator: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._generator = Untracked(generator)
        sizes = [layer.cell.state_size for layer in generator.recurrent_layers]
        self.state_size = [1, *keras.tree.flatten(sizes)]
        self.output_size = 1
        self.built = True

    def call(self, inputs: Tensor, states: list[Tensor], training: bool = False) -> Any:
        """Return the id of a token, `(batch, 1)`, and what the next one is drawn by.

        Args:
            inputs: Noise, N(0, 1), and the columns of conditions, `(batch, 1 + columns)`.
            states: The id before, in which 0 stands for the begin and others count from 1, and the
                state of each recurrent layer.
            training: Without effect: nothing is dropped while tokens are drawn.
        """
        generator = self._generator.value
        before, *rest = states
        x = generator.embedding(ops.cast(before[..., 0], "int32"))
        if inputs.shape[-1] > 1:
            x = ops.concatenate([x, ops.cast(inputs[..., 1:], x.dtype)], axis=-1)
        after: list[Tensor] = []
        for layer in generator.recurrent_layers:
            count = len(keras.tree.flatten(layer.cell.state_size))
            x, state = layer.cell(x, [ops.cast(s, x.dtype) for s in rest[:count]], training=False)
            rest = rest[count:]
            after += [ops.cast(s, before.dtype) for s in keras.tree.flatten(state)]
        token = drawn(generator.temperature(generator.head(x)), inputs[..., :1])
        token = ops.cast(token, before.dtype)
        return token, [token + 1.0, *after]


def drawn(logits: Tensor, noise: Tensor) -> Tensor:
    """Return the category that a number of N(0, 1) falls in, `(batch, 1)`, each as large as likely.

    Args:
        logits: `(batch, categories)`.
        noise: `(batch, 1)`.
    """
    bounds = ops.cumsum(ops.softmax(ops.cast(logits, "float32"), axis=-1), axis=-1)
    place = normal_share(ops.cast(noise, "float32")) * bounds[:, -1:]
    below = ops.sum(ops.cast(bounds <= place, "int32"), axis=-1, keepdims=True)
    return ops.cast(ops.minimum(below, logits.shape[-1] - 1), "float32")

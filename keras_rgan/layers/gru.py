"""A GRU with a way of its own to run on a CPU."""

from __future__ import annotations

from typing import Any

import keras

from keras_rgan import backend
from keras_rgan.layers import own_loop
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class GRU(keras.layers.GRU):
    """`keras.layers.GRU` with the same arguments, weights and numbers, and a way of its own on a CPU.

    Where Keras runs a loop of small operations, this runs torch's own loop on torch, and on TensorFlow
    lays the steps out one by one, or above 16 has XLA compile their loop, which takes up to a second
    for every new shape, and runs parts of the batch side by side. There and on JAX a backward pass
    written by hand keeps what the forward pass computed and multiplies out the weights' gradients once
    for all steps. It does so with a bias, without a mask, with the default activations and
    `reset_after`, no dropout in effect, and where no GPU is at hand, on TensorFlow for a known length;
    otherwise the layer is Keras's.

    On TensorFlow the faster way has a first derivative, not a second. Where a gradient is
    differentiated again (an exact gradient penalty), pass `use_cudnn=False`, which leaves Keras's loop;
    `RecurrentGAN` does so by itself. Pass it in a model of your own that is to be exported
    to ONNX too, which lacks the longer loop.

    Args:
        units: Width of the state and of the output.
        *args: All other arguments of `keras.layers.GRU`, in its order.
        **kwargs: The same, by name.

    Call arguments:
        sequence: `(batch, time, features)`, and all others of `keras.layers.GRU`.

    Output shape:
        As that of `keras.layers.GRU`: `(batch, units)`, with `return_sequences`
        `(batch, time, units)`, and with `return_state` the last state `(batch, units)` as well.

    Raises:
        ValueError: As `keras.layers.GRU`.
        NotImplementedError: When a gradient through the faster way is differentiated again.

    Example:
        >>> import keras, keras_rgan as kr
        >>> layer, reference = kr.layers.GRU(4), keras.layers.GRU(4)
        >>> x = keras.random.normal((2, 6, 3), seed=0)
        >>> layer.build(x.shape), reference.build(x.shape)
        (None, None)
        >>> reference.set_weights(layer.get_weights())
        >>> bool(keras.ops.max(keras.ops.abs(layer(x) - reference(x))) < 1e-5)
        True

    Reference:
        Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine
        Translation", EMNLP 2014.
    """

    def __init__(self, units: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(units, *args, **kwargs)

    def inner_loop(
        self, sequences: Tensor, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Run the recurrence; Keras calls this."""
        arguments = sequences, initial_state, mask, training
        own = own_loop.run(self, lambda *args: [backend.gru(*args)], *arguments)
        return super().inner_loop(*arguments) if own is None else own

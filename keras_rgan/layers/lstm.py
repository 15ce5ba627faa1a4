"""An LSTM with a way of its own to run on a CPU."""

from __future__ import annotations

from typing import Any

import keras

from keras_rgan import backend
from keras_rgan.layers import own_loop
from keras_rgan.utils.types import Tensor


@keras.saving.register_keras_serializable(package="keras_rgan")
class LSTM(keras.layers.LSTM):
    """`keras.layers.LSTM` with the same arguments, weights and numbers, and a way of its own on a CPU.

    Where Keras runs a loop of small operations, this calls TensorFlow's kernel for a whole sequence or
    torch's own loop, and on JAX runs a scan with a backward pass written by hand: with a bias, without
    a mask, with the default activations, no dropout in effect, and where no GPU is at hand, on
    TensorFlow in float32 and without `jit_compile`. Otherwise the layer is Keras's.

    On TensorFlow the faster way has a first derivative, not a second. Where a gradient is
    differentiated again (an exact gradient penalty), pass `use_cudnn=False`, which leaves Keras's loop;
    `RecurrentGAN` does so by itself. Pass it in a model of your own that is to be exported
    to ONNX too, which lacks that kernel.

    Args:
        units: Width of the state and of the output.
        *args: All other arguments of `keras.layers.LSTM`, in its order.
        **kwargs: The same, by name.

    Call arguments:
        sequence: `(batch, time, features)`, and all others of `keras.layers.LSTM`.

    Output shape:
        As that of `keras.layers.LSTM`: `(batch, units)`, with `return_sequences`
        `(batch, time, units)`, and with `return_state` the last output and carry, `(batch, units)`
        each, as well.

    Raises:
        ValueError: As `keras.layers.LSTM`.
        NotImplementedError: When a gradient through the faster way is differentiated again.

    Example:
        >>> import keras, keras_rgan as kr
        >>> layer, reference = kr.layers.LSTM(4), keras.layers.LSTM(4)
        >>> x = keras.random.normal((2, 6, 3), seed=0)
        >>> layer.build(x.shape), reference.build(x.shape)
        (None, None)
        >>> reference.set_weights(layer.get_weights())
        >>> bool(keras.ops.max(keras.ops.abs(layer(x) - reference(x))) < 1e-5)
        True

    Reference:
        Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 1997; Gers et al.,
        "Learning to Forget", 1999.
    """

    def __init__(self, units: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(units, *args, **kwargs)

    def inner_loop(
        self, sequences: Tensor, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Run the recurrence; Keras calls this."""
        arguments = sequences, initial_state, mask, training
        own = own_loop.run(self, lambda *args: list(backend.lstm(*args)), *arguments)
        return super().inner_loop(*arguments) if own is None else own

"""Whole recurrent layers on TensorFlow: a GRU in steps of our own, an LSTM in one kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from keras_rgan.backend.tensorflow import gru_loops, tracing
from keras_rgan.utils.types import Tensor

MAX_UNROLLED_STEPS = 16
"""The longest sequence whose steps `gru` lays out one by one; tracing grows with it. Of a longer one
XLA compiles the loop, once for every shape."""


def gru(
    sequences: Tensor,
    initial_state: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    go_backwards: bool,
) -> Tensor:
    """Return all outputs of a GRU with `reset_after`, in the order in which it read the sequence.

    Args:
        sequences: `(batch, time, features)`.
        initial_state: `(batch, units)`.
        kernel: `(features, 3 * units)`: update gate, reset gate, candidate, as in Keras.
        recurrent_kernel: `(units, 3 * units)`.
        bias: `(2, 3 * units)`, of the inputs and of the state.
        go_backwards: Whether to read from the end.

    Raises:
        NotImplementedError: If the length is not known, or long where TensorFlow comes without XLA, or
            if a GPU has kernels of its own.
    """
    length = sequences.shape[1]
    if length is None or tf.config.list_physical_devices("GPU"):
        raise NotImplementedError
    if length > MAX_UNROLLED_STEPS and not tf.test.is_built_with_xla():
        raise NotImplementedError
    sequences, kernel, recurrent_kernel, bias, initial_state = (
        tf.convert_to_tensor(x) for x in (sequences, kernel, recurrent_kernel, bias, initial_state)
    )
    units = recurrent_kernel.shape[0]
    gates = 2 * units
    # What does not depend on the state, for all steps at once; the gates' two biases only ever add up.
    shift = bias[0] + tf.pad(bias[1, :gates], [[0, units]])
    projected = tf.tensordot(sequences, kernel, 1) + shift
    run = gru_loops.unrolled if length <= MAX_UNROLLED_STEPS else gru_loops.compiled_loop
    with tracing.collectable_graphs():
        outputs = run(projected, recurrent_kernel, bias[1, gates:], initial_state, go_backwards)
    return tf.ensure_shape(outputs, (sequences.shape[0], length, units))


def lstm(
    sequences: Tensor,
    initial_state: Tensor,
    initial_carry: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    go_backwards: bool,
) -> tuple[Tensor, Tensor]:
    """Return all outputs of an LSTM, in the order in which it read the sequence, and its last carry.

    Args:
        sequences: `(batch, time, features)`.
        initial_state: `(batch, units)`, the output before the first step.
        initial_carry: `(batch, units)`.
        kernel: `(features, 4 * units)`: input gate, forget gate, candidate, output gate, as in Keras.
        recurrent_kernel: `(units, 4 * units)`.
        bias: `(4 * units,)`.
        go_backwards: Whether to read from the end.

    Raises:
        NotImplementedError: If the kernel has no such precision, if XLA compiles, which does not know
            it, or if a GPU has kernels of its own.
    """
    if sequences.dtype != "float32" or tracing.is_compiled() or tf.config.list_physical_devices("GPU"):
        raise NotImplementedError
    sequences, kernel, recurrent_kernel, bias, initial_state, initial_carry = (
        tf.convert_to_tensor(x)
        for x in (sequences, kernel, recurrent_kernel, bias, initial_state, initial_carry)
    )
    inputs = tf.transpose(sequences, (1, 0, 2))
    if go_backwards:
        inputs = tf.reverse(inputs, [0])
    weights = tf.concat([kernel, recurrent_kernel], axis=0)
    with tracing.collectable_graphs():
        outputs, carries = _lstm_steps(inputs, initial_state, initial_carry, weights, bias)
    shape = (*sequences.shape[:2], recurrent_kernel.shape[0])
    return tf.ensure_shape(tf.transpose(outputs, (1, 0, 2)), shape), carries[-1]


@tf.custom_gradient
def _lstm_steps(
    inputs: Tensor, state: Tensor, carry: Tensor, weights: Tensor, bias: Tensor
) -> tuple[tuple[Tensor, Tensor], Callable[..., Any]]:
    """Run TensorFlow's kernel for a whole LSTM, time first."""
    steps = tf.raw_ops.BlockLSTMV2(
        **_lstm_arguments(inputs, state, carry, weights, bias), cell_clip=0.0
    )

    def backward(at_outputs: Tensor, at_carries: Tensor) -> Any:
        given = inputs, state, carry, weights, bias
        return _lstm_gradients(at_outputs, at_carries, *given, *steps)

    return (steps.h, steps.cs), backward


@tf.custom_gradient
def _lstm_gradients(at_outputs: Tensor, at_carries: Tensor, *known: Tensor) -> tuple[Any, Any]:
    names = "i", "cs", "f", "o", "ci", "co", "h"
    gradients = tf.raw_ops.BlockLSTMGradV2(
        **_lstm_arguments(*known[:5]),
        **dict(zip(names, known[5:], strict=True)),
        cs_grad=at_carries,
        h_grad=at_outputs,
    )
    results = (
        gradients.x_grad,
        gradients.h_prev_grad,
        gradients.cs_prev_grad,
        gradients.w_grad,
        gradients.b_grad,
    )

    def refuse(*_: Tensor) -> Any:
        raise NotImplementedError(gru_loops.NO_SECOND_DERIVATIVE.format("LSTM"))

    return results, refuse


def _lstm_arguments(
    inputs: Tensor, state: Tensor, carry: Tensor, weights: Tensor, bias: Tensor
) -> dict[str, Any]:
    no_peephole = tf.zeros_like(bias[: bias.shape[0] // 4])
    return {
        "seq_len_max": tf.cast(tf.shape(inputs)[0], "int64"),
        "x": inputs,
        "cs_prev": carry,
        "h_prev": state,
        "w": weights,
        "wci": no_peephole,
        "wcf": no_peephole,
        "wco": no_peephole,
        "b": bias,
        "use_peephole": False,
    }


def loops_differentiate_twice() -> bool:
    """Return whether the recurrent layers' fast ways have second derivatives."""
    return False


def loops_take_single_samples() -> bool:
    """Return whether the recurrent layers' fast ways have gradients of each sample apart."""
    return True

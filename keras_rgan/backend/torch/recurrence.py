"""Whole recurrent layers on torch, by its own loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import torch

from keras_rgan.utils.types import Tensor


def gru(
    sequences: Tensor,
    initial_state: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    go_backwards: bool,
) -> Tensor:
    """Return all outputs of a GRU with `reset_after`, by torch's own loop over the steps.

    Arguments and errors are those of the TensorFlow backend's `gru`.
    """

    def reordered(x: Tensor) -> Tensor:
        update, reset, candidate = torch.chunk(x, 3, dim=-1)
        return torch.cat([reset, update, candidate], dim=-1)

    weights = [
        *(reordered(_value(x)).T for x in (kernel, recurrent_kernel)),
        *(reordered(_value(bias)[i]) for i in (0, 1)),
    ]
    return _run(torch.gru, sequences, _start(initial_state), weights, go_backwards)[0]


def lstm(
    sequences: Tensor,
    initial_state: Tensor,
    initial_carry: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    go_backwards: bool,
) -> tuple[Tensor, Tensor]:
    """Return all outputs of an LSTM and its last carry, by torch's own loop over the steps.

    Arguments and errors are those of the TensorFlow backend's `lstm`.
    """
    bias = _value(bias)
    weights = [_value(kernel).T, _value(recurrent_kernel).T, bias, torch.zeros_like(bias)]
    state = [_start(x) for x in (initial_state, initial_carry)]
    outputs, _, carry = _run(torch.lstm, sequences, state, weights, go_backwards)
    return outputs, carry[0]


def _run(
    recurrence: Callable[..., Any], sequences: Tensor, state: Any, weights: list[Tensor], reverse: bool
) -> Any:
    if sequences.device.type != "cpu":  # Keras calls cuDNN there; torch's has no second derivative
        raise NotImplementedError
    if reverse:
        sequences = torch.flip(sequences, (1,))
    return recurrence(sequences, state, weights, True, 1, 0.0, False, False, True)


def _start(state: Tensor) -> Tensor:
    """Return a copy with a dimension for layers: a stateful layer writes over its own state."""
    return _value(state).clone()[None]


def _value(x: Any) -> Tensor:
    return x.value if isinstance(x, keras.Variable) else x


def loops_differentiate_twice() -> bool:
    """Return whether the recurrent layers' fast ways have second derivatives: cuDNN's have none."""
    return not torch.cuda.is_available()


def loops_take_single_samples() -> bool:
    """Return whether the recurrent layers' fast ways have gradients of each sample apart.

    `torch.gru` fails under `torch.func.vmap` (2.13).
    """
    return False

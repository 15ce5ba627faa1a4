"""Whole recurrent layers on JAX, by scans whose gradients are written by hand."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import keras

from keras_rgan.utils.types import Tensor


def gru(
    sequences: Tensor,
    initial_state: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    go_backwards: bool,
) -> Tensor:
    """Return all outputs of a GRU with `reset_after`, by a scan whose gradient is written by hand.

    Arguments and errors are those of the TensorFlow backend's `gru`.
    """
    kernel, recurrent_kernel, bias, state = map(_value, (kernel, recurrent_kernel, bias, initial_state))
    gates = 2 * recurrent_kernel.shape[0]
    # The gates' two biases only ever add up.
    shift = bias[0] + jnp.pad(bias[1, :gates], (0, recurrent_kernel.shape[0]))
    projected = _projected(sequences, kernel, shift, go_backwards)
    return jnp.swapaxes(_gru_steps(projected, recurrent_kernel, bias[1, gates:], state), 0, 1)


def lstm(
    sequences: Tensor,
    initial_state: Tensor,
    initial_carry: Tensor,
    kernel: Tensor,
    recurrent_kernel: Tensor,
    bias: Tensor,
    go_backwards: bool,
) -> tuple[Tensor, Tensor]:
    """Return all outputs of an LSTM and its last carry, by a scan whose gradient is written by hand.

    Arguments and errors are those of the TensorFlow backend's `lstm`.
    """
    kernel, recurrent_kernel, bias, state, carry = map(
        _value, (kernel, recurrent_kernel, bias, initial_state, initial_carry)
    )
    projected = _projected(sequences, kernel, bias, go_backwards)
    outputs, last = _lstm_steps(projected, recurrent_kernel, state, carry)
    return jnp.swapaxes(outputs, 0, 1), last


def _projected(sequences: Tensor, kernel: Tensor, bias: Tensor, go_backwards: bool) -> Tensor:
    """Return what does not depend on the state, of all steps at once, time first."""
    if jax.default_backend() != "cpu":  # Keras may call cuDNN there
        raise NotImplementedError
    steps = jnp.swapaxes(sequences, 0, 1)
    return jnp.matmul(steps[::-1] if go_backwards else steps, kernel) + bias


@jax.custom_vjp
def _gru_steps(projected: Tensor, weights: Tensor, bias: Tensor, state: Tensor) -> Tensor:
    """Return the outputs of a GRU, `(time, batch, units)`.

    Args:
        projected: `(time, batch, 3 * units)`.
        weights: `(units, 3 * units)`.
        bias: `(units,)`, of the state's part of the candidate.
        state: `(batch, units)`.
    """
    return _gru_forward(projected, weights, bias, state)[0]


def _gru_forward(projected: Tensor, weights: Tensor, bias: Tensor, state: Tensor) -> tuple[Tensor, Any]:
    gates = 2 * state.shape[-1]

    def step(state: Tensor, inputs: Tensor) -> tuple[Tensor, Any]:
        from_state = state @ weights
        both = jax.nn.sigmoid(inputs[:, :gates] + from_state[:, :gates])
        update, reset = jnp.split(both, 2, axis=-1)
        at_candidate = from_state[:, gates:] + bias
        candidate = jnp.tanh(inputs[:, gates:] + reset * at_candidate)
        output = candidate + update * (state - candidate)
        return output, (output, both, candidate, at_candidate)

    _, (outputs, *kept) = jax.lax.scan(step, state, projected)
    return outputs, (weights, state, outputs, *kept)


def _gru_backward(known: Any, upstream: Tensor) -> Any:
    weights, state, outputs, *kept = known
    gates = 2 * state.shape[-1]
    states = jnp.concatenate([state[None], outputs[:-1]])

    def step(gradient: Tensor, inputs: Any) -> tuple[Tensor, Any]:
        upstream, state, both, candidate, from_state = inputs
        gradient = gradient + upstream
        update, reset = jnp.split(both, 2, axis=-1)
        carried = gradient * update
        at_candidate = (gradient - carried) * (1.0 - candidate * candidate)
        at_update = gradient * (state - candidate) * update * (1.0 - update)
        at_reset = at_candidate * from_state * reset * (1.0 - reset)
        at_projection = jnp.concatenate([at_update, at_reset, at_candidate * reset], axis=-1)
        return carried + at_projection @ weights.T, (at_projection, at_candidate)

    rows = upstream, states, *kept
    gradient, (projections, at_candidates) = jax.lax.scan(
        step, jnp.zeros_like(state), rows, reverse=True
    )
    return (
        jnp.concatenate([projections[..., :gates], at_candidates], axis=-1),
        jnp.tensordot(states, projections, [[0, 1], [0, 1]]),
        jnp.sum(projections[..., gates:], axis=(0, 1)),
        gradient,
    )


_gru_steps.defvjp(_gru_forward, _gru_backward)


@jax.custom_vjp
def _lstm_steps(
    projected: Tensor, weights: Tensor, state: Tensor, carry: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the outputs of an LSTM, `(time, batch, units)`, and its last carry.

    Args:
        projected: `(time, batch, 4 * units)`.
        weights: `(units, 4 * units)`.
        state: `(batch, units)`, the output before the first step.
        carry: `(batch, units)`.
    """
    return _lstm_forward(projected, weights, state, carry)[0]


def _lstm_forward(projected: Tensor, weights: Tensor, state: Tensor, carry: Tensor) -> tuple[Any, Any]:
    units = state.shape[-1]

    def step(before: Any, inputs: Tensor) -> tuple[Any, Any]:
        state, carry = before
        inputs = inputs + state @ weights
        both = jax.nn.sigmoid(inputs[:, : 2 * units])
        candidate = jnp.tanh(inputs[:, 2 * units : 3 * units])
        opened = jax.nn.sigmoid(inputs[:, 3 * units :])
        carry = both[:, units:] * carry + both[:, :units] * candidate
        output = opened * jnp.tanh(carry)
        return (output, carry), (output, carry, both, candidate, opened)

    (_, last), (outputs, *kept) = jax.lax.scan(step, (state, carry), projected)
    return (outputs, last), (weights, state, carry, outputs, *kept)


def _lstm_backward(known: Any, upstream: Any) -> Any:
    weights, state, carry, outputs, carries, *kept = known
    at_outputs, at_last = upstream
    states, before = (
        jnp.concatenate([first[None], others[:-1]])
        for first, others in ((state, outputs), (carry, carries))
    )

    def step(gradients: Any, inputs: Any) -> tuple[Any, Tensor]:
        at_state, at_carry = gradients
        upstream, carry_before, carry, both, candidate, opened = inputs
        at_state = at_state + upstream
        entered, kept = jnp.split(both, 2, axis=-1)
        shown = jnp.tanh(carry)
        at_carry = at_carry + at_state * opened * (1.0 - shown * shown)
        at_projection = jnp.concatenate(
            [
                at_carry * candidate * entered * (1.0 - entered),
                at_carry * carry_before * kept * (1.0 - kept),
                at_carry * entered * (1.0 - candidate * candidate),
                at_state * shown * opened * (1.0 - opened),
            ],
            axis=-1,
        )
        return (at_projection @ weights.T, at_carry * kept), at_projection

    rows = at_outputs, before, carries, *kept
    gradients, projections = jax.lax.scan(step, (jnp.zeros_like(state), at_last), rows, reverse=True)
    return projections, jnp.tensordot(states, projections, [[0, 1], [0, 1]]), *gradients


_lstm_steps.defvjp(_lstm_forward, _lstm_backward)


def _value(x: Any) -> Tensor:
    return keras.ops.convert_to_tensor(x)


def loops_differentiate_twice() -> bool:
    """Return whether the recurrent layers' fast ways have second derivatives: cuDNN's have none."""
    return bool(jax.default_backend() == "cpu")


def loops_take_single_samples() -> bool:
    """Return whether the recurrent layers' fast ways have gradients of each sample apart."""
    return bool(jax.default_backend() == "cpu")

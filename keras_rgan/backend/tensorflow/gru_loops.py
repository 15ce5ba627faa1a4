"""The steps of a GRU on TensorFlow, one by one or in a loop that XLA compiles, and their gradients."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from keras_rgan.backend.tensorflow import tracing
from keras_rgan.utils import processors
from keras_rgan.utils.types import Tensor

MAX_PARTS = 4
"""Into how many parts of a batch `gru` splits a compiled loop at most, to run side by side."""

NO_SECOND_DERIVATIVE = (
    "The {}'s faster way on a CPU has no second derivative. Pass use_cudnn=False to the layer, which "
    "leaves Keras's loop."
)


class _Step(NamedTuple):
    """What a step of a GRU computes that its gradient needs, `(batch, units)` each.

    Attributes:
        both: The update gate and the reset gate, `(batch, 2 * units)`.
        candidate: What the state moves to.
        from_state: The state's part of the candidate, before the reset gate.
        state: The state before the step.
    """

    both: Tensor
    candidate: Tensor
    from_state: Tensor
    state: Tensor


def _take_step(
    gate_input: Tensor, candidate_input: Tensor, weights: Tensor, bias: Tensor, state: Tensor
) -> tuple[_Step, Tensor]:
    """Return what a step computed and the state after it."""
    units = weights.shape[0]
    from_gates, from_state = tf.split(tf.matmul(state, weights), [2 * units, units], axis=-1)
    both = tf.sigmoid(gate_input + from_gates)
    update, reset = tf.split(both, 2, axis=-1)
    from_state += bias
    candidate = tf.tanh(candidate_input + reset * from_state)
    after = candidate + update * (state - candidate)
    return _Step(both, candidate, from_state, state), after


def _step_gradients(
    step: _Step, gradient: Tensor, weights: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the gradients at the gates, the candidate, the state's product and the state before."""
    update, reset = tf.split(step.both, 2, axis=-1)
    carried = gradient * update
    at_candidate = tf.raw_ops.TanhGrad(y=step.candidate, dy=gradient - carried)
    at_both = tf.raw_ops.SigmoidGrad(
        y=step.both,
        dy=tf.concat(
            [gradient * (step.state - step.candidate), at_candidate * step.from_state], axis=-1
        ),
    )
    at_product = tf.concat([at_both, at_candidate * reset], axis=-1)
    before = carried + tf.matmul(at_product, weights, transpose_b=True)
    return at_both, at_candidate, at_product, before


def _refuse(*_: Tensor) -> Any:
    raise NotImplementedError(NO_SECOND_DERIVATIVE.format("GRU"))


def unrolled(
    projected: Tensor, weights: Tensor, bias: Tensor, initial_state: Tensor, go_backwards: bool
) -> Tensor:
    """Run the steps one by one, batch first."""
    order = -1 if go_backwards else 1
    units = weights.shape[0]

    @tf.custom_gradient
    def forward(
        gate_inputs: Tensor, candidate_inputs: Tensor, weights: Tensor, bias: Tensor, state: Tensor
    ) -> tuple[Tensor, Callable[..., Any]]:
        steps, outputs = [], []
        pairs = zip(tf.unstack(gate_inputs, axis=1), tf.unstack(candidate_inputs, axis=1), strict=True)
        for gate_input, candidate_input in list(pairs)[::order]:
            step, state = _take_step(gate_input, candidate_input, weights, bias, state)
            steps.append(step)
            outputs.append(state)

        def backward(upstream: Tensor) -> Any:
            return gradients(upstream, weights, *(x for step in steps for x in step))

        return tf.stack(outputs, axis=1), backward

    @tf.custom_gradient
    def gradients(upstream: Tensor, weights: Tensor, *flat: Tensor) -> tuple[Any, Any]:
        width = len(_Step._fields)
        steps = [_Step(*flat[i : i + width]) for i in range(0, len(flat), width)]
        at_gates, at_candidates, at_products = [], [], []
        gradient = tf.zeros_like(steps[0].state)
        for step, at_output in zip(steps[::-1], tf.unstack(upstream, axis=1)[::-1], strict=True):
            at_both, at_candidate, at_product, gradient = _step_gradients(
                step, gradient + at_output, weights
            )
            at_gates.append(at_both)
            at_candidates.append(at_candidate)
            at_products.append(at_product)
        states = tf.concat([step.state for step in steps], axis=0)
        products = tf.concat(at_products[::-1], axis=0)
        results = (
            tf.stack(at_gates[::-order], axis=1),
            tf.stack(at_candidates[::-order], axis=1),
            tf.matmul(states, products, transpose_a=True),
            tf.reduce_sum(products[:, 2 * units :], axis=0),
            gradient,
        )
        return results, _refuse

    inputs = tf.split(projected, [2 * units, units], axis=-1)
    return forward(*inputs, weights, bias, initial_state)


def compiled_loop(
    projected: Tensor, weights: Tensor, bias: Tensor, initial_state: Tensor, go_backwards: bool
) -> Tensor:
    """Run the steps in a loop that XLA compiles, parts of the batch side by side.

    Weights' gradients are products outside it, which TensorFlow leaves out where nobody asks for them.
    """
    units, fields = weights.shape[0], len(_Step._fields)
    count = count_parts(projected.shape[0])

    def parts(x: Tensor) -> list[Tensor]:
        total = tf.shape(x)[0]
        cuts = [total * i // count for i in range(count + 1)]
        return [x[start:stop] for start, stop in itertools.pairwise(cuts)] if count > 1 else [x]

    def in_order(x: Tensor) -> Tensor:
        return tf.reverse(x, [0]) if go_backwards else x

    @tf.custom_gradient
    def forward(
        projected: Tensor, weights: Tensor, bias: Tensor, state: Tensor
    ) -> tuple[Tensor, Callable[..., Any]]:
        # A tape that watches these would have XLA hand it the loop's lists.
        given = [tf.stop_gradient(x) for x in (projected, weights, bias, state)]
        outputs: list[Tensor] = []
        kept: list[Tensor] = []
        for inputs, start in zip(parts(given[0]), parts(given[3]), strict=True):
            steps = in_order(_swapped(inputs))
            made, *tapes = _compiled(_loop_forward)(steps, given[1], given[2], start)
            outputs.append(_swapped(made))
            kept += tapes

        def backward(upstream: Tensor) -> Any:
            return gradients(upstream, weights, *kept)

        return tf.concat(outputs, axis=0), backward

    @tf.custom_gradient
    def gradients(upstream: Tensor, weights: Tensor, *kept: Tensor) -> tuple[Any, Any]:
        upstream, constant, *known = (tf.stop_gradient(x) for x in (upstream, weights, *kept))
        gradients = []
        for i, part in enumerate(parts(upstream)):
            mine = known[i * fields : (i + 1) * fields]
            at_projected, at_products, at_state = _compiled(_loop_backward)(
                _swapped(part), constant, *mine
            )
            products = tf.reshape(at_products, (-1, 3 * units))
            states = tf.reshape(_Step(*mine).state, (-1, units))
            gradients.append(
                (
                    _swapped(in_order(at_projected)),
                    tf.matmul(states, products, transpose_a=True),
                    tf.reduce_sum(products[:, 2 * units :], axis=0),
                    at_state,
                )
            )
        at_inputs, at_weights, at_bias, at_states = zip(*gradients, strict=True)
        results = (
            tf.concat(at_inputs, axis=0),
            tf.add_n(at_weights),
            tf.add_n(at_bias),
            tf.concat(at_states, axis=0),
        )
        return results, _refuse

    return forward(projected, weights, bias, initial_state)


def _swapped(x: Tensor) -> Tensor:
    """Return `(batch, time, …)` time first, where a step is one piece of memory, or the reverse."""
    return tf.transpose(x, (1, 0, 2))


def count_parts(batch_size: int | None) -> int:
    """Return how many parts of a batch can run side by side: threads, and 8 samples each."""
    if tracing.is_compiled():
        return 1
    threads = tf.config.threading.get_inter_op_parallelism_threads() or int(
        os.environ.get("TF_NUM_INTEROP_THREADS") or 0
    )
    cores = processors.count()
    most = min(threads or cores, cores, MAX_PARTS)
    return most if batch_size is None else max(min(most, batch_size // 8), 1)


def _loop_forward(
    projected: Tensor, weights: Tensor, bias: Tensor, state: Tensor
) -> tuple[Tensor, ...]:
    """Return the outputs and what each step computed, `(time, batch, …)`."""
    gates, count = 2 * weights.shape[0], projected.shape[0]

    def body(i: Tensor, state: Tensor, *arrays: tf.TensorArray) -> tuple[Any, ...]:
        x = projected[i]
        step, after = _take_step(x[:, :gates], x[:, gates:], weights, bias, state)
        written = (a.write(i, value) for a, value in zip(arrays, (after, *step), strict=True))
        return i + 1, after, *written

    arrays = [tf.TensorArray(projected.dtype, count) for _ in ("outputs", *_Step._fields)]
    _, _, *arrays = tf.while_loop(
        lambda i, *_: i < count, body, (0, state, *arrays), maximum_iterations=count
    )
    return tuple(a.stack() for a in arrays)


def _loop_backward(upstream: Tensor, weights: Tensor, *kept: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients at the projected inputs, the states' products and the first state."""
    count = upstream.shape[0]

    def body(i: Tensor, gradient: Tensor, *arrays: tf.TensorArray) -> tuple[Any, ...]:
        t = count - 1 - i
        step = _Step(*(x[t] for x in kept))
        at_both, at_candidate, at_product, before = _step_gradients(
            step, gradient + upstream[t], weights
        )
        values = tf.concat([at_both, at_candidate], axis=-1), at_product
        written = (a.write(t, value) for a, value in zip(arrays, values, strict=True))
        return i + 1, before, *written

    arrays = [tf.TensorArray(upstream.dtype, count) for _ in range(2)]
    _, gradient, *arrays = tf.while_loop(
        lambda i, *_: i < count,
        body,
        (0, tf.zeros_like(_Step(*kept).state[0]), *arrays),
        maximum_iterations=count,
    )
    return arrays[0].stack(), arrays[1].stack(), gradient


@functools.cache
def _as_xla(function: Callable[..., Any]) -> Callable[..., Any]:
    return tf.function(function, jit_compile=True, autograph=False)


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as XLA runs it; where XLA compiles all around it, as it is."""
    return function if tracing.is_compiled() else _as_xla(function)

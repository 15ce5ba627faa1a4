"""The backend's verbs on TensorFlow."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf
from tensorflow.python.ops import control_flow_util

from keras_rgan.sequences import reading
from keras_rgan.utils import processors
from keras_rgan.utils.types import Tensor

MAX_UNROLLED_STEPS = 16
"""The longest sequence whose steps `gru` lays out one by one; tracing grows with it. Of a longer one
XLA compiles the loop, once for every shape."""

MAX_PARTS = 4
"""Into how many parts of a batch `gru` splits a compiled loop at most, to run side by side."""

NO_SECOND_DERIVATIVE = (
    "The {}'s faster way on a CPU has no second derivative. Pass use_cudnn=False to the layer, which "
    "leaves Keras's loop."
)


class AdversarialTrainer:
    """Runs the shared steps under `tf.GradientTape` and `tf.distribute`."""

    def train_step(self, data: Any) -> dict[str, Tensor]:
        """Update both networks once on a batch."""
        return _shared(self.adversarial_step(data))  # type: ignore[attr-defined]

    def test_step(self, data: Any) -> dict[str, Tensor]:
        """Evaluate a batch."""
        return _shared(self.evaluation_step(data))  # type: ignore[attr-defined]

    def value_and_gradients(
        self, fn: Callable[[], tuple[Tensor, Any]], variables: Sequence[keras.Variable]
    ) -> tuple[Any, list[Tensor]]:
        """Return what `fn` returns beside its loss, and the loss's gradients.

        Optimizers sum gradients over replicas, so the loss, a mean over a replica's share of the
        batch, is divided by their number.
        """
        with tf.GradientTape() as tape:
            loss, rest = fn()
            loss = loss / replica_count()
        return rest, tape.gradient(loss, variables)

    def apply(
        self,
        optimizer: keras.optimizers.Optimizer,
        gradients: Sequence[Tensor],
        variables: Sequence[keras.Variable],
    ) -> None:
        """Update `variables`."""
        optimizer.apply(gradients, variables)


def _shared(logs: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return logs as Keras can take their mean over several workers: along an axis, which they lack."""
    several = _has_several_workers(tf.distribute.get_strategy())
    return {k: v[None] for k, v in logs.items()} if several else logs


def _has_several_workers(strategy: tf.distribute.Strategy) -> bool:
    """Return whether processes share a step, each with a part of the batch."""
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return False
    jobs = strategy.cluster_resolver.cluster_spec().as_dict()
    return sum(len(jobs.get(job, ())) for job in ("chief", "worker")) > 1


def input_gradient(fn: Callable[[Tensor], Tensor], x: Tensor, constant: bool = False) -> Tensor:
    """Return the gradient of the sum of `fn(x)` with respect to `x`, as a constant if wanted."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(fn(x))
    gradient = tape.gradient(total, x)
    return tf.stop_gradient(gradient) if constant else gradient


def normal(shape: Sequence[Any], seed: keras.random.SeedGenerator) -> Tensor:
    """Return draws from N(0, 1), float32.

    The generator that XLA chooses by default on a CPU takes 25 times as long as Philox does there.
    """
    if not _is_compiled():
        return keras.random.normal(shape, dtype="float32", seed=seed)
    state = tf.cast(seed.next(), "int32")
    return tf.random.stateless_normal(shape, state, dtype="float32", alg="philox")


def cond(predicate: Tensor, true_fn: Callable[[], Tensor], false_fn: Callable[[], Tensor]) -> Tensor:
    """Return the value of one of two branches, which may not change state."""
    return tf.cond(predicate, true_fn, false_fn)


def batched(x: Any, batch_size: int, shuffle: bool, model: keras.Model) -> tf.data.Dataset:
    """Return an array, or a dict of some, in batches, in a new random order each epoch with `shuffle`.

    As Keras makes them, but without `tf.data`'s autotuning: its thread sleeps for ever longer, up to
    a minute, and the end of an epoch waits for it to wake. Workers, who each take a share of every
    batch, shuffle alike.
    """

    def convert(part: Any) -> Tensor:
        part = reading.to_numpy(part)
        if part.dtype.kind == "f":
            part = part.astype(keras.config.floatx(), copy=False)
        with tf.device("CPU"):
            return tf.convert_to_tensor(part)

    values = tf.nest.map_structure(convert, x)
    count = len(tf.nest.flatten(values)[0])
    indices = tf.data.Dataset.range(count)
    if shuffle:
        seed = 0 if _has_several_workers(model.distribute_strategy) else None
        indices = indices.shuffle(count, seed)

    def choose(chosen: Tensor) -> Any:
        return tf.nest.map_structure(lambda part: tf.gather(part, chosen), values)

    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    data = indices.batch(batch_size).map(choose).prefetch(2)
    return data.with_options(options)


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
    run = _gru_unrolled if length <= MAX_UNROLLED_STEPS else _gru_loop
    outputs = run(projected, recurrent_kernel, bias[1, gates:], initial_state, go_backwards)
    return tf.ensure_shape(outputs, (sequences.shape[0], length, units))


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


def _gru_step(
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


def _gru_step_gradients(
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


def _refuse_gru(*_: Tensor) -> Any:
    raise NotImplementedError(NO_SECOND_DERIVATIVE.format("GRU"))


def _gru_unrolled(
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
            step, state = _gru_step(gate_input, candidate_input, weights, bias, state)
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
            at_both, at_candidate, at_product, gradient = _gru_step_gradients(
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
        return results, _refuse_gru

    inputs = tf.split(projected, [2 * units, units], axis=-1)
    return forward(*inputs, weights, bias, initial_state)


def _gru_loop(
    projected: Tensor, weights: Tensor, bias: Tensor, initial_state: Tensor, go_backwards: bool
) -> Tensor:
    """Run the steps in a loop that XLA compiles, parts of the batch side by side.

    Weights' gradients are products outside it, which TensorFlow leaves out where nobody asks for them.
    """
    units, fields = weights.shape[0], len(_Step._fields)
    count = _count_parts(projected.shape[0])

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
            made, *known = _compiled(_gru_loop_forward)(steps, given[1], given[2], start)
            outputs.append(_swapped(made))
            kept += known

        def backward(upstream: Tensor) -> Any:
            return gradients(upstream, weights, *kept)

        return tf.concat(outputs, axis=0), backward

    @tf.custom_gradient
    def gradients(upstream: Tensor, weights: Tensor, *kept: Tensor) -> tuple[Any, Any]:
        upstream, constant, *known = (tf.stop_gradient(x) for x in (upstream, weights, *kept))
        found = []
        for i, part in enumerate(parts(upstream)):
            mine = known[i * fields : (i + 1) * fields]
            at_projected, at_products, at_state = _compiled(_gru_loop_backward)(
                _swapped(part), constant, *mine
            )
            products = tf.reshape(at_products, (-1, 3 * units))
            states = tf.reshape(_Step(*mine).state, (-1, units))
            found.append(
                (
                    _swapped(in_order(at_projected)),
                    tf.matmul(states, products, transpose_a=True),
                    tf.reduce_sum(products[:, 2 * units :], axis=0),
                    at_state,
                )
            )
        at_inputs, at_weights, at_bias, at_states = zip(*found, strict=True)
        results = (
            tf.concat(at_inputs, axis=0),
            tf.add_n(at_weights),
            tf.add_n(at_bias),
            tf.concat(at_states, axis=0),
        )
        return results, _refuse_gru

    return forward(projected, weights, bias, initial_state)


def _swapped(x: Tensor) -> Tensor:
    """Return `(batch, time, …)` time first, where a step is one piece of memory, or the reverse."""
    return tf.transpose(x, (1, 0, 2))


def _count_parts(batch_size: int | None) -> int:
    """Return how many parts of a batch can run side by side: threads, and 8 samples each."""
    if _is_compiled():
        return 1
    threads = tf.config.threading.get_inter_op_parallelism_threads() or int(
        os.environ.get("TF_NUM_INTEROP_THREADS") or 0
    )
    cores = processors.count()
    most = min(threads or cores, cores, MAX_PARTS)
    return most if batch_size is None else max(min(most, batch_size // 8), 1)


def _gru_loop_forward(
    projected: Tensor, weights: Tensor, bias: Tensor, state: Tensor
) -> tuple[Tensor, ...]:
    """Return the outputs and what each step computed, `(time, batch, …)`."""
    gates, count = 2 * weights.shape[0], projected.shape[0]

    def body(i: Tensor, state: Tensor, *arrays: tf.TensorArray) -> tuple[Any, ...]:
        x = projected[i]
        step, after = _gru_step(x[:, :gates], x[:, gates:], weights, bias, state)
        written = (a.write(i, value) for a, value in zip(arrays, (after, *step), strict=True))
        return i + 1, after, *written

    arrays = [tf.TensorArray(projected.dtype, count) for _ in ("outputs", *_Step._fields)]
    _, _, *arrays = tf.while_loop(
        lambda i, *_: i < count, body, (0, state, *arrays), maximum_iterations=count
    )
    return tuple(a.stack() for a in arrays)


def _gru_loop_backward(
    upstream: Tensor, weights: Tensor, *kept: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients at the projected inputs, the states' products and the first state."""
    count = upstream.shape[0]

    def body(i: Tensor, gradient: Tensor, *arrays: tf.TensorArray) -> tuple[Any, ...]:
        t = count - 1 - i
        step = _Step(*(x[t] for x in kept))
        at_both, at_candidate, at_product, before = _gru_step_gradients(
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
    return function if _is_compiled() else _as_xla(function)


def _is_compiled() -> bool:
    """Return whether XLA compiles the graph that is being made."""
    return bool(control_flow_util.GraphOrParentsInXlaContext(tf.compat.v1.get_default_graph()))


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
    if sequences.dtype != "float32" or _is_compiled() or tf.config.list_physical_devices("GPU"):
        raise NotImplementedError
    sequences, kernel, recurrent_kernel, bias, initial_state, initial_carry = (
        tf.convert_to_tensor(x)
        for x in (sequences, kernel, recurrent_kernel, bias, initial_state, initial_carry)
    )
    inputs = tf.transpose(sequences, (1, 0, 2))
    if go_backwards:
        inputs = tf.reverse(inputs, [0])
    outputs, carries = _lstm_steps(
        inputs,
        initial_state,
        initial_carry,
        tf.concat([kernel, recurrent_kernel], axis=0),
        bias,
    )
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
    found = tf.raw_ops.BlockLSTMGradV2(
        **_lstm_arguments(*known[:5]),
        **dict(zip(names, known[5:], strict=True)),
        cs_grad=at_carries,
        h_grad=at_outputs,
    )
    results = found.x_grad, found.h_prev_grad, found.cs_prev_grad, found.w_grad, found.b_grad

    def refuse(*_: Tensor) -> Any:
        raise NotImplementedError(NO_SECOND_DERIVATIVE.format("LSTM"))

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


def is_open(size: Any) -> bool:
    """Return whether the size of an axis is not known while a function is traced."""
    return size is None


@contextlib.contextmanager
def export_options(format: str, inputs: Any) -> Iterator[dict[str, Any]]:
    """Yield what Keras's `export` needs to be told: operations that every LiteRT runtime has."""
    options = {"target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}}
    yield options if format == "litert" else {}


def replica_count() -> int:
    """Return how many replicas share a step."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def replica_id() -> Tensor:
    """Return the index of the replica that this code runs in."""
    context = tf.distribute.get_replica_context()
    return context.replica_id_in_sync_group if context is not None else 0


def gathered(x: Tensor) -> Tensor:
    """Return the rows of all replicas of a step, in the replicas' order."""
    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return x
    return context.all_gather(x, axis=0)


def variable_scope(model: keras.Model) -> contextlib.AbstractContextManager[Any]:
    """Return the scope in which variables of `model` must be created."""
    return model.distribute_strategy.scope()


def no_gradient() -> contextlib.AbstractContextManager[Any]:
    """Return a scope in which nothing is recorded; outside a tape nothing is anyhow."""
    return contextlib.nullcontext()


def synchronize(model: keras.Model) -> None:
    """Do nothing: variables are always up to date."""


def check_compile_options(jit_compile: Any, second_derivative: bool) -> None:
    """Accept every combination."""


def check_devices(model: keras.Model) -> None:
    """Refuse a model that was made outside of the scope in which it is to train."""
    strategy = tf.distribute.get_strategy()
    # `distribute_strategy` is the open one where the model has none of its own.
    if tf.distribute.has_strategy() and strategy is not model._distribute_strategy:
        name = type(strategy).__name__
        raise ValueError(
            f"This model was made outside of the scope of the {name} in which it is to train, and its "
            f"weights are not where that needs them. Expected: RecurrentGAN(…) and compile() inside of "
            "`with strategy.scope():`. fit() needs no scope."
        )


def loops_differentiate_twice() -> bool:
    """Return whether the recurrent layers' fast ways have second derivatives."""
    return False


def device_count(model: keras.Model) -> int:
    """Return over how many devices `fit` spreads a batch."""
    return model.distribute_strategy.num_replicas_in_sync

"""The backend's verbs on JAX, whose steps are functions of state."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import keras

# Keras has no public way to read the scope that is open; `input_gradient` and `cond` need its values.
from keras.src.backend.common.stateless_scope import get_stateless_scope

from keras_rgan.utils.types import Tensor


class AdversarialTrainer:
    """Runs the shared steps in a `keras.StatelessScope` over the model's whole state."""

    def train_step(self, state: Any, data: Any) -> tuple[dict[str, Tensor], Any]:
        """Update both networks once on a batch."""
        groups = (
            self.trainable_variables,  # type: ignore[attr-defined]
            self.non_trainable_variables,  # type: ignore[attr-defined]
            self.optimizer.variables,  # type: ignore[attr-defined]
            self.metrics_variables,  # type: ignore[attr-defined]
        )
        return _run(self.adversarial_step, data, groups, state)  # type: ignore[attr-defined]

    def test_step(self, state: Any, data: Any) -> tuple[dict[str, Tensor], Any]:
        """Evaluate a batch."""
        groups = (
            self.trainable_variables,  # type: ignore[attr-defined]
            self.non_trainable_variables,  # type: ignore[attr-defined]
            self.metrics_variables,  # type: ignore[attr-defined]
        )
        return _run(self.evaluation_step, data, groups, state)  # type: ignore[attr-defined]

    def value_and_gradients(
        self, fn: Callable[[], tuple[Tensor, Any]], variables: Sequence[keras.Variable]
    ) -> tuple[Any, list[Tensor]]:
        """Return what `fn` returns beside its loss, and the loss's gradients.

        Scopes do not nest: the inner one maps all state, and what `fn` changed comes out beside the
        loss and is assigned in the outer one.
        """
        chosen = {id(v) for v in variables}
        state = [*self.variables, *self.optimizer.variables]  # type: ignore[attr-defined]
        others = [v for v in state if id(v) not in chosen]

        def stateless(values: list[Tensor]) -> tuple[Tensor, Any]:
            mapping = [*zip(variables, values, strict=True), *((v, v.value) for v in others)]
            with keras.StatelessScope(mapping) as scope:
                loss, rest = fn()
            return loss, (rest, [scope.get_current_value(v) for v in others])

        (_, (rest, updated)), gradients = jax.value_and_grad(stateless, has_aux=True)(
            [v.value for v in variables]
        )
        for variable, value in zip(others, updated, strict=True):
            variable.assign(value)
        return rest, gradients

    def apply(
        self,
        optimizer: keras.optimizers.Optimizer,
        gradients: Sequence[Tensor],
        variables: Sequence[keras.Variable],
    ) -> None:
        """Update `variables`; a `LossScaleOptimizer` leaks tracers when applied in a scope."""
        values, state = optimizer.stateless_apply(
            [v.value for v in optimizer.variables], gradients, [v.value for v in variables]
        )
        for variable, value in zip([*variables, *optimizer.variables], [*values, *state], strict=True):
            variable.assign(value)


def _run(
    step: Callable[[Any], dict[str, Tensor]], data: Any, groups: Sequence[Any], state: Any
) -> tuple[dict[str, Tensor], Any]:
    mapping = [
        pair
        for group, values in zip(groups, state, strict=True)
        for pair in zip(group, values, strict=True)
    ]
    with keras.StatelessScope(mapping) as scope:
        logs = step(data)
    return logs, tuple([scope.get_current_value(v) for v in group] for group in groups)


def _inner_scope(constant: bool = False) -> keras.StatelessScope:
    """Return a scope that starts from the open one's values and whose updates are dropped."""
    scope = keras.StatelessScope()
    outer = get_stateless_scope()
    if outer is not None:
        values = outer.state_mapping
        scope.state_mapping.update(jax.tree.map(jax.lax.stop_gradient, values) if constant else values)
    return scope


def input_gradient(fn: Callable[[Tensor], Tensor], x: Tensor, constant: bool = False) -> Tensor:
    """Return the gradient of the sum of `fn(x)` with respect to `x`, as a constant if wanted.

    Kernels without a second derivative must not see an outer gradient at all: weights are constants
    then too.
    """

    def total(x: Tensor) -> Tensor:
        with _inner_scope(constant):
            return jnp.sum(fn(x))

    return jax.grad(total)(jax.lax.stop_gradient(x) if constant else x)


def normal(shape: Sequence[Any], seed: keras.random.SeedGenerator) -> Tensor:
    """Return draws from N(0, 1), float32."""
    return keras.random.normal(shape, dtype="float32", seed=seed)


def cond(predicate: Tensor, true_fn: Callable[[], Tensor], false_fn: Callable[[], Tensor]) -> Tensor:
    """Return the value of one of two branches, which may not change state."""

    def isolated(branch: Callable[[], Tensor]) -> Callable[[], Tensor]:
        def run() -> Tensor:
            with _inner_scope():
                return branch()

        return run

    return jax.lax.cond(predicate, isolated(true_fn), isolated(false_fn))


def batched(x: Any, batch_size: int, shuffle: bool, model: keras.Model) -> Any:
    """Return None: Keras's own way is as good."""
    return None


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


def is_open(size: Any) -> bool:
    """Return whether the size of an axis is not known while a function is traced.

    `jax.export` traces with symbols in the place of sizes.
    """
    return size is None or jax.export.is_symbolic_dim(size)


@contextlib.contextmanager
def export_options(format: str, inputs: Any) -> Iterator[dict[str, Any]]:
    """Yield what Keras's `export` needs to be told: all inputs have one length."""

    def shape(x: Any) -> str:
        rest = ("length" if n is None else str(n) for n in x.shape[1:])
        return f"({', '.join(['batch', *rest])})"

    shapes = [keras.tree.map_structure(shape, inputs)]
    yield {"jax2tf_kwargs": {"polymorphic_shapes": shapes}} if format == "tf_saved_model" else {}


def replica_count() -> int:
    """Return one: a distributed step is written as if it ran on one device."""
    return 1


def gathered(x: Tensor) -> Tensor:
    """Return the rows of all replicas of a step: a step sees the whole batch here."""
    return x


def replica_id() -> int:
    """Return zero: a distributed step is written as if it ran on one device."""
    return 0


def variable_scope(model: keras.Model) -> contextlib.AbstractContextManager[Any]:
    """Return a scope without effect: `keras.distribution` is global."""
    return contextlib.nullcontext()


def no_gradient() -> contextlib.AbstractContextManager[Any]:
    """Return a scope without effect: only `jax.grad` records."""
    return contextlib.nullcontext()


def synchronize(model: keras.Model) -> None:
    """Write the state that a running `fit` carries back into the variables."""
    model.jax_state_sync()


def check_compile_options(jit_compile: Any, second_derivative: bool) -> None:
    """Accept every combination."""


def check_devices(model: keras.Model) -> None:
    """Accept every distribution: `set_distribution` holds for all models."""


def loops_differentiate_twice() -> bool:
    """Return whether the recurrent layers' fast ways have second derivatives: cuDNN's have none."""
    return bool(jax.default_backend() == "cpu")


def device_count(model: keras.Model) -> int:
    """Return over how many devices `fit` spreads a batch."""
    distribution = keras.distribution.distribution()
    return 1 if distribution is None else int(distribution.device_mesh.shape[0])

"""The backend's verbs on JAX, whose steps are functions of state."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import keras

# Keras has no public way to read the scope that is open; `input_gradient` and `cond` need its values.
from keras.src.backend.common.stateless_scope import get_stateless_scope

from keras_rgan.types import Tensor


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


def _inner_scope() -> keras.StatelessScope:
    """Return a scope that starts from the open one's values and whose updates are dropped."""
    scope = keras.StatelessScope()
    outer = get_stateless_scope()
    if outer is not None:
        scope.state_mapping.update(outer.state_mapping)
    return scope


def input_gradient(fn: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the gradient of the sum of `fn(x)` with respect to `x`."""

    def total(x: Tensor) -> Tensor:
        with _inner_scope():
            return jnp.sum(fn(x))

    return jax.grad(total)(x)


def cond(predicate: Tensor, true_fn: Callable[[], Tensor], false_fn: Callable[[], Tensor]) -> Tensor:
    """Return the value of one of two branches, which may not change state."""

    def isolated(branch: Callable[[], Tensor]) -> Callable[[], Tensor]:
        def run() -> Tensor:
            with _inner_scope():
                return branch()

        return run

    return jax.lax.cond(predicate, isolated(true_fn), isolated(false_fn))


def batched(x: Any, batch_size: int, shuffle: bool) -> Any:
    """Return None: Keras's own way is as good."""
    return None


def gru(*args: Any) -> Tensor:
    """Refuse: XLA compiles Keras's scan as fast as one with hoisted products and gradients by hand."""
    raise NotImplementedError


def lstm(*args: Any) -> tuple[Tensor, Tensor]:
    """Refuse: XLA compiles Keras's scan as fast as one with hoisted products and gradients by hand."""
    raise NotImplementedError


def replica_count() -> int:
    """Return one: a distributed step is written as if it ran on one device."""
    return 1


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


def loops_differentiate_twice() -> bool:
    """Return whether the recurrent layers' fast ways have second derivatives: cuDNN's have none."""
    return bool(jax.default_backend() == "cpu")


def device_count(model: keras.Model) -> int:
    """Return over how many devices `fit` spreads a batch."""
    distribution = keras.distribution.distribution()
    return 1 if distribution is None else int(distribution.device_mesh.shape[0])

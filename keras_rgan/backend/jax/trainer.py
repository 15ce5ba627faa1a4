"""Runs the shared steps as functions of state, in `keras.StatelessScope`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import keras

from keras_rgan.backend import internals
from keras_rgan.utils.types import Nested, Tensor


class AdversarialTrainer(keras.Model):
    """Runs the shared steps in a `keras.StatelessScope` over the model's whole state."""

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """Threads take turns: Keras's steps give the buffers of variables away while they run."""
        with self.sampler.lock:
            return super().__call__(*args, **kwargs)

    def train_step(self, state: Any, data: Any) -> tuple[dict[str, Tensor], Any]:
        """Update both networks once on a batch."""
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )
        return _run(self.adversarial_step, data, groups, state)

    def test_step(self, state: Any, data: Any) -> tuple[dict[str, Tensor], Any]:
        """Evaluate a batch."""
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.metrics_variables,
        )
        return _run(self.evaluation_step, data, groups, state)

    def value_and_gradients(
        self, fn: Callable[[], tuple[Tensor, Any]], variables: Sequence[keras.Variable]
    ) -> tuple[Any, list[Tensor]]:
        """Return what `fn` returns beside its loss, and the loss's gradients.

        Scopes do not nest: the inner one maps all state, and what `fn` changed comes out beside the
        loss and is assigned in the outer one.
        """
        chosen = {id(v) for v in variables}
        state = [*self.variables, *self.optimizer.variables]
        others = [v for v in state if id(v) not in chosen]

        def stateless(values: list[Tensor]) -> tuple[Tensor, Any]:
            mapping = [*zip(variables, values, strict=True), *((v, v.value) for v in others)]
            with keras.StatelessScope(mapping, collect_losses=True) as scope:
                loss, rest = fn()
            return loss, (rest, [scope.get_current_value(v) for v in others])

        (_, (rest, updated)), gradients = jax.value_and_grad(stateless, has_aux=True)(
            [v.value for v in variables]
        )
        for variable, value in zip(others, updated, strict=True):
            variable.assign(value)
        return rest, gradients

    def per_sample_gradients(
        self, fn: Callable[[Nested], Tensor], variables: Sequence[keras.Variable], rows: Nested
    ) -> list[Tensor]:
        """Return the gradients of a function of each sample alone, all samples at once.

        What the function changes of any state is dropped.

        Args:
            fn: Returns a loss, a scalar, of one sample: of `rows` without their first axis.
            variables: Those to differentiate by.
            rows: A nest of tensors, a sample a row.

        Returns:
            Of each variable its gradients, `(rows, *shape)`.
        """
        chosen = {id(v) for v in variables}
        others = [v for v in [*self.variables, *self.optimizer.variables] if id(v) not in chosen]

        def stateless(values: list[Tensor], row: Nested) -> Tensor:
            mapping = [*zip(variables, values, strict=True), *((v, v.value) for v in others)]
            with keras.StatelessScope(mapping, collect_losses=True):
                return fn(row)

        gradients: list[Tensor] = jax.vmap(jax.grad(stateless), in_axes=(None, 0))(
            [v.value for v in variables], rows
        )
        return gradients

    def apply(
        self,
        optimizer: keras.optimizers.Optimizer,
        gradients: Sequence[Tensor],
        variables: Sequence[keras.Variable],
    ) -> None:
        """Update `variables`; a `LossScaleOptimizer` leaks tracers when applied in a scope.

        Only so applied does an optimizer know of a part of its variables.
        """
        if len(variables) < len(self.optimizer.variables_of(optimizer)):
            if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
                raise ValueError(
                    "On JAX an optimizer that scales losses cannot train a part of its network. "
                    "Expected: keras.optimizers.Adam() or the like, of a model without "
                    f"dtype='mixed_float16'. Received: {optimizer!r}. Use mixed_bfloat16, or "
                    "another backend."
                )
            optimizer.apply(gradients, variables)
            return
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
    outer = internals.open_stateless_scope()
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


def cond(predicate: Tensor, true_fn: Callable[[], Tensor], false_fn: Callable[[], Tensor]) -> Tensor:
    """Return the value of one of two branches, which may not change state."""

    def isolated(branch: Callable[[], Tensor]) -> Callable[[], Tensor]:
        def run() -> Tensor:
            with _inner_scope():
                return branch()

        return run

    return jax.lax.cond(predicate, isolated(true_fn), isolated(false_fn))


def no_gradient() -> contextlib.AbstractContextManager[Any]:
    """Return a scope without effect: only `jax.grad` records."""
    return contextlib.nullcontext()


def check_compile_options(jit_compile: Any, second_derivative: bool, steps_per_execution: Any) -> None:
    """Accept every combination."""

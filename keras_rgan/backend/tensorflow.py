"""The backend's verbs on TensorFlow."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_rgan.types import Tensor


class AdversarialTrainer:
    """Runs the shared steps under `tf.GradientTape` and `tf.distribute`."""

    def train_step(self, data: Any) -> dict[str, Tensor]:
        """Update both networks once on a batch."""
        return self.adversarial_step(data)  # type: ignore[attr-defined]

    def test_step(self, data: Any) -> dict[str, Tensor]:
        """Evaluate a batch."""
        return self.evaluation_step(data)  # type: ignore[attr-defined]

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


def input_gradient(fn: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the gradient of the sum of `fn(x)` with respect to `x`."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(fn(x))
    return tape.gradient(total, x)


def cond(predicate: Tensor, true_fn: Callable[[], Tensor], false_fn: Callable[[], Tensor]) -> Tensor:
    """Return the value of one of two branches, which may not change state."""
    return tf.cond(predicate, true_fn, false_fn)


def replica_count() -> int:
    """Return how many replicas share a step."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def replica_id() -> Tensor:
    """Return the index of the replica that this code runs in."""
    context = tf.distribute.get_replica_context()
    return context.replica_id_in_sync_group if context is not None else 0


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


def device_count(model: keras.Model) -> int:
    """Return over how many devices `fit` spreads a batch."""
    return model.distribute_strategy.num_replicas_in_sync

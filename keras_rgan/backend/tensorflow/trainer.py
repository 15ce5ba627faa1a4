"""Runs the shared steps under `tf.GradientTape` and `tf.distribute`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_rgan.backend.tensorflow import devices, tracing
from keras_rgan.utils.types import Nested, Tensor


class AdversarialTrainer(keras.Model):
    """Runs the shared steps under `tf.GradientTape` and `tf.distribute`."""

    def train_step(self, data: Any) -> dict[str, Tensor]:
        """Update both networks once on a batch."""
        with tracing.collectable_graphs(), _after(data):
            return _shared(self.adversarial_step(data))

    def test_step(self, data: Any) -> dict[str, Tensor]:
        """Evaluate a batch."""
        with tracing.collectable_graphs(), _after(data):
            return _shared(self.evaluation_step(data))

    def value_and_gradients(
        self, fn: Callable[[], tuple[Tensor, Any]], variables: Sequence[keras.Variable]
    ) -> tuple[Any, list[Tensor]]:
        """Return what `fn` returns beside its loss, and the loss's gradients.

        Optimizers sum gradients over replicas, so the loss, a mean over a replica's share of the
        batch, is divided by their number.
        """
        with tf.GradientTape() as tape:
            loss, rest = fn()
            loss = loss / devices.replica_count()
        return rest, tape.gradient(loss, variables)

    def per_sample_gradients(
        self, fn: Callable[[Nested], Tensor], variables: Sequence[keras.Variable], rows: Nested
    ) -> list[Tensor]:
        """Return the gradients of a function of each sample alone, one sample after another.

        `tf.vectorized_map` takes 10 to 20 seconds to trace a recurrent network, and knows neither XLA
        nor all operations; its steps are then twice as fast on a CPU. What the function changes of any
        state is dropped.

        Args:
            fn: Returns a loss, a scalar, of one sample: of `rows` without their first axis.
            variables: Those to differentiate by.
            rows: A nest of tensors, a sample a row.

        Returns:
            Of each variable its gradients, `(rows, *shape)`.
        """
        values = [tf.convert_to_tensor(v.value) for v in variables]

        def of_one(row: Nested) -> list[Tensor]:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(values)
                mapping = zip(variables, values, strict=True)
                with keras.StatelessScope(mapping, collect_losses=True):
                    loss = fn(row)
            return tape.gradient(loss, values, unconnected_gradients="zero")

        specs = [tf.TensorSpec(v.shape, v.dtype) for v in values]
        with tracing.collectable_graphs():
            return tf.map_fn(of_one, rows, fn_output_signature=specs, parallel_iterations=16)

    def apply(
        self,
        optimizer: keras.optimizers.Optimizer,
        gradients: Sequence[Tensor],
        variables: Sequence[keras.Variable],
    ) -> None:
        """Update `variables`."""
        optimizer.apply(gradients, variables)


def _after(data: Any) -> contextlib.AbstractContextManager[Any]:
    """Return a scope whose operations wait for a batch.

    Counters and the states of seeds do not depend on it: they would advance on a batch that its
    pipeline refuses.
    """
    return tf.control_dependencies([part for part in tf.nest.flatten(data) if part is not None])


def _shared(logs: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return logs as Keras can take their mean over several workers: along an axis, which they lack."""
    several = devices.has_several_workers(tf.distribute.get_strategy())
    return {k: v[None] for k, v in logs.items()} if several else logs


def input_gradient(fn: Callable[[Tensor], Tensor], x: Tensor, constant: bool = False) -> Tensor:
    """Return the gradient of the sum of `fn(x)` with respect to `x`, as a constant if wanted."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(fn(x))
    gradient = tape.gradient(total, x)
    return tf.stop_gradient(gradient) if constant else gradient


def cond(predicate: Tensor, true_fn: Callable[[], Tensor], false_fn: Callable[[], Tensor]) -> Tensor:
    """Return the value of one of two branches, which may not change state."""
    return tf.cond(predicate, true_fn, false_fn)


def no_gradient() -> contextlib.AbstractContextManager[Any]:
    """Return a scope in which nothing is recorded; outside a tape nothing is anyhow."""
    return contextlib.nullcontext()


def check_compile_options(jit_compile: Any, second_derivative: bool, steps_per_execution: Any) -> None:
    """Accept every combination."""

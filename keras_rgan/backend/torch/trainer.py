"""Runs the shared steps under autograd."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch

from keras_rgan.backend import internals
from keras_rgan.utils.types import Nested, Tensor


class AdversarialTrainer(keras.Model):
    """Runs the shared steps under autograd."""

    _rows_apart = False
    """Whether `vmap` has refused an operation of the discriminator."""

    def train_step(self, data: Any) -> dict[str, Tensor]:
        """Update both networks once on a batch."""
        return self.adversarial_step(data)

    def test_step(self, data: Any) -> dict[str, Tensor]:
        """Evaluate a batch."""
        return self.evaluation_step(data)

    def value_and_gradients(
        self, fn: Callable[[], tuple[Tensor, Any]], variables: Sequence[keras.Variable]
    ) -> tuple[Any, list[Tensor]]:
        """Return what `fn` returns beside its loss, and the loss's gradients.

        `torch.autograd.grad` leaves no gradient on the network that is not being updated. A layer
        frozen since `compile` has none.
        """
        with self._mutation():
            loss, rest = fn()
            values = [v.value for v in variables]
            trained = [v for v in values if v.requires_grad]
            of_trained = torch.autograd.grad(loss, trained, allow_unused=True)
        gradients = {id(v): gradient for v, gradient in zip(trained, of_trained, strict=True)}
        return rest, [gradients.get(id(v)) for v in values]

    def per_sample_gradients(
        self, fn: Callable[[Nested], Tensor], variables: Sequence[keras.Variable], rows: Nested
    ) -> list[Tensor]:
        """Return the gradients of a function of each sample alone, all samples at once.

        Where a layer has an operation that `vmap` refuses, they come one after another.

        What the function changes of any state is dropped.

        Args:
            fn: Returns a loss, a scalar, of one sample: of `rows` without their first axis.
            variables: Those to differentiate by.
            rows: A nest of tensors, a sample a row.

        Returns:
            Of each variable its gradients, `(rows, *shape)`.
        """

        def stateless(values: list[Tensor], row: Nested) -> Tensor:
            mapping = zip(variables, values, strict=True)
            with keras.StatelessScope(mapping, collect_losses=True):
                return fn(row)

        values = [v.value.detach() for v in variables]
        gradient = torch.func.grad(stateless)
        if not self._rows_apart:
            try:
                return list(torch.func.vmap(gradient, in_dims=(None, 0))(values, rows))
            except RuntimeError:  # of an operation without a rule: Conv2D of torch 2.13
                self._rows_apart = True
        count = len(keras.tree.flatten(rows)[0])
        each = [
            gradient(values, keras.tree.map_structure(lambda x, i=i: x[i], rows)) for i in range(count)
        ]
        return [torch.stack(parts) for parts in zip(*each, strict=True)]

    def _mutation(self) -> contextlib.AbstractContextManager[Any]:
        """Return a scope in which layers may write weights that gradients need as they were.

        `SpectralNormalization` writes its kernel at every call, and a discriminator is called several
        times for one gradient. Keeping copies takes time, so that nobody else pays for it.
        """
        if self._layers_write_weights:
            return torch.autograd.graph.allow_mutation_on_saved_tensors()
        return contextlib.nullcontext()

    @functools.cached_property
    def _layers_write_weights(self) -> bool:
        """Whether there is such a layer, which is looked for once, not in every step."""
        layers = internals.layers_of(self)
        return any(isinstance(layer, keras.layers.SpectralNormalization) for layer in layers)

    def apply(
        self,
        optimizer: keras.optimizers.Optimizer,
        gradients: Sequence[Tensor],
        variables: Sequence[keras.Variable],
    ) -> None:
        """Update `variables`."""
        with torch.no_grad():
            optimizer.apply(gradients, variables)


def input_gradient(fn: Callable[[Tensor], Tensor], x: Tensor, constant: bool = False) -> Tensor:
    """Return the gradient of the sum of `fn(x)` with respect to `x`, as a constant if wanted."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        return torch.autograd.grad(fn(x).sum(), x, create_graph=not constant)[0]


def cond(predicate: Tensor, true_fn: Callable[[], Tensor], false_fn: Callable[[], Tensor]) -> Tensor:
    """Return the value of one of two branches, which may not change state."""
    return true_fn() if predicate else false_fn()


def no_gradient() -> contextlib.AbstractContextManager[Any]:
    """Return a scope in which autograd records nothing."""
    return torch.no_grad()


def check_compile_options(jit_compile: Any, second_derivative: bool, steps_per_execution: Any) -> None:
    """Refuse what `torch.compile` cannot differentiate twice, and several steps in one call."""
    if steps_per_execution != 1:
        raise ValueError(
            "On torch, Keras takes one step in each call. Expected: steps_per_execution=1. Received: "
            f"steps_per_execution={steps_per_execution!r}. Leave it out, or use another backend."
        )
    if jit_compile is True and second_derivative:
        raise ValueError(
            "On torch, `jit_compile=True` cannot train with an exact gradient penalty: "
            "`torch.compile` has no second derivative. Expected: jit_compile=False, or penalties "
            "without derivatives such as penalties=['approximate_r1', 'approximate_r2']."
        )

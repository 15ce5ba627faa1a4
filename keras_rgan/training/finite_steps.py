"""Steps that come to numbers that are not finite: they are undone, counted, and told of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_rgan import backend
from keras_rgan.training.weight_average import never_trained
from keras_rgan.utils.types import Tensor
from keras_rgan.utils.variables import value_of

CAUSES = (
    "the samples, once scaled",
    "the conditions",
    "the discriminator's loss",
    "the discriminator's gradients",
    "the generator's loss",
    "the generator's gradients",
)
"""What may not be finite, in the order in which a step comes by it."""

UNDONE, FIRST, CAUSE, LOGGED = range(4)
"""Entries of the record: steps undone, those applied before the first, its cause, those of an epoch."""


class UndoneSteps(keras.metrics.Metric):
    """Counts the steps that were undone, on the device; as a metric, those of an epoch."""

    def __init__(self, name: str = "skipped_steps") -> None:
        super().__init__(name=name, dtype="float32")
        self.record = self.add_variable((4,), "zeros", "int32", name="record")
        self.start = 0
        """How many steps were applied when counting began."""

    def with_one_more(self, applied: Tensor, cause: Tensor) -> Tensor:
        """Return the record of one step more.

        Args:
            applied: How many steps were applied before, `()`.
            cause: Index into `CAUSES`, `()`.
        """
        before = self.record.value
        first = ops.cast(before[UNDONE] == 0, "int32")
        one = ops.ones((), "int32")
        number, cause = (first * ops.cast(x, "int32") for x in (applied, cause))
        change = ops.stack([one, number, cause, one])
        # Replicas add up what they count
        return before + ops.where(ops.equal(backend.replica_id(), 0), change, ops.zeros_like(change))

    def result(self) -> Tensor:
        """Return how many steps of an epoch were undone."""
        return ops.cast(self.record.value[LOGGED], "float32")

    def reset_state(self) -> None:
        """Begin an epoch, or an evaluation within one."""
        self.record.assign(self.record.value * ops.convert_to_tensor([1, 1, 1, 0], "int32"))

    def forget(self, applied: keras.Variable) -> None:
        """Begin anew with all that is counted.

        Args:
            applied: Counts the steps that were applied.
        """
        self.start = int(value_of(applied))
        self.record.assign(ops.zeros((4,), "int32"))

    def check(self, where: str, applied: keras.Variable) -> None:
        """Refuse what was counted since `forget`.

        Args:
            where: What the steps are of, for the message.
            applied: Counts the steps that were applied.

        Raises:
            FloatingPointError: If a step was undone.
        """
        undone, first, cause, _ = (int(n) for n in value_of(self.record))
        if not undone:
            return
        seen, first = int(value_of(applied)) - self.start + undone, first - self.start + 1
        several = f"{undone} of {seen} steps" if seen > 1 else "the step"
        at = f", the first in step {first}" if seen > 1 else ""
        raise FloatingPointError(
            f"Expected finite numbers in every step. Received: NaN or infinite ones in {several} "
            f"{where}{at}, in {CAUSES[cause]}. None of these steps was applied: weights, "
            "optimizers and averages are as they were before. Look for values far beyond all others "
            "in the data, or for a learning rate or penalty that is too large; compile(..., "
            "nonfinite='skip') goes on without such steps and counts them in the logs."
        )


def changing(model: Any) -> list[keras.Variable]:
    """Return the variables of a model that a step changes, but for random states and its record."""
    fixed = [layer for layer in (model.scaler, model.conditions) if layer is not None]
    ignored = {id(v) for layer in fixed for v in layer.variables} | {id(model.undone_steps.record)}
    ignored |= {id(v) for network in model.generators for v in never_trained(network)}
    ignored |= {id(v) for v in model.regime.variables}
    weights = [v for v in model.variables if keras.backend.is_float_dtype(v.dtype)]
    of_evaluation = {id(metric) for metric in model.recipe.metrics}
    metrics = [v for m in model.metrics if id(m) not in of_evaluation for v in m.variables]
    found = {id(v): v for v in [*weights, *model.optimizer.variables, *metrics]}
    return [v for i, v in found.items() if i not in ignored]


class Watch(keras.callbacks.Callback):
    """Ends `fit` at the end of an epoch in which a step was undone.

    Args:
        raises: Whether it does; else these are logged only.
        epoch: The epoch that comes, from 1 on.
    """

    def __init__(self, raises: bool, epoch: int) -> None:
        super().__init__()
        self.raises = raises
        self.epoch = epoch
        """The epoch that runs, from 1 on."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin to count."""
        self.epoch = epoch + 1
        self.model.undone_steps.forget(self.model.optimizer.iterations)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look at what was counted."""
        if self.raises:
            backend.synchronize(self.model)
            self.model.undone_steps.check(f"of epoch {epoch + 1}", self.model.optimizer.iterations)


class Look:
    """Remembers what the variables of a model were before a step, and notes on its way what is finite.

    Args:
        model: The `RecurrentGAN`.
        variables: Those that the step changes, as `changing` returns them.
        memory: Room to remember in, of `backend.values_of`.
    """

    def __init__(self, model: Any, variables: Sequence[keras.Variable], memory: list[Tensor]) -> None:
        self.model, self.variables = model, variables
        self.before = backend.values_of(variables, memory)
        self.applied = model.optimizer.iterations.value + 0
        self.squares: list[tuple[int, Tensor]] = []

    def at_batch(self, sequences: Tensor, columns: Tensor | None) -> None:
        """Note a batch."""
        self.squares.append((0, backend.sum_of_squares([sequences])))
        if columns is not None:
            self.squares.append((1, backend.sum_of_squares([columns])))

    def at_turn(
        self, generator: bool, loss: Tensor, gradients: Sequence[Tensor | None], scaled: bool
    ) -> Tensor | None:
        """Note a network's turn, and return the sum of its gradients' squares, where that is noted.

        Args:
            generator: Whether it is the generator's; else the discriminator's.
            loss: What it goes down.
            gradients: Its gradients.
            scaled: Whether an optimizer scales the loss: it looks at gradients itself, and begins with
                a scale at which they may overflow.
        """
        place = 4 if generator else 2
        self.squares.append((place, ops.square(loss)))
        if scaled or all(gradient is None for gradient in gradients):
            return None
        squares = backend.sum_of_squares(gradients)
        self.squares.append((place + 1, squares))
        return squares

    def finish(self) -> None:
        """Take the step back unless all of it was finite, on all replicas: so much that squares are."""
        sums = backend.summed_over_replicas(ops.stack([value for _, value in self.squares]))

        def undone() -> list[tuple[keras.Variable, Tensor]]:
            places = ops.convert_to_tensor([place for place, _ in self.squares], "int32")
            cause = places[ops.argmax(ops.logical_not(ops.isfinite(sums)))]
            record = self.model.undone_steps
            earlier = list(zip(self.variables, self.before, strict=True))
            return [*earlier, (record.record, record.with_one_more(self.applied, cause))]

        backend.assign_unless(ops.all(ops.isfinite(sums)), undone)

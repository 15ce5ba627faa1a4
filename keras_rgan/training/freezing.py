"""Steps that are taken only where they are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import keras

from keras_rgan import backend
from keras_rgan.training.finite_steps import Look
from keras_rgan.utils.types import Tensor

if TYPE_CHECKING:
    from keras_rgan.training.adversarial_step import AdversarialStep


class Freezer:
    """Goes down an objective, and leaves all as it was where what the objective reports says so.

    Freezing a network whose opponent is behind: its weights stay, and so does its optimizer.

    Reference:
        Salimans et al., "Improved Techniques for Training GANs", NeurIPS 2016; Mogren, "C-RNN-GAN",
        2016 (freezing).
    """

    def __init__(self) -> None:
        self.memory: list[Tensor] = []
        """Room for what variables were before a step."""

    def descend(
        self,
        wanted: Callable[[Any], Tensor],
        step: AdversarialStep,
        objective: Callable[[], tuple[Tensor, Any]],
        look: Look,
        optimizer: keras.optimizers.Optimizer | None,
        variables: Sequence[keras.Variable],
    ) -> Any:
        """Take one step down an objective where it is wanted, and return what it reports.

        Args:
            wanted: Tells of the report whether the step stands, `()`.
            step: The adversarial step.
            objective: As in `AdversarialStep.descend`, as all that follows.
            look: Notes what is finite.
            optimizer: One of the model's two; None to take no step.
            variables: Those to change.
        """
        if optimizer is None:
            return step.descend(objective, look, optimizer, variables)
        changed = [*variables, *optimizer.variables]
        before = backend.values_of(changed, self.memory)
        report = step.descend(objective, look, optimizer, variables)
        backend.assign_unless(wanted(report), lambda: list(zip(changed, before, strict=True)))
        return report

"""Learning rates that were lowered, and stay so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keras_rgan.callbacks.learning_rates import LearningRates
from keras_rgan.training.gauges import ROLES


class Slower:
    """Lowers the learning rates of a model's networks, also where another callback sets them anew.

    Args:
        model: The model.
        factors: By what each was lowered already, by role.
    """

    def __init__(self, model: Any, factors: Mapping[str, float] | None = None) -> None:
        self.model = model
        self.factors = {**dict.fromkeys(ROLES, 1.0), **(factors or {})}
        self.before: dict[str, float] = {}
        """The rates when the epoch began."""

    def lower(self, roles: Sequence[str], factor: float) -> list[str]:
        """Lower rates by a factor, and return in words what they are now."""
        said = []
        for role in roles:
            rate = self._rates().get(role)
            if rate is None:
                said.append(f"The {role}'s learning rate follows a schedule, and stays.")
                continue
            self.factors[role] *= factor
            self._optimizer(role).learning_rate = rate * factor
            said.append(f"The {role}'s learning rate is {rate * factor:.3g} now.")
        return said

    def begin_epoch(self) -> None:
        """Note the rates, before other callbacks set them."""
        self.before = self._rates()

    def begin_batches(self) -> None:
        """Lower what others have set since the epoch began."""
        if all(factor == 1.0 for factor in self.factors.values()):
            return
        for role, rate in self._rates().items():
            if rate != self.before.get(role):
                self._optimizer(role).learning_rate = rate * self.factors[role]

    def _optimizer(self, role: str) -> Any:
        optimizer = getattr(self.model, f"{role}_optimizer")
        return getattr(optimizer, "inner_optimizer", optimizer)

    def _rates(self) -> dict[str, float]:
        """Return the rates that can be set, by role."""
        optimizers = {role: self._optimizer(role) for role in ROLES}
        rates = {r: LearningRates(o).first for r, o in optimizers.items() if o is not None}
        return {role: known[0] for role, known in rates.items() if known}

"""The state of a model at some point of training, to go back to."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_rgan.utils.variables import value_of


class KeptState:
    """What a model had learned at some point.

    What counts updates, the state of random draws and learning rates are no part of it: training that
    goes back goes on from there with other draws, and with rates that may have been lowered.

    Args:
        model: The model.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.updates = int(value_of(model.optimizer.iterations))
        rates = {id(getattr(o, "_learning_rate", None)) for o in _optimizers_of(model)}
        self.variables = [
            v
            for v in model.state_variables()
            if keras.backend.is_float_dtype(v.dtype) and id(v) not in rates
        ]
        self.values: list[np.ndarray] = [value_of(v) for v in self.variables]

    def put_back(self) -> None:
        """Have the model know what it knew."""
        for variable, value in zip(self.variables, self.values, strict=True):
            variable.assign(value)


def _optimizers_of(model: Any) -> list[Any]:
    pair = model.optimizer
    parts = [pair, *getattr(pair, "optimizers", [])]
    return [*parts, *(part.inner_optimizer for part in parts if hasattr(part, "inner_optimizer"))]

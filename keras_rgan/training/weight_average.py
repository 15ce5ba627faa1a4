"""The moving average of the generator's weights, with which it generates."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
from keras import ops

from keras_rgan.backend import internals
from keras_rgan.layers import LinearProcess


def averaged_scope(
    network: keras.Model, weights: Sequence[keras.Variable], averages: Sequence[keras.Variable]
) -> tuple[keras.StatelessScope, list[keras.Variable]]:
    """Return a scope in which averages stand in for a network's weights, and its other variables.

    Among the weights may be those of other networks.
    """
    average_of = {id(v): average for v, average in zip(weights, averages, strict=True)}
    others = [v for v in network.variables if id(v) not in average_of]
    mapping = [(v, average_of.get(id(v), v).value) for v in network.variables]
    return keras.StatelessScope(mapping), others


class WeightAverage:
    """Averages of all floating-point weights of the generator and the networks trained with it.

    The averages are variables of the model, so that they are saved with it.

    Args:
        model: The `RecurrentGAN`; `build` gives it the attributes `ema_weights` and `ema_steps`.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.weights: list[keras.Variable] = []

    @property
    def averages(self) -> list[keras.Variable]:
        """The average of each of `weights`."""
        averages: list[keras.Variable] = self.model.ema_weights
        return averages

    def build(self, networks: Sequence[keras.Model]) -> None:
        """Create the averages, of trained and frozen weights: which are trained may change later."""
        model = self.model
        fixed = {id(v) for network in networks for v in never_trained(network)}
        self.weights = [
            v
            for network in networks
            for v in network.weights
            if keras.backend.is_float_dtype(v.dtype) and id(v) not in fixed
        ]
        options = {"trainable": False, "autocast": False, "aggregation": "only_first_replica"}
        model.ema_weights = [
            model.add_weight(
                shape=v.shape,
                initializer="zeros",
                name=f"ema_{v.path.replace('/', '_')}",
                **options,
            )
            for v in self.weights
        ]
        model.ema_steps = model.add_weight(shape=(), initializer="zeros", name="ema_steps", **options)
        if internals.open_stateless_scope() is None:  # in one there are no values yet
            self.begin()

    def begin(self) -> None:
        """Let the averages be the weights as they are."""
        for average, variable in zip(self.averages, self.weights, strict=True):
            average.assign(ops.copy(variable.value))

    def update(self, decay: float | None) -> None:
        """Move the averages; a young average forgets fast what the untrained weights were."""
        steps = self.model.ema_steps
        rate = 1.0 - ops.minimum(decay or 0.0, (1.0 + steps.value) / (10.0 + steps.value))
        for average, variable in zip(self.averages, self.weights, strict=True):
            value = ops.cast(variable.value, average.dtype)
            if decay is not None:
                value = average.value + ops.cast(rate, average.dtype) * (value - average.value)
            average.assign(value)
        steps.assign_add(1.0)

    @contextlib.contextmanager
    def scope(self, network: keras.Model) -> Iterator[None]:
        """Let a network compute with its averages; the state of draws of its own goes on."""
        scope, others = averaged_scope(network, self.weights, self.averages)
        before = [scope.get_current_value(v) for v in others]
        with scope:
            yield
        for variable, value in zip(others, before, strict=True):
            changed = scope.get_current_value(variable)
            if changed is not value:
                variable.assign(changed)


def never_trained(network: keras.Model) -> list[keras.Variable]:
    """Return the weights of layers that are set and not learned: by data alone, as a `LinearProcess`.

    Or by whoever trains or generates, where a layer says `is_set = True`.
    """
    layers = internals.layers_of(network) if isinstance(network, keras.Layer) else []
    return [
        v
        for layer in layers
        if isinstance(layer, LinearProcess) or getattr(layer, "is_set", False)
        for v in layer.weights
    ]

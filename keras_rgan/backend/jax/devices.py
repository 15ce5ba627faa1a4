"""Devices on JAX, where `keras.distribution` is global and a step is written as for one device."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

from keras_rgan.backend import internals
from keras_rgan.utils.types import Tensor


def thread_advice() -> str | None:
    """Return nothing: there is no setting that helps."""
    return None


def replica_count() -> int:
    """Return one: a distributed step is written as if it ran on one device."""
    return 1


def replica_id() -> int:
    """Return zero: a distributed step is written as if it ran on one device."""
    return 0


def gathered(x: Tensor) -> Tensor:
    """Return the rows of all replicas of a step: a step sees the whole batch here."""
    return x


def summed_over_replicas(x: Tensor) -> Tensor:
    """Return a tensor as it is: a step is one program, whatever devices it runs on."""
    return x


def variable_scope(model: keras.Model) -> contextlib.AbstractContextManager[Any]:
    """Return a scope without effect: `keras.distribution` is global."""
    return contextlib.nullcontext()


def device_count(model: keras.Model) -> int:
    """Return over how many devices `fit` spreads a batch."""
    distribution = keras.distribution.distribution()
    return 1 if distribution is None else int(distribution.device_mesh.shape[0])


def check_devices(model: keras.Model) -> None:
    """Accept every distribution: `set_distribution` holds for all models."""


def synchronize(model: keras.Model) -> None:
    """Write the state that a running `fit` carries back into the variables.

    `jax_state_sync` of Keras 3.15.1, which its documentation does not mention. The public way is to
    read `model` of a callback, which calls this; code that is no callback has none.
    """
    model.jax_state_sync()


@contextlib.contextmanager
def whole(model: keras.Model) -> Iterator[None]:
    """Give a model back what Keras has taken from it, where `fit`, `evaluate` or `predict` raise.

    Their steps carry the state, and until they end the variables have none (`internals.has_value`):
    what is raised before the first step is done, or behind it in `evaluate` and `predict`, leaves them
    so for good. What the last step made comes by `jax_state_sync`; what none has made is as it was.

    Args:
        model: The model, whose variables are read as the scope is entered.
    """
    optimizer = getattr(model, "optimizer", None)
    variables = [
        *model.variables,
        *model.metrics_variables,
        *(optimizer.variables if optimizer else ()),
    ]
    before = [(variable, variable.value) for variable in variables]
    try:
        yield
    except BaseException:
        with contextlib.suppress(RuntimeError):  # of arrays that a step had before it failed
            model.jax_state_sync()
        for variable, value in before:
            if not internals.has_value(variable) and not value.is_deleted():
                variable.assign(value)
        raise


def batched(x: Any, batch_size: int, shuffle: bool, model: keras.Model) -> Any:
    """Return None: Keras's own way is as good."""
    return None

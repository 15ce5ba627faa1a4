"""Devices on torch, where a model trains in one process on one device."""

from __future__ import annotations

import contextlib
from typing import Any

import keras
import torch

from keras_rgan.utils.types import Tensor


def thread_advice() -> str | None:
    """Return nothing: there is no setting that helps."""
    return None


def replica_count() -> int:
    """Return one: a step is not shared."""
    return 1


def replica_id() -> int:
    """Return zero: a step is not shared."""
    return 0


def gathered(x: Tensor) -> Tensor:
    """Return the rows of all replicas of a step: a step sees the whole batch here."""
    return x


def summed_over_replicas(x: Tensor) -> Tensor:
    """Return a tensor as it is: one process takes a step alone."""
    return x


def variable_scope(model: keras.Model) -> contextlib.AbstractContextManager[Any]:
    """Return a scope without effect."""
    return contextlib.nullcontext()


def device_count(model: keras.Model) -> int:
    """Return one: `fit` uses one device."""
    return 1


def check_devices(model: keras.Model) -> None:
    """Refuse processes that would each train a model of their own."""
    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1:
        raise ValueError(
            "On torch a RecurrentGAN trains in one process: `DistributedDataParallel` wraps `forward`, "
            f"which the adversarial step does not call. Received: {distributed.get_world_size()} "
            "processes. Train in one, or with KERAS_BACKEND=tensorflow or jax on many devices "
            "(docs/scaling.md)."
        )


def synchronize(model: keras.Model) -> None:
    """Do nothing: variables are always up to date."""


def whole(model: keras.Model) -> contextlib.AbstractContextManager[Any]:
    """Return a scope without effect: variables keep their values while Keras runs a step."""
    return contextlib.nullcontext()


def batched(x: Any, batch_size: int, shuffle: bool, model: keras.Model) -> Any:
    """Return None: Keras's own way is as good."""
    return None

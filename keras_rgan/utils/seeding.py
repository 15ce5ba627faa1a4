"""Initial weights that follow from one seed."""

from __future__ import annotations

import zlib
from typing import Any

import keras


def child_seed(seed: int | None, name: str) -> int | None:
    """Return the seed of the part called `name` of a whole with `seed`; None stays None."""
    return None if seed is None else zlib.crc32(f"{seed}/{name}".encode()) % (2**31)


def filled(config: Any, seed: int | None, name: str) -> Any:
    """Return a copy of a config in which every seed that is None follows from one and from its place.

    Args:
        config: A config, or a part of one, with those of initializers and of wrapped layers in it.
        seed: The seed of the whole; with None all stay as they are.
        name: What the config is of.
    """
    if isinstance(config, dict):
        return {
            key: child_seed(seed, f"{name}/{key}")
            if key == "seed" and value is None
            else filled(value, seed, f"{name}/{key}")
            for key, value in config.items()
        }
    if isinstance(config, list | tuple):
        return type(config)(filled(value, seed, f"{name}/{i}") for i, value in enumerate(config))
    return config


def glorot(seed: int | None, name: str) -> keras.initializers.Initializer:
    """Return Keras's default initializer of kernels."""
    return keras.initializers.GlorotUniform(seed=child_seed(seed, name))


def orthogonal(seed: int | None, name: str) -> keras.initializers.Initializer:
    """Return Keras's default initializer of recurrent kernels."""
    return keras.initializers.Orthogonal(seed=child_seed(seed, name))

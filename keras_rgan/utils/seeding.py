"""Initial weights that follow from one seed."""

from __future__ import annotations

import zlib

import keras


def child_seed(seed: int | None, name: str) -> int | None:
    """Return the seed of the part called `name` of a whole with `seed`; None stays None."""
    return None if seed is None else zlib.crc32(f"{seed}/{name}".encode()) % (2**31)


def glorot(seed: int | None, name: str) -> keras.initializers.Initializer:
    """Return Keras's default initializer of kernels."""
    return keras.initializers.GlorotUniform(seed=child_seed(seed, name))


def orthogonal(seed: int | None, name: str) -> keras.initializers.Initializer:
    """Return Keras's default initializer of recurrent kernels."""
    return keras.initializers.Orthogonal(seed=child_seed(seed, name))

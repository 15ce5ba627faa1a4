"""Names for the types that Keras leaves open."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import keras

Tensor: TypeAlias = Any
"""A tensor of the backend that Keras runs on, or anything that converts to one."""

Shape: TypeAlias = tuple[int | None, ...]
"""Sizes of the axes of a tensor; None where a size is open."""

Nested: TypeAlias = Any
"""One value, or a dict, list or tuple of values, possibly nested."""

Updates: TypeAlias = Callable[[], Sequence[tuple[keras.Variable, Tensor]]]
"""Returns variables, each with a value to assign."""

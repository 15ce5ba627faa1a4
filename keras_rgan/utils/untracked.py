"""Attributes that Keras must not look into."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Untracked(Generic[T]):
    """Holds a value out of sight of Keras's tracking of attributes.

    Keras opens lists, tuples and dicts that are set on a model or an optimizer and takes the variables
    and layers in them for its own.
    """

    def __init__(self, value: T) -> None:
        self.value = value

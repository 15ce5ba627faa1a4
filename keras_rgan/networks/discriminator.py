"""What the discriminators of this library have in common."""

from __future__ import annotations

from typing import Any

import keras

from keras_rgan.utils.types import Nested, Tensor


class Discriminator(keras.Model):
    """A discriminator whose call is `look` and then `judge`.

    A model that trains one asks the two apart: penalties measure slopes of what `look` returns, and
    several looks share a pass. A subclass that overwrites `call` is asked as any other model.
    """

    @property
    def judges_one_by_one(self) -> bool:
        """Whether a sample's judgement depends on that sample alone; sets may then share a pass."""
        return True

    def look(self, inputs: Nested) -> Tensor:
        """Return what is judged, a tensor with conditions as its last columns."""
        raise NotImplementedError

    def judge(self, inputs: Tensor, mask: Tensor | None = None, training: bool = False) -> Nested:
        """Judge what `look` returned."""
        raise NotImplementedError

    def call(self, inputs: Nested, mask: Nested = None, training: bool = False) -> Nested:
        """Judge samples."""
        return self.judge(self.look(inputs), sequences_of(mask), training)


def sequences_of(nest: Nested) -> Any:
    """Return the part of inputs, masks or shapes that belongs to the sequences."""
    return nest.get("sequences") if isinstance(nest, dict) else nest

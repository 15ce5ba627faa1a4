"""The capabilities of a model, and the interface by which one plugs in."""

from __future__ import annotations

from collections.abc import Sequence

from keras_rgan.conditioning.attribute_judge import AttributeJudge
from keras_rgan.conditioning.attributes import Attributes
from keras_rgan.conditioning.capability import Capability
from keras_rgan.conditioning.completion import Completion
from keras_rgan.conditioning.gaps import Gaps
from keras_rgan.conditioning.labels import Labels
from keras_rgan.conditioning.lengths import Lengths
from keras_rgan.conditioning.ranges import Ranges

__all__ = ["AttributeJudge", "Capability"]


def all_of(model: object, further: Sequence[Capability]) -> list[Capability]:
    """Return the capabilities of a model in their order, with copies of those of the user.

    Raises:
        ValueError: If one of the user's is none.
    """
    for capability in further:
        if not isinstance(capability, Capability):
            raise ValueError(
                "`capabilities` must be objects of classes made of keras_rgan.conditioning.Capability. "
                f"Received: {capability!r}"
            )
    copies = [type(c).from_config(c.get_config()) for c in further]
    every = [Lengths(), Gaps(), Ranges(), Attributes(), Labels(), *copies, Completion()]
    for capability in every:
        capability.model = model
    return every


def of_the_user(every: Sequence[Capability]) -> list[Capability]:
    """Return those of the user among what `all_of` returned."""
    return list(every[5:-1])

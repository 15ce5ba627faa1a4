"""What a batch of sequences is inside: as it arrives, and as the networks see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras

from keras_rgan.utils.types import Tensor


class Batch(NamedTuple):
    """Sequences in the networks' space, real or generated, with what stands beside them.

    Attributes:
        sequences: `(batch, time, features)`.
        columns: Conditions beside every step, `(batch, time, columns)`, or None.
        observed: Which values there are, True or False, as the sequences; None for all.
        taken: Which sequences there are, 1, or 0 in an empty place, `(batch,)`; None for all.
        public: Columns of conditions that are not of the data, `(rows, time, columns)`, with which the
            generator learns; None for those beside the sequences.
    """

    sequences: Tensor
    columns: Tensor | None = None
    observed: Tensor | None = None
    taken: Tensor | None = None
    public: Tensor | None = None

    @property
    def for_generator(self) -> Batch:
        """The batch as the generator learns with."""
        return self if self.public is None else self._replace(columns=self.public)


class Arrival(NamedTuple):
    """A real batch as it comes into a step: before it is scaled, and conditions are columns.

    It is in the data's units, or where float32 does not hold these in those of `SequenceScaler.enter`.

    Attributes:
        sequences: `(batch, time, features)`.
        conditions: By name, as a `ConditionEncoder` takes them.
        observed: Which values there are, as the sequences; None for all.
        counting: Which steps are of the sequences, `(batch, time)`; None for all.
        taken: Which sequences there are, as in `Batch`; None for all.
        public: Conditions that are not of the data, as in `Batch`.
    """

    sequences: Tensor
    conditions: Mapping[str, Any]
    observed: Tensor | None = None
    counting: Tensor | None = None
    taken: Tensor | None = None
    public: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, data: Any) -> Arrival:
        """Return a batch as Keras hands it to a step: sequences alone, or with conditions.

        Raises:
            ValueError: If there are targets or weights.
        """
        sequences, conditions, weights = keras.utils.unpack_x_y_sample_weight(data)
        taken = public = None
        if isinstance(sequences, dict) and "sequences" in sequences:
            conditions, taken = sequences.get("conditions"), sequences.get("taken")
            public, sequences = sequences.get("public"), sequences["sequences"]
        refuse_targets("a batch", conditions, {"sample_weight": weights})
        return cls(sequences, dict(conditions or {}), taken=taken, public=public)


def refuse_targets(where: str, targets: Any, weights: Mapping[str, Any]) -> None:
    """Refuse targets that are no conditions, and weights.

    Raises:
        ValueError: If there are any.
    """
    given = {"y": None if isinstance(targets, Mapping) else targets, **weights}
    named = [name for name, value in given.items() if value is not None]
    if named:
        raise ValueError(
            "A GAN learns the distribution of the sequences alone, without targets or weights. "
            f"Received: {', '.join(named)} in {where}. Pass the sequences only, or conditions beside "
            "them as a dict, (sequences, {'label': labels})."
        )

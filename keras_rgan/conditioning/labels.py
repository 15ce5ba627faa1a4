"""Conditions by name: labels, attributes and covariates that sequences come with."""

from __future__ import annotations

from typing import Any

from keras_rgan.conditioning.capability import Capability, Rows
from keras_rgan.sequences import reading
from keras_rgan.sequences.batch import Arrival


class Labels(Capability):
    """Sequences are made given conditions, which a `ConditionEncoder` turns into columns."""

    @property
    def active(self) -> bool:
        """Whether the model knows conditions."""
        encoder = self.model.conditions
        return encoder is not None and encoder.adapted

    @property
    def required(self) -> list[str]:
        """The names of conditions that users pass, those that need not be apart."""
        if not self.active:
            return []
        own = {name for c in self.model.capabilities for name in c.own_conditions}
        return [name for name in self.model.conditions.column_names if name not in own]

    def introduce(self, sequences: Any, conditions: Rows) -> Rows:
        """Refuse conditions other than those of an encoder that came with the model."""
        encoder = self.model.conditions
        if self.model.built or (encoder is not None and (self.active or not conditions)):
            self.admit(sequences, conditions)
        return conditions

    def admit(self, sequences: Any, conditions: Rows) -> Rows:
        """Encode conditions beside sequences; refuse wrong ones, and any where there should be none.

        Raises:
            ValueError: If they are not those that the model learned.
        """
        encoder = self.model.conditions
        if not self.active:
            if conditions:
                raise ValueError(
                    "This model was built for sequences without conditions. Received: the conditions "
                    f"{sorted(map(str, conditions))}. Make a new RecurrentGAN."
                )
            if encoder is not None:
                raise ValueError(
                    "The model has a ConditionEncoder that knows no conditions yet. Expected: "
                    "conditions beside the sequences, fit((sequences, {'label': labels})). Received: "
                    "none"
                )
            return {}
        required = self.required
        if required and not set(conditions) & set(required):
            unknown = sorted(set(conditions) - set(encoder.names))
            raise ValueError(
                f"This model takes the conditions {required}. Received: {unknown or 'none'}. Pass them "
                f"beside the sequences, as (sequences, {{{required[0]!r}: …}})."
            )
        if not conditions:
            return {}
        encoded: Rows = encoder.encode(conditions, optional=self._optional)
        reading.check_rows(encoded, sequences)
        return encoded

    @property
    def _optional(self) -> set[str]:
        return set(self.model.conditions.column_names) - set(self.required)

    def receive(self, arrival: Arrival) -> Arrival:
        """Refuse a batch of other conditions than the model's."""
        names = [] if self.model.conditions is None else self.model.conditions.column_names
        if sorted(arrival.conditions) != sorted(names):
            raise ValueError(
                f"This model takes the conditions {names or 'of no name'}. Received: a batch with "
                f"{sorted(map(str, arrival.conditions))}"
            )
        return arrival

    def encode_request(self, conditions: Rows) -> Rows:
        """Encode conditions that were asked for."""
        if not self.active:
            raise ValueError(
                "This model takes no conditions: it was trained without. Received: conditions="
                f"{sorted(map(str, conditions))}"
            )
        optional = self._optional | ({"length"} if len(self.required) > 1 else set())
        encoded: Rows = self.model.conditions.encode(conditions, optional=optional)
        return encoded

"""A model that means nothing without conditions."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_rgan.conditioning.capability import Capability, Rows


@keras.saving.register_keras_serializable(package="keras_rgan")
class NeedsConditions(Capability):
    """Refuses sequences without conditions.

    Args:
        name: What the model is called.
        instead: What does without.
    """

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    def introduce(self, sequences: np.ndarray, conditions: Rows) -> Rows:
        """Refuse the first data where it has none.

        Raises:
            ValueError: If it has none.
        """
        if not set(conditions) - {"length", "observed"}:
            raise ValueError(
                f"{self.name} generates sequences given conditions. Expected: fit((sequences, "
                "{'label': labels})). Received: sequences without conditions. Pass some, or use "
                f"kr.applications.{self.instead}."
            )
        return conditions

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"name": self.name, "instead": self.instead}

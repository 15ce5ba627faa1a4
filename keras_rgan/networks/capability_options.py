"""What a model's capabilities ask of the networks that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def options_of(capabilities: Sequence[Any], role: str, units: int) -> dict[str, Any]:
    """Return what capabilities ask of a network."""
    options: dict[str, Any] = {}
    for capability in capabilities:
        options |= capability.network_options(role, units)
    return options

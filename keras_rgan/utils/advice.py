"""What users are told once."""

from __future__ import annotations

import sys

_given: set[str] = set()


def once(words: str | None) -> None:
    """Write a line, unless there is none or it was written before in this process."""
    if words and words not in _given:
        _given.add(words)
        sys.stdout.write(f"{words}\n")

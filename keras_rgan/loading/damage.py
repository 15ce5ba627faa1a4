"""What is said of a file that is not as it was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def damaged(path: Any, part: str, reason: Any) -> OSError:
    """Return the error of a damaged file.

    Args:
        path: The file.
        part: Which part of it is damaged.
        reason: What is wrong with it.
    """
    return OSError(
        f"The file {path} is damaged: {part} ({reason}). Take an earlier copy, as BackupAndRestore and "
        "ModelCheckpoint keep them, or copy it again from where it came."
    )


def check_is_there(path: Any) -> None:
    """Refuse a path where there is no file.

    Raises:
        FileNotFoundError: If there is none.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"Expected a saved model. Received: {path}, where there is no file.")

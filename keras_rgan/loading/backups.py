"""What `keras.callbacks.BackupAndRestore` left of a run that was interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras

PROGRESS = "training_metadata.json"
"""The file beside the weights that says how many epochs were trained."""


def listed(callbacks: Any) -> list[Any]:
    """Return callbacks, as `fit` takes them, as a list."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = callbacks.callbacks
    return keras.tree.flatten(callbacks or [])


def check_callbacks(callbacks: Any) -> None:
    """Refuse what is no callback, before anything is asked of it.

    Raises:
        ValueError: If something is none.
    """
    for callback in listed(callbacks):
        if isinstance(callback, type) or not hasattr(callback, "set_model"):
            is_one = isinstance(callback, type) and issubclass(callback, keras.callbacks.Callback)
            call = f" Call it: {callback.__name__}(…)." if is_one else ""
            raise ValueError(
                "`callbacks` must be instances of keras.callbacks.Callback, or a list of such. "
                f"Received: {callback!r}.{call}"
            )


def backups_among(callbacks: Any) -> list[keras.callbacks.BackupAndRestore]:
    """Return those callbacks that back up."""
    return [c for c in listed(callbacks) if isinstance(c, keras.callbacks.BackupAndRestore)]


def check_backups(callbacks: Any) -> None:
    """Refuse to go on from a backup that does not say how far it had come.

    Args:
        callbacks: As `fit` takes them.

    Raises:
        OSError: If a backup's record of epochs is damaged.
    """
    for callback in backups_among(callbacks):
        path = Path(callback.backup_dir, PROGRESS)
        try:
            whole = not path.is_file() or isinstance(json.loads(path.read_bytes())["epoch"], int)
        except (ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            raise OSError(
                f"The file {path} of a backup is damaged: it does not say how many epochs were "
                f"trained. Delete {callback.backup_dir} to begin anew, or, to go on from the weights "
                'there, write {"epoch": 5, "batch": 0} into the file, if it were five.'
            )

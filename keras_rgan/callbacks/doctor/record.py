"""What a doctor knows, beside a backup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_rgan.loading.backups import PROGRESS
from keras_rgan.utils import saving

RECORD = "training_doctor.json"
"""The file of a backup that holds it."""

ENTRIES = ("epochs", "looks", "norms", "start", "diagnoses", "standing", "factors", "relapses")
"""What stands in it."""


def write(folder: Path | None, known: Mapping[str, Any]) -> None:
    """Write down what is known, where there is a backup."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)

    def to(path: str) -> None:
        Path(path).write_text(json.dumps(known))

    saving.write_atomically(folder / RECORD, ".json", to)


def read(folder: Path | None) -> dict[str, Any] | None:
    """Return what was known where a backup goes on; None where nothing was, or none does.

    Raises:
        OSError: If the file is damaged.
    """
    if folder is None or not (folder / PROGRESS).is_file():
        return None
    path = folder / RECORD
    if not path.is_file():  # the backup is of a run without a doctor
        return None
    try:
        known = json.loads(path.read_text())
        return {name: known[name] for name in ENTRIES}
    except (ValueError, KeyError, TypeError) as error:
        raise OSError(
            f"The file {path}, which holds what the training doctor knew of the run before, is "
            "damaged. Delete it to go on without."
        ) from error

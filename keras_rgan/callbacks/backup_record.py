"""What a callback knows of a run, beside the run's backup."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_rgan.loading.backups import PROGRESS
from keras_rgan.utils import saving


@dataclasses.dataclass(frozen=True)
class BackupRecord:
    """A file in the folder of a `keras.callbacks.BackupAndRestore`.

    Args:
        name: The file's, which ends in `.npz`.
        holds: What it holds, in words.
        entries: The names of what stands in it.
    """

    name: str
    holds: str
    entries: Sequence[str]

    def write(
        self, folder: Path | None, known: Mapping[str, Any], arrays: Sequence[np.ndarray] = ()
    ) -> None:
        """Write down what is known, where there is a backup.

        Args:
            folder: The backup's; None for none.
            known: All `entries`, as JSON can hold them.
            arrays: What is known in arrays.
        """
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        text = np.asarray(json.dumps(known, default=float))
        numbered: dict[str, Any] = {f"state_{i}": value for i, value in enumerate(arrays)}
        saving.write_atomically(
            folder / self.name, ".npz", lambda path: np.savez(path, known=text, **numbered)
        )

    def read(self, folder: Path | None) -> tuple[dict[str, Any], list[np.ndarray]] | None:
        """Return what was known, and in arrays, where a backup goes on; None where nothing was.

        Raises:
            OSError: If the file is damaged.
        """
        if folder is None or not (folder / PROGRESS).is_file():
            return None
        path = folder / self.name
        if not path.is_file():  # the backup is of a run without this callback
            return None
        try:
            with np.load(path, allow_pickle=False) as record:
                known = json.loads(str(record["known"]))
                arrays = [record[f"state_{i}"] for i in range(len(record.files) - 1)]
            return {name: known[name] for name in self.entries}, arrays
        except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise OSError(
                f"The file {path}, which holds {self.holds} of the run before, is damaged. Delete it "
                "to go on without."
            ) from error

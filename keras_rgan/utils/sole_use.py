"""One process at a time that works on a folder."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 10.0
"""Seconds that a folder is waited for: workers of a killed process need a moment to stop."""


@contextlib.contextmanager
def sole_use(folder: Path, name: str) -> Iterator[int | None]:
    """Hold a lock on a folder; it ends with the processes that hold it, however they end.

    Args:
        folder: The folder, which is there.
        name: Of the lock's file, which stays in the folder and says who held it last.

    Yields:
        The lock's descriptor, which processes that are to hold it as well inherit; None where the file
        system has no locks.

    Raises:
        RuntimeError: If another process, or another call in this one, holds the lock.
    """
    with open(folder / name, "a+") as file:
        if not _lock(file.fileno(), folder):
            yield None
            return
        try:
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}")
            file.flush()
            yield file.fileno()
        finally:
            # Closing does not unlock while a fork of this process has the file open.
            fcntl.flock(file, fcntl.LOCK_UN)


def _lock(descriptor: int, folder: Path) -> bool:
    """Lock a file, and return whether that is possible at all."""
    if fcntl is None:
        return False
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                holder = os.pread(descriptor, 1000, 0).decode(errors="replace")
                raise RuntimeError(
                    f"Expected a folder that no other call works on. Received: {folder}, which "
                    f"{holder or 'another process'} works on. Wait until that has ended (the same "
                    "call then goes on with what is missing), stop it, or pass another folder."
                ) from None
            time.sleep(0.1)
        except OSError:  # a file system without locks
            return False
        else:
            return True

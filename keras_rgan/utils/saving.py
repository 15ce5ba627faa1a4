"""Files that are either complete or not there."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_atomically(path: Any, suffix: str, write: Callable[[str], None]) -> None:
    """Let `write` make a file beside `path`, then put it in `path`'s place.

    A process that is killed while it writes leaves the file that was there before, and so does a
    machine that stops: the new one is on the disk before it takes the place.

    Args:
        path: Where the file goes.
        suffix: What the name of the temporary file must end with.
        write: Called with the temporary file's name.
    """
    target = Path(path)
    temporary = _make_empty_beside(target, suffix)
    try:
        write(str(temporary))
        put_in_place(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def put_in_place(temporary: Path, target: Path) -> None:
    """Replace a file by one that is whole, and on the disk."""
    with open(temporary, "rb+") as written:
        os.fsync(written.fileno())
    os.replace(temporary, target)


def write_folder_atomically(path: Any, write: Callable[[str], None]) -> None:
    """Let `write` make a folder beside `path`, then put it in `path`'s place.

    A process that is killed while it writes leaves the folder that was there before; between the two
    renames at the end, as `earlier` in the temporary folder `.name.…`.

    Args:
        path: Where the folder goes.
        write: Called with the temporary folder's name.
    """
    target = Path(path).absolute()
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as temporary:
        written, earlier = Path(temporary, "made"), Path(temporary, "earlier")
        write(str(written))
        if target.exists():
            target.rename(earlier)
        try:
            written.rename(target)
        except BaseException:
            if earlier.exists():
                earlier.rename(target)
            raise


def _make_empty_beside(target: Path, suffix: str) -> Path:
    """Return a new empty file of a random name, with the permissions that any new file gets.

    `tempfile` makes files that only their owner reads, and Python can ask for the umask only by
    setting it, which for that moment changes the files of all threads.
    """
    while True:
        path = target.with_name(f".{target.name}.{secrets.token_hex(4)}{suffix}")
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            continue
        return path


def is_local_file(path: Any, suffix: str) -> bool:
    """Return whether `path` names a file on this machine that ends with `suffix`."""
    return isinstance(path, str | os.PathLike) and (
        str(path).endswith(suffix) and "://" not in str(path)
    )

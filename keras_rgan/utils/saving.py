"""Files that are either complete or not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def write_atomically(path: Any, suffix: str, write: Callable[[str], None]) -> None:
    """Let `write` make a file beside `path`, then put it in `path`'s place.

    A process that is killed while it writes leaves the file that was there before.

    Args:
        path: Where the file goes.
        suffix: What the name of the temporary file must end with.
        write: Called with the temporary file's name.
    """
    target = Path(path)
    handle, temporary = tempfile.mkstemp(suffix, f".{target.name}.", target.parent)
    os.close(handle)
    try:
        write(temporary)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_folder_atomically(path: Any, write: Callable[[str], None]) -> None:
    """Let `write` make a folder beside `path`, then put it in `path`'s place.

    Args:
        path: Where the folder goes.
        write: Called with the temporary folder's name.
    """
    target = Path(path).absolute()
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as temporary:
        made, earlier = Path(temporary, "made"), Path(temporary, "earlier")
        write(str(made))
        if target.exists():
            target.rename(earlier)
        try:
            made.rename(target)
        except BaseException:
            if earlier.exists():
                earlier.rename(target)
            raise


def is_local_file(path: Any, suffix: str) -> bool:
    """Return whether `path` names a file on this machine that ends with `suffix`."""
    return isinstance(path, str | os.PathLike) and (
        str(path).endswith(suffix) and "://" not in str(path)
    )

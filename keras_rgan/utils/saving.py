"""Files that are either complete or not there."""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import platform
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LACKS_OF_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
"""Of a disk, of a file's size, of a user's share."""


def write_atomically(path: Any, suffix: str, write: Callable[[str], None], size: int = 0) -> None:
    """Let `write` make a file beside `path`, then put it in `path`'s place.

    A process that is killed while it writes leaves the file that was there before, and so does a
    machine that stops: the new one is on the disk before it takes the place. What such a process left
    beside it is removed by the next one that writes there.

    Args:
        path: Where the file goes.
        suffix: What the name of the temporary file must end with.
        write: Called with the temporary file's name.
        size: About how many bytes it will write, if that is known.

    Raises:
        OSError: If there is no room; the file that was there is then whole.
    """
    target = Path(path)
    remove_abandoned(target)
    temporary = _make_empty_beside(target, suffix)
    try:
        with telling_of_no_room(target, size):
            _reserve(temporary, size)
            write(str(temporary))
            put_in_place(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def telling_of_no_room(target: Path, size: int = 0) -> Iterator[None]:
    """Say of a full disk what could not be written.

    Args:
        target: Where the file goes, of which the earlier one is whole.
        size: About how many bytes are needed, if that is known.

    Raises:
        OSError: If there is no room, in place of what says so.
    """
    try:
        yield
    except Exception as error:
        if _is_lack_of_room(error):
            raise _no_room(target, size, error) from error
        raise


def remove_abandoned(target: Path) -> None:
    """Remove what processes that are gone left of their writing a file or folder.

    Those of other machines, and of containers that share the folder, are left alone.
    """
    own = re.compile(rf"\.{re.escape(target.name)}\.(\d+)-{_home()}-[0-9a-f]+.*")
    try:
        names = os.listdir(target.parent)
    except OSError:
        return  # there is no such folder, of which writing will tell
    for name in names:
        found = own.fullmatch(name)
        if found is None or _runs(int(found[1])):
            continue
        left = target.with_name(name)
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


@functools.cache
def _home() -> str:
    """Return what is the same of all processes that know one another's numbers."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:8]


def _runs(process: int) -> bool:
    if os.name == "nt":  # where asking would interrupt it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # of another user
        return True
    return True


def _reserve(temporary: Path, size: int) -> None:
    """Refuse a file for which there is no room before any of it is written."""
    if size and hasattr(os, "posix_fallocate"):
        with open(temporary, "rb+") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, size)
            except OSError as error:
                if error.errno in LACKS_OF_ROOM:
                    raise
            os.ftruncate(file.fileno(), 0)


def _is_lack_of_room(error: BaseException) -> bool:
    """Return whether an error comes of a full disk, in words of HDF5's too."""
    if isinstance(error, OSError) and error.errno in LACKS_OF_ROOM:
        return True
    return any(f"errno = {code}," in str(error) for code in LACKS_OF_ROOM)


def _no_room(target: Path, size: int, error: Exception) -> OSError:
    needed = f", where about {size / 2**20:.1f} MiB are needed" if size else ""
    free = shutil.disk_usage(target.parent).free / 2**20
    earlier = "The file that was there is whole" if target.exists() else "Nothing was written"
    reason = f"{error.strerror}" if isinstance(error, OSError) and error.strerror else "no room"
    return OSError(
        getattr(error, "errno", None) or errno.ENOSPC,
        f"Could not write {target}{needed}: {reason}, {free:.1f} MiB are free. {earlier}. Make room, "
        "or pass a path on another disk",
    )


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
    prefix = f".{target.name}.{os.getpid()}-{_home()}-0"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=target.parent) as temporary:
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
    remove_abandoned(target)  # now that what they may have kept is not needed


def _make_empty_beside(target: Path, suffix: str) -> Path:
    """Return a new empty file of a random name, with the permissions that any new file gets.

    `tempfile` makes files that only their owner reads, and Python can ask for the umask only by
    setting it, which for that moment changes the files of all threads.
    """
    while True:
        token = f"{os.getpid()}-{_home()}-{secrets.token_hex(4)}"
        path = target.with_name(f".{target.name}.{token}{suffix}")
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

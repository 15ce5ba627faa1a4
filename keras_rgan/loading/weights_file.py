"""An HDF5 file of weights: a checksum at its end, and what it says that it holds.

HDF5 finds a file that was cut short, but not a number that changed. Readers of HDF5 leave alone what
stands behind its end.
"""

from __future__ import annotations

import hashlib
import io
import math
from pathlib import Path
from typing import Any

import h5py

from keras_rgan.loading.damage import damaged

MARK = b"keras_rgan sha256 "
LENGTH = len(MARK) + 64
"""Bytes of a checksum in a file."""


def seal(path: Any) -> None:
    """Write the checksum of a file behind its end."""
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    with open(path, "ab") as file:
        file.write(MARK + digest.encode())


def check(path: Any) -> None:
    """Refuse a file that is not as it was written; some have no checksum.

    Raises:
        OSError: If it is damaged.
        ValueError: If it says that it holds more than it does.
    """
    content = Path(path).read_bytes()
    body, end = content[:-LENGTH], content[-LENGTH:]
    if end.startswith(MARK) and hashlib.sha256(body).hexdigest().encode() != end[len(MARK) :]:
        raise damaged(path, "its numbers are not those that were saved", "by its checksum")
    shapes_in(path, content)


def shapes_in(path: Any, content: bytes) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all arrays that a file holds, by name.

    Args:
        path: Of the file that is named in errors.
        content: The HDF5 file.

    Raises:
        OSError: If it cannot be read.
        ValueError: If an array is larger than the file.
    """
    shapes: dict[str, tuple[int, ...]] = {}

    def visit(name: str, entry: Any) -> None:
        if isinstance(entry, h5py.Dataset):
            shapes[name] = entry.shape or ()
            if math.prod(shapes[name]) * entry.dtype.itemsize > len(content):
                raise ValueError(
                    f"The weights in {path} of {len(content)} bytes say that {name} has the shape "
                    f"{entry.shape}, which they cannot hold. Do not trust the file."
                )

    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            file.visititems(visit)
    except (OSError, RuntimeError, KeyError) as error:
        raise damaged(path, "its weights cannot be read as HDF5", error) from error
    return shapes


def array_in(content: bytes, name: str) -> Any:
    """Return an array of a file, or None where it has none of that name."""
    with h5py.File(io.BytesIO(content), "r") as file:
        return file[name][()] if name in file else None

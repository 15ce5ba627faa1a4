"""A `.keras` file, which is a zip archive: whether it is whole, and no larger than it looks."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

from keras_rgan.loading.damage import check_is_there, damaged

CONFIG, WEIGHTS = "config.json", "model.weights.h5"

MAX_EXPANSION = 100
"""How many times larger members may be than what is stored; Keras stores them as they are."""

MAX_CONFIG = 2**26
"""How many bytes a description of a model has at most."""


def read(path: Any) -> tuple[dict[str, Any], bytes]:
    """Return the description and the weights of a model, once the whole file has been checked.

    Args:
        path: A `.keras` file.

    Raises:
        FileNotFoundError: If there is no such file.
        OSError: If it is damaged.
        ValueError: If it unpacks to far more than it holds, or describes no model.
    """
    check_is_there(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(path, archive)
            contents = {name: _member(path, archive, name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, UnicodeDecodeError) as error:
        raise damaged(path, "the archive cannot be read", error) from error
    return _description(path, contents[CONFIG]), contents[WEIGHTS]


def _check_members(path: Any, archive: zipfile.ZipFile) -> None:
    """Refuse an archive that lacks a part, or that unpacks to far more than it holds."""
    lacking = sorted({CONFIG, WEIGHTS} - set(archive.namelist()))
    if lacking:
        found = f"it has {', '.join(archive.namelist()[:5]) or 'nothing'}"
        raise damaged(path, f"{' and '.join(lacking)} not found in it", found)
    stored = Path(path).stat().st_size
    unpacked = sum(info.file_size for info in archive.infolist())
    if unpacked > 2**20 + MAX_EXPANSION * stored:
        largest = max(archive.infolist(), key=lambda info: info.file_size)
        raise ValueError(
            f"The file {path} of {stored / 2**20:.1f} MiB says that it unpacks to "
            f"{unpacked / 2**20:,.0f} MiB, {largest.file_size / 2**20:,.0f} of them "
            f"{largest.filename}. Keras stores models as large as they are: no model was saved like "
            "this. Do not trust it."
        )
    config = archive.getinfo(CONFIG).file_size
    if config > MAX_CONFIG:
        raise ValueError(
            f"Expected a description of a model of at most {MAX_CONFIG >> 20} MiB. Received: "
            f"{CONFIG} of {config / 2**20:,.0f} MiB in {path}"
        )


def _member(path: Any, archive: zipfile.ZipFile, name: str) -> bytes:
    """Return what a member holds, whose checksum is then as it was."""
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError) as error:
        raise damaged(path, f"{name} in it is not as it was saved", error) from error


def _description(path: Any, text: bytes) -> dict[str, Any]:
    """Return the description of a model."""
    try:
        config = json.loads(text)
    except RecursionError:
        raise ValueError(
            f"{CONFIG} in {path} is nested deeper than any model. Do not trust it."
        ) from None
    except ValueError as error:
        raise damaged(path, f"{CONFIG} in it is no JSON", error) from error
    described = isinstance(config, dict) and isinstance(config.get("config"), dict)
    if not described or not isinstance(config.get("class_name"), str):
        raise ValueError(
            f"{CONFIG} in {path} describes no model. Expected: a dict with 'module', 'class_name' and "
            f"'config', as keras.Model.save writes. Received: {str(config)[:100]}"
        )
    return config

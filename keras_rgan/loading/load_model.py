"""A saved model, loaded after its file was checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras

from keras_rgan.loading import archive, stated_sizes, weights_file
from keras_rgan.utils import saving


def load_model(
    filepath: Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Load a model as `keras.models.load_model`, but check its file before anything is made of it.

    A damaged file is told of by the part that is damaged: `keras.models.load_model` says "File not
    found" of some. A file that lies, about sizes or about what it unpacks to, is refused in a moment,
    where `keras.models.load_model` would fill the memory. What Keras refuses for safety, as code in
    layers, is refused here too.

    Args:
        filepath: A `.keras` file; what is none, as a folder or an address, is left to Keras.
        custom_objects: Classes by name, as Keras takes them.
        compile: Whether the model is compiled as it was, to train on.
        safe_mode: Whether code in the file is refused, as Keras has it.

    Returns:
        The model.

    Raises:
        FileNotFoundError: If there is no such file.
        OSError: If it is damaged.
        ValueError: If it describes no model, or one that its weights are too small for.

    Example:
        >>> import pathlib, tempfile, keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
        >>> path = pathlib.Path(tempfile.mkdtemp(), "sines.keras")
        >>> gan.save(path)
        >>> bool((kr.load_model(path).generate(3, seed=1) == gan.generate(3, seed=1)).all())
        True
        >>> cut = path.write_bytes(path.read_bytes()[:-1000])
        >>> kr.load_model(path)
        Traceback (most recent call last):
          ...
        OSError: The file ... is damaged: the archive cannot be read ...
    """
    options = {"custom_objects": custom_objects, "compile": compile, "safe_mode": safe_mode}
    if not saving.is_local_file(filepath, ".keras"):
        return keras.saving.load_model(filepath, **options)
    config, weights = archive.read(filepath)
    try:
        _check_sizes(filepath, config, weights, custom_objects, safe_mode)
        return keras.saving.load_model(filepath, **options)
    except (KeyError, AttributeError, IndexError, TypeError, RecursionError) as error:
        raise ValueError(
            f"{archive.CONFIG} in {filepath} describes no model that can be made: {_cause_of(error)}. "
            "The file was changed after it was saved, or needs classes that are not registered here "
            "(custom_objects=)."
        ) from error


def _cause_of(error: BaseException) -> str:
    """Return in words what an error comes of, without the configuration that Keras writes out."""
    while error.__cause__ is not None or error.__context__ is not None:
        inner = error.__cause__ or error.__context__
        assert inner is not None
        error = inner
    if isinstance(error, KeyError):
        return f"the key {error} is missing"
    text = str(error).rstrip(".")
    return text if isinstance(error, ValueError) else f"{text} ({type(error).__name__})"


def _check_sizes(
    path: Any,
    config: dict[str, Any],
    weights: bytes,
    custom_objects: Mapping[str, Any] | None,
    safe_mode: bool,
) -> None:
    """Refuse a description of a model that is larger than its weights, or was made for other data."""
    stored = weights_file.shapes_in(path, weights)
    _check_shape_of_data(path, config, weights)
    described = {**config, "compile_config": None}
    stated = stated_sizes.shapes_of(described, custom_objects, safe_mode)
    if stated is None:
        return
    needed, held = (sum(map(math.prod, shapes.values())) for shapes in (stated, stored))
    if needed > held:
        largest = max(stated, key=lambda name: math.prod(stated[name]))
        raise ValueError(
            f"{archive.CONFIG} in {path} describes a model of {needed:,} numbers, its weights are "
            f"{held:,}. The largest is {largest} of shape {stated[largest]}. The file was changed "
            "after it was saved: do not trust it."
        )


def _check_shape_of_data(path: Any, config: dict[str, Any], weights: bytes) -> None:
    """Refuse a description that is of other data than the weights."""
    saved = weights_file.array_in(weights, "vars/data_shape")
    stated = (config.get("build_config") or {}).get("data_shape")
    if saved is not None and stated is not None and list(stated)[1:] != saved.tolist():
        raise ValueError(
            f"{archive.CONFIG} in {path} says that its data has the shape {tuple(stated)}, the "
            f"weights that it was {(None, *saved.tolist())}. The file was changed after it was saved: "
            "do not trust it."
        )

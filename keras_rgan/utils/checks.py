"""Argument checks whose messages say what was expected, what came and how to mend it."""

import difflib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np

MAX_LAYERS = 100
"""More recurrent layers than these are taken for a mistake."""


def positive_int(name: str, value: Any, maximum: int | None = None) -> int:
    """Return `value` as an int where it is a whole number of at least one, and of at most `maximum`."""
    result = _whole_number(name, value, minimum=1)
    if maximum is not None and result > maximum:
        raise ValueError(f"`{name}` must be at most {maximum:,}. Received: {name}={value!r}")
    return result


def non_negative_int(name: str, value: Any) -> int:
    """Return `value` as an int where it is a whole number of at least zero."""
    return _whole_number(name, value, minimum=0)


def counts(**named: Any) -> list[Any]:
    """Return each as an int where it is a whole number of at least one, and None where it is None."""
    return [None if value is None else positive_int(name, value) for name, value in named.items()]


def unexpected(
    place: str, given: Iterable[str], taken: Iterable[str], elsewhere: Mapping[str, str]
) -> None:
    """Refuse keyword arguments that are not taken: say where each goes, or which is nearest.

    Args:
        place: What was called, in words.
        given: Names of what is not taken.
        taken: Names of what is.
        elsewhere: Of names that another call takes a sentence that says how to pass them there.

    Raises:
        TypeError: Always.
    """
    given, taken = sorted(given), list(taken)
    hints: dict[str, None] = {}
    for name in given:
        close = _nearest(name, taken)
        nearest = f"`{name}` is unknown.{close}" if close else ""
        unknown = f"`{name}` is unknown. Expected some of {', '.join(taken)}."
        hints[elsewhere.get(name) or nearest or unknown] = None
    raise TypeError(f"{place} got unexpected arguments {given}. {' '.join(hints)}")


def number(name: str, value: Any, minimum: float, maximum: float = float("inf")) -> float:
    """Return `value` as a float where it lies between `minimum` and `maximum`."""
    try:
        result = float(value)
    except (TypeError, ValueError):
        result = float("nan")
    if isinstance(value, bool | str | bytes) or not minimum <= result <= maximum:
        bounds = (
            f"of at least {minimum:g}"
            if maximum == float("inf")
            else (f"between {minimum:g} and {maximum:g}")
        )
        raise ValueError(f"`{name}` must be a number {bounds}. Received: {name}={value!r}")
    return result


def instance(name: str, value: Any, method: str, kind: str) -> None:
    """Refuse a value that has no such method, and so is none of a kind."""
    if isinstance(value, type) or not callable(getattr(value, method, None)):
        raise ValueError(f"`{name}` must be a {kind} or None. Received: {name}={value!r}")


def one_of(name: str, value: Any, options: Iterable[Any]) -> Any:
    """Return `value` where it is one of `options`, else name them and the nearest."""
    options = list(options)
    if isinstance(value, str | bool | int) and value in options:
        return value
    raise ValueError(
        f"`{name}` must be one of {', '.join(map(repr, options))}. "
        f"Received: {name}={value!r}.{_nearest(value, options)}"
    )


def resolve(name: str, identifier: Any, classes: dict[str, type], base: type) -> Any:
    """Return an instance of `base` for a name, a config, an instance or a class of it.

    Args:
        name: The argument's name, for the message.
        identifier: What the user passed.
        classes: The classes that can be named, by their names.
        base: What every class must descend from.

    Raises:
        ValueError: If it is none of these, or a config of something else.
    """
    if isinstance(identifier, base):
        return identifier
    if inspect.isclass(identifier) and issubclass(identifier, base):
        return _made(name, identifier, base)
    if isinstance(identifier, dict):
        return from_config(name, identifier, base)
    if isinstance(identifier, str) and identifier in classes:
        return classes[identifier]()
    near = _nearest(identifier, list(classes)) if isinstance(identifier, str) else ""
    raise ValueError(
        f"`{name}` must be one of {', '.join(map(repr, classes))}, or an instance of "
        f"{base.__name__}. Received: {name}={identifier!r}.{near}"
    )


def from_config(name: str, config: dict[str, Any], base: type) -> Any:
    """Return what a config of `keras.saving.serialize_keras_object` describes, if of the right class.

    Args:
        name: The argument's name, for the message.
        config: The config.
        base: What its class must descend from.

    Raises:
        ValueError: If it is no config, or of something else.
    """
    expected = f"`{name}` must be a config of the class {base.__name__}"
    try:
        instance = keras.saving.deserialize_keras_object(config)
    except (ValueError, TypeError, KeyError, AttributeError, ImportError) as error:
        raise ValueError(
            f"{expected}, as keras.saving.serialize_keras_object returns. Received: {name}={config!r}, "
            f"which cannot be read: {error}"
        ) from error
    if not isinstance(instance, base):
        raise ValueError(f"{expected}. Received: one of {type(instance).__name__}, {name}={config!r}")
    return instance


def _made(name: str, kind: type, base: type) -> Any:
    """Return an instance of a class that needs no arguments."""
    try:
        return kind()
    except TypeError as error:
        raise ValueError(
            f"`{name}` must be a class that can be made without arguments, or an instance of "
            f"{base.__name__}. Received: {name}={kind!r}, which says: {error}"
        ) from error


def _whole_number(name: str, value: Any, minimum: int) -> int:
    whole = not isinstance(value, bool) and hasattr(value, "__index__")
    if not whole or int(value) < minimum:
        raise ValueError(
            f"`{name}` must be an integer of at least {minimum}. Received: {name}={value!r}"
        )
    return int(value)


def _nearest(value: Any, options: list[Any]) -> str:
    close = difflib.get_close_matches(str(value), [str(o) for o in options], n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def even_shares(num_samples: int, batch_size: int, num_devices: int) -> None:
    """Refuse samples of which some batch would not split evenly over the devices.

    With uneven shares the mean over devices is not the mean over samples, and a device without any
    has no mean at all.
    """
    last = num_samples % batch_size
    if batch_size % num_devices or last % num_devices:
        raise ValueError(
            f"Every batch must split evenly over the {num_devices} devices. Received: {num_samples} "
            f"samples in batches of {batch_size}, the last one of {last or batch_size}. Pass a "
            f"batch_size= that {num_devices} divides, and leave {last % num_devices} samples out."
        )


def levels(quantiles: Any) -> np.ndarray | None:
    """Return the levels of quantiles, or None where there are none.

    Raises:
        ValueError: If a level is not between 0 and 1.
    """
    if quantiles is None:
        return None
    levels = np.ravel(np.asarray(quantiles, "float64"))
    if not levels.size or not ((levels >= 0.0) & (levels <= 1.0)).all():
        raise ValueError(f"`quantiles` must be levels between 0 and 1. Received: quantiles={quantiles}")
    return levels


def compiled(model: Any, method: str) -> None:
    """Refuse a model that was not compiled.

    Raises:
        ValueError: If it was not.
    """
    if not model.compiled:
        raise ValueError(f"You must call `compile()` before calling `{method}()`.")

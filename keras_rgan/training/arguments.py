"""Where keyword arguments go that something else takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from keras_rgan.networks.defaults import FROM_THE_DATA
from keras_rgan.utils import checks

OF_KERAS = ("name", "dtype", "trainable", "autocast", "activity_regularizer")
"""What the constructor of any Keras model takes."""

TWO_OPTIMIZERS = (
    "A GAN has two optimizers: pass generator_optimizer= and discriminator_optimizer= to compile, such "
    "as keras.optimizers.Adam(1e-4)."
)


def check_constructor(kind: type, given: Iterable[str]) -> None:
    """Refuse keyword arguments of a model's constructor that neither it nor Keras takes.

    Args:
        kind: The model's class.
        given: Names of what the constructor itself does not take.

    Raises:
        TypeError: If Keras does not take one either.
    """
    others = {"compile": _names(kind.compile), "fit": _names(kind.fit)}  # type: ignore[attr-defined]
    unknown = set(given) - set(OF_KERAS)
    checks.unexpected(f"{kind.__name__}()", unknown, _names(kind), _homes(kind, others))


def check_compile(kind: type, unknown: Iterable[str]) -> None:
    """Refuse keyword arguments of `compile` that it does not take.

    Args:
        kind: The model's class.
        unknown: Their names.

    Raises:
        TypeError: If there is one.
    """
    others = {kind.__name__: _names(kind), "fit": _names(kind.fit)}  # type: ignore[attr-defined]
    checks.unexpected("compile()", unknown, _names(kind.compile), _homes(kind, others))  # type: ignore[attr-defined]


def _homes(kind: Any, others: dict[str, list[str]]) -> dict[str, str]:
    """Return a sentence for each argument that other calls take, or networks that are made."""
    homes: dict[str, str] = {}
    roles: dict[str, list[str]] = {}
    for role, networks in kind.default_networks.items():
        for network in networks if isinstance(networks, tuple) else (networks,):
            for name in set(_names(network)) - set(FROM_THE_DATA):
                roles.setdefault(name, []).append(role)
    for name, takers in roles.items():
        ways = " or ".join(f"{role}={{'{name}': …}}" for role in dict.fromkeys(takers))
        homes[name] = f"`{name}` is for networks: {kind.__name__}({ways})."
    for call, names in others.items():
        homes |= {name: f"`{name}` goes to {call}({name}=…)." for name in names}
    return homes | {"optimizer": TWO_OPTIMIZERS, "learning_rate": TWO_OPTIMIZERS}


def _names(call: Callable[..., Any]) -> list[str]:
    """Return the names of a call's arguments, but for those that stand for any."""
    return [
        name
        for name, parameter in inspect.signature(call).parameters.items()
        if name != "self" and parameter.kind is not parameter.VAR_KEYWORD
    ]

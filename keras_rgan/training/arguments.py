"""Where keyword arguments go that something else takes."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from keras_rgan.networks.defaults import FROM_THE_DATA
from keras_rgan.utils import checks

OF_KERAS = ("name", "dtype", "trainable", "autocast", "activity_regularizer")
"""What the constructor of any Keras model takes."""

TWO_OPTIMIZERS = (
    "A GAN has two optimizers: pass generator_optimizer= and discriminator_optimizer= to compile, such "
    "as keras.optimizers.Adam(1e-4)."
)


CALLS = ("__init__", "compile", "fit")
"""Methods whose arguments are mixed up."""


def check(kind: type, method: str, given: Iterable[str]) -> None:
    """Refuse keyword arguments of a method that neither it nor Keras takes.

    Args:
        kind: The model's class.
        method: One of `CALLS`.
        given: Names of what the method itself does not take.

    Raises:
        TypeError: If Keras does not take one either.
    """
    unknown = set(given) - set(OF_KERAS if method == "__init__" else ())
    if unknown:
        titles = {call: kind.__name__ if call == "__init__" else call for call in CALLS}
        others = {titles[call]: _names(kind, call) for call in CALLS if call != method}
        homes = _homes(kind, others)
        checks.unexpected(f"{titles[method]}()", unknown, _names(kind, method), homes)


def _homes(kind: Any, others: dict[str, list[str]]) -> dict[str, str]:
    """Return a sentence for each argument that other calls take, or networks that are made."""
    homes: dict[str, str] = {}
    roles: dict[str, list[str]] = {}
    for role in ("generator", "discriminator"):
        networks = kind.default_networks[role]
        for network in networks if isinstance(networks, tuple) else (networks,):
            for name in set(_names(network, "__init__")) - set(FROM_THE_DATA):
                roles.setdefault(name, []).append(role)
    for name, takers in roles.items():
        ways = " or ".join(f"{role}={{'{name}': …}}" for role in dict.fromkeys(takers))
        homes[name] = f"`{name}` is for networks: {kind.__name__}({ways})."
    for call, names in others.items():
        homes |= {name: f"`{name}` goes to {call}({name}=…)." for name in names}
    return homes | {"optimizer": TWO_OPTIMIZERS, "learning_rate": TWO_OPTIMIZERS}


def _names(kind: type, method: str) -> list[str]:
    """Return the names of a method's arguments, and of base classes' that it hands others to."""
    names: dict[str, None] = {}
    for each in kind.__mro__:
        if each.__module__.partition(".")[0] == "keras":
            break
        if method in vars(each):
            parameters = inspect.signature(vars(each)[method]).parameters.values()
            open_ended = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
            names |= {p.name: None for p in parameters if p.kind not in open_ended}
            if all(p.kind is not p.VAR_KEYWORD for p in parameters):
                break
    return [name for name in names if name != "self"]

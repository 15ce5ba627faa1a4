"""The networks that a model makes by default, by the rank of the data and by role."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import keras

from keras_rgan.networks import sequence_defaults, video_defaults
from keras_rgan.networks.attribute_generator import AttributeGenerator
from keras_rgan.networks.recurrent_discriminator import RecurrentDiscriminator
from keras_rgan.networks.recurrent_generator import RecurrentGenerator
from keras_rgan.networks.traits import Traits, count_apart
from keras_rgan.networks.video_discriminator import VideoDiscriminator
from keras_rgan.networks.video_generator import VideoGenerator
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Shape


@dataclasses.dataclass(frozen=True)
class Default:
    """What is made for data of one rank.

    Attributes:
        form: Shape of the data in words.
        classes: Of the networks, by role.
        makers: What makes them, by role.
        reasons: Returns in words why a generator is as it is, of it, the data's shape and its traits.
    """

    form: str
    classes: dict[str, Any]
    makers: dict[str, Callable[..., Any]]
    reasons: Callable[[Any, Shape, Traits], list[str]]


DEFAULTS = {
    3: Default(
        "(samples, time, features)",
        {"generator": RecurrentGenerator, "discriminator": RecurrentDiscriminator},
        {
            "generator": sequence_defaults.make_generator,
            "discriminator": sequence_defaults.make_discriminator,
        },
        lambda generator, shape, traits: sequence_defaults.reasons(traits, shape[-1] or 0),
    ),
    5: Default(
        "(samples, time, height, width, channels)",
        {"generator": VideoGenerator, "discriminator": VideoDiscriminator},
        {
            "generator": video_defaults.make_generator,
            "discriminator": video_defaults.make_discriminator,
        },
        lambda generator, shape, traits: video_defaults.reasons(generator),
    ),
}
"""What is made where nothing else is asked for, by the rank of the data."""

CLASSES: dict[str, Any] = {
    "generator": tuple(default.classes["generator"] for default in DEFAULTS.values()),
    "discriminator": tuple(default.classes["discriminator"] for default in DEFAULTS.values()),
    "attribute_generator": AttributeGenerator,
}
"""What a network may be that is made where nothing else is asked for, by role."""

FROM_THE_DATA = (
    "kwargs",
    "num_features",
    "num_columns",
    "categories",
    "completion",
    "context_dim",
    "frame_shape",
    "variable_length",
    "vocabulary_size",
    "temporal_conditions",
    "static_conditions",
)
"""Arguments of networks that the data decides."""


def form_of(generator: Any, discriminator: Any) -> str:
    """Return what the default recipe is to be for: "wide", "clips" or "usual" data.

    "Wide" has more than `sequence_defaults.FEW_FEATURES` features, none of them categories: there the
    Wasserstein loss is the better default.
    """
    if isinstance(discriminator, VideoDiscriminator):
        return "clips"
    recurrent = isinstance(generator, RecurrentGenerator)
    recurrent = recurrent and isinstance(discriminator, RecurrentDiscriminator)
    wide = recurrent and generator.num_features > sequence_defaults.FEW_FEATURES
    return "wide" if wide and not (generator.categories or generator.completion) else "usual"


def share_apart(generator: Any) -> float:
    """Return which share of a generator's features says something of its own."""
    groups = getattr(generator, "categories", None) or ()
    return count_apart(generator.num_features, groups) / generator.num_features if groups else 1.0


def check_arguments(role: str, arguments: Mapping[str, Any], default: Any = None) -> dict[str, Any]:
    """Return arguments of a network that is made by default; refuse those that the data decides.

    Args:
        role: What the network is for.
        arguments: By name.
        default: Its class where "network" names none, or those that it may be of; None for `CLASSES`.

    Raises:
        ValueError: If there is one, or none of that name.
    """
    default = default or CLASSES[role]
    usual = default if isinstance(default, tuple) else (default,)
    may_be_named = role in DEFAULTS[3].classes
    kind = kind_of(role, arguments) if may_be_named else None
    kinds = usual if kind is None else (kind,)
    names = [name for each in kinds for name in inspect.signature(each).parameters]
    names = [name for name in names if name not in FROM_THE_DATA]
    chosen = {k: value for k, value in arguments.items() if k != "network" or not may_be_named}
    checked = {checks.one_of(f"{role} argument", name, names): chosen[name] for name in chosen}
    return checked if kind is None else {"network": keras.saving.get_registered_name(kind), **checked}


def kind_of(role: str, arguments: Mapping[str, Any]) -> Any:
    """Return the class of networks that "network" names among arguments; None where nothing does.

    Raises:
        ValueError: If that is no class of networks, or not registered.
    """
    given = arguments.get("network")
    if given is None:
        return None
    kind = keras.saving.get_registered_object(given) if isinstance(given, str) else given
    known = inspect.isclass(kind) and issubclass(kind, keras.Layer)
    if not known or ">" not in keras.saving.get_registered_name(kind):
        raise ValueError(
            f"The {role}'s 'network' must be a class of Keras models or layers that is registered with "
            f"keras.saving.register_keras_serializable, or its registered name. Received: {given!r}"
        )
    return kind


def without_network(
    role: str, changes: Mapping[str, Any], usual: Any
) -> tuple[Mapping[str, Any], bool]:
    """Return arguments without a "network" that is the usual one, and whether it is, or none is named.

    Args:
        role: What the network is for.
        changes: Arguments by name.
        usual: The class that is made where none is named.
    """
    kind = kind_of(role, changes)
    if kind is None or kind is not usual:
        return changes, kind is None
    return {name: value for name, value in changes.items() if name != "network"}, True


def make_of_kind(
    role: str,
    num_features: int,
    changes: Mapping[str, Any],
    *,
    layout: ColumnLayout,
    seed: int | None,
    dtype: Any,
) -> keras.Model:
    """Return a network of another kind than the default, for data of so many features.

    Its constructor is told what it has arguments for: `num_features`, `temporal_conditions`,
    `static_conditions` and `seed`.

    Args:
        role: "generator" or "discriminator".
        num_features: Width of the sequences.
        changes: Its class as "network", and its arguments.
        layout: What columns of conditions there are.
        seed: The model's.
        dtype: Its policy.

    Raises:
        ValueError: If there are conditions and it takes none, or it needs arguments that are not given.
    """
    kind = kind_of(role, changes)
    takes = inspect.signature(kind).parameters
    known = {
        "num_features": num_features,
        "temporal_conditions": layout.temporal,
        "static_conditions": layout.static,
        "seed": seeding.child_seed(seed, role),
    }
    for name in ("temporal_conditions", "static_conditions"):
        if known[name] and name not in takes:
            raise ValueError(
                f"The {role} is a network of the class {kind.__name__}, which takes no conditions, nor "
                "sequences with lengths of their own or gaps. Expected: sequences of one length alone, "
                f"fit(sequences). Received: {known[name]} columns of {name}. Leave these out, or use "
                f"another {role}."
            )
    chosen = {name: value for name, value in changes.items() if name != "network"}
    arguments = {**{name: value for name, value in known.items() if name in takes}, **chosen}
    given = [name for name, argument in takes.items() if argument.default is not argument.empty]
    plain = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    missing = {n for n, argument in takes.items() if argument.kind not in plain} - {*given, *arguments}
    if missing:
        raise ValueError(
            f"The {role} is a network of the class {kind.__name__}, which needs {sorted(missing)}: not "
            f"known of such data. Expected: a class that needs no more than {sorted(known)}, or these "
            f"arguments beside 'network'. Received: {dict(changes)}"
        )
    network: keras.Model = kind(**arguments, dtype=dtype, name=role)
    return network


def check_rank(shape: Shape) -> None:
    """Refuse data that no networks are made for.

    Raises:
        ValueError: If it is such.
    """
    if len(shape) not in DEFAULTS:
        sequences, clips = (default.form for default in DEFAULTS.values())
        raise ValueError(
            f"The networks made by default are for sequences of shape {sequences}, and clips of shape "
            f"{clips}. Received: data of shape {shape}. Pass generator= and discriminator= for "
            "other data."
        )


def make_network(
    role: str, shape: Shape, changes: Mapping[str, Any], traits: Traits, **shared: Any
) -> keras.Model:
    """Return the network of a role, "generator" or "discriminator", of the default kind or another.

    Args:
        role: What the network is for.
        shape: Of the data.
        changes: Arguments in which it differs from the default; its class as "network" if it is of
            another kind.
        traits: What else the data is like.
        **shared: `layout`, `capabilities`, `seed` and `dtype`, as `make_generator` takes them.

    Raises:
        ValueError: If one for data of such a rank has no such argument as it is to be changed in, or
            its class is for data of another rank.
    """
    default = DEFAULTS[len(shape)]
    changes, is_usual = without_network(role, changes, default.classes[role])
    if not is_usual:
        for other in DEFAULTS.values():
            if kind_of(role, changes) is other.classes[role]:
                raise ValueError(
                    f"A {other.classes[role].__name__} is for samples of shape {other.form}. Received: "
                    f"data of shape {shape}. RecurrentGAN makes networks for such data where none is "
                    f"named: leave 'network' out of {role}={{…}}."
                )
        given = {name: shared[name] for name in ("layout", "seed", "dtype")}
        return make_of_kind(role, shape[-1] or 0, changes, **given)
    changes = check_arguments(role, changes, default.classes[role])
    network: keras.Model = default.makers[role](shape, changes, traits, **shared)
    return network


def reasons_of(generator: Any, shape: Shape, traits: Traits) -> list[str]:
    """Return in words why a generator that was made is as it is."""
    default = DEFAULTS[len(shape)]
    usual = isinstance(generator, default.classes["generator"])
    return default.reasons(generator, shape, traits) if usual else []

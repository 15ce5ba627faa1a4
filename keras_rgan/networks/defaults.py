"""The networks that a model makes by default, sized from the data."""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_rgan.networks import video_defaults
from keras_rgan.networks.attribute_generator import AttributeGenerator
from keras_rgan.networks.recurrent_discriminator import RecurrentDiscriminator
from keras_rgan.networks.recurrent_generator import RecurrentGenerator
from keras_rgan.networks.video_discriminator import VideoDiscriminator
from keras_rgan.networks.video_generator import VideoGenerator
from keras_rgan.sequences import reading
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.sequences.statistics.moments import count_of, total_of
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Shape

FEW_FEATURES = 8
"""Up to so many features networks are narrow, and relativistic pairing is the better loss."""

MANY_FEATURES = 28
"""From so many on networks are as wide as they become."""

LEAST_NOISE, MOST_NOISE = 8, 32
"""Between which the width of a step's noise lies."""

LEAST_NEWS = 1e-6
"""A feature of which less is new at a step, of its variance, follows from the step before."""

MAX_STEPS = 30_000
"""From about how many steps it is told how many numbers are new at one."""

MAX_NUMBERS = 1000
"""So many numbers of a window have a covariance of their own: the first steps of a linear process."""

MAX_EFFECTS = 1_000_000
"""How many slopes on conditions such a process has at the most."""

MISFIT = 0.15
"""A generator does not begin as a process that a judge in closed form tells by more."""

MISFIT_OF_PARTS = 0.05
"""The same of one around several means, or of several laws: from a start that is told by more a game
learns less than from none (sines)."""

MAX_SAMPLES = 2000
"""Of about how many sequences it is told whether features bend slowly."""

KINDS: dict[str, Any] = {
    "generator": (RecurrentGenerator, VideoGenerator),
    "discriminator": (RecurrentDiscriminator, VideoDiscriminator),
    "attribute_generator": AttributeGenerator,
}
"""What a model makes by role where nothing else is asked for: for sequences, and for clips."""

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


@dataclasses.dataclass(frozen=True)
class Traits:
    """What of the data decides how the networks are that are made for it.

    Attributes:
        increments: To which order the discriminator sees increments.
        categories: Which features are one-hot.
        news: How many numbers are new at a step, as `news_of` tells; 0 where it is not known.
        linear_process: Of how many first steps the generator takes the covariance to begin with.
        misfit: By how much a judge in closed form tells that process from the data; None where none was
            looked for.
        clusters: Around how many means it lies.
        mixture: Order and components of a mixture of autoregressions that the generator begins as in
            its place; () for none.
        within_one: Whether it is scaled to between -1 and 1.
    """

    increments: int = 1
    categories: Sequence[tuple[int, int]] = ()
    news: float = 0.0
    linear_process: int = 0
    misfit: float | None = None
    clusters: int = 1
    mixture: tuple[int, ...] = ()
    within_one: bool = False

    def reasons(self, num_features: int) -> list[str]:
        """Return in words what follows from them."""
        sizes = Sizes.of(num_features, self.news)
        reasons = [
            f"{num_features} features: {sizes.generator} units in the generator, {sizes.discriminator} "
            "in the discriminator, unless told otherwise",
            f"{self.news:.1f} independent numbers new at a step: noise of {sizes.noise}",
            f"features {'bend slowly' if self.increments > 1 else 'do not bend slowly'}: increments to "
            f"order {self.increments}",
        ]
        if self.misfit is not None:
            steps, kind, begins = self.linear_process, "a linear process", "does not begin as one"
            most = MISFIT_OF_PARTS if self.mixture or self.clusters > 1 else MISFIT
            if self.mixture:
                order, components = self.mixture
                kind = "a mixture of autoregressions"
                begins = f"begins as one, of {components} laws of the {order} steps before"
            elif steps:
                around = f", around {self.clusters} means" if self.clusters > 1 else ""
                begins = f"begins as one, of {steps} steps{around}"
            reasons.append(
                f"a judge tells {kind} from the data by {self.misfit:.3f} (at most {most}): the "
                f"generator {begins}"
            )
        return reasons


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How large networks are that are made for data.

    Attributes:
        generator: Width of the generator's recurrent layer and head.
        discriminator: Width of the discriminator's recurrent layers.
        noise: Width of the noise of a step.
    """

    generator: int
    discriminator: int
    noise: int

    @classmethod
    def of(cls, num_features: int, news: float = 0.0) -> Sizes:
        """Return the sizes for data.

        The generator is 48 wide for up to 8 features, and from there grows as their number to the power
        of 0.78: 72 for 14, 128 for 28 and more. The discriminator grows as the power of 0.23: 64 for 28
        and more. A step has as many numbers of noise as the data has news, 8 at the least and 32 at the
        most.

        Args:
            num_features: How many features there are.
            news: How many numbers are new at a step, as `news_of` tells; 0 where it is not known.
        """
        growth = min(max(num_features / FEW_FEATURES, 1.0), MANY_FEATURES / FEW_FEATURES)
        return cls(
            generator=8 * round(6.0 * growth**0.78),
            discriminator=8 * round(6.0 * growth**0.23),
            noise=min(max(math.ceil(news), LEAST_NOISE), MOST_NOISE),
        )


def form_of(generator: Any, discriminator: Any) -> str:
    """Return what the default recipe is to be for: "wide", "clips" or "usual" data.

    "Wide" has more than `FEW_FEATURES` features, none of them categories: there the Wasserstein loss is
    the better default.
    """
    if isinstance(discriminator, VideoDiscriminator):
        return "clips"
    recurrent = isinstance(generator, RecurrentGenerator)
    recurrent = recurrent and isinstance(discriminator, RecurrentDiscriminator)
    wide = recurrent and generator.num_features > FEW_FEATURES
    return "wide" if wide and not (generator.categories or generator.completion) else "usual"


def share_apart(generator: Any) -> float:
    """Return which share of a generator's features says something of its own: one of each category."""
    groups = getattr(generator, "categories", None) or ()
    if not groups:
        return 1.0
    return 1.0 - sum(last - first - 1 for first, last in groups) / generator.num_features


def default_increments(parts: list[np.ndarray]) -> int:
    """Return to which order a discriminator made for samples, in parts of one length, sees increments.

    2 where every feature bends slowly: where second increments are on average less than half as large
    as first ones, as in sines of more than 12 steps a period. Else 1.
    """
    every = -(-sum(len(part) for part in parts) // MAX_SAMPLES)
    moves: list[np.ndarray] = []
    bends: list[np.ndarray] = []
    for part in parts:
        steps = np.diff(reading.to_numpy(part[::every]).astype("float64"), axis=1)
        for sums, differences in ((moves, steps), (bends, np.diff(steps, axis=1))):
            sizes = total_of(np.abs(differences)), count_of(differences)
            sums.append(np.stack(sizes))
    (moved, num_moves), (bent, num_bends) = (np.sum(x, axis=0) for x in (moves, bends))
    if not num_bends.any():
        return 1
    moved, bent = moved / np.maximum(num_moves, 1.0), bent / np.maximum(num_bends, 1.0)
    return 2 if bool((bent <= 0.5 * moved).all()) else 1


def news_of(parts: list[np.ndarray]) -> float:
    """Return how many independent numbers are new at a step of samples, in parts of one length.

    The effective rank of what the step before does not tell of a step by a linear regression: the
    exponential of the entropy of the eigenvalues of its correlations. 0 where there are too few steps.

    Reference:
        Roy and Vetterli, "The Effective Rank", EUSIPCO 2007.
    """
    width = parts[0].shape[-1]
    pairs = [np.empty((0, 2, width))]
    every = max(sum(part[..., 0].size for part in parts) // MAX_STEPS, 1)
    for part in parts:
        rows = reading.to_numpy(part[::every]).astype("float64")
        pairs.append(np.stack([rows[:, :-1], rows[:, 1:]], axis=2).reshape(-1, 2, width))
    steps = np.concatenate(pairs)
    steps = steps[np.isfinite(steps).all(axis=(1, 2))]
    if len(steps) <= 2 * width:
        return 0.0
    center, spread = steps.mean(axis=(0, 1)), steps.std(axis=(0, 1))
    past, now = np.moveaxis((steps - center) / np.where(spread > 0.0, spread, 1.0), 1, 0)
    moments = past.T @ past + LEAST_NEWS * len(past) * np.eye(width)
    new = now - past @ np.linalg.solve(moments, past.T @ now)
    deviation = new.std(axis=0)
    moving = deviation > np.sqrt(LEAST_NEWS)
    if not moving.any():
        return 0.0
    shares = np.linalg.eigvalsh(np.atleast_2d(np.corrcoef(new[:, moving].T))) / moving.sum()
    shares = shares[shares > 0.0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def process_steps(num_steps: int, num_features: int, num_conditions: int = 0) -> int:
    """Return of how many first steps a generator that is made for data takes the covariance.

    As many as come to `MAX_NUMBERS` numbers with all features, and two at the least; beyond these it
    goes on as a vector autoregression. 0 for no process, where there are too few steps, too many
    features, or too many columns of conditions for so many steps.
    """
    steps = min(num_steps, MAX_NUMBERS // max(num_features, 1))
    effects = steps * num_features * num_conditions
    return steps if steps >= 2 and effects <= MAX_EFFECTS else 0


def check_arguments(role: str, arguments: Mapping[str, Any], default: Any = None) -> dict[str, Any]:
    """Return arguments of a network that is made by default; refuse those that the data decides.

    Args:
        role: What the network is for.
        arguments: By name.
        default: Its class where "network" names none, or those that it may be of; None for `KINDS`.

    Raises:
        ValueError: If there is one, or none of that name.
    """
    default = default or KINDS[role]
    usual = default if isinstance(default, tuple) else (default,)
    kind = kind_of(role, arguments)
    kinds = usual if kind is None else (kind,)
    names = [name for each in kinds for name in inspect.signature(each).parameters]
    names = [name for name in names if name not in FROM_THE_DATA]
    chosen = {name: value for name, value in arguments.items() if name != "network"}
    checked = {checks.one_of(f"{role} argument", name, names): chosen[name] for name in chosen}
    if kind is None or kind in usual:
        return checked
    return {"network": keras.saving.get_registered_name(kind), **checked}


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
        ValueError: If there are conditions and it takes none.
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
    network: keras.Model = kind(**arguments, dtype=dtype, name=role)
    return network


def make_generator(
    shape: Shape,
    changes: Mapping[str, Any],
    traits: Traits,
    *,
    layout: ColumnLayout,
    capabilities: Sequence[Any],
    seed: int | None,
    dtype: Any,
) -> RecurrentGenerator:
    """Return a generator for sequences.

    Args:
        shape: Of the data, `(samples, time, features)`.
        changes: Arguments in which it differs from the default.
        traits: What else the data is like.
        layout: What columns of conditions there are.
        capabilities: What the model's capabilities ask of it.
        seed: The model's.
        dtype: Its policy.
    """
    num_features = shape[-1] or 0
    sizes = Sizes.of(num_features, traits.news)
    units = checks.positive_int("units", changes.get("units", sizes.generator))
    arguments = {
        "units": units,
        "noise_dim": sizes.noise,
        "hidden_units": units,
        "smoothing": True,
        "gated_smoothing": True,
        "linear_process": 0 if changes.get("mixture_process") else traits.linear_process,
        "process_clusters": traits.clusters if traits.linear_process else 1,
        "mixture_process": () if "linear_process" in changes else traits.mixture,
        "seed": seeding.child_seed(seed, "generator"),
        **options_of(capabilities, "generator", units),
        **changes,
    }
    return RecurrentGenerator(
        num_features,
        categories=traits.categories,
        temporal_conditions=layout.temporal,
        static_conditions=layout.static,
        **arguments,
        dtype=dtype,
        name="generator",
    )


def make_discriminator(
    shape: Shape,
    changes: Mapping[str, Any],
    traits: Traits,
    *,
    layout: ColumnLayout,
    capabilities: Sequence[Any],
    seed: int | None,
    dtype: Any,
) -> RecurrentDiscriminator:
    """Return a discriminator for sequences.

    Args:
        shape: Of the data, `(samples, time, features)`.
        changes: Arguments in which it differs from the default.
        traits: What else the data is like.
        layout: What columns of conditions there are.
        capabilities: What the model's capabilities ask of it.
        seed: The model's.
        dtype: Its policy.
    """
    units = checks.positive_int("units", changes.get("units", Sizes.of(shape[-1] or 0).discriminator))
    arguments = {
        "units": units,
        "increments": traits.increments,
        "convolution_units": units // 2,
        "seed": seeding.child_seed(seed, "discriminator"),
        **options_of(capabilities, "discriminator", units),
        **changes,
    }
    return RecurrentDiscriminator(
        temporal_conditions=layout.temporal,
        static_conditions=layout.static,
        **arguments,
        dtype=dtype,
        name="discriminator",
    )


def options_of(capabilities: Sequence[Any], role: str, units: int) -> dict[str, Any]:
    """Return what capabilities ask of a network."""
    options: dict[str, Any] = {}
    for capability in capabilities:
        options |= capability.network_options(role, units)
    return options


FORMS = {3: "(samples, time, features)", 5: "(samples, time, height, width, channels)"}
"""What the data is, by its rank, that networks are made for."""

MAKERS: dict[int, dict[str, Callable[..., Any]]] = {
    3: {"generator": make_generator, "discriminator": make_discriminator},
    5: {
        "generator": video_defaults.make_generator,
        "discriminator": video_defaults.make_discriminator,
    },
}
"""What makes networks, by the rank of the data and by role."""


def check_rank(shape: Shape) -> None:
    """Refuse data that no networks are made for.

    Raises:
        ValueError: If it is such.
    """
    if len(shape) not in FORMS:
        raise ValueError(
            f"The networks made by default are for sequences of shape {FORMS[3]}, and clips of shape "
            f"{FORMS[5]}. Received: data of shape {shape}. Pass generator= and discriminator= for "
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
        ValueError: If one for data of such a rank has no such argument as it is to be changed in.
    """
    if "network" in changes:
        given = {name: shared[name] for name in ("layout", "seed", "dtype")}
        return make_of_kind(role, shape[-1] or 0, changes, **given)
    kind = KINDS[role][list(MAKERS).index(len(shape))]
    network: keras.Model = MAKERS[len(shape)][role](
        shape, check_arguments(role, changes, kind), traits, **shared
    )
    return network


def reasons_of(generator: Any, shape: Shape, traits: Traits) -> list[str]:
    """Return in words why a generator that was made is as it is."""
    if isinstance(generator, VideoGenerator):
        return video_defaults.reasons(generator)
    return traits.reasons(shape[-1] or 0) if isinstance(generator, RecurrentGenerator) else []

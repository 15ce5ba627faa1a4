"""The networks that a model makes by default, sized from the data."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_rgan.networks.recurrent_discriminator import RecurrentDiscriminator
from keras_rgan.networks.recurrent_generator import RecurrentGenerator
from keras_rgan.sequences import reading
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.sequences.statistics.moments import count_of, total_of
from keras_rgan.utils import checks, seeding

FEW_FEATURES = 8
"""Up to so many features networks are narrow, and relativistic pairing is the better loss."""

MAX_NUMBERS = 1000
"""So many numbers of a window have a covariance of their own: the first steps of a linear process."""

MISFIT = 0.15
"""A generator does not begin as a process that a judge in closed form tells by more."""

MAX_SAMPLES = 2000
"""Of about how many sequences it is told whether features bend slowly."""

KINDS: dict[str, Any] = {"generator": RecurrentGenerator, "discriminator": RecurrentDiscriminator}


def default_widths(num_features: int) -> tuple[int, int]:
    """Return the widths of the generator and discriminator made for data of `num_features` features."""
    return (48, 48) if num_features <= FEW_FEATURES else (128, 64)


def is_wide(generator: Any, discriminator: Any) -> bool:
    """Return whether the Wasserstein loss is the better default for data that networks are made for."""
    return (
        isinstance(generator, RecurrentGenerator)
        and isinstance(discriminator, RecurrentDiscriminator)
        and generator.num_features > FEW_FEATURES
        and not (generator.categories or generator.completion)
    )


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


def process_steps(num_steps: int, num_features: int) -> int:
    """Return of how many first steps a generator that is made for data takes the covariance.

    As many as come to `MAX_NUMBERS` numbers with all features, and two at the least; beyond these it
    goes on as a vector autoregression. 0 for no process, where there are too few steps or too many
    features.
    """
    steps = min(num_steps, MAX_NUMBERS // max(num_features, 1))
    return steps if steps >= 2 else 0


def check_arguments(role: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments of a network that is made by default; refuse those that the data decides.

    Raises:
        ValueError: If there is one, or none of that name.
    """
    decided = {"kwargs", "num_features", "categories", "completion", "variable_length"}
    decided |= {"temporal_conditions", "static_conditions"}
    names = [name for name in inspect.signature(KINDS[role]).parameters if name not in decided]
    return {checks.one_of(f"{role} argument", name, names): arguments[name] for name in arguments}


def make_generator(
    num_features: int,
    changes: Mapping[str, Any],
    categories: Sequence[tuple[int, int]],
    *,
    linear_process: int = 0,
    layout: ColumnLayout,
    capabilities: Sequence[Any],
    seed: int | None,
    dtype: Any,
) -> RecurrentGenerator:
    """Return a generator for data of so many features.

    Args:
        num_features: Width of the sequences.
        linear_process: Of how many first steps it takes the covariance to begin with.
        layout: What columns of conditions there are.
        changes: Arguments in which it differs from the default.
        capabilities: What the model's capabilities ask of it.
        categories: Which features are one-hot.
        seed: The model's.
        dtype: Its policy.
    """
    units = checks.positive_int("units", changes.get("units", default_widths(num_features)[0]))
    arguments = {
        "units": units,
        "hidden_units": units,
        "smoothing": True,
        "gated_smoothing": True,
        "linear_process": linear_process,
        "seed": seeding.child_seed(seed, "generator"),
        **_options(capabilities, "generator", units),
        **changes,
    }
    return RecurrentGenerator(
        num_features,
        categories=categories,
        temporal_conditions=layout.temporal,
        static_conditions=layout.static,
        **arguments,
        dtype=dtype,
        name="generator",
    )


def make_discriminator(
    num_features: int,
    changes: Mapping[str, Any],
    increments: int,
    *,
    layout: ColumnLayout,
    capabilities: Sequence[Any],
    seed: int | None,
    dtype: Any,
) -> RecurrentDiscriminator:
    """Return a discriminator for data of so many features.

    Args:
        num_features: Width of the sequences.
        layout: What columns of conditions there are.
        changes: Arguments in which it differs from the default.
        capabilities: What the model's capabilities ask of it.
        increments: To which order it sees increments.
        seed: The model's.
        dtype: Its policy.
    """
    units = checks.positive_int("units", changes.get("units", default_widths(num_features)[1]))
    arguments = {
        "units": units,
        "increments": increments,
        "convolution_units": units // 2,
        "seed": seeding.child_seed(seed, "discriminator"),
        **_options(capabilities, "discriminator", units),
        **changes,
    }
    return RecurrentDiscriminator(
        temporal_conditions=layout.temporal,
        static_conditions=layout.static,
        **arguments,
        dtype=dtype,
        name="discriminator",
    )


def _options(capabilities: Sequence[Any], role: str, units: int) -> dict[str, Any]:
    """Return what capabilities ask of a network."""
    options: dict[str, Any] = {}
    for capability in capabilities:
        options |= capability.network_options(role, units)
    return options

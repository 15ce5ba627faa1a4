"""The networks that a model makes for sequences, sized from the data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from keras_rgan.networks.capability_options import options_of
from keras_rgan.networks.recurrent_discriminator import RecurrentDiscriminator
from keras_rgan.networks.recurrent_generator import RecurrentGenerator
from keras_rgan.networks.traits import MISFIT, MISFIT_OF_PARTS, Traits, count_apart
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.utils import checks, seeding
from keras_rgan.utils.types import Shape

FEW_FEATURES = 8
"""Up to so many features networks are narrow, and relativistic pairing is the better loss."""

MANY_FEATURES = 28
"""From so many on networks are as wide as they become."""

LEAST_NOISE, MOST_NOISE = 8, 32
"""Between which the width of a step's noise lies."""


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
            num_features: How many features there are, a group of categories counted once.
            news: How many numbers are new at a step, as `news_of` tells; 0 where it is not known.
        """
        growth = min(max(num_features / FEW_FEATURES, 1.0), MANY_FEATURES / FEW_FEATURES)
        return cls(
            generator=8 * round(6.0 * growth**0.78),
            discriminator=8 * round(6.0 * growth**0.23),
            noise=min(max(math.ceil(news), LEAST_NOISE), MOST_NOISE),
        )


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
    sizes = Sizes.of(count_apart(num_features, traits.categories), traits.news)
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
    sizes = Sizes.of(count_apart(shape[-1] or 0, traits.categories))
    units = checks.positive_int("units", changes.get("units", sizes.discriminator))
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


def reasons(traits: Traits, num_features: int) -> list[str]:
    """Return in words what of the data a generator follows from."""
    own = count_apart(num_features, traits.categories)
    sizes = Sizes.of(own, traits.news)
    counted = f"{num_features} features"
    if own < num_features:
        counted += f", {own} where a group of categories counts once"
    reasons = [
        f"{counted}: {sizes.generator} units in the generator, {sizes.discriminator} in the "
        "discriminator, unless told otherwise",
    ]
    if traits.news:
        reasons.append(f"{traits.news:.1f} independent numbers new at a step: noise of {sizes.noise}")
    else:
        reasons.append(f"how many numbers are new at a step is not known: noise of {sizes.noise}")
    if traits.news or traits.increments > 1:
        bends = "bend slowly" if traits.increments > 1 else "do not bend slowly"
        reasons.append(f"features {bends}: increments to order {traits.increments}")
    if traits.misfit is not None:
        steps, kind, begins = traits.linear_process, "a linear process", "does not begin as one"
        most = MISFIT_OF_PARTS if traits.mixture or traits.clusters > 1 else MISFIT
        if traits.mixture:
            order, components = traits.mixture
            kind = "a mixture of autoregressions"
            begins = f"begins as one, of {components} laws of the {order} steps before"
        elif steps:
            around = f", around {traits.clusters} means" if traits.clusters > 1 else ""
            begins = f"begins as one, of {steps} steps{around}"
        reasons.append(
            f"a judge tells {kind} from the data by {traits.misfit:.3f} (at most {most}): the "
            f"generator {begins}"
        )
    return reasons

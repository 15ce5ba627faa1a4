"""The networks that a model makes for clips, sized from their frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keras_rgan.networks import frames
from keras_rgan.networks.video_discriminator import VideoDiscriminator
from keras_rgan.networks.video_generator import VideoGenerator
from keras_rgan.sequences.column_layout import ColumnLayout
from keras_rgan.utils import seeding
from keras_rgan.utils.types import Shape

NUM_OBJECTS = 2
"""How many objects there are in front of the background."""


def make_generator(
    shape: Shape,
    changes: Mapping[str, Any],
    traits: Any,
    *,
    layout: ColumnLayout,
    capabilities: Sequence[Any],
    seed: int | None,
    dtype: Any,
) -> VideoGenerator:
    """Return a generator for clips.

    Args:
        shape: Of the data, `(samples, time, height, width, channels)`.
        changes: Arguments in which it differs from the default.
        traits: What else the data is like; not used but for its bounds.
        layout: What columns of conditions there are.
        capabilities: Not used: none that asks something of a network goes with clips.
        seed: The model's.
        dtype: Its policy.
    """
    arguments = {
        "num_objects": NUM_OBJECTS,
        "bounded": traits.within_one,
        "seed": seeding.child_seed(seed, "generator"),
        **changes,
    }
    return VideoGenerator(
        frames.check_frame(shape[2:]),
        static_conditions=layout.static,
        **arguments,
        dtype=dtype,
        name="generator",
    )


def make_discriminator(
    shape: Shape,
    changes: Mapping[str, Any],
    traits: Any,
    *,
    layout: ColumnLayout,
    capabilities: Sequence[Any],
    seed: int | None,
    dtype: Any,
) -> VideoDiscriminator:
    """Return a discriminator for clips.

    Args:
        shape: Of the data, `(samples, time, height, width, channels)`.
        changes: Arguments in which it differs from the default.
        traits: Not used.
        layout: What columns of conditions there are.
        capabilities: Not used: none that asks something of a network goes with clips.
        seed: The model's.
        dtype: Its policy.
    """
    frames.check_frame(shape[2:])
    arguments = {"seed": seeding.child_seed(seed, "discriminator"), **changes}
    return VideoDiscriminator(
        static_conditions=layout.static, **arguments, dtype=dtype, name="discriminator"
    )


def reasons(generator: VideoGenerator) -> list[str]:
    """Return in words why a generator that was made is as it is."""
    height, width, channels = generator.frame_shape
    behind = "a background that moves" if generator.background else "a still background"
    return [
        f"clips of {height} by {width} pixels, {channels} to a pixel: {generator.num_objects} objects "
        f"in front of {behind}"
    ]

"""How what explains a model is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_rgan.utils import checks
from keras_rgan.utils.drawing import BLUE, RED, plain, strip

GIVEN, FOUND, BESIDE = BLUE, RED, "0.6"
"""Colours of what was given, what was found, and what it is held against."""


def figure(rows: int, columns: int, size: tuple[float, float], **options: Any) -> tuple[Any, Any]:
    """Return a figure and its axes, an array of rows.

    Raises:
        ImportError: If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("Plots need matplotlib: pip install 'keras_rgan[viz]'") from error
    made = Figure(figsize=(size[0] * columns, size[1] * rows + 0.6), layout="constrained")
    return made, made.subplots(rows, columns, squeeze=False, **options)


def series(samples: Any) -> np.ndarray:
    """Return samples as sequences of features: the numbers of a vector are its steps."""
    values = np.asarray(samples)
    return values[..., None] if values.ndim == 2 else values


def of_frames(samples: Any) -> bool:
    """Return whether each of some samples is an image or a clip."""
    return not isinstance(samples, list) and np.ndim(samples) > 3


def show(axis: Any, picture: np.ndarray, labels: Sequence[str], title: str) -> None:
    """Draw a picture of as many rows as there are labels."""
    axis.imshow(picture, cmap="gray")
    height = picture.shape[0] / len(labels)
    axis.set_yticks([height * (i + 0.5) for i in range(len(labels))], labels, fontsize=8)
    axis.set_xticks([])
    axis.set_title(title, fontsize=9)


def ordered(weights: np.ndarray, count: int) -> list[int]:
    """Return the features that weigh most, at most so many."""
    order: list[int] = np.argsort(-np.nan_to_num(weights), kind="stable")[:count].tolist()
    return order


def families(
    samples: Any,
    places: np.ndarray,
    names: Sequence[str],
    titles: Sequence[str],
    scale: str,
    num_families: int,
    num_features: int,
) -> Any:
    """Return a figure of families of samples, the members of each coloured by their place.

    Args:
        samples: `(families, members, time, features)`, or a list of families.
        places: The place of each member.
        names: What the features are called.
        titles: What the families are called.
        scale: What a place is.
        num_families: The most families that are drawn.
        num_features: The most features that are drawn, those that change most.
    """
    checks.positive_int("num_families", num_families)
    checks.positive_int("num_features", num_features)
    shown = list(samples[:num_families])
    if of_frames(shown[0]):  # members side by side
        made, axes = figure(len(shown), 1, (8.0, 4.0))
        labels = [f"{place:.2g}" for place in places]
        for axis, family, title in zip(axes[:, 0], shown, titles, strict=False):
            show(axis, strip(np.asarray(family)), labels, title)
            axis.set_ylabel(scale)
        return made
    shown = [series(family) for family in shown]
    changes = [
        np.ptp(family, axis=0).mean(axis=0) / np.maximum(family.std(axis=(0, 1)), 1e-12)
        for family in shown
    ]
    rows = ordered(np.mean(changes, axis=0), num_features)
    made, axes = figure(len(rows), len(shown), (3.6, 1.7), sharey="row", sharex="col")
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    colours = ScalarMappable(Normalize(places.min(), places.max()), colormaps["viridis"])
    for column, family in enumerate(shown):
        axes[0][column].set_title(titles[column], fontsize=9)
        axes[-1][column].set_xlabel("step")
        for row, feature in enumerate(rows):
            for place, member in zip(places, family, strict=True):
                axes[row][column].plot(member[:, feature], color=colours.to_rgba(place), linewidth=1.2)
            axes[row][column].tick_params(labelsize=7)
            axes[row][0].set_ylabel(
                plain(names[feature]) if family.shape[-1] == len(names) else "value"
            )
    made.colorbar(colours, ax=axes, label=scale, shrink=0.8)
    return made


def deviations(samples: Any) -> np.ndarray:
    """Return the deviation of each feature, 1 where there is none."""
    rows = np.concatenate([np.asarray(x).reshape(-1, np.shape(x)[-1]) for x in samples])
    found = np.nanstd(rows.astype("float64"), axis=0)
    return np.where(found > 0.0, found, 1.0)


def lines_on_ground(
    sequence: np.ndarray,
    attributions: np.ndarray,
    baseline: np.ndarray,
    names: Sequence[str],
    title: str,
    num_features: int,
) -> Any:
    """Return a figure of a sequence and its baseline on a ground that attributions colour.

    Args:
        sequence: `(time, features)`.
        attributions: The same.
        baseline: The same.
        names: What the features are called.
        title: The figure's.
        num_features: The most features that are drawn.
    """
    sizes = np.nansum(np.abs(attributions), axis=0)
    rows = ordered(sizes, num_features)
    limit = float(np.nanmax(np.abs(attributions), initial=0.0)) or 1.0
    made, axes = figure(len(rows), 1, (6.4, 1.4), sharex=True)
    steps = np.arange(len(sequence))
    for axis, feature in zip(axes[:, 0], rows, strict=True):
        values = np.concatenate([sequence[:, feature], baseline[:, feature]])
        low, high = np.nanmin(values), np.nanmax(values)
        room = 0.08 * (high - low) or 1.0
        ground = axis.imshow(
            attributions[None, :, feature],
            aspect="auto",
            extent=(-0.5, len(steps) - 0.5, low - room, high + room),
            cmap="RdBu_r",
            vmin=-limit,
            vmax=limit,
        )
        axis.plot(steps, baseline[:, feature], color="0.35", linewidth=1.0, linestyle="--")
        axis.plot(steps, sequence[:, feature], color="black", linewidth=1.4)
        axis.set_ylabel(plain(names[feature]), fontsize=8)
        axis.tick_params(labelsize=7)
    axes[-1][0].set_xlabel("step")
    made.suptitle(title, fontsize=10)
    made.colorbar(ground, ax=axes, label="attribution", shrink=0.8)
    return made


def frames_on_ground(sample: np.ndarray, attributions: np.ndarray, title: str) -> Any:
    """Return a figure of an image's or a clip's frames above what they are attributed."""
    made, axes = figure(2, 1, (8.0, 1.4))
    show(axes[0][0], strip(sample[None]), ["given"], title)
    frames = attributions[None] if attributions.ndim == 3 else attributions
    ground = np.concatenate(list(np.nansum(frames, axis=-1)), axis=1)
    limit = float(np.abs(ground).max()) or 1.0
    drawn = axes[1][0].imshow(ground, cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes[1][0].set_xticks([])
    axes[1][0].set_yticks([])
    made.colorbar(drawn, ax=axes, label="attribution", shrink=0.8)
    return made

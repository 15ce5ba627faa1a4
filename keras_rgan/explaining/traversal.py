"""What changes along directions of the latent space."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_rgan.explaining import drawing, models
from keras_rgan.explaining.latent_space import LatentSpace
from keras_rgan.explaining.principal_directions import PrincipalDirections, principal_directions
from keras_rgan.utils import checks
from keras_rgan.utils.shown import Shown
from keras_rgan.utils.types import Nested

NUM_DRAWS = 512
"""Over how many draws directions that are asked for by number are found."""


@dataclasses.dataclass(frozen=True, repr=False)
class Traversal(Shown):
    """Samples along a direction of the latent space, as `traverse` makes them.

    Args:
        samples: `(sequences, distances, time, features)` in the data's units; where sequences have
            lengths of their own a list of arrays `(distances, length, features)`.
        latents: The noise of these, with the columns of conditions, as `sample_noise` returns it but
            for two axes in front, `(sequences, distances, …)`.
        distances: How far each lies from the draw it began with, in deviations of a draw.
        direction: The direction, `(width,)`, of length 1.
        names: What the features are called.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
        >>> kr.explaining.traverse(gan, distances=(-2, 0, 2)).samples.shape
        (1, 3, 8, 2)
    """

    samples: Any
    latents: Nested
    distances: np.ndarray
    direction: np.ndarray
    names: list[str]

    def plot(self, num_sequences: int = 3, num_features: int = 6) -> Any:
        """Return a matplotlib figure: a column a sequence, a row a feature, lines from blue to yellow.

        Images and clips are drawn as rows of frames, a row for each distance.

        Args:
            num_sequences: The most sequences that are drawn.
            num_features: The most features that are drawn.

        Raises:
            ImportError: If matplotlib is not installed.
        """
        titles = [f"sequence {i + 1}" for i in range(len(self.samples))]
        return drawing.families(
            self.samples, self.distances, self.names, titles, "distance", num_sequences, num_features
        )


def traverse(
    gan: Any,
    direction: Any = 0,
    distances: Sequence[float] = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0),
    *,
    num_sequences: int | None = None,
    length: int | None = None,
    conditions: Mapping[str, Any] | None = None,
    seed: int = 0,
    batch_size: int = 256,
) -> Traversal:
    """Make samples along a direction of the latent space, everything else held as it is.

    Args:
        gan: A trained model.
        direction: Number of one of `principal_directions`, 0 for the strongest; an array `(width,)`,
            such as a row of what that found; or a nest of arrays like the noise of one sequence.
        distances: How far to go from a draw, in deviations of a draw; 0 is the draw itself.
        num_sequences: From how many draws to go; by default one, or one for each row of the conditions.
        length: Steps of a sequence; by default as in the data.
        conditions: Conditions, as `generate` takes them; by default those that `generate` draws with
            the seed.
        seed: Seed of the draws: at a distance of 0 samples are those of `generate(seed=…)`. Directions
            that are asked for by number are found with it too.
        batch_size: How many samples are made at a time.

    Returns:
        A `Traversal`.

    Raises:
        ValueError: If the direction does not fit the noise, or a number is wrong.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
        >>> found = kr.explaining.principal_directions(gan, 4, num_samples=64)
        >>> kr.explaining.traverse(gan, found.vectors[1], (-1, 1), num_sequences=2).samples.shape
        (2, 2, 8, 2)

    Reference:
        Härkönen et al., "GANSpace: Discovering Interpretable GAN Controls", NeurIPS 2020.
    """
    models.check(gan, "traverse")
    batch_size = checks.positive_int("batch_size", batch_size)
    places = np.asarray(distances, "float64")
    if places.ndim != 1 or not places.size or not np.isfinite(places).all():
        raise ValueError(
            f"`distances` must be a list of finite numbers. Received: distances={distances!r}"
        )
    if num_sequences is None and conditions is None:
        num_sequences = 1
    latents = models.drawn(gan, num_sequences, length, seed, conditions)
    if hasattr(direction, "__index__") and np.ndim(direction) == 0:
        number = checks.non_negative_int("direction", direction)
        wanted = _conditions(gan, conditions)
        found = principal_directions(
            gan,
            number + 1,
            num_samples=NUM_DRAWS,
            length=None if wanted else length,
            conditions=wanted,
            seed=seed,
            batch_size=batch_size,
        )
        direction = found.vectors[number]
    vector = _vector(latents.space, direction)
    points = latents.vectors[:, None] + places[None, :, None] * vector
    samples, noise = models.make_along(gan, latents, points, batch_size)
    return Traversal(samples, noise, places, vector, models.names(gan))


def _conditions(gan: Any, conditions: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return conditions to find directions under; None for those that the model draws."""
    if gan.sampler.draws_conditions or not conditions:
        return None
    arrays = {name: np.asarray(values) for name, values in conditions.items()}
    rows = np.arange(NUM_DRAWS) % len(next(iter(arrays.values())))
    return {name: values[rows] for name, values in arrays.items()}


def _vector(space: LatentSpace, direction: Any) -> np.ndarray:
    """Return a direction as a vector of length 1."""
    if isinstance(direction, PrincipalDirections):
        raise ValueError(
            "`direction` is one direction. Received: all that were found. Pass a number, or a row of "
            "their `vectors`."
        )
    if isinstance(space.spec.structure, int) or isinstance(direction, Mapping | list | tuple):
        parts = keras.tree.flatten(direction)
    else:
        parts = [direction]
    vector = np.concatenate([np.asarray(part, "float64").ravel() for part in parts])
    size = np.linalg.norm(vector)
    if vector.shape != (space.width,) or not np.isfinite(size) or size == 0.0:
        raise ValueError(
            f"`direction` must be {space.width} numbers, not all 0, in the order in which the noise of "
            f"one sequence stands, or a nest like that. Received: shape {vector.shape}, length {size:g}"
        )
    return vector / size

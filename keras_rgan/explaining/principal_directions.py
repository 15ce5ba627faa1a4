"""Directions of the latent space along which samples change most."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_rgan.explaining import drawing, models
from keras_rgan.explaining.latent_space import LatentSpace
from keras_rgan.explaining.slopes import LatentSamples, LatentSlopes
from keras_rgan.utils import checks
from keras_rgan.utils.shown import Shown
from keras_rgan.utils.types import Nested


@dataclasses.dataclass(frozen=True, repr=False)
class PrincipalDirections(Shown):
    """Directions of a latent space, the strongest first, as `principal_directions` finds them.

    Args:
        vectors: `(directions, width)`, of length 1 in the space of N(0, 1) draws, at right angles.
        shares: Which share of all that small steps change each of them changes.
        space: What the vectors mean.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
        >>> found = kr.explaining.principal_directions(gan, 3, num_samples=32)
        >>> len(found), bool(found.shares[0] >= found.shares[2])
        (3, True)
    """

    vectors: np.ndarray
    shares: np.ndarray
    space: LatentSpace = dataclasses.field(repr=False)

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def noise(self) -> Nested:
        """The directions by the parts of the noise, `(directions, …)` each."""
        parts = [
            self.vectors[:, place].reshape(-1, *shape)
            for place, shape in zip(self.space.slices, self.space.shapes, strict=True)
        ]
        return keras.tree.pack_sequence_as(self.space.spec.structure, parts)

    def plot(self) -> Any:
        """Return a matplotlib figure of the shares.

        Raises:
            ImportError: If matplotlib is not installed.
        """
        made, axes = drawing.figure(1, 1, (4.0, 2.4))
        axis, numbers = axes[0][0], np.arange(len(self))
        axis.bar(numbers, 100.0 * self.shares, color=drawing.GIVEN)
        axis.set_xticks(numbers)
        axis.set_xlabel("direction")
        axis.set_ylabel("% of what changes")
        return made


def principal_directions(
    gan: Any,
    num_directions: int = 8,
    *,
    part: str | None = None,
    num_samples: int = 512,
    length: int | None = None,
    conditions: Mapping[str, Any] | None = None,
    seed: int = 0,
    batch_size: int = 256,
) -> PrincipalDirections:
    """Find, without labels, the directions along which a generator's samples change most.

    They are the first eigenvectors of E[J'J], J the Jacobian of samples, each feature in the scaler's
    units, with respect to all that is drawn of a sequence: the mean over draws, and over random
    projections of a sample in place of all its numbers.

    Args:
        gan: A trained model.
        num_directions: How many directions.
        part: Which part of the noise they may lie in, by its name, "latent" or "noise" for instance;
            None for all together.
        num_samples: Over how many draws the mean is; more of them find weak directions too.
        length: Steps of a sequence; by default as in the data.
        conditions: Conditions, as `generate` takes them, in place of `num_samples`.
        seed: Seed of the draws and projections.
        batch_size: How many samples are made at a time.

    Returns:
        `PrincipalDirections`; `traverse` goes along these.

    Raises:
        ValueError: If there is no such part of the noise, or a count is wrong.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
        >>> kr.explaining.principal_directions(gan, 2, num_samples=32).vectors.shape[0]
        2

    Reference:
        Härkönen et al., "GANSpace: Discovering Interpretable GAN Controls", NeurIPS 2020; Wang and
        Ponce, "The Geometry of Deep Generative Image Models and its Applications", ICLR 2021.
    """
    models.check(gan, "principal_directions")
    num_directions = checks.positive_int("num_directions", num_directions)
    batch_size = checks.positive_int("batch_size", batch_size)
    count = None if conditions is not None else checks.positive_int("num_samples", num_samples)
    latents = models.drawn(gan, count, length, seed, conditions)
    place = _place(latents.space, part)
    most = min(place.stop - place.start, len(latents.vectors))
    if num_directions > most:
        raise ValueError(
            f"There are {place.stop - place.start} numbers in the noise of a sequence, and "
            f"{len(latents.vectors)} draws. Expected: num_directions of at most {most}. Received: "
            f"num_directions={num_directions}"
        )
    slopes = _projected_slopes(gan, latents, seed, batch_size)[:, place]
    _, sizes, rows = np.linalg.svd(slopes.astype("float64"), full_matrices=False)
    vectors = np.zeros((num_directions, latents.space.width))
    vectors[:, place] = rows[:num_directions]
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    power = np.square(sizes)
    if not power.sum() > 0.0:
        raise ValueError(
            "The noise has no influence on samples there: they are all the same, or all choices. "
            f"Received: part={part!r}. Train the model, or pass another part."
        )
    shares = power[:num_directions] / power.sum()
    return PrincipalDirections(vectors * np.sign(largest), shares, latents.space)


def _projected_slopes(gan: Any, latents: models.Latents, seed: int, batch_size: int) -> np.ndarray:
    """Return slopes of a random projection of each sample, `(rows, width)`.

    The slope of half the squared distance to a target is that of the difference to it.
    """
    made, computed = LatentSamples(gan, latents.space), LatentSlopes(gan, latents.space)
    random = np.random.default_rng([seed, len(latents.vectors)])
    size = min(batch_size, len(latents.vectors))
    steps = gan.layout.counting_of(latents.columns) if latents.columns is not None else None
    counting = None if steps is None else models.to_numpy(steps)
    parts = []
    for rows in models.parts(size, latents.vectors):
        inputs = {
            "vectors": latents.vectors[rows].astype("float32"),
            "columns": None if latents.columns is None else latents.columns[rows],
        }
        samples = made.of(inputs, size)["samples"]
        signs = random.choice(np.array([-1.0, 1.0], "float32"), samples.shape)
        if counting is not None:
            signs = signs * counting[rows].reshape(*counting[rows].shape, *[1] * (signs.ndim - 2))
        targets = {"targets": samples - signs, "weights": np.full_like(samples, 0.5)}
        parts.append(computed.of({**inputs, **targets}, size)["slopes"])
    return np.concatenate(parts)


def _place(space: LatentSpace, part: str | None) -> slice:
    """Return where a part of the noise stands in vectors."""
    if part is None:
        return slice(0, space.width)
    structure = space.spec.structure
    names = sorted(structure) if isinstance(structure, dict) else []
    return space.slices[structure[checks.one_of("part", part, names)]]

"""The noise of a generator as vectors of N(0, 1): one space, whatever parts and law the noise has."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan.sequences.noise import NoiseSpec
from keras_rgan.utils.types import Nested, Tensor

EDGE = 1e-12
"""Of a uniform law no number lies nearer to its ends, which normal scores would send to infinity."""

PARALLEL = 1e-6
"""Directions that differ by a smaller angle, in radians, are one."""


@dataclasses.dataclass(frozen=True)
class LatentSpace:
    """Maps all that is drawn of a sequence to one vector of independent N(0, 1), and back.

    The law's mean and scale are taken off; of a uniform law come normal scores.

    Attributes:
        spec: What noise the generator takes.
        length: Steps of the sequences.
    """

    spec: NoiseSpec
    length: int | None

    @classmethod
    def of(cls, model: Any, length: int | None) -> LatentSpace:
        """Return the space of a model's noise for sequences of a length; None for as in the data.

        Raises:
            ValueError: If the generator cannot make sequences of that length, or its noise is none.
        """
        spec, length = model.sampler.sizes(length)
        if spec.scale == 0.0:
            raise ValueError(
                "The noise does not vary, so that nothing lies between two samples. Expected: a model "
                "with noise_scale above 0. Received: noise_scale=0.0"
            )
        return cls(spec, length)

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shape of every part of the noise, without the batch."""
        return [tuple(self.length if n is None else n for n in s) for s in self.spec.shapes]  # type: ignore[misc]

    @property
    def slices(self) -> list[slice]:
        """Where every part stands in a vector."""
        ends = np.cumsum([math.prod(shape) for shape in self.shapes])
        return [
            slice(int(end) - math.prod(s), int(end)) for end, s in zip(ends, self.shapes, strict=True)
        ]

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return sum(math.prod(shape) for shape in self.shapes)

    def vectors(self, noise: Nested) -> np.ndarray:
        """Return noise as vectors, `(rows, width)`.

        Raises:
            ValueError: If it is packed otherwise, or has other shapes.
        """
        expected = keras.tree.pack_sequence_as(self.spec.structure, self.shapes_as_leaves())
        received = keras.tree.map_structure(lambda x: _Shape(np.shape(x)[1:]), noise)
        if repr(received) != repr(expected):
            raise ValueError(
                f"Expected noise of shape {expected}, each with an axis of samples before, as "
                f"sample_noise returns it. Received: {received}"
            )
        parts = []
        for part, width in zip(keras.tree.flatten(noise), self.spec.normal, strict=True):
            values = np.asarray(part, "float64")
            own = (values[..., : values.shape[-1] - width] - self.spec.mean) / self.spec.scale
            if self.spec.law == "uniform":
                own = _normal_scores(own)
            values = np.concatenate([own, values[..., values.shape[-1] - width :]], axis=-1)
            parts.append(values.reshape(len(values), -1))
        return np.concatenate(parts, axis=1)

    def shapes_as_leaves(self) -> list[Any]:
        """Return the shapes as what a nest takes for leaves."""
        return [_Shape(shape) for shape in self.shapes]

    def noise(self, vectors: np.ndarray) -> Nested:
        """Return the noise of vectors, as the generator takes it: float32 arrays of NumPy."""
        erf = np.vectorize(math.erf, otypes=["float64"])
        parts = self._parts(vectors, erf, np.concatenate, np.reshape)
        return keras.tree.map_structure(lambda x: np.asarray(x, "float32"), parts)

    def tensors(self, vectors: Tensor) -> Nested:
        """Return the same of a tensor, through which gradients go."""
        return self._parts(vectors, ops.erf, ops.concatenate, ops.reshape)

    def _parts(self, vectors: Any, erf: Any, join: Any, reshape: Any) -> Nested:
        parts = []
        for shape, place, width in zip(self.shapes, self.slices, self.spec.normal, strict=True):
            values = reshape(vectors[:, place], (-1, *shape))
            own = values[..., : shape[-1] - width]
            if self.spec.law == "uniform":
                own = erf(own * math.sqrt(0.5))
            own = self.spec.mean + self.spec.scale * own
            parts.append(join([own, values[..., shape[-1] - width :]], axis=-1) if width else own)
        return keras.tree.pack_sequence_as(self.spec.structure, parts)

    def draw(self, count: int, entropy: Sequence[int]) -> np.ndarray:
        """Return vectors of so many draws, those of `sample_noise` where the entropy is its seed."""
        return self.vectors(self.spec.draw_numpy(count, self.length, self.spec.streams(entropy)))


class _Shape:
    """A shape that a nest takes for a leaf."""

    def __init__(self, shape: Sequence[int]) -> None:
        self.shape = tuple(shape)

    def __repr__(self) -> str:
        return repr(self.shape)


def _normal_scores(values: np.ndarray) -> np.ndarray:
    """Return what N(0, 1) has as large a share below as U(-1, 1) has below values."""
    shares = np.clip(0.5 * (values + 1.0), EDGE, 1.0 - EDGE)
    return np.vectorize(NormalDist().inv_cdf, otypes=["float64"])(shares)


def slerp(first: np.ndarray, last: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return points on the arcs between vectors, `(rows, shares, width)`.

    Directions go along the great circle, lengths from the one to the other. The ends are exact.

    Args:
        first: `(rows, width)`.
        last: The same.
        shares: How far each point has come, 0 to 1.

    Raises:
        ValueError: If two vectors point in opposite directions, between which there is no shortest arc.

    Reference:
        Shoemake, "Animating Rotation with Quaternion Curves", SIGGRAPH 1985.
    """
    lengths = [np.linalg.norm(x, axis=1, keepdims=True) for x in (first, last)]
    one, other = (x / np.where(n > 0, n, 1.0) for x, n in zip((first, last), lengths, strict=True))
    # atan2 keeps its precision at small angles, where the cosine loses it.
    angle = 2.0 * np.arctan2(np.linalg.norm(other - one, axis=1), np.linalg.norm(other + one, axis=1))
    if (angle > math.pi - PARALLEL).any():
        raise ValueError(
            "Expected two latents between which one arc is the shortest. Received: one that is the "
            f"other's opposite, in row {int(angle.argmax())}. Go by way of a third."
        )
    t, angle = shares[None, :, None], angle[:, None, None]
    straight = angle < PARALLEL
    sine = np.where(straight, 1.0, np.sin(angle))
    weights = [np.where(straight, x, np.sin(x * angle) / sine) for x in (1.0 - t, t)]
    arc = weights[0] * one[:, None] + weights[1] * other[:, None]
    points = ((1.0 - t) * lengths[0][:, None] + t * lengths[1][:, None]) * arc
    nowhere = (lengths[0] == 0.0) | (lengths[1] == 0.0)  # without a direction
    points = np.where(nowhere[:, None], (1.0 - t) * first[:, None] + t * last[:, None], points)
    for end, vectors in ((0.0, first), (1.0, last)):
        points[:, shares == end] = vectors[:, None]
    return points

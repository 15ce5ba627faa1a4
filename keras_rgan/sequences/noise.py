"""Random draws: inside a training step with `keras.random`, outside it with NumPy.

Draws outside the step come from NumPy so that one seed gives the same noise on every backend and
for every way of cutting the samples into batches.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_rgan import backend
from keras_rgan.sequences.categories import largest
from keras_rgan.utils.types import Nested, Shape, Tensor

LAWS = ("normal", "uniform")
"""The laws by name: N(0, 1) and U(-1, 1)."""

TEMPERATURE = 0.4
"""Of the softmax that stands for a drawn category in training."""


def draw(law: str, shape: Sequence[Any], seed: keras.random.SeedGenerator) -> Tensor:
    """Draw a tensor in a step, in which every replica sees rows of its own.

    All replicas share the seed's state, so each draws for all and keeps its share: the rows are then
    those that one device would draw for the whole batch.

    Args:
        law: One of `LAWS`.
        shape: The shape of this replica's share, batch first.
        seed: The generator to draw from.

    Returns:
        A float32 tensor of shape `shape`.
    """
    batch, *rest = shape
    count = backend.replica_count()
    whole = (batch * count, *rest)
    if law == "normal":
        values = backend.normal(whole, seed)
    else:
        values = keras.random.uniform(whole, -1.0, 1.0, dtype="float32", seed=seed)
    if count == 1:
        return values
    start = backend.replica_id() * batch
    return values[start : start + batch]


def normal_share(values: Tensor) -> Tensor:
    """Return which share of N(0, 1) is below values, off by less than 3e-7.

    Of operations that formats for export have, which `erf` is not among.

    Reference:
        Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, formula 7.1.26.
    """
    size = ops.abs(values) * math.sqrt(0.5)
    t = 1.0 / (1.0 + 0.3275911 * size)
    series = 1.421413741 + t * (-1.453152027 + t * 1.061405429)
    series = t * (0.254829592 + t * (-0.284496736 + t * series))
    beyond = 0.5 * series * ops.exp(-ops.square(size))
    return ops.where(values < 0.0, beyond, 1.0 - beyond)


def choose(logits: Tensor, noise: Tensor, relaxed: bool) -> Tensor:
    """Return a category drawn from each softmax, as 1 among -1.

    Args:
        logits: `(…, categories)`.
        noise: N(0, 1), of the same shape, which is turned into Gumbel's law.
        relaxed: Whether a softmax stands for the choice, which has a gradient.
    """
    dtype, logits, noise = logits.dtype, ops.cast(logits, "float32"), ops.cast(noise, "float32")
    share = ops.clip(normal_share(noise), 1e-6, 1.0 - 1e-6)
    disturbed = logits - ops.log(-ops.log(share))
    if relaxed:
        chosen = ops.softmax(disturbed / TEMPERATURE, axis=-1)
    else:
        chosen = largest(disturbed)
    return ops.cast(2.0 * chosen - 1.0, dtype)


@dataclasses.dataclass(frozen=True)
class NoiseSpec:
    """What noise a generator takes: an affine function of draws from a law, in one or more parts.

    Attributes:
        law: One of `LAWS`.
        mean: Added to the draws.
        scale: Factor of the draws.
        shapes: Shape of every part without the batch; None is the length of the sequences.
        structure: How the parts are packed: a nest whose leaves are replaced by them in order.
        normal: How many of each part's last columns are N(0, 1), whatever the law of the others.
    """

    law: str
    mean: float
    scale: float
    shapes: tuple[Shape, ...]
    structure: Nested
    normal: tuple[int, ...] = ()

    @classmethod
    def from_shapes(
        cls,
        law: str,
        mean: float,
        scale: float,
        shapes: Nested,
        normal: Mapping[str, int] | None = None,
    ) -> NoiseSpec:
        """Make a spec of shapes that may be packed in dicts, lists and tuples.

        Args:
            law: One of `LAWS`.
            mean: Added to the draws.
            scale: Factor of the draws.
            shapes: Shape of each part, without the batch.
            normal: How many of the last columns of a part, by its key, are N(0, 1) whatever the law.
        """
        leaves: list[Shape] = []

        def visit(node: Nested) -> Nested:
            if isinstance(node, dict):
                return {key: visit(node[key]) for key in sorted(node)}
            if isinstance(node, list | tuple) and not _is_shape(node):
                return [visit(child) for child in node]
            if not _is_shape(node):
                raise ValueError(
                    "`noise_shape` must be a tuple of positive integers (None for the length), or a "
                    f"dict or list of such tuples. Received: {node!r}"
                )
            leaves.append(tuple(node))
            return len(leaves) - 1

        structure = visit(shapes)
        widths = [0] * len(leaves)
        if law != "normal" or mean != 0.0 or scale != 1.0:
            for key, width in (normal or {}).items():
                widths[structure[key]] = width
        return cls(law, mean, scale, tuple(leaves), structure, tuple(widths))

    @property
    def any_length(self) -> bool:
        """Whether the length of the sequences is open."""
        return any(None in shape for shape in self.shapes)

    def draw(self, batch: Any, length: Any, seed: keras.random.SeedGenerator) -> Nested:
        """Draw noise for `batch` samples of `length` steps in a step."""
        parts = []
        for shape, width in zip(self.shapes, self.normal, strict=True):
            *rest, columns = self._sized(shape, length)
            part = draw(self.law, (batch, *rest, columns - width), seed)
            part = self.mean + self.scale * part
            if width:
                part = ops.concatenate([part, draw("normal", (batch, *rest, width), seed)], axis=-1)
            parts.append(part)
        return keras.tree.pack_sequence_as(self.structure, parts)

    def symbolic(self, length: int | None) -> Nested:
        """Return Keras tensors of the noise of a batch."""
        tensors = [keras.KerasTensor((None, *self._sized(s, length))) for s in self.shapes]
        return keras.tree.pack_sequence_as(self.structure, tensors)

    def streams(self, entropy: Sequence[int]) -> list[np.random.Generator]:
        """Return a NumPy generator for every part, so that batches of any size go on seamlessly.

        Further ones are of columns that have another law than the rest of their part.
        """
        further = sum(width > 0 for width in self.normal) if self.law != "normal" else 0
        children = np.random.SeedSequence(list(entropy)).spawn(len(self.shapes) + further)
        return [np.random.default_rng(child) for child in children]

    def draw_numpy(
        self, num_samples: int, length: int | None, streams: Sequence[np.random.Generator]
    ) -> Nested:
        """Draw noise for `num_samples` samples of `length` steps from `streams`, as float32."""
        own, further = streams[: len(self.shapes)], iter(streams[len(self.shapes) :])
        parts = []
        for shape, width, stream in zip(self.shapes, self.normal, own, strict=True):
            *rest, columns = self._sized(shape, length)
            size = (num_samples, *rest)
            if self.law == "normal":
                values = stream.standard_normal((*size, columns))
                values[..., : columns - width] *= self.scale
                values[..., : columns - width] += self.mean
            else:
                values = self.mean + self.scale * stream.uniform(-1.0, 1.0, (*size, columns - width))
            if width and self.law != "normal":
                choices = next(further).standard_normal((*size, width))
                values = np.concatenate([values, choices], axis=-1)
            parts.append(values.astype("float32"))
        return keras.tree.pack_sequence_as(self.structure, parts)

    def _sized(self, shape: Shape, length: Any) -> tuple[Any, ...]:
        return tuple(length if n is None else n for n in shape)


def _is_shape(node: Any) -> bool:
    return isinstance(node, list | tuple) and all(
        n is None or (isinstance(n, int) and not isinstance(n, bool) and n >= 0) for n in node
    )

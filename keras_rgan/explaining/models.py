"""Which models can be explained, and how they make samples of given noise."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from keras_rgan.conditioning.streams import ConditionStreams
from keras_rgan.data.named_columns import names_of, titles
from keras_rgan.explaining.latent_space import LatentSpace
from keras_rgan.generating.sampler import Rows
from keras_rgan.training.samples import beside
from keras_rgan.utils import checks
from keras_rgan.utils.types import Nested

CONDITIONS = "conditions"
"""The part of a generator's inputs that holds the columns of conditions."""


class Latents(NamedTuple):
    """Where samples come from.

    Attributes:
        space: What vectors mean.
        vectors: `(rows, width)`.
        columns: Conditions beside each step, or None.
        rows: The encoded conditions of these.
    """

    space: LatentSpace
    vectors: np.ndarray
    columns: np.ndarray | None
    rows: Rows

    def along(self, vectors: np.ndarray) -> Latents:
        """Return latents of `(rows, points, width)`, each point under the conditions of its row."""
        count = vectors.shape[1]
        columns = None if self.columns is None else np.repeat(self.columns, count, axis=0)
        rows = {name: np.repeat(values, count, axis=0) for name, values in self.rows.items()}
        return Latents(self.space, vectors.reshape(-1, vectors.shape[-1]), columns, rows)

    @property
    def inputs(self) -> Nested:
        """What the model is called with."""
        return beside(self.space.noise(self.vectors), self.columns)


def check(model: Any, action: str) -> None:
    """Refuse what has no continuous samples.

    Raises:
        ValueError: If it is no model that can generate, or one of tokens.
    """
    if not hasattr(model, "sampler"):
        raise ValueError(f"{action} expects a RecurrentGAN. Received: {model!r}")
    if hasattr(model, "vocabulary"):
        raise ValueError(
            f"{action} expects a model of numbers. Received: a TokenGAN, whose ids are names: nothing "
            "lies between two, and none has a slope. gan.negative_log_likelihood tells how likely it "
            "makes a text."
        )
    model.sampler.check_ready(action)
    model.sampler.synchronize()


def drawn(
    model: Any,
    num_samples: int | None,
    length: int | None,
    seed: int,
    conditions: Mapping[str, Any] | None,
) -> Latents:
    """Return the latents that `generate` would draw of a seed, with their conditions."""
    seed = checks.non_negative_int("seed", seed)
    noise, rows = model.sampler.noise_and_rows(num_samples, length, seed, conditions)
    return _split(model, noise, rows)


def given(model: Any, noise: Nested) -> Latents:
    """Return the latents of noise as `sample_noise` returns it."""
    columns = noise.get(CONDITIONS) if isinstance(noise, Mapping) else None
    rows: Rows = {}
    counting = model.layout.counting_of(columns) if model.layout.total else None
    if counting is not None:
        rows["length"] = np.asarray(counting).sum(axis=1)[:, None].astype("int32")
    return _split(model, noise, rows)


def _split(model: Any, noise: Nested, rows: Rows) -> Latents:
    columns = None
    if model.layout.total:
        if not isinstance(noise, Mapping) or CONDITIONS not in noise:
            raise ValueError(
                "This model takes conditions, whose columns stand beside the noise. Received: noise "
                "without the part 'conditions'. Pass what sample_noise returns, or a seed."
            )
        columns = np.asarray(noise[CONDITIONS])
        noise = {name: part for name, part in noise.items() if name != CONDITIONS}
    steps = None
    for part, shape in zip(
        keras.tree.flatten(noise), model.noise_spec.shapes, strict=False
    ):  # other parts are refused below
        if None in shape and np.ndim(part) > 1 + shape.index(None):
            steps = int(np.shape(part)[1 + shape.index(None)])
    space = LatentSpace.of(model, steps)
    return Latents(space, space.vectors(noise), columns, rows)


def make(model: Any, latents: Latents, batch_size: int, scaled: bool = False) -> Any:
    """Return samples as `generate` does, on request in the networks' space."""
    inputs, made = latents.inputs, []
    size = min(batch_size, len(latents.vectors))
    streams = ConditionStreams.of([0])  # nothing is drawn where no gaps are asked for
    for rows in parts(size, latents.vectors):
        part = keras.tree.map_structure(lambda x: x[rows], inputs)  # noqa: B023
        samples: Any = model.sampler.predict(part, size)
        columns = None if latents.columns is None else latents.columns[rows]
        samples = model.sampler.in_units(samples, columns, scaled)
        own = {name: values[rows] for name, values in latents.rows.items()}
        for capability in reversed(model.capabilities):
            samples = capability.deliver(samples, own, streams, False)
        made.append(samples)
    if isinstance(made[0], list):
        return [sample for part in made for sample in part]
    return np.concatenate(made)


def make_along(
    model: Any, latents: Latents, vectors: np.ndarray, batch_size: int
) -> tuple[Any, Nested]:
    """Return samples of several points for each row of latents, and the noise of these.

    Args:
        model: The model.
        latents: Of which conditions are held.
        vectors: `(rows, points, width)`.
        batch_size: How many samples are made at a time.
    """
    along, count = latents.along(vectors), vectors.shape[1]
    samples = grouped(make(model, along, batch_size), count)
    return samples, keras.tree.map_structure(lambda x: grouped(x, count), along.inputs)


def grouped(samples: Any, count: int) -> Any:
    """Return samples that follow each other as groups of so many: an array, or a list of arrays."""
    if isinstance(samples, list):
        return [np.stack(samples[i : i + count]) for i in range(0, len(samples), count)]
    return samples.reshape(-1, count, *samples.shape[1:])


def names(model: Any, data: Any = None) -> list[str]:
    """Return what the features are called."""
    return titles(model.column_names or names_of(data), model.data_shape[-1])


def parts(batch_size: int, rows: Sized) -> list[slice]:
    """Return slices of so many rows."""
    return [slice(i, i + batch_size) for i in range(0, len(rows), batch_size)]


def filled(parts: Mapping[str, Any], size: int) -> dict[str, Any]:
    """Return arrays of `size` rows: one shape, one compilation. The last row stands for what lacks."""
    return {
        name: np.concatenate([x, np.repeat(x[-1:], size - len(x), axis=0)]) if len(x) < size else x
        for name, x in parts.items()
        if x is not None
    }


def to_numpy(tensor: Any) -> np.ndarray:
    """Return a tensor as an array."""
    array: np.ndarray = ops.convert_to_numpy(tensor)
    return array

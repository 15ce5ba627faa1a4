"""Ways between samples."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_rgan.explaining import drawing, models
from keras_rgan.explaining.latent_space import slerp
from keras_rgan.utils import checks
from keras_rgan.utils.shown import Shown
from keras_rgan.utils.types import Nested


@dataclasses.dataclass(frozen=True, repr=False)
class Interpolation(Shown):
    """Samples on the way from one to another, as `interpolate` makes them.

    Args:
        samples: `(paths, num_steps, time, features)` in the data's units; where sequences have lengths
            of their own a list of arrays `(num_steps, length, features)`.
        latents: The noise of these, with the columns of conditions, as `sample_noise` returns it but
            for two axes in front, `(paths, num_steps, …)`.
        shares: How far each of the steps of a path has come, 0 to 1.
        names: What the features are called.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
        >>> kr.explaining.interpolate(gan, num_steps=3).shares.tolist()
        [0.0, 0.5, 1.0]
    """

    samples: Any
    latents: Nested
    shares: np.ndarray
    names: list[str]

    def plot(self, num_paths: int = 3, num_features: int = 6) -> Any:
        """Return a matplotlib figure: a column a path, a row a feature, lines from blue to yellow.

        Images and clips are drawn as rows of frames, a row for each step of the first path.

        Args:
            num_paths: The most paths that are drawn.
            num_features: The most features that are drawn.

        Raises:
            ImportError: If matplotlib is not installed.
        """
        titles = [f"path {i + 1}" for i in range(len(self.samples))]
        return drawing.families(
            self.samples, self.shares, self.names, titles, "share of the way", num_paths, num_features
        )


def interpolate(
    gan: Any,
    between: Sequence[Any] = (0, 1),
    *,
    num_steps: int = 9,
    num_paths: int | None = None,
    length: int | None = None,
    conditions: Mapping[str, Any] | None = None,
    batch_size: int = 256,
) -> Interpolation:
    """Make samples on the way from one to another, along an arc through the latent space.

    All that is drawn of a sequence goes along: the latent that it shares, the noise of every step, the
    draws of a process that the generator begins as. Straight lines would pass nearer to the origin
    than any draw lies; on an arc every step is as likely as the ends. Categories that a generator
    draws by this noise switch somewhere on the way. Conditions, and with them lengths and ranges, stay
    those of the first end.

    Args:
        gan: A trained model.
        between: The two ends: two seeds, or noise as `sample_noise` returns it. Of a seed comes what
            `generate(seed=…)` makes of it (at the second end under the conditions of the first).
        num_steps: How many samples on each way, both ends among them.
        num_paths: How many ways, where the ends are seeds; by default one, or one for each row of the
            conditions.
        length: Steps of a sequence, where the ends are seeds; by default as in the data.
        conditions: Conditions, as `generate` takes them, where the ends are seeds; by default those
            that `generate` draws with the first seed.
        batch_size: How many samples are made at a time.

    Returns:
        An `Interpolation`.

    Raises:
        ValueError: If the ends do not fit the model or each other, or a count is wrong.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
        >>> way = kr.explaining.interpolate(gan, between=(3, 4), num_steps=5, num_paths=2)
        >>> way.samples.shape
        (2, 5, 8, 2)
        >>> bool(abs(way.samples[:, 0] - gan.generate(2, seed=3)).max() < 1e-4)
        True

    Reference:
        White, "Sampling Generative Networks", 2016; Shoemake, "Animating Rotation with Quaternion
        Curves", SIGGRAPH 1985.
    """
    models.check(gan, "interpolate")
    num_steps = checks.positive_int("num_steps", num_steps)
    batch_size = checks.positive_int("batch_size", batch_size)
    if num_steps < 2:
        raise ValueError(
            "`num_steps` must be at least 2: both ends are among them. Received: num_steps=1"
        )
    first, last = _ends(gan, between, num_paths, length, conditions)
    shares = np.linspace(0.0, 1.0, num_steps)
    points = slerp(first.vectors, last, shares)
    samples, noise = models.make_along(gan, first, points, batch_size)
    return Interpolation(samples, noise, shares, models.names(gan))


def _ends(
    gan: Any,
    between: Sequence[Any],
    num_paths: int | None,
    length: int | None,
    conditions: Mapping[str, Any] | None,
) -> tuple[models.Latents, np.ndarray]:
    """Return the latents of the first end, and the vectors of the last."""
    if not isinstance(between, Sequence) or len(between) != 2:
        raise ValueError(
            "`between` must be a pair: two seeds, or two of what sample_noise returns. Received: "
            f"between={between!r}"
        )
    seeds = [hasattr(end, "__index__") and np.ndim(end) == 0 for end in between]
    if all(seeds):
        if num_paths is None and conditions is None:
            num_paths = 1
        first = models.drawn(gan, num_paths, length, int(between[0]), conditions)
        entropy = [checks.non_negative_int("seed", int(between[1]))]
        return first, first.space.draw(len(first.vectors), entropy)
    if any(seeds):
        raise ValueError(
            "`between` must be two seeds, or two of what sample_noise returns. Received: one of each. "
            "gan.sample_noise(num_paths, seed=…) is the noise of a seed."
        )
    told = {"num_paths": num_paths, "length": length, "conditions": conditions}
    named = [name for name, value in told.items() if value is not None]
    if named:
        raise ValueError(
            f"Noise tells how many paths there are, of what length and conditions. Received: {named} "
            "as well. Leave these out, or pass seeds."
        )
    first, last = (models.given(gan, end) for end in between)
    if first.vectors.shape != last.vectors.shape:
        raise ValueError(
            "Expected noise of as many sequences, of as many steps, at both ends. Received: "
            f"{len(first.vectors)} and {len(last.vectors)} sequences of {first.space.length} and "
            f"{last.space.length} steps"
        )
    return first, last.vectors

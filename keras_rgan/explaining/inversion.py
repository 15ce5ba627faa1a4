"""The latents of given sequences."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_rgan.explaining import drawing, models
from keras_rgan.explaining.descent import Descent, Search
from keras_rgan.explaining.given import Given, read
from keras_rgan.explaining.latent_space import LatentSpace
from keras_rgan.utils import checks
from keras_rgan.utils.drawing import plain, strip
from keras_rgan.utils.shown import Shown
from keras_rgan.utils.types import Nested


@dataclasses.dataclass(frozen=True, repr=False)
class Inversion(Shown):
    """What comes nearest to given sequences of all that a generator makes, as `invert` finds it.

    Args:
        latents: The noise of the reconstructions, with the columns of conditions: `gan(latents)` makes
            these.
        reconstructions: `(samples, time, features)` in the data's units, or a list.
        errors: Root of the mean squared error over what is observed, of each sequence and feature, in
            the data's units, `(samples, features)`; NaN where nothing is observed.
        relative_errors: The same over all features, each in deviations of what the model makes and of
            what was given together, before values are clipped and rounded, `(samples,)`.
        nearest: Of as many generated samples as the descent looked at for a sequence the nearest.
        nearest_errors: The relative errors of these.
        latent_sizes: Root of the mean square of each latent, about 1 for one that is drawn.
        sequences: What was given, as the reconstructions, NaN where nothing is observed.
        names: What the features are called.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> sines = kr.datasets.make_sines(64, length=8, num_features=2)
        >>> gan.adapt(sines)
        >>> kr.explaining.invert(gan, sines[:3], num_updates=2, num_starts=1).errors.shape
        (3, 2)
    """

    latents: Nested
    reconstructions: Any
    errors: np.ndarray
    relative_errors: np.ndarray
    nearest: Any
    nearest_errors: np.ndarray
    latent_sizes: np.ndarray
    sequences: Any
    names: list[str]

    def __str__(self) -> str:
        return (
            f"{len(self.errors)} sequences: relative error {self.relative_errors.mean():.3f}, of the "
            f"nearest generated samples {self.nearest_errors.mean():.3f}; latents of size "
            f"{self.latent_sizes.mean():.2f}, those that are drawn of about 1"
        )

    def plot(self, num_sequences: int = 3, num_features: int = 6) -> Any:
        """Return a matplotlib figure: what was given, its reconstruction, the nearest sample.

        Args:
            num_sequences: The most sequences that are drawn.
            num_features: The most features that are drawn, those with the largest errors.

        Raises:
            ImportError: If matplotlib is not installed.
        """
        count = min(checks.positive_int("num_sequences", num_sequences), len(self.errors))
        checks.positive_int("num_features", num_features)
        kinds = {
            "given": (self.sequences, drawing.GIVEN),
            "reconstruction": (self.reconstructions, drawing.FOUND),
            "nearest sample": (self.nearest, drawing.BESIDE),
        }
        titles = [f"relative error {error:.2g}" for error in self.relative_errors[:count]]
        if drawing.of_frames(self.sequences):
            made, axes = drawing.figure(count, 1, (8.0, 2.4))
            for i in range(count):
                picture = strip(np.stack([samples[i] for samples, _ in kinds.values()]))
                drawing.show(axes[i][0], picture, list(kinds), titles[i])
            return made
        sets = [
            (name, drawing.series(samples) if not isinstance(samples, list) else samples, colour)
            for name, (samples, colour) in kinds.items()
        ]
        deviations = drawing.deviations(sets[0][1])
        rows = drawing.ordered(np.nanmean(self.errors, axis=0) / deviations, num_features)
        made, axes = drawing.figure(len(rows), count, (3.6, 1.7), sharey="row", sharex="col")
        for column, title in enumerate(titles):
            axes[0][column].set_title(title, fontsize=9)
            axes[-1][column].set_xlabel("step")
            for row, feature in enumerate(rows):
                axis = axes[row][column]
                for name, samples, colour in reversed(sets):
                    axis.plot(samples[column][:, feature], color=colour, label=name, linewidth=1.3)
                axis.tick_params(labelsize=7)
                axes[row][0].set_ylabel(plain(self.names[feature]))
        axes[0][0].legend(fontsize=7)
        return made


def invert(
    gan: Any,
    sequences: Any,
    *,
    conditions: Mapping[str, Any] | None = None,
    num_updates: int = 200,
    num_starts: int = 4,
    learning_rate: float = 0.1,
    prior_weight: float = 0.001,
    seed: int = 0,
    batch_size: int = 256,
) -> Inversion:
    """Find the latents whose samples are nearest to given sequences, by gradient descent.

    A descent begins at each of the nearest of `num_starts * num_updates` generated samples; the best
    it comes by counts. Where a model has learned what a kind of sequence is like, the error is small;
    what it cannot make has a large one. What is not observed, NaN, has no part in it: the
    reconstruction fills it. Categories that a generator draws have no slope, and follow as the other
    features lead.

    Args:
        gan: A trained model.
        sequences: Sequences as `fit` takes them, in memory, or a single one; NaN for what is not
            observed.
        conditions: Their conditions, where the model takes some.
        num_updates: Updates of each descent.
        num_starts: How many descents for each sequence.
        learning_rate: Of Adam, which falls to 0 along a cosine.
        prior_weight: Weight of the mean square of the latent beside the mean square of the relative
            error, so that what does not matter for the sequence stays as likely as a draw.
        seed: Seed of the starts.
        batch_size: How many latents are looked at at a time.

    Returns:
        An `Inversion`: latents, reconstructions, and errors beside those of the nearest samples.

    Raises:
        ValueError: If the sequences do not fit the model, or a number is out of range.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.adapt(kr.datasets.make_sines(64, length=8, num_features=2))
        >>> found = kr.explaining.invert(gan, gan.generate(2, seed=1), num_updates=100, num_starts=2)
        >>> bool((found.relative_errors < 0.5 * found.nearest_errors).all())
        True

    Reference:
        Creswell and Bharath, "Inverting the Generator of a Generative Adversarial Network", IEEE
        Transactions on Neural Networks and Learning Systems 2018.
    """
    models.check(gan, "invert")
    descent = Descent(
        checks.positive_int("num_updates", num_updates),
        checks.number("learning_rate", learning_rate, 0.0),
        checks.number("prior_weight", prior_weight, 0.0),
    )
    num_starts = checks.positive_int("num_starts", num_starts)
    seed = checks.non_negative_int("seed", seed)
    size = checks.positive_int("batch_size", batch_size)
    given = read(gan, "invert", sequences, conditions, gaps=True)
    _check_observed(given)
    length = given.values.shape[1] if given.values.ndim > 2 else None
    space = LatentSpace.of(gan, length)
    pool = space.draw(num_starts * descent.num_updates, [seed]).astype("float32")
    search = Search(gan, space, given, pool, size)
    distances = search.distances_to_pool()
    starts = np.argsort(distances, axis=1, kind="stable")[:, :num_starts]
    found, left = search.descend(starts, descent)
    nearest, error = starts[:, 0], np.sqrt(np.take_along_axis(distances, starts[:, :1], axis=1)[:, 0])
    reached = models.Latents(space, found, given.columns, given.rows)
    made = models.make(gan, reached, size)
    beside = models.make(gan, reached._replace(vectors=pool[nearest]), size)
    return Inversion(
        reached.inputs,
        made,
        _errors(made, given.values),
        np.sqrt(left),
        beside,
        error,
        np.sqrt(np.square(found).mean(axis=1)),
        given.delivered(given.values),
        models.names(gan, sequences),
    )


def _check_observed(given: Given) -> None:
    """Refuse sequences of which nothing is observed."""
    nothing = ~given.known.reshape(len(given.values), -1).any(axis=1)
    if nothing.any():
        raise ValueError(
            "Expected one observed value in every sequence. Received: none in sequence "
            f"{int(nothing.argmax())}. Leave it out."
        )


def _errors(made: Any, values: np.ndarray) -> np.ndarray:
    """Return the root of the mean squared error of each sequence and feature."""
    errors = []
    for sample, truth in zip(made, values, strict=True):
        off = np.square(np.asarray(sample, "float64") - truth[: len(sample)])
        off = off.reshape(-1, off.shape[-1]) if truth.ndim > 1 else off[None]
        known = ~np.isnan(off)
        counts = known.sum(axis=0)
        sums = np.where(known, off, 0.0).sum(axis=0)
        errors.append(np.sqrt(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)))
    return np.stack(errors)

"""Which values of a sequence a judgement is due to."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_rgan.backend import internals
from keras_rgan.explaining import drawing, models
from keras_rgan.explaining.given import Given, read
from keras_rgan.explaining.latent_space import LatentSpace
from keras_rgan.explaining.slopes import JudgementSlopes
from keras_rgan.layers import MinibatchDiscrimination, MinibatchStdDev
from keras_rgan.networks import CausalProcesses
from keras_rgan.utils import checks
from keras_rgan.utils.shown import Shown

BASELINES = ("mean", "median")
"""What of generated samples a baseline is."""

NUM_GENERATED = 256
"""Of how many of them."""


@dataclasses.dataclass(frozen=True, repr=False)
class Attribution(Shown):
    """How much each value of each sequence adds to its judgement, as `attribute` finds it.

    Args:
        attributions: In units of the judgement (a logit), of the sequences' shape or a list; above 0
            where a value makes its sequence look more real than the baseline does. NaN where nothing is
            observed.
        judgements: What the discriminator says of each sequence, `(samples,)`.
        baseline_judgements: What it says of the baseline, under the conditions of each.
        completeness_errors: By how much the sum of each sequence's attributions misses the difference
            of the two.
        sequences: What was given, in the data's units.
        baseline: What it was held against, in the data's units, or the mean of several; like the
            sequences.
        names: What the features are called.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> sines = kr.datasets.make_sines(64, length=8, num_features=2)
        >>> gan.adapt(sines)
        >>> found = kr.explaining.attribute(gan, sines[:3])
        >>> list(found.by_feature)
        ['feature 0', 'feature 1']
    """

    attributions: Any
    judgements: np.ndarray
    baseline_judgements: np.ndarray
    completeness_errors: np.ndarray
    sequences: Any
    baseline: Any
    names: list[str]

    @property
    def by_feature(self) -> dict[str, float]:
        """The sum of the sizes of a feature's attributions, mean over sequences; the largest first."""
        sizes = [
            np.nansum(np.abs(np.asarray(x)).reshape(-1, np.shape(x)[-1]), axis=0)
            for x in self.attributions
        ]
        mean = np.mean(sizes, axis=0)
        return {self.names[i]: float(mean[i]) for i in drawing.ordered(mean, len(mean))}

    def plot(self, sequence: int = 0, num_features: int = 6) -> Any:
        """Return a matplotlib figure of one sequence: its lines on a ground coloured by attributions.

        Red steps make the sequence look more real than the baseline, which is dashed, blue ones less.
        Images and clips are drawn as frames above their attributions, summed over channels.

        Args:
            sequence: Which one.
            num_features: The most features that are drawn, those with the largest attributions.

        Raises:
            ImportError: If matplotlib is not installed.
            ValueError: If there is no such sequence.
        """
        if checks.non_negative_int("sequence", sequence) >= len(self.judgements):
            raise ValueError(
                f"`sequence` must be below {len(self.judgements)}, the number of sequences. Received: "
                f"sequence={sequence}"
            )
        checks.positive_int("num_features", num_features)
        given, found, start = (
            np.asarray(x[sequence]) for x in (self.sequences, self.attributions, self.baseline)
        )
        title = (
            f"judged {self.judgements[sequence]:.2f}, baseline {self.baseline_judgements[sequence]:.2f}"
        )
        if drawing.of_frames(self.sequences):
            return drawing.frames_on_ground(given, found, title)
        if given.ndim == 1:
            given, found, start = (x[:, None] for x in (given, found, start))
        names = self.names if given.shape[-1] == len(self.names) else ["value"]
        return drawing.lines_on_ground(given, found, start, names, title, num_features)


def attribute(
    gan: Any,
    sequences: Any,
    *,
    conditions: Mapping[str, Any] | None = None,
    baseline: Any = "mean",
    num_steps: int = 64,
    seed: int = 0,
    batch_size: int = 256,
) -> Attribution:
    """Tell which values, at which step of which feature, a discriminator's judgement is due to.

    By integrated gradients: the slope of the judgement with respect to the sequence, averaged on a
    straight line from a baseline to it, times the difference of the two. What networks derive of a
    sequence (increments, bridges across gaps, an embedding) counts for the values that it is derived
    of. Attributions sum up to the difference of the judgements; by how much they miss it is reported.
    Conditions are held as they are.

    Args:
        gan: A trained model. A judgement at each step counts as the mean over those of the sequence.
        sequences: Sequences as `fit` takes them, in memory, or a single one.
        conditions: Their conditions, where the model takes some.
        baseline: What sequences are held against: "mean" or "median" of 256 generated samples, step by
            step, of a file without rows of the data under the conditions of the sequences; an array in
            the data's units of one sequence, or of several, over which attributions are then averaged
            (expected gradients).
        num_steps: At how many points of the line slopes are taken, those of Gauss and Legendre.
        seed: Seed of the generated samples.
        batch_size: How many sequences are judged at a time.

    Returns:
        An `Attribution`.

    Raises:
        ValueError: If the sequences or the baseline do not fit the model, or the discriminator judges
            no sequence by itself.

    Example:
        >>> import keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> sines = kr.datasets.make_sines(64, length=8, num_features=2)
        >>> gan.adapt(sines)
        >>> found = kr.explaining.attribute(gan, sines[:3])
        >>> found.attributions.shape, bool(abs(found.completeness_errors).max() < 0.02)
        ((3, 8, 2), True)

    Reference:
        Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", ICML 2017; Erion et al.,
        "Improving Performance of Deep Learning Models with Axiomatic Attribution Priors and Expected
        Gradients", Nature Machine Intelligence 2021.
    """
    models.check(gan, "attribute")
    num_steps = checks.positive_int("num_steps", num_steps)
    size = checks.positive_int("batch_size", batch_size)
    checks.non_negative_int("seed", seed)
    _check_discriminator(gan)
    given = read(gan, "attribute", sequences, conditions, gaps=False)
    baselines = _baselines(gan, given, baseline, seed)
    size = min(size, num_steps * len(given.sequences))
    computed = JudgementSlopes(gan)
    beside = {"columns": given.columns, "observed": given.observed}
    judgements = _judged(computed, given.sequences, beside, size)
    attributions, of_baselines = np.zeros(given.sequences.shape), np.zeros(len(judgements))
    for one in baselines:
        start = np.broadcast_to(one, given.sequences.shape).astype("float32")
        attributions += _integrated(computed, start, given.sequences, beside, num_steps, size)
        of_baselines += _judged(computed, start, beside, size)
    attributions, of_baselines = attributions / len(baselines), of_baselines / len(baselines)
    total = attributions.reshape(len(attributions), -1).sum(axis=1)
    shown = _in_units(gan, baselines.mean(axis=0), given)
    return Attribution(
        given.delivered(np.where(given.known, attributions, np.nan)),
        judgements,
        of_baselines,
        total - (judgements - of_baselines),
        given.delivered(given.values),
        given.delivered(shown),
        models.names(gan, sequences),
    )


def _check_discriminator(gan: Any) -> None:
    """Refuse one that judges samples by others of their batch, or that gives no judgement.

    Raises:
        ValueError: If it does.
    """
    for layer in internals.layers_of(gan.discriminator):
        if isinstance(layer, MinibatchStdDev | MinibatchDiscrimination):
            raise ValueError(
                "attribute expects a discriminator that judges each sequence by itself. Received: one "
                f"whose layer {layer.name!r}, a {type(layer).__name__}, mixes those of a batch"
            )
    if isinstance(gan.discriminator, CausalProcesses):
        raise ValueError(
            "attribute expects a discriminator that gives a judgement. Received: CausalProcesses, "
            "which measures the cost of a transport"
        )


def _judged(computed: JudgementSlopes, x: np.ndarray, beside: dict[str, Any], size: int) -> np.ndarray:
    """Return the judgement of each sequence."""
    parts = []
    for rows in models.parts(size, x):
        own = {name: None if part is None else part[rows] for name, part in beside.items()}
        parts.append(computed.of({"sequences": x[rows], **own}, size)["judgements"])
    return np.concatenate(parts).astype("float64")


def _integrated(
    computed: JudgementSlopes,
    start: np.ndarray,
    end: np.ndarray,
    beside: dict[str, Any],
    num_steps: int,
    size: int,
) -> np.ndarray:
    """Return slopes integrated along the line from `start` to `end`, times its length."""
    points, weights = np.polynomial.legendre.leggauss(num_steps)
    points, weights = 0.5 * (points + 1.0), 0.5 * weights
    pairs = [(row, point) for row in range(len(end)) for point in range(num_steps)]
    total = np.zeros(end.shape)
    for part in models.parts(size, pairs):
        rows, steps = np.array(pairs[part]).T
        at = points[steps].reshape(-1, *[1] * (end.ndim - 1))
        x = (start[rows] + at * (end[rows] - start[rows])).astype("float32")
        own = {name: None if values is None else values[rows] for name, values in beside.items()}
        slopes = computed.of({"sequences": x, **own}, size)["slopes"]
        np.add.at(total, rows, weights[steps].reshape(at.shape) * slopes)
    return total * (end.astype("float64") - start)


def _baselines(gan: Any, given: Given, baseline: Any, seed: int) -> np.ndarray:
    """Return baselines in the networks' space, `(baselines, time, features)`."""
    shape = given.sequences.shape[1:]
    if isinstance(baseline, str):
        kind = checks.one_of("baseline", baseline, BASELINES)
        return _middle(_generated(gan, given, seed), kind, shape)[None]
    values = np.asarray(baseline)
    values = values[None] if values.ndim == len(shape) else values
    if "length" in given.rows:  # of what comes after the longest sequence nothing is asked
        values = values[:, : shape[0]]
    if values.ndim != 1 + len(shape) or values.shape[1:] != shape or values.dtype.kind not in "fiub":
        raise ValueError(
            f"`baseline` must be 'mean', 'median', or numbers of shape {shape}, or of several such. "
            f"Received: shape {np.shape(baseline)}"
        )
    if not np.isfinite(values).all():
        raise ValueError("`baseline` must be finite. Received: NaN or infinite values in it")
    if gan.scaler is None:
        return values.astype("float32")
    if gan.scaler.per_sequence:
        raise ValueError(
            "With scaler='per_sample' every sequence has units of its own, in which one baseline is "
            "another. Expected: baseline='mean' or 'median'. Received: an array"
        )
    entered = gan.admission.entered(values).astype("float32")
    return models.to_numpy(gan.samples.to_scaled(ops.convert_to_tensor(entered), None))


def _generated(gan: Any, given: Given, seed: int) -> Any:
    """Return generated samples in the networks' space, as long as the sequences.

    Where no conditions can be drawn, they are those of the sequences.
    """
    shape = given.sequences.shape[1:]
    length = shape[0] if len(shape) > 1 and "length" not in given.rows else None
    if gan.sampler.draws_conditions:
        wanted = None if length == gan.data_shape[1] else length
        return gan.generate(NUM_GENERATED, length=wanted, seed=seed, scaled=True)
    chosen = np.arange(NUM_GENERATED) % len(given.sequences)
    space = LatentSpace.of(gan, shape[0])
    rows = {name: values[chosen] for name, values in given.rows.items()}
    columns = None if given.columns is None else given.columns[chosen]
    latents = models.Latents(space, space.draw(NUM_GENERATED, [seed]), columns, rows)
    return models.make(gan, latents, NUM_GENERATED, scaled=True)


def _middle(samples: Any, kind: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return the mean or median sample, of sequences that have not ended; then as at the last step."""
    take = np.mean if kind == "mean" else np.median
    if not isinstance(samples, list):
        return np.asarray(take(samples, axis=0), "float32")
    result = np.zeros(shape, "float32")
    for step in range(shape[0]):
        going = [sample[step] for sample in samples if len(sample) > step]
        result[step] = take(going, axis=0) if going else result[step - 1]
    return result


def _in_units(gan: Any, baseline: np.ndarray, given: Given) -> np.ndarray:
    """Return a baseline beside each sequence, in the data's units."""
    rows = np.broadcast_to(baseline, given.sequences.shape).astype("float32")
    if gan.scaler is None:
        return rows
    columns = None if given.columns is None else ops.convert_to_tensor(given.columns)
    ways: dict[str, Any] = {}
    for capability in gan.capabilities:
        ways |= capability.way_back(columns)
    with gan.sampler.lock:
        values = models.to_numpy(gan.scaler.inverse(ops.convert_to_tensor(rows), **ways, entered=True))
    return gan.left(values)

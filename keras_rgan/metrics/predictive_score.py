"""Does a forecaster trained on generated sequences work on real ones?"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_rgan.metrics import post_hoc, samples
from keras_rgan.metrics.score import Score
from keras_rgan.networks import RecurrentDiscriminator
from keras_rgan.utils import checks


def predictive_score(
    real: Any,
    generated: Any,
    units: int | None = None,
    steps: int = 5000,
    batch_size: int = 128,
    repeats: int = 5,
    seed: int = 0,
    rescale: bool = True,
) -> Score:
    """Train a forecaster on generated sequences, test it on real ones; return its mean absolute error.

    The protocol of the TimeGAN paper: a GRU of features // 2 units with a sigmoid ending predicts the
    last feature one step ahead from all others (of a single feature: from itself). Pass real sequences
    as `generated` for the best that there is, and see `constant_score` for what a forecaster that
    learned nothing scores: where the two are close, this measure says nothing.

    Args:
        real: Real sequences, `(samples, time, features)`, in any units.
        generated: Generated sequences, in the same units.
        units: Width of the forecaster, in place of the protocol's.
        steps: Steps of training.
        batch_size: Sequences in a batch.
        repeats: How many forecasters are trained.
        seed: Seed of all that is random.
        rescale: Whether to measure in units in which each real feature fills 0 … 1. Without, features
            must lie in 0 … 1 as they are, as papers have the benchmark's sines, which fill half of it.

    Returns:
        A `Score`, lower is better.

    Raises:
        ValueError: If the sets differ in shape, are shorter than 2 steps, or hold NaN or
            infinite values.

    Example:
        >>> import keras_rgan as kr
        >>> sines = kr.datasets.make_sines(100, length=8, num_features=2)
        >>> score = kr.metrics.predictive_score(sines, sines, steps=50, repeats=1)
        >>> 0.0 < score.mean < 1.0
        True

    Reference:
        Yoon et al., "Time-series Generative Adversarial Networks", NeurIPS 2019; as train on synthetic,
        test on real: Esteban et al., 2017.
    """
    real, generated = samples.with_gaps({"real": real, "generated": generated})
    if real.shape[1] < 2:
        raise ValueError(f"Expected at least 2 steps. Received: shape {real.shape}")
    if rescale:
        real, generated = post_hoc.min_max_scaled(real, generated)
    truth = _task(real)[1]
    width = checks.positive_int("units", units or max(real.shape[-1] // 2, 1))
    checks.positive_int("steps", steps)
    checks.positive_int("batch_size", batch_size)
    mean = post_hoc.mean(real)
    (given, target), (given_real, _) = (
        _task(post_hoc.as_float32(np.where(np.isnan(x), mean, x))) for x in (generated, real)
    )
    asked = ~np.isnan(_task(generated)[1][..., 0])
    values = []
    for repeat in range(checks.positive_int("repeats", repeats)):
        rng = np.random.default_rng([seed, repeat])
        network = RecurrentDiscriminator(
            width,
            bidirectional=False,
            per_step=True,
            seed=int(rng.integers(2**31)),
            dtype="float32",
        )
        model = keras.Sequential([network, keras.layers.Activation("sigmoid", dtype="float32")])
        model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mean_absolute_error")

        def draw(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
            rows = rng.integers(len(given), size=batch_size)
            pair = given[rows], target[rows]
            return pair if asked.all() else (*pair, asked[rows].astype("float32"))

        post_hoc.train(model, steps, draw, int(rng.integers(2**31)))
        predicted = model.predict(given_real, batch_size=1024, verbose=0)
        values.append(np.nanmean(np.abs(predicted - truth), dtype="float64"))
    return Score.of(values)


def constant_score(real: Any, rescale: bool = True) -> float:
    """Return what the best constant forecast scores in place of a `predictive_score`.

    Args:
        real: Real sequences, `(samples, time, features)`, in any units.
        rescale: As in `predictive_score`.

    Returns:
        The mean absolute error of forecasting the median.

    Raises:
        ValueError: If the sequences are shorter than 2 steps, or hold NaN or
            infinite values.

    Example:
        >>> import numpy as np, keras_rgan as kr
        >>> ramp = np.tile(np.linspace(0, 1, 5)[None, :, None], (3, 1, 1))
        >>> round(kr.metrics.constant_score(ramp), 3)
        0.25
    """
    (real,) = samples.with_gaps({"real": real})
    if real.shape[1] < 2:
        raise ValueError(f"Expected at least 2 steps. Received: shape {real.shape}")
    scale = post_hoc.Range.of(real[..., -1:])
    target = scale.enter(real[:, 1:, -1:])
    error = np.nanmean(np.abs(target - np.nanmedian(target)))
    return float((error / (scale.width[0] or 1.0)) if rescale else (error * scale.unit[0]))


def _task(sequences: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what is given at each step but the last, and what is to be predicted."""
    given = sequences[:, :-1, :-1] if sequences.shape[-1] > 1 else sequences[:, :-1]
    return given, sequences[:, 1:, -1:]

"""A Gaussian copula of whole windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_rgan.layers import ConditionEncoder
from keras_rgan.sequences import reading
from keras_rgan.sequences.statistics.gaussian_windows import GaussianWindows
from keras_rgan.sequences.statistics.normal_scores import NormalScores
from keras_rgan.utils import checks

MAX_WINDOWS = 100_000
"""How many sequences are looked at, evenly spread, of more."""


class GaussianCopula:
    """Sequences as one Gaussian vector of normal scores: a yardstick in closed form, in seconds.

    Each feature is mapped to a standard normal by its ranks. Mean and covariance of whole windows of
    these scores are all that is learned; what is drawn is mapped back by quantiles. So marginals and
    everything linear are right, and nothing else is: a trained model that is not better has learned
    nothing of what is not linear.

    It takes what `RecurrentGAN.fit` takes: arrays, lists of different lengths, gaps, conditions, tables
    and datasets of batches. Values that occur often (zeros, whole numbers, categories) stay such. Where
    conditions are given, the mean of scores is a linear function of them. Lengths, gaps and conditions
    are drawn from the data's rows. Windows of more than `max_numbers` numbers, and what is longer than
    the data, go on as a vector autoregression of scores.

    Args:
        max_numbers: Up to how many numbers of a window (steps times features) have a covariance of
            their own.

    Raises:
        ValueError: If `max_numbers` is not positive, or the data is not of that kind.

    Example:
        >>> import keras_rgan as kr
        >>> windows = kr.data.sliding_windows(kr.datasets.load_energy()[0][:2000, :5], 24)
        >>> copula = kr.baselines.GaussianCopula().fit(windows)
        >>> copula.generate(100, seed=0).shape, copula.generate(10, length=60, seed=0).shape
        ((100, 24, 5), (10, 60, 5))

    Reference:
        Cario and Nelson, "Modeling and Generating Random Vectors with Arbitrary Marginal Distributions
        and Correlation Matrix" (NORTA), 1997; Ledoit and Wolf, "A Well-Conditioned Estimator for
        Large-Dimensional Covariance Matrices", 2004.
    """

    def __init__(self, max_numbers: int = 2_000) -> None:
        self.max_numbers = checks.positive_int("max_numbers", max_numbers)
        self._scores: NormalScores | None = None
        self._windows: GaussianWindows | None = None
        self._encoder: ConditionEncoder | None = None
        self._dtype = "float32"

    def fit(self, data: Any, conditions: Any = None, *, limit: int | None = None) -> GaussianCopula:
        """Learn the marginals, and mean and covariance of the scores.

        Args:
            data: Sequences, as `RecurrentGAN.fit` takes them; with conditions a pair
                `(sequences, {…})`.
            conditions: Conditions beside an array, in place of the pair.
            limit: The most batches to read of a dataset without a known end.

        Returns:
            Itself.

        Raises:
            ValueError: If the data has a wrong shape, too few sequences or infinite values.
        """
        sequences, given = _read(data, conditions, limit)
        lengths = given.get("length")
        there = reading.observed_in(sequences, lengths)
        values = np.where(there, sequences, np.nan).astype("float64")
        rows = values.reshape(-1, values.shape[-1])
        self._scores = NormalScores(rows[~np.isnan(rows).all(axis=1)])
        scores = self._scores.enter(rows).reshape(*values.shape[:2], -1)
        self._encoder = None
        if given:
            self._encoder = ConditionEncoder()
            self._encoder.adapt(given)
        encoded = {} if self._encoder is None else self._encoder.encode(given)
        beside = self._beside(encoded, len(values), values.shape[1])
        self._windows = GaussianWindows(scores, beside, self.max_numbers)
        self._dtype = "float64" if sequences.dtype.kind != "f" or sequences.itemsize > 4 else "float32"
        return self

    def generate(
        self,
        num_samples: int | None = None,
        *,
        length: int | None = None,
        seed: int | None = None,
        conditions: Mapping[str, Any] | None = None,
        missing: bool = False,
    ) -> Any:
        """Draw sequences, as `RecurrentGAN.generate`.

        Args:
            num_samples: How many; with conditions as many as these.
            length: Steps of a sequence; by default as in the data.
            seed: The same seed gives the same samples; by default every call gives new ones.
            conditions: Dict of conditions, a row for each sample; drawn from the data's where none are
                given.
            missing: Whether to leave out, as NaN, what is not observed in sequences of the data.

        Returns:
            `(num_samples, length, features)`, or a list of arrays where sequences have lengths of their
            own; float32, or float64 where the data is of wider numbers.

        Raises:
            ValueError: If nothing was learned yet, a count is not positive, or conditions are others.
        """
        if self._scores is None or self._windows is None:
            raise ValueError("Nothing was learned yet. Expected: fit(data) first")
        random = np.random.default_rng(seed)
        rows = self._rows(num_samples, conditions, random)
        count = (
            len(next(iter(rows.values()))) if rows else checks.positive_int("num_samples", num_samples)
        )
        steps = self._windows.length if length is None else checks.positive_int("length", length)
        beside = self._beside(rows, count, self._windows.length)
        scores = self._windows.draw(count, steps, beside, random)
        flat = self._scores.leave(scores.reshape(-1, scores.shape[-1]))
        samples = flat.reshape(count, steps, -1).astype(self._dtype)
        if missing and "observed" in rows:
            samples[:, : rows["observed"].shape[1]][~rows["observed"][:, :steps].astype(bool)] = np.nan
        if "length" not in rows:
            return samples
        ends = np.full(count, steps) if length is not None else rows["length"].ravel()
        return reading.unpad(samples, ends)

    def _rows(
        self, num_samples: int | None, conditions: Mapping[str, Any] | None, random: np.random.Generator
    ) -> dict[str, np.ndarray]:
        """Return encoded conditions: those asked for, with lengths and gaps of the data's rows."""
        if self._encoder is None:
            if conditions:
                raise ValueError(f"The data had no conditions. Received: {sorted(conditions)}")
            return {}
        asked = dict(conditions or {})
        encoded = self._encoder.encode(asked, optional=("length",)) if asked else {}
        count = len(next(iter(encoded.values()))) if encoded else num_samples
        drawn = self._encoder.sample(checks.positive_int("num_samples", count), random)
        return {**drawn, **encoded}

    def _beside(self, rows: Mapping[str, np.ndarray], count: int, length: int) -> np.ndarray:
        """Return what stands beside windows as numbers, `(samples, count)`."""
        if self._encoder is None or not self._encoder.column_names:
            return np.zeros((count, 0))
        columns = ops.convert_to_numpy(self._encoder(dict(rows), length=length)).astype("float64")
        temporal = self._encoder.num_temporal
        first = 0 if self._encoder.max_length is None else 2
        parts = [columns[:, 0, temporal:], columns[:, :, first:temporal].reshape(count, -1)]
        if first:
            parts.append(columns[:, :, 0].mean(axis=1, keepdims=True))
        return np.concatenate(parts, axis=1)


def _read(data: Any, conditions: Any, limit: int | None) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return all sequences, evenly thinned if there are too many, and their conditions.

    Raises:
        ValueError: If they have a wrong shape, or there are fewer than two.
    """
    data, conditions = reading.gather(data, conditions)
    pairs = (data, dict(conditions or {})) if reading.is_array(data) else data
    parts, beside = [], []
    for sequences, given in reading.iterate_pairs(pairs, limit):
        if sequences.ndim != 3 or sequences.dtype.kind not in "fiub":
            raise ValueError(
                "Expected sequences of numbers, (samples, time, features). Received: shape "
                f"{sequences.shape}, dtype {sequences.dtype}"
            )
        reading.check_rows(given or {}, sequences)
        parts.append(sequences)
        beside.append({name: reading.to_numpy(values) for name, values in (given or {}).items()})
    if sum(map(len, parts)) < 2:
        raise ValueError(f"Expected two sequences at least. Received: {sum(map(len, parts))}")
    whole = np.concatenate(parts)
    together = {name: np.concatenate([b[name] for b in beside]) for name in beside[0]}
    problem = reading.describe_non_finite(whole, gaps=True)
    if problem:
        raise ValueError(f"Expected finite values. Received: infinite values in {problem}")
    if len(whole) <= MAX_WINDOWS:
        return whole, together
    chosen = np.linspace(0, len(whole) - 1, MAX_WINDOWS).round().astype(int)
    return whole[chosen], {name: values[chosen] for name, values in together.items()}

"""What is seen of generated sequences beside real ones, whatever kind they are of."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_rgan.callbacks.doctor.chart import Look
from keras_rgan.callbacks.sample_grid import ended_in_nan
from keras_rgan.metrics import post_hoc
from keras_rgan.sequences.statistics.random_features import random_feature_score

FEWEST = 16
"""Fewer real sequences are not looked at."""

NUMBERS = 5_000_000
"""So many numbers, at the most, are looked at of a set."""

FEATURES = 64
"""More of them are seen through so many random directions."""

NEIGHBOURS = 3
"""To its third neighbour reaches what is near to a real sequence."""


class Eye:
    """Looks at samples beside real ones.

    Args:
        real: Real sequences, `(samples, time, …)`, NaN where there is nothing; ids of tokens as whole
            numbers, `(samples, time)`.
        names: Whether numbers are names, as ids of tokens are.
        seed: Of what is drawn.
    """

    def __init__(self, real: np.ndarray, names: bool = False, seed: int = 0) -> None:
        self.names, self.seed = names, seed
        random = np.random.default_rng(seed)
        real = real[random.permutation(len(real))]
        self.categories = np.unique(real[~np.isnan(real.astype("float64"))]) if names else None
        wide = self._wide(real)
        self.holes = np.isnan(wide)
        self.centre = np.nan_to_num(np.nanmean(wide, axis=(0, 1)))
        deviation = np.nan_to_num(np.nanstd(wide, axis=(0, 1)))
        self.moving = deviation > 0.0
        self.deviation = np.where(self.moving, deviation, 1.0)
        self.directions: np.ndarray | None = None
        if wide.shape[-1] > FEATURES:
            size = wide.shape[-1] ** -0.5
            self.directions = random.normal(scale=size, size=(wide.shape[-1], FEATURES))
        seen = self._seen(wide)
        half = len(seen) // 2
        self.first, self.second = seen[:half], seen[half : 2 * half]

    @property
    def count(self) -> int:
        """How many generated sequences it compares."""
        return len(self.first)

    def look(self, generated: Any, updates: int) -> Look | None:
        """Return what is seen; None where nothing can be.

        Args:
            generated: Samples: an array, or a list of sequences of different lengths.
            updates: After how many updates.
        """
        wide = self._wide(as_array(generated)[: self.count])
        steps = self.first.shape[1]
        if self.count < FEWEST // 2 or len(wide) < self.count:
            return None
        lengths = isinstance(generated, list)
        wide = wide[:, :steps]
        wide = np.pad(wide, [(0, 0), (0, steps - wide.shape[1]), (0, 0)], constant_values=np.nan)
        if not lengths and self.holes.any():
            wide = np.where(self.holes[: len(wide)], np.nan, wide)
        seen = self._seen(wide)
        if not np.isfinite(seen).all():
            return None
        first, second, made = (x.reshape(len(x), -1) for x in (self.first, self.second, seen))
        among = post_hoc.distances(first, first)
        others = ~np.eye(len(first), dtype=bool)
        usual = float(np.median(among[others]))
        if usual == 0.0:
            return None
        nearest = np.sort(among + np.where(others, 0.0, np.inf), axis=1)
        near = nearest[:, min(NEIGHBOURS, len(first) - 1) - 1]
        to_made, to_second = (post_hoc.distances(first, x) for x in (made, second))
        random = np.random.default_rng(self.seed)
        told = random_feature_score(self.first, seen, random)
        random = np.random.default_rng(self.seed)
        return Look(
            updates=updates,
            spread=float(np.median(post_hoc.distances(made, made)[others])) / usual,
            nearest=float(np.median(nearest[:, 0])) / usual,
            reach=float((to_made.min(axis=1) <= near).mean()),
            real_reach=float((to_second.min(axis=1) <= near).mean()),
            off=float(np.median(to_made.min(axis=0)))
            / max(float(np.median(to_second.min(axis=0))), 1e-9 * usual),
            told=told,
            real_told=random_feature_score(self.first, self.second, random),
            place=tuple(map(float, np.concatenate([seen.mean(axis=(0, 1)), seen.std(axis=(0, 1))]))),
        )

    def _wide(self, values: np.ndarray) -> np.ndarray:
        """Return samples as `(samples, time, features)`, names as columns of one category each."""
        if self.names:
            assert self.categories is not None
            ids = values.reshape(*values.shape[:2])
            columns = (ids[..., None] == self.categories).astype("float32")
            return np.where(np.isnan(ids.astype("float64"))[..., None], np.float32(np.nan), columns)
        if values.ndim == 2:
            values = values[:, None]
        return values.reshape(*values.shape[:2], -1)

    def _seen(self, wide: np.ndarray) -> np.ndarray:
        """Return samples in deviations of the real ones, of which far ones count less, without NaN."""
        seen = np.arcsinh((wide - self.centre) / self.deviation) * self.moving
        seen = np.nan_to_num(seen, nan=0.0, posinf=np.inf, neginf=-np.inf)
        return seen if self.directions is None else seen @ self.directions


def as_array(samples: Any) -> np.ndarray:
    """Return samples as one array, NaN behind their ends."""
    if not isinstance(samples, list | tuple):
        return np.asarray(samples)
    if np.ndim(samples[0]) == 1:
        samples = [np.asarray(x, "float32")[:, None] for x in samples]
    return ended_in_nan(samples)

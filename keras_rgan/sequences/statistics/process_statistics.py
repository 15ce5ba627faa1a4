"""What `LinearProcess` and `MixtureProcess` learn of sequences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from keras_rgan.sequences.statistics.linear_law import knots_of, linear_law, without_effect
from keras_rgan.sequences.statistics.mixture_law import mixture_law
from keras_rgan.sequences.statistics.normal_scores import Deviations, NormalScores
from keras_rgan.sequences.statistics.step_statistics import StepStatistics

MAX_NUMBERS = 8_000_000
"""How many numbers of sequences are kept, a uniform sample of these."""

Entered = tuple[NormalScores, np.ndarray]
"""Marginals, and the scores of sequences."""


class ProcessStatistics(StepStatistics):
    """A uniform sample of sequences, of batches of any lengths."""

    def __init__(self) -> None:
        super().__init__()
        self.num_features = 0
        self._kept: list[np.ndarray] = []
        self._largest = 1
        self._beside: list[dict[str, np.ndarray]] = []
        self.columns: np.ndarray | None = None
        self._keys = np.empty(0)
        self._random = np.random.default_rng(0)
        self._entered: dict[bool, Entered] = {}
        self._laws: dict[tuple[int, int], dict[str, np.ndarray]] = {}

    @property
    def longest(self) -> int:
        """How many steps the longest sequence has, 0 before there is one."""
        return max(map(len, self._kept), default=0)

    @property
    def num_kept(self) -> int:
        """How many sequences are kept."""
        return len(self._kept)

    def update(
        self, batch: np.ndarray, gaps: bool = False, beside: Mapping[str, np.ndarray] | None = None
    ) -> None:
        """Take in a batch, and the conditions beside it, a row for each sequence."""
        if beside:
            self._beside.extend(
                {name: np.array(rows[i]) for name, rows in beside.items()} for i in range(len(batch))
            )
        super().update(batch, gaps)

    def encode(self, encode: Callable[[dict[str, np.ndarray], np.ndarray, int], np.ndarray]) -> None:
        """Have the mean follow from the conditions that sequences came with.

        Args:
            encode: Returns columns, `(samples, time, count)`, of conditions by name, the lengths of
                their sequences, and a number of steps.
        """
        if len(self._beside) != len(self._kept) or not self._kept:
            return
        rows = {name: _padded([row[name] for row in self._beside]) for name in self._beside[0]}
        lengths = np.array(list(map(len, self._kept)))
        self.columns, self._laws = encode(rows, lengths, self.longest), {}

    def _take_in(self, samples: np.ndarray) -> None:
        self.num_features, self._entered, self._laws = samples.shape[-1], {}, {}
        self._kept.extend(map(np.copy, samples))  # views would hold the whole batch
        self._largest = max(self._largest, samples[0].size)
        self._keys = np.concatenate([self._keys, self._random.random(len(samples))])
        limit = max(MAX_NUMBERS // self._largest, 2)
        if len(self._kept) > 2 * limit:
            self._thin(limit)

    def _settle(self) -> None:
        """Keep no more than there is room for, once all are seen: rows are counted from here on."""
        self._thin(max(MAX_NUMBERS // (self.longest * self.num_features), 2))

    def _thin(self, limit: int) -> None:
        chosen = np.sort(np.argsort(self._keys, kind="stable")[:limit])
        self._kept, self._keys = [self._kept[i] for i in chosen], self._keys[chosen]
        if self._beside:
            self._beside = [self._beside[i] for i in chosen]
        if self.columns is not None:
            self.columns = self.columns[chosen]

    def weights(
        self,
        block: int,
        offset: np.ndarray | None = None,
        scale: np.ndarray | None = None,
        clusters: int = 1,
    ) -> dict[str, np.ndarray]:
        """Return the weights of a `LinearProcess`, by name.

        Args:
            block: How many steps are one Gaussian vector.
            offset: The layer makes (x - offset) / scale, features last; None for 0.
            scale: 0 where the layer makes 0; None for 1.
            clusters: Around how many means the vector lies.

        Raises:
            ValueError: If sequences are shorter than a block.
        """
        scores, law = self.linear_law(block, clusters)
        return {**law, **knots_of(scores, offset, scale)}

    def mixture(
        self,
        order: int,
        components: int,
        offset: np.ndarray | None = None,
        scale: np.ndarray | None = None,
        known: Sequence[int] | None = None,
    ) -> dict[str, np.ndarray]:
        """Return the weights of a `MixtureProcess`, by name.

        Args:
            order: How many steps back it looks.
            components: How many laws it has.
            offset: As in `weights`.
            scale: As in `weights`.
            known: Of which sequences, for a first look; None for all.

        Raises:
            ValueError: If sequences are no longer than that.
        """
        if self.longest <= order:
            raise ValueError(
                f"`order` must be less than the {self.longest} steps of the sequences. Received: "
                f"order={order}"
            )
        scores, entered = self.enter(by_deviations=True)
        entered = entered if known is None else entered[list(known)]
        return mixture_law(
            scores,
            entered,
            self.num_features,
            order,
            components,
            offset,
            scale,
            hasty=known is not None,
        )

    @property
    def is_smooth(self) -> bool:
        """Whether no values occur often, and no feature is a category."""
        scores, _ = self.enter()
        return scores.smooth and not scores.groups

    def whole(self, block: int) -> list[int]:
        """Return which sequences have so many steps, and nothing missing in them."""
        self._settle()
        return [
            i for i, x in enumerate(self._kept) if len(x) >= block and not np.isnan(x[:block]).any()
        ]

    def first_steps(self, chosen: Sequence[int] | np.ndarray, block: int) -> np.ndarray:
        """Return the first steps of sequences that have so many."""
        return np.stack([self._kept[i][:block] for i in chosen])

    def enter(self, by_deviations: bool = False) -> Entered:
        """Return marginals, by ranks or by deviations, and the scores of all sequences."""
        if by_deviations in self._entered:
            return self._entered[by_deviations]
        self._settle()
        windows = np.full((len(self._kept), self.longest, self.num_features), np.nan)
        for row, sample in zip(windows, self._kept, strict=True):
            row[: len(sample)] = sample
        rows = windows.reshape(-1, self.num_features)
        scores = (Deviations if by_deviations else NormalScores)(rows[~np.isnan(rows).all(axis=1)])
        entered = scores.enter(rows)[:, : len(scores.kept)].reshape(*windows.shape[:2], -1)
        self._entered[by_deviations] = scores, entered
        return scores, entered

    def linear_law(
        self, block: int, clusters: int, known: Sequence[int] | None = None
    ) -> tuple[NormalScores, dict[str, np.ndarray]]:
        """Return marginals, and the law of the scores with what of it follows from conditions.

        Args:
            block: How many steps are one Gaussian vector.
            clusters: Around how many means it lies.
            known: Of which sequences, for a first look; None for all.
        """
        if self.longest < block:
            raise ValueError(
                f"`linear_process` must be at most {self.longest} steps, as the sequences have. "
                f"Received: linear_process={block}"
            )
        scores, entered = self.enter(clusters > 1 and self.is_smooth)
        if known is None and (block, clusters) in self._laws:
            return scores, self._laws[block, clusters]
        effect: dict[str, np.ndarray] = {}
        if self.columns is not None:
            entered, effect = without_effect(
                entered, self.columns, scores.kept, self.num_features, block
            )
        entered = entered if known is None else entered[list(known)]
        law = {**linear_law(entered, scores.kept, self.num_features, block, clusters), **effect}
        if known is None:
            self._laws[block, clusters] = law
        return scores, law


def _padded(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Return rows as one array; those of fewer steps go on as they end."""
    if len({row.shape for row in rows}) == 1:
        return np.stack(rows)
    longest = max(map(len, rows))
    index = np.arange(longest)
    return np.stack([row[np.minimum(index, len(row) - 1)] for row in rows])

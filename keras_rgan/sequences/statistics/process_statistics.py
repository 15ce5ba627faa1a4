"""What `LinearProcess` learns of sequences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from keras_rgan.sequences.statistics.clusters import cluster_means, members
from keras_rgan.sequences.statistics.gaussian_mixture import (
    ROUNDS,
    bounds_of,
    fit_mixture,
    start_laws,
    step_laws,
)
from keras_rgan.sequences.statistics.gaussian_windows import GaussianWindows, regression
from keras_rgan.sequences.statistics.normal_scores import Deviations, NormalScores
from keras_rgan.sequences.statistics.random_features import random_feature_score
from keras_rgan.sequences.statistics.step_statistics import StepStatistics, units_of

MAX_NUMBERS = 8_000_000
"""How many numbers of sequences are kept, a uniform sample of these."""

KNOTS = 256
"""In how many parts scores from -REACH to REACH are mapped to values."""

REACH = 4.0

JUDGED = 4_000
"""So many sequences, at the most, a judge is shown of either kind."""

FEWEST = 100
"""Of fewer it can say nothing."""

CLUSTERS = (16, 64, 160)
"""How many clusters are tried."""

MEMBERS = 30
"""How many sequences a cluster has at the least, on average: the mean of fewer is a copy of them."""

LEAST = 5
"""How many sequences the smallest cluster has: those of fewer join others."""

FITS, GAIN = 0.02, 0.01
"""A process that is told by less needs no clusters; more of them must be told by so much less."""

JUMP = 8.0
"""How many times as far as its neighbours a value must be to lie beyond a gap that is not bridged."""

MIXTURES = ((1, 24), (1, 96), (3, 48), (6, 64), (1, 384))
"""Which mixtures of autoregressions are tried: how far back they look, and how many laws they have."""

MANY, PROMISING = 96, 0.2
"""More laws are tried only where so many of the same order are told by no more than so much."""

ROWS = 2
"""How many rows there are at the least for each number that is fitted to them."""

MAX_PIECES, PIECES_OF_A_LAW = 8_000, 80
"""Of how many pieces of sequences it learns, or of so many for each of its laws."""

FEWEST_OF_MIXTURE = 1_000
"""Of fewer sequences it is not tried."""

ValuesOf = Callable[[dict[str, np.ndarray], int, np.ndarray], np.ndarray]
"""What weights, by name, of an order make of noise."""

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
        self._columns: np.ndarray | None = None
        self._keys = np.empty(0)
        self._random = np.random.default_rng(0)
        self._entered: dict[bool, Entered] = {}
        self._laws: dict[tuple[int, int], dict[str, np.ndarray]] = {}

    @property
    def longest(self) -> int:
        """How many steps the longest sequence has, 0 before there is one."""
        return max(map(len, self._kept), default=0)

    def update(
        self, batch: np.ndarray, gaps: bool = False, beside: Mapping[str, np.ndarray] | None = None
    ) -> None:
        """Take in a batch, and the conditions beside it, a row for each sequence."""
        if beside:
            self._beside.extend(
                {name: rows[i].copy() for name, rows in beside.items()} for i in range(len(batch))
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
        self._columns, self._laws = encode(rows, lengths, self.longest), {}

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
        if self._columns is not None:
            self._columns = self._columns[chosen]

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
        scores, law = self._whole_law(block, clusters)
        return {**law, **self._values(scores, offset, scale)}

    def best_fit(self, block: int, most: float) -> tuple[float, int]:
        """Return by how much a judge tells the process from the data, 0 to 0.5, and its best clusters.

        There is more than one where that helps: where means of the first half of the sequences, each of
        at least `MEMBERS` of these, are told less from the second half than one.

        Args:
            block: How many steps are one Gaussian vector; so many first steps are compared.
            most: By how much a judge may tell a process of more than one.
        """
        best = linear = self.misfit(block), 1
        for clusters in CLUSTERS:
            if best[0] < FITS or clusters * MEMBERS > len(self._kept) // 2:
                break
            misfit = self.misfit(block, clusters)
            if misfit > best[0] - GAIN:
                break
            best = misfit, clusters
        return best if best[0] <= most else linear

    def misfit(self, block: int, clusters: int = 1) -> float:
        """Return by how much a judge in closed form tells the process from the data, 0 to 0.5.

        Args:
            block: How many steps are one Gaussian vector; so many first steps are compared.
            clusters: Around how many means it lies. Of more than one these are those of the first half
                of the sequences, and the judge is shown the second.
        """
        whole, known = self._whole(block), None
        if clusters > 1:
            known, whole = whole[: len(whole) // 2], whole[len(whole) // 2 :]
        if len(whole) < FEWEST:
            return 0.0 if clusters == 1 else 0.5
        scores, law = self._whole_law(block, clusters, known)
        columns = scores.kept  # neither categories nor copies
        if not columns:
            return 0.0 if clusters == 1 else 0.5
        random = np.random.default_rng(1)
        chosen = random.permutation(whole)[:JUDGED]
        noise = random.standard_normal((len(chosen), len(law["first"])))
        drawn = (noise @ law["first"]).reshape(-1, block, self.num_features) + law["mean"]
        if clusters > 1:
            choice = random.standard_normal((len(chosen), 1))
            drawn += law["shifts"][(choice > law["bounds"]).sum(axis=1)]
        beside = np.zeros((len(chosen), block, 0))
        if self._columns is not None:
            beside = self._columns[chosen, :block]
            drawn = drawn + np.einsum("btc,tcf->btf", beside - law["centre"], law["effect"])
            beside = beside[..., beside.std(axis=(0, 1)) > 0.0]
        real = np.stack([self._kept[i][:block] for i in chosen])
        real, made = (
            np.concatenate([x[..., columns], beside], axis=-1)
            for x in (real, self._values_of(scores, drawn))
        )
        return random_feature_score(real, made, random)

    def best_mixture(
        self, block: int, misfit: float, values_of: ValuesOf
    ) -> tuple[float, int, int] | None:
        """Return by how much a judge tells the best mixture from the data, its order and components.

        Mixtures are fitted to the first half of the sequences, and told from the second. None where
        that is not clearly less than another process is told, and where there are conditions, values
        that occur often, or too few sequences.

        Args:
            block: How many first steps are compared.
            misfit: By how much another process is told.
            values_of: `MixtureProcess.values_of`.
        """
        whole = self._whole(block)
        few = len(whole) < FEWEST_OF_MIXTURE
        if misfit < FITS or self._columns is not None or few or not self._is_smooth:
            return None
        best: tuple[float, int, int] | None = None
        half, columns = len(whole) // 2, self._enter()[0].kept
        random = np.random.default_rng(1)
        chosen = random.permutation(whole[half:])[: JUDGED // 2]
        real = np.stack([self._kept[i][:block] for i in chosen])[..., columns]
        for order, components in MIXTURES:
            numbers = (order + 1) * len(columns)
            if order >= block or ROWS * numbers * components > _most(components):
                continue
            if components > MANY and (best is None or best[1] != order or best[0] > PROMISING):
                continue
            weights = self.mixture(order, components, known=whole[:half])
            noise = random.standard_normal((len(chosen), block, self.num_features + 1))
            made = values_of(weights, order, noise)[..., columns]
            told = random_feature_score(real, made, random)
            bar = misfit - 1.0 / math.sqrt(len(chosen)) if best is None else best[0]
            if told < bar - GAIN:
                best = told, order, components
            if told < FITS:
                break
        return best

    def _whole(self, block: int) -> list[int]:
        """Return which sequences have so many steps, and nothing missing in them."""
        self._settle()
        return [
            i for i, x in enumerate(self._kept) if len(x) >= block and not np.isnan(x[:block]).any()
        ]

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
        scores, entered = self._enter(by_deviations=True)
        entered = entered if known is None else entered[list(known)]
        random = np.random.default_rng(0)
        rounds, most = ROUNDS, _most(components)
        if known is not None:
            rounds, most = rounds // 2, most // 2
        pieces = np.concatenate(
            [entered[:, i : i + order + 1] for i in range(entered.shape[1] - order)]
        )
        size = order * len(scores.kept)
        starts = entered[:, :order]
        of_pieces, of_starts = (
            fit_mixture(_some(x, most, random), components, random, rounds) for x in (pieces, starts)
        )
        law = {**step_laws(*of_pieces, size), **start_laws(*of_starts)}
        offset, factor = units_of(offset, scale)
        ends = scores.leave(np.array([[0.0], [1.0]]) * np.ones(scores.num_columns))
        low, high = (ends - offset) * factor
        for first, behind in scores.groups:
            low[first:behind] = high[first:behind] = 0.0
        law = _embedded(law, scores.kept, self.num_features, order, components)
        return {**law, "shift": low, "gain": high - low}

    def _values_of(self, scores: NormalScores, drawn: np.ndarray) -> np.ndarray:
        """Return the values that scores stand for, as the layer has them."""
        law = self._values(scores, None, None)
        place = (np.clip(drawn, -REACH, REACH) + REACH) * (KNOTS / (2.0 * REACH))
        knot = place.astype(int)
        feature = np.arange(self.num_features)
        return law["values"][knot, feature] + law["slopes"][knot, feature] * (place - knot)

    @property
    def _is_smooth(self) -> bool:
        """Whether no values occur often, and no feature is a category."""
        scores, _ = self._enter()
        return scores.smooth and not scores.groups

    def _enter(self, by_deviations: bool = False) -> Entered:
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

    def _whole_law(
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
        scores, entered = self._enter(clusters > 1 and self._is_smooth)
        if known is None and (block, clusters) in self._laws:
            return scores, self._laws[block, clusters]
        effect: dict[str, np.ndarray] = {}
        if self._columns is not None:
            entered, effect = self._without_effect(entered, self._columns, scores.kept, block)
        entered = entered if known is None else entered[list(known)]
        law = {**self._law(entered, scores.kept, block, clusters), **effect}
        if known is None:
            self._laws[block, clusters] = law
        return scores, law

    def _without_effect(
        self, scores: np.ndarray, columns: np.ndarray, kept: list[int], block: int
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return scores less what follows from the columns beside a step, and how it follows."""
        there = np.isfinite(scores).all(axis=-1)
        centre = columns[there if there.any() else np.ones_like(there)].mean(axis=0)
        effect = np.zeros((block, columns.shape[-1], self.num_features))
        left = scores.copy()
        for step in range(block):
            rows = there[:, step]
            inputs, outputs = columns[rows, step], scores[rows, step]
            if len(inputs) < ROWS * (columns.shape[-1] + 1):
                continue
            slopes = regression(inputs - inputs.mean(axis=0), outputs - outputs.mean(axis=0))
            effect[step][:, kept] = slopes
            behind = slice(step, step + 1) if step < block - 1 else slice(step, None)
            left[:, behind] -= (columns[:, behind] - centre) @ slopes
        return left, {"effect": effect, "centre": centre}

    def _law(
        self, scores: np.ndarray, kept: list[int], block: int, clusters: int
    ) -> dict[str, np.ndarray]:
        """Return factor and mean of the first steps, and how a step follows from those before.

        Of clusters also how far each lies from the mean, and which noise draws it.
        """
        count, width = self.num_features, len(kept)
        first, mean = np.zeros((block * count,) * 2), np.zeros((block, count))
        step, new = np.zeros(((block - 1) * count, count)), np.zeros((count, count))
        found: dict[str, np.ndarray] = {}
        if not width:  # categories alone
            return {"first": first, "mean": mean, "step": step, "new": new}
        if clusters > 1:
            scores, found = self._without_shifts(scores, kept, block, clusters)
        gaussian = GaussianWindows(scores, np.zeros((len(scores), 0)), block * width)
        triangular: np.ndarray = np.transpose(np.linalg.qr(gaussian.factor.T)[1])
        triangular = triangular * np.where(np.diag(triangular) < 0.0, -1.0, 1.0)
        columns = (np.arange(block)[:, None] * count + kept).ravel()
        past, own = columns[: (block - 1) * width], np.array(kept)
        first[np.ix_(columns, columns)] = triangular
        mean[:, kept] = gaussian.mean[:block]
        step[np.ix_(past, own)] = gaussian.weights.T
        new[np.ix_(own, own)] = gaussian.innovations.T
        return {"first": first.T, "mean": mean, "step": step, "new": new, **found}

    def _without_shifts(
        self, scores: np.ndarray, kept: list[int], block: int, clusters: int
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return scores less the means of the clusters that their first steps are in, and these."""
        rows = np.nan_to_num(scores[:, :block]).reshape(len(scores), -1)
        means = cluster_means(rows, clusters, np.random.default_rng(0), LEAST)
        member = members(rows, means)
        left = scores.copy()
        left[:, :block] -= means[member].reshape(len(scores), block, -1)
        shifts = np.zeros((clusters, block, self.num_features))
        shifts[: len(means), :, kept] = means.reshape(len(means), block, -1)
        shares = np.bincount(member, minlength=clusters) / len(member)
        return left, {"shifts": shifts, "bounds": bounds_of(shares)}

    def _values(self, scores: NormalScores, offset: Any, scale: Any) -> dict[str, np.ndarray]:
        """Return the values at knots of the scores, and by how much they rise to the next."""
        knots = np.linspace(-REACH, REACH, KNOTS + 1)
        width = scores.num_columns
        values = scores.leave(np.repeat(knots[:, None], width, axis=1))
        offset, factor = units_of(offset, scale)
        values = (values - offset) * factor
        for first, behind in scores.groups:
            values[:, first:behind] = 0.0
        slopes = np.diff(values, axis=0, append=values[-1:])
        padded = np.pad(slopes, [(2, 2), (0, 0)], mode="edge")
        near = np.median([padded[i : i + len(slopes)] for i in (0, 1, 3, 4)], axis=0)
        reach = np.ptp(values, axis=0)
        slopes[(slopes > JUMP * near) & (slopes > 0.02 * reach)] = 0.0
        return {"values": values, "slopes": slopes}


def _padded(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Return rows as one array; those of fewer steps go on as they end."""
    if len({row.shape for row in rows}) == 1:
        return np.stack(rows)
    longest = max(map(len, rows))
    index = np.arange(longest)
    return np.stack([row[np.minimum(index, len(row) - 1)] for row in rows])


def _most(components: int) -> int:
    """Return of how many pieces a mixture of so many laws learns."""
    return max(MAX_PIECES, PIECES_OF_A_LAW * components)


def _some(pieces: np.ndarray, most: int, random: np.random.Generator) -> np.ndarray:
    """Return so many pieces without gaps as rows."""
    rows = pieces.reshape(len(pieces), -1)
    rows = rows[~np.isnan(rows).any(axis=1)]
    return rows[random.permutation(len(rows))[:most]]


def _embedded(
    law: dict[str, np.ndarray], kept: list[int], num_features: int, order: int, components: int
) -> dict[str, np.ndarray]:
    """Return laws of some features as those of all, and so many of them; none of the rest is drawn."""
    steps = np.arange(order)[:, None] * num_features
    places = {len(kept): np.array(kept), order * len(kept): (steps + kept).ravel()}
    widths = {len(kept): num_features, order * len(kept): order * num_features}
    whole: dict[str, np.ndarray] = {}
    for name, value in law.items():
        if value.ndim == 1:
            fill = -1e9 if name == "logs" else 6.0
            count = components if name == "logs" else components - 1
            whole[name] = np.concatenate([value, np.full(count - len(value), fill)])
            continue
        shape = (components, *(widths[n] for n in value.shape[1:]))
        whole[name] = np.zeros(shape)
        index = np.ix_(np.arange(len(value)), *(places[n] for n in value.shape[1:]))
        whole[name][index] = value
    return whole

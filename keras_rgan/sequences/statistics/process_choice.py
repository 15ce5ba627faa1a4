"""Which process in closed form is most like data: a Gaussian, several around means, or several laws."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from keras_rgan.sequences.statistics.linear_law import ROWS, values_at
from keras_rgan.sequences.statistics.mixture_law import most_pieces
from keras_rgan.sequences.statistics.process_statistics import ProcessStatistics
from keras_rgan.sequences.statistics.random_features import random_feature_score

JUDGED = 4_000
"""So many sequences, at the most, a judge is shown of either kind."""

FEWEST = 100
"""Of fewer it can say nothing."""

CLUSTERS = (16, 64, 160)
"""How many clusters are tried."""

MEMBERS = 30
"""How many sequences a cluster has at the least, on average: the mean of fewer is a copy of them."""

FITS, GAIN = 0.02, 0.01
"""A process that is told by less needs no clusters; more of them must be told by so much less."""

MIXTURES = ((1, 24), (1, 96), (3, 48), (6, 64), (1, 384))
"""Which mixtures of autoregressions are tried: how far back they look, and how many laws they have."""

MANY, PROMISING = 96, 0.2
"""More laws are tried only where so many of the same order are told by no more than so much."""

FEWEST_OF_MIXTURE = 1_000
"""Of fewer sequences it is not tried."""

ValuesOf = Callable[[dict[str, np.ndarray], int, np.ndarray], np.ndarray]
"""What weights, by name, of an order make of noise."""


def best_fit(statistics: ProcessStatistics, block: int, most: float) -> tuple[float, int]:
    """Return by how much a judge tells the process from the data, 0 to 0.5, and its best clusters.

    There is more than one where that helps: where means of the first half of the sequences, each of
    at least `MEMBERS` of these, are told less from the second half than one.

    Args:
        statistics: What is known of the data.
        block: How many steps are one Gaussian vector; so many first steps are compared.
        most: By how much a judge may tell a process of more than one.
    """
    best = linear = misfit(statistics, block), 1
    for clusters in CLUSTERS:
        if best[0] < FITS or clusters * MEMBERS > statistics.num_kept // 2:
            break
        told = misfit(statistics, block, clusters)
        if told > best[0] - GAIN:
            break
        best = told, clusters
    return best if best[0] <= most else linear


def misfit(statistics: ProcessStatistics, block: int, clusters: int = 1) -> float:
    """Return by how much a judge in closed form tells the process from the data, 0 to 0.5.

    Args:
        statistics: What is known of the data.
        block: How many steps are one Gaussian vector; so many first steps are compared.
        clusters: Around how many means it lies. Of more than one these are those of the first half
            of the sequences, and the judge is shown the second.
    """
    whole, known = statistics.whole(block), None
    if clusters > 1:
        known, whole = whole[: len(whole) // 2], whole[len(whole) // 2 :]
    if len(whole) < FEWEST:
        return 0.0 if clusters == 1 else 0.5
    scores, law = statistics.linear_law(block, clusters, known)
    columns = scores.kept  # neither categories nor copies
    if not columns:
        return 0.0 if clusters == 1 else 0.5
    random = np.random.default_rng(1)
    chosen = random.permutation(whole)[:JUDGED]
    noise = random.standard_normal((len(chosen), len(law["first"])))
    drawn = (noise @ law["first"]).reshape(-1, block, statistics.num_features) + law["mean"]
    if clusters > 1:
        choice = random.standard_normal((len(chosen), 1))
        drawn += law["shifts"][(choice > law["bounds"]).sum(axis=1)]
    beside = np.zeros((len(chosen), block, 0))
    if statistics.columns is not None:
        beside = statistics.columns[chosen, :block]
        drawn = drawn + np.einsum("btc,tcf->btf", beside - law["centre"], law["effect"])
        beside = beside[..., beside.std(axis=(0, 1)) > 0.0]
    real = statistics.first_steps(chosen, block)
    real, made = (
        np.concatenate([x[..., columns], beside], axis=-1) for x in (real, values_at(scores, drawn))
    )
    return random_feature_score(real, made, random)


def best_mixture(
    statistics: ProcessStatistics, block: int, misfit: float, values_of: ValuesOf
) -> tuple[float, int, int] | None:
    """Return by how much a judge tells the best mixture from the data, its order and components.

    Mixtures are fitted to the first half of the sequences, and told from the second. None where
    that is not clearly less than another process is told, and where there are conditions, values
    that occur often, or too few sequences.

    Args:
        statistics: What is known of the data.
        block: How many first steps are compared.
        misfit: By how much another process is told.
        values_of: `MixtureProcess.values_of`.
    """
    whole = statistics.whole(block)
    few = len(whole) < FEWEST_OF_MIXTURE
    if misfit < FITS or statistics.columns is not None or few or not statistics.is_smooth:
        return None
    best: tuple[float, int, int] | None = None
    half, columns = len(whole) // 2, statistics.enter()[0].kept
    random = np.random.default_rng(1)
    chosen = random.permutation(whole[half:])[: JUDGED // 2]
    real = statistics.first_steps(chosen, block)[..., columns]
    for order, components in MIXTURES:
        numbers = (order + 1) * len(columns)
        if order >= block or ROWS * numbers * components > most_pieces(components):
            continue
        if components > MANY and (best is None or best[1] != order or best[0] > PROMISING):
            continue
        weights = statistics.mixture(order, components, known=whole[:half])
        noise = random.standard_normal((len(chosen), block, statistics.num_features + 1))
        made = values_of(weights, order, noise)[..., columns]
        told = random_feature_score(real, made, random)
        bar = misfit - 1.0 / math.sqrt(len(chosen)) if best is None else best[0]
        if told < bar - GAIN:
            best = told, order, components
        if told < FITS:
            break
    return best

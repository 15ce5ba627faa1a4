"""The law of a step that follows from those before by one of several, of scores by deviations."""

from __future__ import annotations

import numpy as np

from keras_rgan.sequences.statistics.gaussian_mixture import (
    ROUNDS,
    fit_mixture,
    start_laws,
    step_laws,
)
from keras_rgan.sequences.statistics.normal_scores import NormalScores
from keras_rgan.sequences.statistics.step_statistics import units_of

MAX_PIECES, PIECES_OF_A_LAW = 8_000, 80
"""Of how many pieces of sequences it learns, or of so many for each of its laws."""


def mixture_law(
    scores: NormalScores,
    entered: np.ndarray,
    num_features: int,
    order: int,
    components: int,
    offset: np.ndarray | None = None,
    scale: np.ndarray | None = None,
    hasty: bool = False,
) -> dict[str, np.ndarray]:
    """Return the weights of a `MixtureProcess`, by name.

    Args:
        scores: The marginals.
        entered: Scores of sequences, `(samples, time, kept features)`.
        num_features: How many features there are.
        order: How many steps back it looks.
        components: How many laws it has.
        offset: The layer makes (x - offset) / scale, features last; None for 0.
        scale: 0 where the layer makes 0; None for 1.
        hasty: Whether half as many pieces and rounds are enough, for a first look.
    """
    random = np.random.default_rng(0)
    rounds, most = ROUNDS, most_pieces(components)
    if hasty:
        rounds, most = rounds // 2, most // 2
    pieces = np.concatenate([entered[:, i : i + order + 1] for i in range(entered.shape[1] - order)])
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
    law = _embedded(law, scores.kept, num_features, order, components)
    return {**law, "shift": low, "gain": high - low}


def most_pieces(components: int) -> int:
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

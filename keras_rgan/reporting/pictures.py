"""The pictures of a report: real and generated samples side by side."""

from __future__ import annotations

import base64
import dataclasses
import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_rgan.callbacks.sample_grid import draw_samples
from keras_rgan.metrics import autocorrelation, post_hoc
from keras_rgan.metrics import samples as sample_sets
from keras_rgan.metrics.correlational_score import correlations
from keras_rgan.metrics.samples import Samples
from keras_rgan.metrics.spectral_difference import spectra
from keras_rgan.reporting.seasons import Season
from keras_rgan.utils.drawing import BLUE, RED, plain

REAL, MADE = BLUE, RED
"""Colours of real and of generated samples."""

SHOWN = 12
"""So many features are drawn at the most, the worst first."""

EMBEDDED = 500
"""So many sequences of a set are points of an embedding."""

LEAST_POWER = 1e-12
"""Less power, of a range of about 2, is rounding, or what gaps leave of none: it is not drawn."""

FAR = 10.0
"""Values further than so many ranges beyond the real ones are drawn there: one would take all room."""

COPIES = 6
"""So many near copies are drawn."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        title: What it shows.
        text: What is to be seen there, for those who do not see it.
        png: The picture itself.
    """

    title: str
    text: str
    png: bytes

    @property
    def source(self) -> str:
        """The picture as the source of an HTML image."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode()


@dataclasses.dataclass(frozen=True)
class Drawn:
    """What is drawn of.

    Attributes:
        real: Real samples.
        made: Generated ones.
        names: The features' names.
        order: The features, the worst first.
        seasons: By which clocks features move.
    """

    real: Samples
    made: Samples
    names: Sequence[str]
    order: Sequence[int]
    seasons: Sequence[Season] = ()

    @property
    def shared_steps(self) -> int:
        """How many steps a sequence of either set has at the least, of the longest ones."""
        return min(int(samples.counting.sum(axis=1).max()) for samples in (self.real, self.made))

    def columns(self, feature: int) -> list[np.ndarray]:
        """Return the values of a feature that there are, of either set."""
        series = (samples.values[..., feature] for samples in (self.real, self.made))
        return [values[~np.isnan(values)].astype("float64") for values in series]


def pictures_of(drawn: Drawn, seed: int) -> list[Picture]:
    """Return the pictures that the data has something for."""
    found = [_samples(drawn), _marginals(drawn), _tails(drawn)]
    if drawn.shared_steps > 2:
        found += [_autocorrelations(drawn), _spectra(drawn)]
    found += [_season(drawn, season) for season in drawn.seasons]
    if len(drawn.names) > 1:
        found.append(_correlations(drawn))
    found += _embeddings(drawn, seed)
    if drawn.real.lengths is not None and drawn.made.lengths is not None:
        found.append(_lengths(drawn))
    if drawn.real.gaps:
        found.append(_gaps(drawn))
    shared = [name for name in drawn.real.conditions if name in drawn.made.conditions]
    if shared:
        found.append(_conditions(drawn, shared))
    return found


def _figure(rows: int, columns: int, size: tuple[float, float] = (3.4, 2.3)) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def _picture(title: str, text: str, figure: Any) -> Picture:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=80, facecolor="white")
    return Picture(title, text, stream.getvalue())


def _edges(bins: int, *sets: Any) -> np.ndarray:
    """Return edges of so many bins, which are as many numbers where values hardly vary."""
    low, high = (float(end(np.concatenate(sets))) for end in (np.min, np.max))
    if high - low <= 4.0 * bins * np.spacing(max(abs(low), abs(high))):
        room = max(0.5, 4.0 * bins * np.spacing(max(abs(low), abs(high))))
        low, high = low - room, high + room
    return np.linspace(low, high, bins + 1)


def _of_features(drawn: Drawn, title: str, text: str, draw: Callable[[Any, int], None]) -> Picture:
    """Return a picture with a plot for each feature, the worst first."""
    shown = list(drawn.order[:SHOWN])
    columns = min(len(shown), 3)
    figure, axes = _figure(-(-len(shown) // columns), columns)
    for axis, feature in zip(axes.flat, shown, strict=False):
        draw(axis, feature)
        axis.set_title(plain(drawn.names[feature]), fontsize=9)
        axis.tick_params(labelsize=7)
    for axis in axes.flat[len(shown) :]:
        axis.set_axis_off()
    axes.flat[0].legend(fontsize=7)
    more = len(drawn.order) - len(shown)
    named = ", ".join(str(drawn.names[feature]) for feature in shown)
    return _picture(title, f"{text} Features: {named}{f' and {more} more' if more else ''}.", figure)


def _samples(drawn: Drawn) -> Picture:
    shown = list(drawn.order[:6])
    real, made = (samples.values[..., shown] for samples in (drawn.real, drawn.made))
    figure = draw_samples(real, made, 8, 6, [str(drawn.names[feature]) for feature in shown])
    text = "Eight real sequences on the left and eight generated ones on the right, by feature."
    return _picture("Samples", text, figure)


def _marginals(drawn: Drawn) -> Picture:
    def draw(axis: Any, feature: int) -> None:
        real, made = drawn.columns(feature)
        edges = _edges(40, real, made)
        for values, colour, label in ((real, REAL, "real"), (made, MADE, "generated")):
            weights = np.full(len(values), 1.0 / len(values))
            axis.hist(values, edges, weights=weights, color=colour, alpha=0.5, label=label)

    text = "How often values lie where, real ones in blue and generated ones in red, over each other."
    return _of_features(drawn, "Values", text, draw)


def _tails(drawn: Drawn) -> Picture:
    levels = np.concatenate([np.geomspace(0.0005, 0.5, 40), 1.0 - np.geomspace(0.5, 0.0005, 40)[1:]])

    def draw(axis: Any, feature: int) -> None:
        quantiles = [np.quantile(values, levels) for values in drawn.columns(feature)]
        axis.plot(quantiles[0], quantiles[0], color=REAL, linewidth=1.0, label="real")
        axis.plot(*quantiles, ".", color=MADE, markersize=3.0, label="generated")

    text = (
        "Quantiles of generated values over those of real ones: on the line where they agree; a tail "
        "is thin where points at the ends lie flatter than the line."
    )
    return _of_features(drawn, "Tails", text, draw)


def _autocorrelations(drawn: Drawn) -> Picture:
    lags = min(drawn.shared_steps - 1, 48)
    curves = [autocorrelation(samples.pair, max_lag=lags) for samples in (drawn.real, drawn.made)]

    def draw(axis: Any, feature: int) -> None:
        for curve, colour, label in zip(curves, (REAL, MADE), ("real", "generated"), strict=True):
            axis.plot(curve[:, feature], color=colour, label=label)
        axis.axhline(0.0, color="0.7", linewidth=0.5)

    text = (
        "The correlation of a value with the one so many steps before, real in blue, generated in red."
    )
    return _of_features(drawn, "Memory", text, draw)


def _spectra(drawn: Drawn) -> Picture:
    powers = [power[1:] for power in spectra(drawn.real.values, drawn.made.values)]
    frequencies = np.arange(1, len(powers[0]) + 1)

    def draw(axis: Any, feature: int) -> None:
        for power, colour, label in zip(powers, (REAL, MADE), ("real", "generated"), strict=True):
            values = np.where(power[:, feature] > LEAST_POWER, power[:, feature], np.nan)
            axis.semilogy(frequencies, values, color=colour, marker=".", label=label)

    text = (
        "The power of each frequency, in periods a sequence, in squares of about half the real range, "
        "real in blue, generated in red."
    )
    return _of_features(drawn, "Rhythms", text, draw)


def _season(drawn: Drawn, season: Season) -> Picture:
    follow = season.follow()
    only = dataclasses.replace(drawn, order=[feature for feature in drawn.order if follow[feature]])
    places = np.arange(len(season.moments))
    ticks = places[:: max(len(places) // 6, 1)]

    def draw(axis: Any, feature: int) -> None:
        for means, colour, label in ((season.real, REAL, "real"), (season.made, MADE, "generated")):
            axis.plot(places, means[:, feature], color=colour, label=label)
        axis.set_xticks(ticks, [plain(season.moments[place]) for place in ticks])

    text = (
        f"The mean of those features that follow it at each {season.clock}, real in blue, generated in "
        "red."
    )
    return _of_features(only, f"Seasons by {season.clock}", text, draw)


def _correlations(drawn: Drawn) -> Picture:
    matrices = [correlations(samples.values) for samples in (drawn.real, drawn.made)]
    figure, axes = _figure(1, 3, (3.6, 3.2))
    off = np.abs(matrices[0] - matrices[1])
    for axis, matrix, title in zip(
        axes[0], (*matrices, off), ("real", "generated", "difference"), strict=True
    ):
        limit = -1.0 if title != "difference" else 0.0
        image = axis.imshow(matrix, vmin=limit, vmax=1.0, cmap="RdBu_r" if limit else "magma_r")
        axis.set_title(title, fontsize=9)
        axis.tick_params(labelsize=7)
        figure.colorbar(image, ax=axis, shrink=0.7)
    text = (
        "Correlations of each two features at the same step, of real samples, of generated ones, and "
        f"how far these are apart: {np.tril(off, -1).max():.2f} at the most."
    )
    return _picture("Features together", text, figure)


def _embeddings(drawn: Drawn, seed: int) -> list[Picture]:
    """Return sequences as points in a plane; nothing where all are one point."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    random = np.random.default_rng(seed)
    both = sample_sets.whole({"real": drawn.real, "generated": drawn.made})
    real, made = (
        x[random.permutation(len(x))[:EMBEDDED]].reshape(min(len(x), EMBEDDED), -1)
        for x in post_hoc.min_max_scaled(*both)
    )
    made = np.clip(made, -FAR, 1.0 + FAR)
    together = np.concatenate([real, made])
    if not np.ptp(together, axis=0).any():
        return []
    axes_of = PCA(2, random_state=seed).fit(real if np.ptp(real, axis=0).any() else together)
    perplexity = min(30.0, (len(together) - 1) / 4.0)
    narrow = PCA(min(20, *real.shape), random_state=seed).fit_transform(together)
    near = TSNE(2, perplexity=perplexity, random_state=seed, init="pca").fit_transform(narrow)
    figure, axes = _figure(1, 2, (4.6, 4.0))
    for axis, points, title in (
        (axes[0][0], axes_of.transform(together), "PCA of real sequences"),
        (axes[0][1], near, "t-SNE of both"),
    ):
        axis.scatter(*points[: len(real)].T, s=6, color=REAL, alpha=0.5, label="real")
        axis.scatter(*points[len(real) :].T, s=6, color=MADE, alpha=0.5, label="generated")
        axis.set_title(title, fontsize=9)
        axis.tick_params(labelsize=7)
        axis.legend(fontsize=7)
    text = (
        "Each sequence as a point: where real ones lie, in blue, generated ones, in red, should lie "
        "too, and nowhere else."
    )
    return [_picture("Sequences as points", text, figure)]


def _lengths(drawn: Drawn) -> Picture:
    figure, axes = _figure(1, 1, (6.0, 2.6))
    lengths = [drawn.real.lengths, drawn.made.lengths]
    edges = _edges(30, *lengths)
    for values, colour, label in zip(lengths, (REAL, MADE), ("real", "generated"), strict=True):
        assert values is not None
        weights = np.full(len(values), 1.0 / len(values))
        axes[0][0].hist(values, edges, weights=weights, color=colour, alpha=0.5, label=label)
    axes[0][0].set_xlabel("steps")
    axes[0][0].legend()
    return _picture("Lengths", "How many steps sequences have, real in blue, generated in red.", figure)


def _gaps(drawn: Drawn) -> Picture:
    shares = [
        np.isnan(samples.values)[samples.counting].mean(axis=0) for samples in (drawn.real, drawn.made)
    ]
    figure, axes = _figure(1, 1, (max(6.0, 0.4 * len(drawn.names)), 2.8))
    places = np.arange(len(drawn.names))
    for share, move, colour, label in zip(
        shares, (-0.2, 0.2), (REAL, MADE), ("real", "generated"), strict=True
    ):
        axes[0][0].bar(places + move, share, 0.4, color=colour, label=label)
    axes[0][0].set_xticks(places, [plain(name) for name in drawn.names], rotation=90, fontsize=7)
    axes[0][0].legend()
    text = "Which share of each feature's values is missing, real in blue, generated in red."
    return _picture("Gaps", text, figure)


def _conditions(drawn: Drawn, names: Sequence[str]) -> Picture:
    figure, axes = _figure(1, len(names))
    for axis, name in zip(axes[0], names, strict=True):
        sets = [np.ravel(samples.conditions[name]) for samples in (drawn.real, drawn.made)]
        if any(values.dtype.kind not in "fiub" for values in sets):
            sets = [values.astype(str) for values in sets]
        kinds = np.unique(np.concatenate(sets))
        if kinds.dtype.kind in "fiu" and len(kinds) > 20:
            edges = _edges(30, *sets)
            for values, colour, label in zip(sets, (REAL, MADE), ("real", "generated"), strict=True):
                weights = np.full(len(values), 1.0 / len(values))
                axis.hist(values, edges, weights=weights, color=colour, alpha=0.5, label=label)
        else:
            kinds = kinds[:20]
            for values, move, colour, label in zip(
                sets, (-0.2, 0.2), (REAL, MADE), ("real", "generated"), strict=True
            ):
                shares = [(values == kind).mean() for kind in kinds]
                axis.bar(np.arange(len(kinds)) + move, shares, 0.4, color=colour, label=label)
            axis.set_xticks(np.arange(len(kinds)), map(plain, kinds), rotation=90, fontsize=7)
        axis.set_title(plain(name), fontsize=9)
    axes[0][0].legend(fontsize=7)
    text = f"How often conditions have which value, real in blue, generated in red: {', '.join(names)}."
    return _picture("Conditions", text, figure)


def copies(pairs: Sequence[Any], made: np.ndarray, train: np.ndarray, names: Sequence[str]) -> Picture:
    """Return near copies beside what they are copies of, a row for each.

    Args:
        pairs: The first of `metrics.closest_record_distance(…).near`.
        made: All generated samples, `(samples, time, features)`.
        train: All that was trained on.
        names: The features' names.
    """
    shown, count = list(pairs[:COPIES]), min(made.shape[-1], 3)
    figure, axes = _figure(len(shown), count, (3.4, 1.6))
    for row, pair in zip(axes, shown, strict=True):
        for feature, axis in enumerate(row):
            axis.plot(train[pair.train, :, feature], color=REAL, linewidth=3.0, label="trained on")
            axis.plot(made[pair.generated, :, feature], color=MADE, linewidth=1.2, label="generated")
            axis.tick_params(labelsize=7)
            axis.set_title(f"{plain(names[feature])}: {pair.generated} and {pair.train}", fontsize=8)
    axes[0][0].legend(fontsize=7)
    rows = ", ".join(f"{pair.generated} and {pair.train}" for pair in shown)
    text = "Generated sequences over the ones that were trained on that they are near copies of"
    return _picture("Near copies", f"{text}, by rows: {rows}.", figure)

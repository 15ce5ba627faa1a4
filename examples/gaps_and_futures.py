"""Gaps filled and futures drawn, by one model: temperature and humidity of a house and the weather.

    python examples/gaps_and_futures.py out/gaps_and_futures --minutes 4

Trains on windows of 48 steps (8 hours) of four columns of the bundled energy series, in which a tenth
of the values is missing. Fills gaps in the last fifth of the series, which was not trained on, draws
its futures, prints how far both are off, beside straight lines and the last value, and shows some.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure

import keras_rgan as kr

COLUMNS = {
    "T2": "living room, °C",
    "RH_2": "humidity, %",
    "T_out": "outside, °C",
    "Windspeed": "wind, m/s",
}
LENGTH, HISTORY = 48, 24


def load() -> tuple[np.ndarray, np.ndarray]:
    """Return windows to train on, with gaps, and whole ones that come later."""
    series, names = kr.datasets.load_energy()
    series = series[:, [names.index(name) for name in COLUMNS]]
    cut = 4 * len(series) // 5
    gaps = np.random.default_rng(0).random((cut, len(COLUMNS))) < 0.1
    known = np.where(gaps, np.float32(np.nan), series[:cut])
    return (
        kr.data.sliding_windows(known, LENGTH),
        kr.data.sliding_windows(series[cut:], LENGTH, stride=LENGTH),
    )


def draw(whole: np.ndarray, gaps: np.ndarray, filled: np.ndarray, paths: np.ndarray) -> Figure:
    """Draw one window: gaps on the left, its future on the right, with bands of 80 % of the draws."""
    figure = Figure(figsize=(11, 8), layout="constrained")
    axes = figure.subplots(len(COLUMNS), 2, sharex=True)
    steps, ahead = np.arange(LENGTH), np.arange(HISTORY, LENGTH)
    for i, (label, (left, right)) in enumerate(zip(COLUMNS.values(), axes, strict=True)):
        left.plot(steps, whole[:, i], color="0.7", label="what was there")
        left.plot(steps, gaps[:, i], ".", color="black", label="observed")
        left.set_ylabel(label)
        right.plot(steps, whole[:, i], color="0.7")
        right.plot(steps[:HISTORY], whole[:HISTORY, i], ".", color="black")
        for axis, time, draws in ((left, steps, filled[..., i]), (right, ahead, paths[..., i])):
            low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9], axis=0)
            axis.fill_between(time, low, high, alpha=0.3, label="80 % of the draws")
            axis.plot(time, middle, label="median")
        right.plot(ahead, paths[:3, :, i].T, linewidth=0.6, color="tab:orange")
    axes[0, 0].set_title("gaps")
    axes[0, 1].set_title("what comes next")
    axes[0, 0].legend(fontsize="small")
    return figure


def main() -> None:
    """Train, complete, compare and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", default="out/gaps_and_futures", type=Path)
    parser.add_argument("--minutes", default=4.0, type=float, help="training time")
    options = parser.parse_args()
    windows, whole = load()
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(completion=True, seed=0)
    gan.compile()
    budget = kr.callbacks.TimeBudget(options.minutes)
    gan.fit(windows, batch_size=64, verbose=0, callbacks=[budget])

    gaps = whole.copy()
    gaps[:, 12:36] = np.where(
        np.random.default_rng(1).random(gaps[:, 12:36].shape) < 0.9, np.nan, gaps[:, 12:36]
    )
    missing = np.isnan(gaps)
    filled, draws = gan.impute(gaps, seed=0), gan.impute(gaps, num_samples=50, seed=0)
    lines = np.stack(
        [
            [np.interp(np.arange(LENGTH), np.flatnonzero(~np.isnan(x)), x[~np.isnan(x)]) for x in w.T]
            for w in gaps
        ]
    ).transpose(0, 2, 1)
    future = whole[:, HISTORY:]
    paths = gan.forecast(whole[:, :HISTORY], steps=LENGTH - HISTORY, num_samples=50, seed=0)
    last = np.repeat(whole[:, HISTORY - 1 : HISTORY], LENGTH - HISTORY, axis=1)
    scale = whole.std(axis=(0, 1))
    score = kr.metrics.continuous_ranked_probability_score
    print("in deviations of each column, of windows that were not trained on")
    print(
        f"error of gaps:    median of draws {np.mean((np.abs(filled - whole) / scale)[missing]):.4f}",
        end="",
    )
    print(f", straight lines {np.mean((np.abs(lines - whole) / scale)[missing]):.4f}")
    print(f"score of futures: draws {score(future / scale, paths / scale):.4f}", end="")
    print(f", the last value {np.mean(np.abs(last - future) / scale):.4f}")
    share = kr.metrics.interval_coverage(future, paths, 0.8)
    print(f"within the 80 % band of the draws: {share:.2f}")

    options.folder.mkdir(parents=True, exist_ok=True)
    show = len(whole) // 2
    figure = draw(whole[show], gaps[show], draws[show], paths[show])
    figure.savefig(options.folder / "completion.png", dpi=80)
    print(f"Gaps and futures of one window are in {options.folder / 'completion.png'}")


if __name__ == "__main__":
    main()

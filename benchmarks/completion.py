"""Gaps filled and futures drawn by one model, beside what is usual for either.

    python benchmarks/completion.py --dataset energy --minutes 20
    python benchmarks/completion.py --dataset stocks --stocks stock.csv.gz --minutes 10

Needs statsmodels and pandas: pip install '.[bench]'.

Trains the default recipe with `completion=True` on windows of 48 steps. A fifth of the series, in
blocks, is held out; with `--validate` a tenth more, on which each epoch's completion loss is measured:
the weights of the best are kept. Of windows in the fifth,

- 10, 50 and 90 % of the values are taken away at random and filled: by the median of draws, by straight
  lines (pandas) and by each feature's mean. The mean absolute error of what was missing is reported;
- the first 24 steps are the history of 100 futures of 24 steps: the continuous ranked probability score
  and the share of values within the 80 % band are reported, beside a forecast that repeats the last
  season (with the training data's own errors of that forecast as its spread) and an autoregression
  of each feature (statsmodels, order by AIC, Gaussian innovations).

Errors are in units of each feature's standard deviation, means over features.
"""

import argparse
import functools
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from quality import CLOCKS, choose_environment, load_series, run_once
from statsmodels.tsa.ar_model import AutoReg, ar_select_order

import keras_rgan as kr

LENGTH, HISTORY = 48, 24
SEASONS = {"energy": 144, "stocks": 5}
"""Steps of a day, and of a week of trading."""

BLOCKS = {"energy": 600, "stocks": 150}
"""Steps of a block; every fifth is held out."""

NUM_PATHS = 100


def windows_within(series: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the windows all of whose steps are chosen, and where they begin."""
    counts = np.convolve(chosen, np.ones(LENGTH), "valid")
    starts = np.flatnonzero(counts == LENGTH)
    return np.stack([series[i : i + LENGTH] for i in starts]), starts


def stretches(chosen: np.ndarray) -> list[slice]:
    """Return the runs of chosen steps."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(int), [0]])))
    return [slice(a, b) for a, b in edges.reshape(-1, 2)]


def fill_by_lines(windows: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Interpolate linearly, hold the last value at either end, and take the mean where nothing is."""
    filled = [pd.DataFrame(w).interpolate(limit_direction="both").to_numpy() for w in windows]
    return np.where(np.isnan(filled), means, filled)


def seasonal_naive(
    series: np.ndarray, train: np.ndarray, starts: np.ndarray, season: int, random: np.random.Generator
) -> np.ndarray:
    """Repeat the last season, with errors drawn from those of the training data at each lead."""
    steps = LENGTH - HISTORY
    leads = np.arange(steps)
    back = season * (leads // season + 1)
    ends = starts + HISTORY
    center = series[ends[:, None] + leads - back]
    inside = np.concatenate(
        [np.arange(r.start + season, r.stop - steps) for r in stretches(train)]
    ).astype(int)
    errors = series[inside[:, None] + leads] - series[inside[:, None] + leads - back]
    drawn = errors[random.integers(len(errors), size=(len(starts), NUM_PATHS))]
    return center[:, None] + drawn


def autoregression(
    series: np.ndarray, train: np.ndarray, starts: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Simulate an autoregression of each feature, fitted to the longest run of training steps."""
    run = max(stretches(train), key=lambda r: r.stop - r.start)
    steps = LENGTH - HISTORY
    paths = np.empty((len(starts), NUM_PATHS, steps, series.shape[1]))
    for i in range(series.shape[1]):
        values = series[run, i].astype("float64")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            order = ar_select_order(values, HISTORY, "aic").ar_lags or [1]
            fit = AutoReg(values, order[-1]).fit()
        constant, *weights = fit.params
        known = np.stack([series[s : s + HISTORY, i] for s in starts]).astype("float64")
        known = np.repeat(known[:, None], NUM_PATHS, axis=1)
        for _ in range(steps):
            lags = known[..., ::-1][..., : len(weights)]
            shocks = np.sqrt(fit.sigma2) * random.standard_normal(known.shape[:2])
            known = np.concatenate([known, (constant + lags @ weights + shocks)[..., None]], axis=-1)
        paths[..., i] = known[..., HISTORY:]
    return paths


def run(seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train, complete and score."""
    name, validate = options.dataset, options.validate
    keras.utils.set_random_seed(seed)
    series = load_series(name, options.stocks)
    series = series / series.std(axis=0)
    blocks = np.arange(len(series)) // BLOCKS[name]
    held = blocks % 5 == 4
    known = ~held & (blocks % 10 != 2) if validate else ~held
    train, _ = windows_within(series, known)
    test, starts = windows_within(series, held)
    chosen = np.linspace(0, len(test) - 1, 300).astype(int)
    test, starts = test[chosen], starts[chosen]
    gan = kr.RecurrentGAN(completion=True, seed=seed)
    gan.compile(completion_weight=options.weight, keep_best=False)
    budget = kr.callbacks.TimeBudget(options.minutes, clock=CLOCKS[options.clock])
    callbacks, validation = [budget], None
    if validate:
        validation, _ = windows_within(series, ~held & ~known)
        callbacks.append(
            keras.callbacks.EarlyStopping(
                "val_completion_loss", mode="min", patience=1_000_000, restore_best_weights=True
            )
        )
    history = gan.fit(
        train,
        batch_size=64,
        epochs=1_000_000,
        verbose=0,
        callbacks=callbacks,
        validation_data=validation,
        validation_batch_size=256,
    ).history
    result: dict[str, Any] = {"steps": int(keras.ops.convert_to_numpy(gan.optimizer.iterations))}
    if validate:
        losses = history["val_completion_loss"]
        result["best of epochs"] = [int(np.argmin(losses)) + 1, len(losses)]
    random = np.random.default_rng(seed)
    means = train.mean(axis=(0, 1))
    for share in (0.1, 0.5, 0.9):
        missing = random.random(test.shape) < share
        gaps = np.where(missing, np.nan, test)
        for method, filled in (
            ("gan", gan.impute(gaps, seed=seed)),
            ("lines", fill_by_lines(gaps, means)),
            ("mean", np.broadcast_to(means, test.shape)),
        ):
            errors = np.where(missing, np.abs(filled - test), np.nan)
            result[f"error at {share:.0%}, {method}"] = float(np.nanmean(errors))
    future = test[:, HISTORY:]
    for method, paths in (
        (
            "gan",
            gan.forecast(test[:, :HISTORY], steps=LENGTH - HISTORY, num_samples=NUM_PATHS, seed=seed),
        ),
        ("seasonal naive", seasonal_naive(series, known, starts, SEASONS[name], random)),
        ("autoregression", autoregression(series, known, starts, random)),
    ):
        result[f"crps, {method}"] = kr.metrics.continuous_ranked_probability_score(future, paths)
        result[f"80 % band, {method}"] = kr.metrics.interval_coverage(future, paths, 0.8)
    whole = kr.data.sliding_windows(series, LENGTH)
    made = gan.generate(len(whole), seed=seed)
    judge = {"units": 32, "steps": 2000, "repeats": 2}
    result["strict"] = kr.metrics.discriminative_score(whole, made, judge="strict", **judge).mean
    return result


def main() -> None:
    """Run what is missing."""
    parser = argparse.ArgumentParser(description="Gaps filled and futures drawn.")
    parser.add_argument("--dataset", choices=list(SEASONS), default="energy")
    parser.add_argument("--stocks", help="file of the stocks benchmark")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall", help="of the minutes")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--weight", type=float, default=1.0, help="completion_weight")
    parser.add_argument("--validate", action="store_true", help="keep the best epoch's weights")
    parser.add_argument("--backend", choices=["tensorflow", "jax", "torch"])
    parser.add_argument("--out", type=Path, default=Path("out/completion"))
    options = parser.parse_args()
    choose_environment(options.backend)
    folder = f"{options.dataset}_validated" if options.validate else options.dataset
    for seed in range(options.seeds):
        run_once(
            options.out / folder / f"seed_{seed}.json",
            options.minutes,
            functools.partial(run, seed, options),
        )


if __name__ == "__main__":
    main()

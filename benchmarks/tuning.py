"""Whether a search with keras-tuner finds better than the default recipe.

    python benchmarks/tuning.py --dataset stocks --stocks stock.csv.gz
    python benchmarks/tuning.py --dataset sines --trials 5 --trial-minutes 0.5 --minutes 2 --seeds 1

Bayesian optimization of all hyperparameters of `RecurrentGANHyperModel` for so many trials of so many
minutes; a trial is worth the best that a small judge of the training windows says of its samples, who
looks in every ten epochs. Then the best trial's hyperparameters and the defaults are trained anew, for
`--minutes` each and with every seed in turn, and scored as in `ablation.py`.

A search goes on where it was stopped, in OUT/DATASET/search; a finished run of as many minutes is not
run again.
"""

import argparse
import functools
from pathlib import Path
from typing import Any

import keras
import keras_tuner
import numpy as np
from ablation import scores
from quality import CLOCKS, choose_environment, judge, load, run_once

import keras_rgan as kr

ALONE = {"keep_best": False}
"""The looks of these runs are the benchmark's own."""


def search(windows: np.ndarray, options: argparse.Namespace) -> keras_tuner.HyperParameters:
    """Return the hyperparameters of the best trial."""
    keras.utils.set_random_seed(0)
    tuner = keras_tuner.BayesianOptimization(
        kr.hypermodels.RecurrentGANHyperModel(windows, compile=ALONE, seed=0),
        keras_tuner.Objective("val_judge", "min"),
        max_trials=options.trials,
        seed=0,
        directory=options.out / options.dataset,
        project_name="search",
    )
    budget = kr.callbacks.TimeBudget(options.trial_minutes, clock=CLOCKS[options.clock])
    look = kr.callbacks.ScoreOnValidation(windows, {"judge": judge}, every=10, calibrate=windows)
    tuner.search(windows, epochs=1_000_000, callbacks=[look, budget], verbose=0)
    for trial in tuner.oracle.get_best_trials(options.trials):
        print(f"{trial.score:.3f} {trial.hyperparameters.values}", flush=True)
    return tuner.get_best_hyperparameters()[0]


def run(
    hp: keras_tuner.HyperParameters, windows: np.ndarray, seed: int, options: argparse.Namespace
) -> dict[str, Any]:
    """Train with hyperparameters, and score."""
    keras.utils.set_random_seed(seed)
    hypermodel = kr.hypermodels.RecurrentGANHyperModel(windows, compile=ALONE, seed=seed)
    gan = hypermodel.build(hp)
    budget = kr.callbacks.TimeBudget(options.minutes, clock=CLOCKS[options.clock])
    hypermodel.fit(hp, gan, windows, epochs=1_000_000, verbose=0, callbacks=[budget])
    gan.calibrate(windows)
    return {**scores(gan, windows, seed), "hyperparameters": hp.values}


def main() -> None:
    """Search, and compare."""
    parser = argparse.ArgumentParser(description="A search beside the default recipe.")
    parser.add_argument("--dataset", choices=["sines", "stocks", "energy"], default="stocks")
    parser.add_argument("--stocks", help="file of the stocks benchmark")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--trial-minutes", type=float, default=1.0)
    parser.add_argument("--minutes", type=float, default=3.0, help="of each run after the search")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall", help="of the minutes")
    parser.add_argument("--out", type=Path, default=Path("out/tuning"))
    options = parser.parse_args()
    choose_environment(None)
    windows = load(options.dataset, options.stocks).train
    found = search(windows, options)
    for seed in range(options.seeds):
        for name, hp in (("found", found), ("default", keras_tuner.HyperParameters())):
            run_once(
                options.out / options.dataset / name / f"seed_{seed}.json",
                options.minutes,
                functools.partial(run, hp, windows, seed, options),
                **({"hyperparameters": hp.values} if name == "found" else {}),
            )


if __name__ == "__main__":
    main()

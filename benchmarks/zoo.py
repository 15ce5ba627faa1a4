"""The default recipe on processes whose law is known, beside a copula in closed form and the floor.

    python benchmarks/zoo.py
    python benchmarks/zoo.py --only GARCH "16 shapes" --minutes 5

Nothing is tuned for a process (`benchmarks/processes.py`). Each is trained on with all defaults, by
`fit(data, batch_size=64)`, which ends by itself, or after some minutes of one core; samples are held
against fresh ones of the law. The judge has 64 units; beside its score stands the floor, of fresh data
against fresh data by the same judge, and that of `kr.baselines.GaussianCopula`. Each process has a
statistic of its own besides: how far it is from the truth, in hundredths of it, beside what two sets of
fresh data are apart. Results lie in OUT/PROCESS/NAME.json; those that are there are not run again.
Prints a table in two halves: the processes that the recipe may have been tuned on, and those that it
never was.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from processes import PROCESSES, TUNED_ON, Process
from quality import CLOCKS, choose_environment

import keras_rgan as kr

FEW_STEPS = 600
"""How many steps the judge trains for on windows of more than 100 steps."""


def as_array(samples: Any) -> np.ndarray:
    """Return samples as one array: of different lengths padded, with a feature of which steps count."""
    if not isinstance(samples, list):
        return np.asarray(samples)
    longest = max(map(len, samples))
    array = np.zeros((len(samples), longest, samples[0].shape[1] + 1))
    for row, sample in zip(array, samples, strict=True):
        row[: len(sample), :-1], row[: len(sample), -1] = sample, 1.0
    return array


def statistic(process: Process, samples: Any) -> float:
    """Return the statistic that a process is known by."""
    if isinstance(samples, list):
        return process.statistic(np.array([len(sample) for sample in samples]))
    return process.statistic(np.asarray(samples, "float64"))


def as_long_as(samples: np.ndarray, length: int) -> np.ndarray:
    """Return samples of that many steps, cut or padded with zeros."""
    cut = samples[:, :length]
    return np.pad(cut, [(0, 0), (0, length - cut.shape[1]), (0, 0)])


def scores(process: Process, real: Any, made: Any) -> dict[str, float]:
    """Return what tells samples from fresh ones."""
    a, b = as_array(real), as_array(made)
    b = as_long_as(b, a.shape[1])
    steps = FEW_STEPS if a.shape[1] > 100 else None
    truth = statistic(process, real)
    m = kr.metrics
    several = {"correlational": m.correlational_score(a, b)} if a.shape[-1] > 1 else {}
    return {
        "strict": m.discriminative_score(a, b, judge="strict", repeats=1, steps=steps).mean,
        **several,
        "marginal": m.marginal_wasserstein_distance(a, b),
        "autocorrelation": m.autocorrelation_difference(a, b),
        "own, %": 100.0 * (statistic(process, made) - truth) / abs(truth),
    }


def trained(data: Any, count: int, options: argparse.Namespace) -> tuple[Any, dict[str, float]]:
    """Return samples of the default recipe, and what they took."""
    keras.utils.set_random_seed(options.seed)
    gan = kr.RecurrentGAN(seed=options.seed)
    gan.compile()
    now = CLOCKS[options.clock]
    budget = [] if options.minutes is None else [kr.callbacks.TimeBudget(options.minutes, clock=now)]
    start = now()
    gan.fit(data, batch_size=64, verbose=0, callbacks=budget)
    minutes = (now() - start) / 60.0
    steps = int(keras.ops.convert_to_numpy(gan.optimizer.iterations))
    return gan.generate(count, seed=options.seed), {"updates": steps, "minutes": round(minutes, 2)}


def copied_by_a_copula(
    data: Any, count: int, options: argparse.Namespace
) -> tuple[Any, dict[str, float]]:
    """Return samples of a Gaussian copula, and what they took."""
    start = time.monotonic()
    made = kr.baselines.GaussianCopula().fit(data).generate(count, seed=options.seed)
    return made, {"minutes": round((time.monotonic() - start) / 60.0, 2)}


METHODS: dict[str, Callable[..., tuple[Any, dict[str, float]]]] = {
    "copula": copied_by_a_copula,
    "recipe": trained,
}


def run(name: str, method: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return the scores of a method on a process, or of fresh data as the floor."""
    process = PROCESSES[name]
    count = max(min(process.samples, 10_000), 2_000)
    train, real, other = (
        process.draw(np.random.default_rng([options.seed, i]), n)
        for i, n in enumerate((process.samples, count, count))
    )
    if method == "floor":
        return scores(process, real, other)
    made, took = METHODS[method](train, count, options)
    return {**scores(process, real, made), **took}


def table(names: list[str], out: Path) -> str:
    """Return what is known of some processes, as Markdown."""
    lines = [
        "| process | strict: floor | copula | recipe | correlational: copula | recipe "
        "| its own statistic: floor | copula | recipe |",
        "|" + "---|" * 9,
    ]
    found: dict[str, list[float]] = {"floor": [], "copula": [], "recipe": []}
    for name in names:
        results = {m: json.loads(p.read_text()) for m in found if (p := path_of(out, name, m)).exists()}
        for method, result in results.items():
            found[method].append(result["strict"])

        def cell(method: str, score: str, form: str, results: dict[str, Any] = results) -> str:
            value = results.get(method, {}).get(score)
            return "" if value is None else format(value, form) + (" %" if "%" in score else "")

        cells = [cell(m, "strict", ".3f") for m in found]
        cells += [cell(m, "correlational", ".3f") for m in ("copula", "recipe")]
        cells += [cell(m, "own, %", "+.0f") for m in found]
        lines.append(f"| {name} ({PROCESSES[name].known_by}) | " + " | ".join(cells) + " |")
    means = [f"{np.mean(values):.3f}" if values else "" for values in found.values()]
    lines.append(f"| mean | {' | '.join(means)} | | | | | |")
    return "\n".join(lines)


def path_of(out: Path, name: str, method: str) -> Path:
    """Return where a result lies."""
    return out / name.replace(" ", "_") / f"{method}.json"


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description="The default recipe on processes of known law.")
    parser.add_argument("--only", nargs="+", choices=list(PROCESSES), default=list(PROCESSES))
    parser.add_argument("--methods", nargs="+", default=["floor", *METHODS])
    parser.add_argument("--minutes", type=float, help="of training, at the most")
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall", help="of the minutes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--backend", choices=["tensorflow", "jax", "torch"])
    parser.add_argument("--out", type=Path, default=Path("out/zoo"))
    options = parser.parse_args()
    choose_environment(options.backend)
    for name in options.only:
        for method in options.methods:
            path = path_of(options.out, name, method)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                result = run(name, method, options)
                path.write_text(json.dumps(result, indent=2))
                print(f"{name}, {method}: {result}", flush=True)
    halves = (
        [n for n in options.only if n in TUNED_ON],
        [n for n in options.only if n not in TUNED_ON],
    )
    for title, names in zip(("May have been tuned on", "Never tuned on"), halves, strict=True):
        if names:
            print(f"\n{title}:\n\n{table(names, options.out)}", flush=True)


if __name__ == "__main__":
    main()

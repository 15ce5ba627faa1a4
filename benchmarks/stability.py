"""How often does training fail? Many seeds of the default recipe beside weaker ones.

    python benchmarks/stability.py --dataset sines --minutes 2 --seeds 10
    python benchmarks/stability.py --dataset stocks --stocks stock.csv.gz --minutes 2 --seeds 10
    python benchmarks/stability.py --dataset sines --out benchmarks/results/stability --table

Each run trains for some minutes and generates as many windows as there are, up to 2,000. A finished
run lies in OUT/DATASET/RECIPE/seed_N.json and is not run again for as many minutes. Prints a Markdown
table over the seeds:

- variance: of the generated windows over that of the real ones, the mean over features; 1 is ideal;
- diversity: the mean distance to the nearest other generated window, over that of real ones; a
  collapsed generator repeats itself and is near 0;
- strict: `discriminative_score` of a judge of 32 units that trains for 1,000 steps.
"""

import argparse
import functools
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
from quality import CLOCKS, choose_environment, load, run_once
from sklearn.neighbors import NearestNeighbors

import keras_rgan as kr

RECIPES: dict[str, dict[str, Any]] = {
    "default": {},
    "non-saturating, no penalty": {"loss": "non_saturating", "penalties": None},
    "non-saturating, no penalty, no average": {
        "loss": "non_saturating",
        "penalties": None,
        "ema": None,
    },
}


def diversity(windows: np.ndarray) -> float:
    """Return the mean distance of windows to the nearest other one."""
    flat = windows.reshape(len(windows), -1)
    return float(NearestNeighbors(n_neighbors=2).fit(flat).kneighbors()[0][:, 0].mean())


def run(
    recipe: dict[str, Any], windows: np.ndarray, minutes: float, seed: int, clock: str
) -> dict[str, Any]:
    """Train one seed of a recipe, and measure what fails where training fails."""
    keras.utils.set_random_seed(seed)
    # Within no limits: how far a generator strays is what is asked.
    gan = kr.RecurrentGAN(scaler=kr.layers.SequenceScaler(constraints="copies"), seed=seed)
    gan.compile(keep_best=False, **recipe)
    budget = kr.callbacks.TimeBudget(minutes, clock=CLOCKS[clock])
    gan.fit(windows, batch_size=64, epochs=1_000_000, verbose=0, callbacks=[budget])
    steps = int(keras.ops.convert_to_numpy(gan.optimizer.iterations))
    real = windows[np.random.default_rng(0).permutation(len(windows))[:2000]]
    made = gan.generate(len(real), seed=seed)
    raw = keras.ops.convert_to_numpy(gan.generator(gan.sample_noise(500, seed=seed)))
    made = made if np.isfinite(raw).all() else np.full_like(made, np.nan)  # clipped values hide it
    if not np.isfinite(made).all():
        return {"steps": steps, "finite": False}
    low, width = real.min(axis=(0, 1)), np.ptp(real, axis=(0, 1))
    a, b = ((x - low) / width for x in (real, made))
    strict = kr.metrics.discriminative_score(
        real, made, judge="strict", units=32, steps=1000, repeats=1
    )
    return {
        "steps": steps,
        "finite": True,
        "variance": float((b.var(axis=(0, 1)) / a.var(axis=(0, 1))).mean()),
        "diversity": diversity(b) / diversity(a),
        "strict": strict.mean,
    }


def table(folder: Path) -> str:
    """Return the range over the seeds of all finished runs, as Markdown."""
    names = ["variance", "diversity", "strict"]
    lines = ["| recipe | seeds | finite | " + " | ".join(names) + " |", "|---" * 6 + "|"]
    for recipe in RECIPES:
        found = [json.loads(f.read_text()) for f in sorted((folder / recipe).glob("seed_*.json"))]
        finite = [f for f in found if f["finite"]]
        if not finite:
            continue
        cells = []
        for name in names:
            values = np.array([f[name] for f in finite])
            cells.append(f"{values.mean():.3f} ({values.min():.3f} … {values.max():.3f})")
        lines.append(f"| {recipe} | {len(found)} | {len(finite)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description="How often training fails.")
    parser.add_argument("--dataset", choices=["sines", "stocks", "energy"], default="sines")
    parser.add_argument("--stocks", help="file of the stocks benchmark")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall", help="of the minutes")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--recipes", nargs="+", choices=list(RECIPES), default=list(RECIPES))
    parser.add_argument("--table", action="store_true", help="print what is finished and end")
    parser.add_argument("--backend", choices=["tensorflow", "jax", "torch"])
    parser.add_argument("--out", type=Path, default=Path("out/stability"))
    options = parser.parse_args()
    folder = options.out / options.dataset
    if options.table:
        print(table(folder))
        return
    choose_environment(options.backend)
    windows = load(options.dataset, options.stocks).real
    for name in options.recipes:
        for seed in range(options.seeds):
            path = folder / name / f"seed_{seed}.json"
            run_once(
                path,
                options.minutes,
                functools.partial(run, RECIPES[name], windows, options.minutes, seed, options.clock),
            )
    print(table(folder))


if __name__ == "__main__":
    main()

"""What each part of the default recipe is worth: variants that differ from it in one thing.

    python benchmarks/ablation.py --dataset stocks --stocks stock.csv.gz --minutes 5
    python benchmarks/ablation.py --dataset energy --minutes 8 --variants default LSTM --seeds 3
    python benchmarks/ablation.py --dataset sines --variants default mixed_bfloat16 --updates 2000
    python benchmarks/ablation.py --list
    python benchmarks/ablation.py --dataset stocks --out benchmarks/results/ablation --table

Trains each variant for some minutes and scores as many generated windows as there are real ones.
A finished run lies in OUT/DATASET/VARIANT/seed_N.json and is not run again for as many minutes, so that
a study goes on where it was stopped. Prints a Markdown table of what there is. Variants are compared by
seeds other than those of the benchmark, and by judges of 32 units that train for 2,000 steps.
"""

import argparse
import dataclasses
import functools
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
from quality import CLOCKS, choose_environment, load, run_once

import keras_rgan as kr

FIRST_SEED = 100
"""Seeds of the study begin here, those of `quality.py` at 0."""


@dataclasses.dataclass
class Variant:
    """What differs from the default recipe."""

    generator: dict[str, Any] = dataclasses.field(default_factory=dict)
    discriminator: dict[str, Any] = dataclasses.field(default_factory=dict)
    recipe: dict[str, Any] = dataclasses.field(default_factory=dict)
    penalty: dict[str, Any] = dataclasses.field(default_factory=dict)
    rate: float = 1e-3
    batch_size: int = 64
    decay_share: float = 0.6
    width: float = 1.0
    constraints: tuple[str, ...] = ("range", "lattice", "copies")
    calibrate: bool = True
    policy: str = "float32"


VARIANTS = {
    "default": Variant(),
    "global noise only": Variant(generator={"noise_dim": 0}),
    "noise per step only": Variant(generator={"latent_dim": 0}),
    "no hidden layer in the head": Variant(generator={"hidden_units": 0}),
    "no smoothing": Variant(generator={"smoothing": False, "gated_smoothing": False}),
    "paces without gates": Variant(generator={"gated_smoothing": False}),
    "two steps an emission": Variant(generator={"emission_steps": 2}),
    "four steps an emission": Variant(generator={"emission_steps": 4}),
    "attention in the discriminator": Variant(discriminator={"attention_heads": 4}),
    "attention in the generator": Variant(generator={"attention_heads": 4}),
    "convolution in the generator": Variant(generator={"convolution_units": 48}),
    "no calibration": Variant(calibrate=False),
    "no constraints": Variant(constraints=()),
    "two recurrent layers": Variant(generator={"num_layers": 2}),
    "LSTM": Variant(generator={"cell": "lstm"}, discriminator={"cell": "lstm"}),
    "minGRU": Variant(generator={"cell": "min_gru"}, discriminator={"cell": "min_gru"}),
    "no convolution": Variant(discriminator={"convolution_units": 0}),
    "no increments": Variant(discriminator={"increments": 0}),
    "one direction": Variant(discriminator={"bidirectional": False}),
    "non-saturating": Variant(recipe={"loss": "non_saturating"}),
    "hinge": Variant(recipe={"loss": "hinge"}),
    "relativistic": Variant(recipe={"loss": "relativistic", "penalties": "auto"}),
    "wasserstein": Variant(recipe={"loss": "wasserstein", "penalties": "auto"}),
    "wasserstein, gradient penalty": Variant(
        recipe={"loss": "wasserstein", "penalties": "gradient_penalty"}
    ),
    "non-saturating, no penalty": Variant(recipe={"loss": "non_saturating", "penalties": None}),
    "penalty at every sample": Variant(penalty={"every": 1}),
    "penalty at every fourth sample": Variant(penalty={"every": 4}),
    "penalty weight 0.3": Variant(penalty={"weight": 0.3}),
    "penalty weight 1": Variant(penalty={"weight": 1.0}),
    "penalty weight 10": Variant(penalty={"weight": 10.0}),
    "penalty noise 0.02": Variant(penalty={"noise_scale": 0.02}),
    "exact penalties": Variant(recipe={"penalties": ["r1", "r2"]}),
    "no average": Variant(recipe={"ema": None}),
    "average 0.9999": Variant(recipe={"ema": 0.9999}),
    "batch 128": Variant(batch_size=128),
    "batch 32": Variant(batch_size=32),
    "half as wide": Variant(width=0.5),
    "twice as wide": Variant(width=2.0),
    "rate 2e-3": Variant(rate=2e-3),
    "no decay": Variant(decay_share=0.0),
    "mixed_bfloat16": Variant(policy="mixed_bfloat16"),
    "mixed_float16": Variant(policy="mixed_float16"),
}


def make(variant: Variant, windows: np.ndarray, seed: int) -> kr.RecurrentGAN:
    """Return the compiled model of a variant: what `RecurrentGAN` makes, but for what it changes."""
    default = kr.RecurrentGAN(seed=seed)
    default.compile(keep_best=False)
    default.adapt(windows)
    networks = []
    for network, changes in (
        (default.generator, variant.generator),
        (default.discriminator, variant.discriminator),
    ):
        config = network.get_config()
        for name in {"units", "convolution_units", "hidden_units"} & set(config):
            config[name] = round(variant.width * config[name])
        networks.append(type(network).from_config({**config, **changes}))
    recipe = {
        name: keras.saving.deserialize_keras_object(part)
        for name, part in default.get_compile_config().items()
    }
    recipe["penalties"] = [
        type(p).from_config({**p.get_config(), **variant.penalty}) for p in recipe["penalties"]
    ]
    for role in ("generator", "discriminator"):
        recipe[f"{role}_optimizer"].learning_rate = variant.rate
    scaler = kr.layers.SequenceScaler(constraints=variant.constraints)
    gan = kr.RecurrentGAN(*networks, scaler=scaler, seed=seed)
    gan.compile(keep_best=False, **{**recipe, **variant.recipe})
    return gan


def run(
    variant: Variant, windows: np.ndarray, seed: int, options: argparse.Namespace
) -> dict[str, float]:
    """Train a variant and score it."""
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(variant.policy)
    gan = make(variant, windows, seed)
    keras.config.set_dtype_policy("float32")
    budget = kr.callbacks.TimeBudget(
        options.minutes, variant.decay_share, updates=options.updates, clock=CLOCKS[options.clock]
    )
    size = variant.batch_size
    gan.fit(windows, batch_size=size, epochs=1_000_000, verbose=0, callbacks=[budget])
    if variant.calibrate:
        gan.calibrate(windows)
    return scores(gan, windows, seed)


def scores(gan: kr.RecurrentGAN, windows: np.ndarray, seed: int) -> dict[str, float]:
    """Return the scores of as many generated windows as there are."""
    made = gan.generate(len(windows), seed=seed)
    m = kr.metrics
    steps = int(keras.ops.convert_to_numpy(gan.optimizer.iterations))
    if not np.isfinite(made).all():
        return {"steps": steps}
    judge = {"units": 32, "steps": 2000, "repeats": 2}
    return {
        "steps": steps,
        "discriminative": m.discriminative_score(windows, made, judge="timegan", repeats=3).mean,
        "strict": m.discriminative_score(windows, made, judge="strict", **judge).mean,
        "correlational": float(m.correlational_score(windows, made)),
        "marginal": float(m.marginal_wasserstein_distance(windows, made)),
        "roughness": float(m.roughness(windows, made)),
    }


def table(folder: Path) -> str:
    """Return the means over the seeds of all finished runs, as Markdown."""
    names = ["discriminative", "strict", "correlational", "marginal", "roughness", "steps"]
    lines = ["| variant | seeds | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for variant in VARIANTS:
        found = [json.loads(f.read_text()) for f in sorted((folder / variant).glob("seed_*.json"))]
        if not found:
            continue
        cells = []
        for name in names:
            values = [f[name] for f in found if name in f]
            digits = 0 if name == "steps" else 3
            cells.append(f"{np.mean(values):.{digits}f}" if len(values) == len(found) else "not finite")
        lines.append(f"| {variant} | {len(found)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description="What the parts of the recipe are worth.")
    parser.add_argument("--dataset", choices=["sines", "stocks", "energy"], default="stocks")
    parser.add_argument("--stocks", help="file of the stocks benchmark")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--updates", type=int, help="the most updates of each run")
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall", help="of the minutes")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--out", type=Path, default=Path("out/ablation"))
    parser.add_argument("--table", action="store_true", help="print what is finished and end")
    parser.add_argument("--list", action="store_true", help="print the variants and end")
    options = parser.parse_args()
    if options.list:
        print("\n".join(VARIANTS))
        return
    folder = options.out / options.dataset
    if options.table:
        print(table(folder))
        return
    choose_environment(None)
    windows = load(options.dataset, options.stocks).real
    for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
        for name in options.variants:
            path = folder / name / f"seed_{seed}.json"
            run_once(
                path,
                options.minutes,
                functools.partial(run, VARIANTS[name], windows, seed, options),
                updates=options.updates,
            )
    print(table(folder))


if __name__ == "__main__":
    main()

"""A generator of tokens on a language that is known exactly, beside maximum likelihood.

    python benchmarks/text.py
    python benchmarks/text.py --warm-up 1500 --dropout 0.25 --rate 3e-4 --game 100 --name game_100

The synthetic test of SeqGAN: an oracle, an LSTM with weights of N(0, 1) (5,000 tokens, sequences of
20, state of 32), writes 10,000 sequences to train on. Two numbers tell how good a model of the same
size is, in nats a token: how unlikely the oracle finds what the model writes (quality), and how
unlikely the model finds what the oracle writes (variety: a model that leaves things out fails there). A
temperature trades one for the other, so that each model is a curve. The yardstick is the curve of the
language model that maximum likelihood makes: the very generator as the warm-up leaves it. The game goes
on from there. What each stage made lies in OUT, and is not made again. Prints both curves, and how much
worse or better than maximum likelihood the game is at its own quality; draws them into OUT/text.png.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
from matplotlib.figure import Figure

import keras_rgan as kr

TEMPERATURES = (1.1, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
SAMPLES = 1_000
"""So many are written, and looked at, for a point of a curve: some 0.02 nats by chance."""


def model_of(options: argparse.Namespace) -> kr.TokenGAN:
    """Return a model whose rate falls during the warm-up, and once more behind it."""
    gan = kr.TokenGAN(
        5_000,
        {"units": 32, "embedding_dim": 32, "dropout": options.dropout},
        {"embedding_dim": 64, "filters": 64, "num_views": options.views},
        seed=options.seed,
    )
    ends = [options.warm_up * share // 10 for share in (5, 8, 10)]
    rates = keras.optimizers.schedules.PiecewiseConstantDecay(ends, [1e-2, 3e-3, 1e-3, options.rate])
    gan.compile(
        warm_up=options.warm_up,
        generator_optimizer=keras.optimizers.Adam(rates, name="generator_optimizer"),
        discriminator_optimizer=keras.optimizers.Adam(options.judge_rate, name="discriminator"),
        relaxation=options.relaxation,
        ema=options.ema,
    )
    return gan


def curve_of(gan: Any, oracle: Any, test: np.ndarray) -> list[dict[str, float]]:
    """Return both numbers at each temperature."""
    points = []
    for temperature in TEMPERATURES:
        made = gan.generate(SAMPLES, temperature=temperature, seed=0)
        points.append(
            {
                "temperature": temperature,
                "by_oracle": float(oracle.negative_log_likelihood(made).mean()),
                "of_test": gan.negative_log_likelihood(test, temperature=temperature),
                "tokens": len(np.unique(made)),
            }
        )
    return points


def train(gan: Any, data: np.ndarray, updates: int, watch: Any, every: int) -> float:
    """Train for so many updates, look now and then, and return the minutes of processor time."""
    spent, done = 0.0, 0
    random = np.random.default_rng(int(keras.ops.convert_to_numpy(gan.optimizer.iterations)))
    while done < updates:
        count = min(every, updates - done)
        rows = np.concatenate(
            [random.permutation(len(data)) for _ in range(1 + 64 * count // len(data))]
        )
        start = time.process_time()
        gan.fit(data[rows[: 64 * count]], batch_size=64, epochs=1, shuffle=False, verbose=0)
        spent += (time.process_time() - start) / 60.0
        done += count
        watch(done, spent)
    return spent


def at_quality(curve: list[dict[str, float]], by_oracle: float) -> float:
    """Return how unlikely a model finds the test data at the temperature of that quality."""
    points = sorted((p["by_oracle"], p["of_test"]) for p in curve)
    x, y = zip(*points, strict=True)
    return float(np.interp(by_oracle, x, y, left=np.nan, right=np.nan))


def show(name: str, curve: list[dict[str, float]], beside: list[dict[str, float]] | None) -> None:
    """Print a curve, and at each point how far that of another lies, at the same quality."""
    print(f"{name:20}temperature  by oracle  of test  tokens   beside maximum likelihood")
    for p in curve:
        other = "" if beside is None else f"{p['of_test'] - at_quality(beside, p['by_oracle']):+8.3f}"
        print(
            f"{'':20}{p['temperature']:11.2f}{p['by_oracle']:11.3f}{p['of_test']:9.3f}"
            f"{p['tokens']:8.0f}   {other}",
            flush=True,
        )


def draw(curves: dict[str, list[dict[str, float]]], real: float, path: Path) -> None:
    """Draw curves: quality to the left, variety below."""
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    for name, curve in curves.items():
        x, y = ([p[key] for p in curve] for key in ("by_oracle", "of_test"))
        axes.plot(x, y, marker="o", label=name)
        for p in curve:
            axes.annotate(f"{p['temperature']:g}", (p["by_oracle"], p["of_test"]), fontsize=7)
    axes.axvline(real, color="gray", linestyle=":", label="real")
    axes.set_xlabel("of what is written, by the oracle (nats a token; left is better)")
    axes.set_ylabel("of the oracle's data, by the model (below is better)")
    axes.legend()
    figure.savefig(path, dpi=100)


def main() -> None:
    """Warm up, play, and compare."""
    parser = argparse.ArgumentParser(description="Tokens of an oracle, beside maximum likelihood")
    parser.add_argument("--out", default="out/text", type=Path)
    parser.add_argument("--name", default="game", help="of the stage of the game")
    parser.add_argument("--seed", default=0, type=int)
    parser.add_argument("--warm-up", default=4_000, type=int, help="updates by maximum likelihood")
    parser.add_argument("--game", default=2_000, type=int, help="updates of the game")
    parser.add_argument("--dropout", default=0.0, type=float)
    parser.add_argument("--views", default=1, type=int)
    parser.add_argument("--rate", default=1e-4, type=float, help="of the generator in the game")
    parser.add_argument("--judge-rate", default=1e-3, type=float, help="of the discriminator")
    parser.add_argument("--relaxation", default=1.0, type=float)
    parser.add_argument("--ema", default=0.99, type=float)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    oracle = kr.datasets.OracleLSTM(seed=options.seed)
    train_data, held_out, test = (
        oracle.sample(count, seed=i) for i, count in ((1, 10_000), (2, SAMPLES), (3, SAMPLES))
    )
    real = float(oracle.negative_log_likelihood(test).mean())
    print(f"real                {real:.3f} by the oracle", flush=True)

    results: dict[str, Any] = {}
    for stage, updates in (("maximum_likelihood", options.warm_up), (options.name, options.game)):
        record, file = options.out / f"{stage}.json", options.out / f"{stage}.keras"
        if record.exists():
            results[stage] = json.loads(record.read_text())
            continue
        gan = model_of(options)
        gan.adapt(train_data)
        if stage != "maximum_likelihood":
            gan.load_weights(_weights(options.out / "maximum_likelihood.keras"))
        looks: list[dict[str, float]] = []

        def watch(done: int, spent: float, gan: Any = gan, looks: Any = looks) -> None:
            made = gan.generate(SAMPLES, seed=1)
            look = {
                "updates": done,
                "minutes": round(spent, 2),
                "by_oracle": float(oracle.negative_log_likelihood(made).mean()),
                "of_held_out": gan.negative_log_likelihood(held_out),
            }
            looks.append(look)
            print(look, flush=True)

        minutes = train(gan, train_data, updates, watch, every=max(updates // 4, 100))
        gan.save(file)
        gan.save_weights(_weights(file))
        curve = curve_of(gan, oracle, test)
        results[stage] = {"minutes": minutes, "looks": looks, "curve": curve, "real": real}
        record.write_text(json.dumps(results[stage], indent=1))
    yardstick = results["maximum_likelihood"]["curve"]
    for stage, result in results.items():
        print(f"{stage}: {result['minutes']:.1f} minutes")
        show(stage, result["curve"], None if stage == "maximum_likelihood" else yardstick)
    draw({n: r["curve"] for n, r in results.items()}, real, options.out / "text.png")
    print(f"The curves are in {options.out / 'text.png'}")


def _weights(path: Path) -> Path:
    return path.with_suffix(".weights.h5")


if __name__ == "__main__":
    main()

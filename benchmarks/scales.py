"""Series whose scales differ by orders of magnitude: with ranges of their own, and with a common one.

    python benchmarks/scales.py --minutes 3

Trains on sines times 10 to a power between 0 and 4, with the default scaler, with ranges of their own
drawn from the data, and with generated ones. Prints the Wasserstein distance of the logarithm (base 10)
of the ranges, and what judges say of the windows once each is brought to its own range: the TimeGAN
paper's and a strict one of 32 units. Beside it another real set.
"""

import argparse
from typing import Any

import numpy as np
from quality import add_training_options, choose_environment, train

import keras_rgan as kr

LENGTH = 24

WAYS: dict[str, dict[str, Any]] = {
    "one range": {},
    "own ranges, drawn": {"scaler": "per_sample"},
    "own ranges, generated": {"scaler": "per_sample", "attributes": "generated"},
}


def scaled_sines(num_samples: int, seed: int) -> np.ndarray:
    """Make sines of 1 to 4 periods, of scales that are uniform in their logarithm."""
    random = np.random.default_rng(seed)
    periods, phase = random.uniform(1.0, 4.0, num_samples), random.uniform(0.0, 1.0, num_samples)
    time = np.arange(LENGTH) / LENGTH
    waves = np.sin(2.0 * np.pi * (periods[:, None] * time + phase[:, None]))
    scales = 10.0 ** random.uniform(0.0, 4.0, num_samples)
    return (scales[:, None] * waves)[..., None].astype("float32")


def log_ranges(series: np.ndarray) -> np.ndarray:
    """Return the logarithm of each range."""
    return np.log10(np.maximum(np.ptp(series, axis=(1, 2)), 1e-6))


def shapes_of(series: np.ndarray) -> np.ndarray:
    """Return series brought to their own range, -1 … 1."""
    low, high = series.min(axis=1, keepdims=True), series.max(axis=1, keepdims=True)
    return (2.0 * series - low - high) / np.maximum(high - low, 1e-6)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the Wasserstein distance of two sets of as many numbers."""
    return float(np.abs(np.sort(one) - np.sort(other)).mean())


def main() -> None:
    """Train each way and print a table."""
    parser = argparse.ArgumentParser(description="Ranges of their own.")
    add_training_options(parser, 3.0)
    parser.add_argument("--ways", nargs="+", default=list(WAYS))
    options = parser.parse_args()
    choose_environment(options.backend)
    real = scaled_sines(4_000, 0)
    sets = {}
    for way in options.ways:
        gan = train(way, real, options, **WAYS[way])
        sets[way] = gan.generate(4_000, seed=1)
    sets["other real data"] = scaled_sines(4_000, 1)
    print("| | ranges | discriminative | strict |\n|---|---|---|---|")
    for name, made in sets.items():
        pair = shapes_of(real), shapes_of(made)
        score = kr.metrics.discriminative_score(*pair, judge="timegan", repeats=2).mean
        strict = kr.metrics.discriminative_score(*pair, judge="strict", units=32, steps=1500, repeats=2)
        far = distance(log_ranges(real), log_ranges(made))
        print(f"| {name} | {far:.3f} | {score:.3f} | {strict.mean:.3f} |", flush=True)


if __name__ == "__main__":
    main()

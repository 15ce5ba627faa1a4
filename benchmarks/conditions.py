"""Sines of three labelled bands of frequencies, by one model: how good is each class on request?

    python benchmarks/conditions.py --minutes 5

Prints for each class the discriminative scores (of the TimeGAN paper's judge and of a strict one of 32
units), the squared MMD beside that of two real sets, and how many of the sequences have their dominant
frequency within the band that was asked for, beside how many real ones do.
"""

import argparse

import keras
import numpy as np
from quality import CLOCKS, choose_environment
from rgan_paper import mmd

import keras_rgan as kr

BANDS = ((1.0, 2.0), (2.5, 3.5), (4.0, 5.0))
"""Periods in 24 steps."""

LENGTH = 24


def labelled_sines(num_samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make sines of two features, and the number of the band that their frequencies are from."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, len(BANDS), num_samples)
    low, high = np.array(BANDS)[labels].T
    frequency = random.uniform(low, high, (2, num_samples)).T[:, None]
    phase = random.uniform(-np.pi, np.pi, (num_samples, 1, 2))
    time = np.arange(LENGTH)[None, :, None] / LENGTH
    return np.sin(2.0 * np.pi * frequency * time + phase).astype("float32"), labels


def within(sequences: np.ndarray, band: int) -> float:
    """Return the share of features whose spectrum peaks within a band, give or take 0.25 periods."""
    spectra = np.abs(np.fft.rfft(sequences * np.hanning(LENGTH)[None, :, None], 16 * LENGTH, axis=1))
    found = spectra.argmax(axis=1) / 16.0
    low, high = BANDS[band]
    return float(((found > low - 0.25) & (found < high + 0.25)).mean())


def main() -> None:
    """Train once and print a table."""
    parser = argparse.ArgumentParser(description="Classes of sines on request.")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall", help="of the minutes")
    parser.add_argument("--backend", choices=["tensorflow", "jax", "torch"])
    options = parser.parse_args()
    choose_environment(options.backend)
    sines, labels = labelled_sines(9_000, 0)
    fresh, fresh_labels = labelled_sines(9_000, 1)
    keras.utils.set_random_seed(options.seed)
    gan = kr.RecurrentGAN(seed=options.seed)
    gan.compile()
    budget = kr.callbacks.TimeBudget(options.minutes, clock=CLOCKS[options.clock])
    gan.fit((sines, {"band": labels}), batch_size=64, verbose=0, callbacks=[budget])
    made = gan.generate(conditions={"band": fresh_labels}, seed=options.seed)
    print("| band | discriminative | strict | squared MMD (real) | within the band (real) |")
    print("|---|---|---|---|---|")
    for band, name in enumerate(BANDS):
        a, b, c = sines[labels == band], made[fresh_labels == band], fresh[fresh_labels == band]
        score = kr.metrics.discriminative_score(a, b, judge="timegan", repeats=3).mean
        strict = kr.metrics.discriminative_score(
            a, b, judge="strict", units=32, steps=2000, repeats=2
        ).mean
        count = min(len(a), len(b))
        print(
            f"| {name[0]:g} … {name[1]:g} | {score:.3f} | {strict:.3f} "
            f"| {mmd(a[:count], b[:count]):.4f} ({mmd(a[:count], c[:count]):.4f}) "
            f"| {within(b, band):.3f} ({within(a, band):.3f}) |"
        )


if __name__ == "__main__":
    main()

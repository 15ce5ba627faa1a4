"""The tests of the RGAN paper: sines, smooth functions and rows of digits, by the default recipe.

    python benchmarks/rgan_paper.py sines --minutes 3
    python benchmarks/rgan_paper.py smooth --minutes 3
    python benchmarks/rgan_paper.py digits --minutes 5

"sines" (30 steps, frequency from U(1, 5), amplitude from U(0.1, 0.9), phase from U(-pi, pi)) and
"smooth" (`make_gaussian_processes`) print the squared MMD of 2,000 generated to held-out sequences
beside that of an untrained generator and of two real sets. "digits" are scikit-learn's, 8 rows of 8
pixels, with the class as a condition; a classifier that trains on generated digits alone is tested on
held-out real ones (TSTR), beside the same trained on real digits (TRTR).

Source: Esteban et al., "Real-valued (Medical) Time Series Generation with Recurrent Conditional GANs",
2017.
"""

import argparse
from pathlib import Path
from typing import Any

import keras
import numpy as np
from quality import CLOCKS, choose_environment

import keras_rgan as kr
from keras_rgan.callbacks.sample_grid import draw_samples


def paper_sines(num_samples: int, seed: int = 0) -> np.ndarray:
    """Make sines as the RGAN paper does."""
    random = np.random.default_rng(seed)
    frequency, amplitude, phase = (
        random.uniform(low, high, (num_samples, 1))
        for low, high in ((1.0, 5.0), (0.1, 0.9), (-np.pi, np.pi))
    )
    time = np.linspace(0.0, 1.0, 30, endpoint=False)[None]
    waves = amplitude * np.sin(2.0 * np.pi * frequency * time + phase)
    return waves[..., None].astype("float32")


def mmd(real: np.ndarray, made: np.ndarray) -> float:
    """Return the squared discrepancy, over batches of 500."""
    metric = kr.metrics.MaximumMeanDiscrepancy()
    for start in range(0, len(real), 500):
        metric.update_state(real[start : start + 500], made[start : start + 500])
    return float(metric.result())


def train(samples: Any, minutes: float, seed: int, clock: str) -> kr.RecurrentGAN:
    """Return a default model, trained for some minutes."""
    keras.utils.set_random_seed(seed)
    gan = kr.RecurrentGAN(seed=seed)
    gan.compile()
    budget = kr.callbacks.TimeBudget(minutes, clock=CLOCKS[clock])
    gan.fit(samples, batch_size=64, verbose=0, callbacks=[budget])
    return gan


def run_sequences(samples: np.ndarray, minutes: float, seed: int, clock: str, picture: Path) -> None:
    """Print discrepancies of the first sequences' model to the last 4,000."""
    learned, real, other = samples[:-4000], samples[-4000:-2000], samples[-2000:]
    untrained = kr.RecurrentGAN(seed=seed)
    untrained.adapt(learned)
    gan = train(learned, minutes, seed, clock)
    made = gan.generate(2000, seed=seed)
    print("| squared MMD to 2,000 held-out sequences | |")
    print("|---|---|")
    print(f"| untrained generator | {mmd(real, untrained.generate(2000, seed=seed)):.5f} |")
    print(f"| after {minutes:g} minutes | {mmd(real, made):.5f} |")
    print(f"| other real sequences | {mmd(real, other):.5f} |")
    picture.parent.mkdir(parents=True, exist_ok=True)
    draw_samples(real, made).savefig(picture, dpi=80)


def run_digits(minutes: float, seed: int, clock: str, folder: Path) -> None:
    """Print the accuracy on real digits of classifiers of generated and of real ones."""
    from matplotlib.figure import Figure
    from sklearn.datasets import load_digits
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, 8, 8).astype("float32")
    learned, real, classes, truth = train_test_split(
        images, labels, test_size=0.3, stratify=labels, random_state=0
    )
    gan = train((learned, {"digit": classes}), minutes, seed, clock)
    made = gan.generate(conditions={"digit": classes}, seed=seed)
    figure = Figure(figsize=(10, 10), layout="constrained")
    for digit, row in enumerate(figure.subplots(10, 10)):
        pair = learned[classes == digit], made[classes == digit]
        for i, axis in enumerate(row):
            axis.imshow(pair[i % 2][i // 2], cmap="gray_r")
            axis.set_axis_off()
    figure.suptitle("real and generated digits, in turn")
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "digits.png", dpi=60)
    print("| classifier | trained on generated (TSTR) | trained on real (TRTR) |")
    print("|---|---|---|")
    for name, classifier in {
        "random forest": RandomForestClassifier(random_state=0),
        "support vectors": SVC(),
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
    }.items():
        scores = [
            classifier.fit(x, y).score(real.reshape(-1, 64), truth)
            for x, y in ((made.reshape(-1, 64), classes), (learned.reshape(-1, 64), classes))
        ]
        print(f"| {name} | {scores[0]:.3f} | {scores[1]:.3f} |")


def main() -> None:
    """Run one test."""
    parser = argparse.ArgumentParser(description="The tests of the RGAN paper.")
    parser.add_argument("test", choices=["sines", "smooth", "digits"])
    parser.add_argument("--minutes", type=float, default=3.0, help="of training")
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall", help="of the minutes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--backend", choices=["tensorflow", "jax", "torch"])
    parser.add_argument("--out", type=Path, default=Path("out/rgan_paper"))
    options = parser.parse_args()
    choose_environment(options.backend)
    if options.test == "digits":
        run_digits(options.minutes, options.seed, options.clock, options.out)
        return
    make = paper_sines if options.test == "sines" else kr.datasets.make_gaussian_processes
    picture = options.out / f"{options.test}.png"
    run_sequences(make(14_000), options.minutes, options.seed, options.clock, picture)


if __name__ == "__main__":
    main()

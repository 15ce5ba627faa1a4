"""Sequences of different lengths: damped oscillations that end once they have died down.

    python examples/variable_length.py out/variable_length --minutes 3

There are two kinds, strongly and weakly damped, so that lengths have two peaks and say something of the
values. Trains on a list of 4,000 sequences of 6 to 30 steps, generates as many, draws some of them and
the lengths, and prints how far lengths and values are off, beside another real set.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure

import keras_rgan as kr


def oscillations(num_samples: int, seed: int) -> list[np.ndarray]:
    """Make damped oscillations, cosine and sine, that end where their amplitude falls below a tenth."""
    random = np.random.default_rng(seed)
    sequences = []
    for weak in random.random(num_samples) < 0.4:
        damping = np.log(10.0) / random.normal(24.0 if weak else 10.0, 2.0)
        length = int(np.clip(np.ceil(np.log(10.0) / damping), 6, 30))
        time = np.arange(length)
        angle = random.uniform(0.4, 0.8) * time + random.uniform(-np.pi, np.pi)
        waves = np.exp(-damping * time) * np.stack([np.cos(angle), np.sin(angle)])
        sequences.append(waves.T.astype("float32"))
    return sequences


def distances(real: list[np.ndarray], other: list[np.ndarray]) -> dict[str, float]:
    """Compare two sets of sequences."""
    counts = [np.bincount([len(x) for x in part], minlength=31) / len(part) for part in (real, other)]
    amplitudes = [np.array([np.linalg.norm(x[len(x) // 2]) for x in part]) for part in (real, other)]
    return {
        "lengths, total variation": 0.5 * float(np.abs(counts[0] - counts[1]).sum()),
        "values, Wasserstein distance": kr.metrics.marginal_wasserstein_distance(
            np.concatenate(real)[:, None], np.concatenate(other)[:, None]
        ),
        "mean amplitude halfway": float(amplitudes[1].mean()),
    }


def main() -> None:
    """Train, generate, compare and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", default="out/variable_length", type=Path)
    parser.add_argument("--minutes", default=3.0, type=float, help="training time")
    options = parser.parse_args()
    real, more_real = oscillations(4000, 0), oscillations(4000, 1)
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    budget = kr.callbacks.TimeBudget(options.minutes)
    gan.fit(real, batch_size=64, verbose=0, callbacks=[budget])
    generated = gan.generate(len(real), seed=0)

    table = {"generated": distances(real, generated), "real": distances(real, more_real)}
    print(f"{'':32}" + "".join(f"{name:>12}" for name in table))
    for name in table["real"]:
        print(f"{name:32}" + "".join(f"{scores[name]:12.4f}" for scores in table.values()))

    figure = Figure(figsize=(10, 6), layout="constrained")
    axes = figure.subplots(2, 2)
    for column, (name, sequences) in zip(
        axes.T, {"real": real, "generated": generated}.items(), strict=True
    ):
        for sequence in sequences[:12]:
            column[0].plot(sequence[:, 0], marker=".", linewidth=1.0)
        column[0].set(title=name, xlabel="step", xlim=(0, 30), ylim=(-1.1, 1.1))
        column[1].hist([len(x) for x in sequences], bins=np.arange(5.5, 31.5))
        column[1].set_xlabel("length")
    options.folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.folder / "sequences.png", dpi=80)
    print(f"Sequences and lengths are in {options.folder / 'sequences.png'}")


if __name__ == "__main__":
    main()

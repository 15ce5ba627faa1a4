"""What a model of the energy series has learned: ways, directions, latents, judgements.

    python examples/explain.py out/explain

Trains on windows of six features, three parts of four, for four minutes of one core. Then it

- finds the latents of windows that were held out, and prints the error of what the generator makes of
  them, in deviations, beside that of the nearest of as many generated samples and of the nearest window
  of training: a model that makes only what it has seen, or less, has a larger one than the latter;
- shifts one value of each of these windows by two deviations, and prints how often that value is where
  the reconstruction is furthest off, beside how often it is the one furthest from the mean; and how
  often it has the largest attribution of the discriminator's judgement, which looks for what its own
  generator does wrong and not for faults;
- draws a way between samples, the strongest direction, latents found, and a judgement.
"""

import argparse
from pathlib import Path

import keras
import numpy as np

import keras_rgan as kr

STEPS, FEATURES = 24, 6


def errors_of_nearest(windows: np.ndarray, others: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    """Return the relative error of the nearest of others, of each window."""
    off = [np.square((others - window) / deviations).mean(axis=(1, 2)).min() for window in windows]
    return np.sqrt(off)


def with_faults(
    windows: np.ndarray, deviations: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return windows of which one value each is shifted by two deviations, and which it is."""
    places = random.integers(STEPS * FEATURES, size=len(windows))
    wrong = windows.reshape(len(windows), -1).copy()
    signs = random.choice([-2.0, 2.0], len(windows))
    wrong[np.arange(len(windows)), places] += signs * deviations[places % FEATURES]
    return wrong.reshape(windows.shape), places


def main() -> None:
    """Train, explain, compare and draw."""
    parser = argparse.ArgumentParser(description="What a model has learned")
    parser.add_argument("folder", nargs="?", default="out/explain", type=Path)
    parser.add_argument("--minutes", default=4.0, type=float, help="training time")
    parser.add_argument("--windows", default=48, type=int, help="held-out windows to explain")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)

    keras.utils.set_random_seed(0)
    series, names = kr.datasets.load_energy()
    windows = kr.data.sliding_windows(series[:, :FEATURES], STEPS)
    blocks = [windows[i : i + 200] for i in range(0, len(windows), 200 + STEPS)]  # which share no step
    train = np.concatenate([block for i, block in enumerate(blocks) if i % 4])
    rest = np.concatenate(blocks[::4])
    held_out = rest[np.linspace(0, len(rest) - 1, options.windows).astype(int)]
    deviations = train.std(axis=(0, 1))
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    budget = kr.callbacks.TimeBudget(options.minutes)
    gan.fit(train, batch_size=64, verbose=2, callbacks=[budget])
    gan.column_names = list(names[:FEATURES])

    found = kr.explaining.invert(gan, held_out)
    nearest = errors_of_nearest(held_out, train, deviations)
    off = np.square((found.reconstructions - held_out) / deviations).mean(axis=(1, 2))
    beside = np.square((found.nearest - held_out) / deviations).mean(axis=(1, 2))
    print(f"\nlatents of {len(held_out)} windows that were held out, median relative error")
    print(f"{'reconstructions':40}{np.median(np.sqrt(off)):8.3f}")
    print(f"{'nearest of as many generated samples':40}{np.median(np.sqrt(beside)):8.3f}")
    print(f"{'nearest window of training':40}{np.median(nearest):8.3f}")
    print(f"{'size of the latents, 1 for draws':40}{found.latent_sizes.mean():8.3f}")

    wrong, places = with_faults(held_out, deviations, np.random.default_rng(0))
    judged = kr.explaining.attribute(gan, wrong)
    ways = {
        "error of the reconstruction": wrong - kr.explaining.invert(gan, wrong).reconstructions,
        "distance from the mean": wrong - train.mean(axis=0),
        "attribution of the judgement": judged.attributions * deviations,
    }
    print("\none value of each shifted by two deviations, and found by the largest")
    for name, values in ways.items():
        largest = np.abs(values / deviations).reshape(len(wrong), -1).argmax(axis=1)
        print(f"{name:40}{np.mean(largest == places):8.0%}")
    print(f"{'(by chance)':40}{1 / (STEPS * FEATURES):8.1%}")
    before = kr.explaining.attribute(gan, held_out).judgements
    print(f"judged less real than without the shift {np.mean(judged.judgements < before):8.0%}")

    figures = {
        "interpolation": kr.explaining.interpolate(gan, (0, 1), num_paths=2).plot(num_features=4),
        "traversal": kr.explaining.traverse(gan, 0, num_sequences=2).plot(num_features=4),
        "inversion": found.plot(num_features=4),
        "attribution": judged.plot(num_features=4),
    }
    for name, figure in figures.items():
        figure.savefig(options.folder / f"{name}.png", dpi=80)
    print(f"\nWritten to {options.folder}: {', '.join(f'{name}.png' for name in figures)}")


if __name__ == "__main__":
    main()

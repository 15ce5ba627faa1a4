"""Planted copiers, an overtrained model, fresh real sets and a copula, by `privacy_report`.

python benchmarks/privacy.py            # a minute: planted sets, and 20 fresh ones
python benchmarks/privacy.py --train    # and two models that are trained here, some 4 minutes
"""

import argparse

import keras
import numpy as np

import keras_rgan as kr
from keras_rgan.reporting.privacy import PrivacyReport

STEPS, FEATURES = 24, 3


def sines(count: int, seed: int, steps: int = STEPS, features: int = FEATURES) -> np.ndarray:
    """Return sines as none of another seed are."""
    return kr.datasets.make_sines(count, steps, features, seed=seed)


def row(name: str, found: PrivacyReport) -> str:
    """Return what a report says as a row of a table."""
    closest, attack = found.closest, found.attacks["distance"]
    return (
        f"| {name} | {found.level} | {closest.share:.3f} | {len(closest.near)} "
        f"({closest.expected_near:.0f}) | {attack.auc:.3f} | {attack.true_positive_rate:.1%} |"
    )


def planted() -> None:
    """Print a row for each planted set, and how many fresh ones are alarms."""
    train, holdout = sines(1_000, 1), sines(500, 2)
    rng = np.random.default_rng(0)
    slight = sines(1_000, 3)
    slight[:50] = train[rng.permutation(1_000)[:50]] + 1e-3 * rng.normal(size=(50, STEPS, FEATURES))
    kernels = train[rng.integers(1_000, size=1_000)]
    kernels = kernels + 0.02 * rng.normal(size=kernels.shape)
    sets = {
        "a copier": train,
        "a copier of 5 %": slight,
        "kernels of a narrow bandwidth": kernels,
        "fresh real ones": sines(1_000, 4),
        "a Gaussian copula": kr.baselines.GaussianCopula().fit(train).generate(1_000, seed=0),
    }
    for name, made in sets.items():
        print(row(name, kr.privacy_report(made, train, holdout)), flush=True)
    levels = [
        kr.privacy_report(
            sines(1_000, 1_000 + i), sines(1_000, 3_000 + i), sines(500, 5_000 + i), seed=i
        ).level
        for i in range(20)
    ]
    print(f"fresh real sets: {levels.count('alarm')} alarms of {len(levels)}")


def dense() -> tuple[keras.Model, keras.Model]:
    """Return two dense networks, which learn few sequences by heart fast."""
    layers = keras.layers
    generator = [keras.Input((8,)), layers.Dense(128, "relu"), layers.Dense(128, "relu")]
    generator += [layers.Dense(24), layers.Reshape((12, 2))]
    discriminator = [keras.Input((12, 2)), layers.Flatten(), layers.Dense(128, "leaky_relu")]
    discriminator += [layers.Dense(128, "leaky_relu"), layers.Dense(1)]
    return keras.Sequential(generator), keras.Sequential(discriminator)


def trained(count: int, minutes: float, networks: tuple[keras.Model, ...] = ()) -> None:
    """Print a row for a model that was trained for so long on so few sequences."""
    keras.utils.set_random_seed(0)
    train, holdout = sines(count, 1, 12, 2), sines(max(count, 200), 2, 12, 2)
    gan = kr.RecurrentGAN(*networks, seed=0)
    gan.compile(keep_best=False)
    budget = kr.callbacks.TimeBudget(minutes)
    gan.fit(train, batch_size=min(count, 64), epochs=100_000, verbose=0, callbacks=[budget])
    updates = int(gan.optimizer.iterations)
    found = kr.privacy_report(gan, train, holdout)
    print(row(f"a model of {count} sequences, {updates:,} updates", found), flush=True)
    print(found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", action="store_true", help="train two models too")
    arguments = parser.parse_args()
    planted()
    if arguments.train:
        trained(2_000, 2.0)
        trained(32, 2.0, dense())

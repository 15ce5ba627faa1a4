"""What privacy costs in quality, on sines whose range is known.

    KERAS_BACKEND=jax python benchmarks/differential_privacy.py
    KERAS_BACKEND=jax python benchmarks/differential_privacy.py --epsilons 1 --epochs 48

One model for each epsilon at delta = 1e-5, "inf" for clipping without noise, and "none" for the default
recipe without privacy; both networks have 16 units, and all see the data as often. Figures are the
distance between marginal distributions (`marginal_wasserstein_distance`), the difference of
autocorrelations, and the quick discriminative score, each of 2,000 sequences beside as many held-out
real ones; the last row is that of other real sequences.
"""

import argparse
import json
import time
from typing import Any

import keras_rgan as kr

LENGTH = 12


def sines(count: int, seed: int) -> Any:
    """Return sequences of two features between 0 and 1."""
    return kr.datasets.make_sines(count, LENGTH, 2, seed)


def trained(epsilon: str, options: argparse.Namespace) -> tuple[Any, dict[str, Any]]:
    """Return a model that was trained, and what is to be told of it."""
    privacy = None
    if epsilon == "inf":
        privacy = kr.DifferentialPrivacy(0.0, seed=options.seed)
    elif epsilon != "none":
        privacy = kr.DifferentialPrivacy.for_epsilon(
            float(epsilon),
            num_samples=options.num_samples,
            batch_size=options.batch_size,
            epochs=options.epochs,
            discriminator_steps=options.discriminator_steps,
            seed=options.seed,
        )
    scaler = kr.layers.SequenceScaler.from_bounds([0.0, 0.0], [1.0, 1.0])
    gan = kr.RecurrentGAN({"units": 16}, {"units": 16}, scaler=scaler, seed=options.seed)
    steps = options.discriminator_steps if privacy is not None else 1
    gan.compile(privacy=privacy, keep_best=False, discriminator_steps=steps)
    gan.build((None, LENGTH, 2))  # so that all begin alike
    start = time.process_time()
    sizes = {"batch_size": options.batch_size, "epochs": options.epochs}
    history = gan.fit(sines(options.num_samples, 0), verbose=0, **sizes).history
    return gan, {
        "epsilon": history.get("epsilon", [None])[-1],
        "noise_multiplier": None if privacy is None else privacy.noise_multiplier,
        "processor_seconds": time.process_time() - start,
    }


def figures(samples: Any) -> dict[str, float]:
    """Return how far samples are from real ones."""
    real = sines(2000, 9)
    return {
        "marginal_wasserstein_distance": float(kr.metrics.marginal_wasserstein_distance(real, samples)),
        "autocorrelation_difference": kr.metrics.autocorrelation_difference(real, samples),
        "quick_score": float(kr.metrics.quick_score(real, samples)),
    }


def main() -> None:
    """Train for each epsilon, and print a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--epsilons", nargs="*", default=["none", "inf", "10", "1"])
    parser.add_argument("--num-samples", type=int, default=10_000)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--discriminator-steps", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for epsilon in options.epsilons:
        gan, told = trained(epsilon, options)
        row = {"asked": epsilon, **told, **figures(gan.generate(2000, seed=1))}
        print(
            json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}),
            flush=True,
        )
    print(json.dumps({"asked": "real", **figures(sines(2000, 10))}))


if __name__ == "__main__":
    main()

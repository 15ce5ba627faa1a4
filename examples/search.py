"""A search with keras-tuner: which width, noise and rates suit these sequences.

Trials of a few epochs on sines; what is not searched here is pinned to the default recipe's. Stop it
and start it again: finished trials are read.

    python examples/search.py out/search --trials 6
"""

import argparse
from pathlib import Path

import keras_tuner

import keras_rgan as kr


def main() -> None:
    """Search, show the trials, and keep the best model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", default="out/search", type=Path)
    parser.add_argument("--trials", default=6, type=int)
    options = parser.parse_args()
    folder = options.folder
    sines = kr.datasets.make_sines(2500, length=24, num_features=2)
    train, held = sines[:2000], sines[2000:]
    hypermodel = kr.hypermodels.RecurrentGANHyperModel(
        train,
        {  # one value pins, a list offers; what is not named is searched as its class says
            "cell": "gru",
            "num_layers": 1,
            "generator_units": [16, 32, 48],
            "discriminator_units": [16, 32, 48],
            "loss": "relativistic",
            "penalty": "approximate_r1_r2",
            "penalty_weight": 1.0,
            "ema": 0.99,  # of few updates
            "batch_size": [32, 64],
        },
        seed=0,
    )
    tuner = keras_tuner.RandomSearch(
        hypermodel,
        keras_tuner.Objective("val_mmd", "min"),
        max_trials=options.trials,
        seed=0,
        directory=folder,
        project_name="trials",
    )
    tuner.search(train, validation_data=held, epochs=6, verbose=0)

    shown = ["generator_units", "discriminator_units", "noise", "generator_learning_rate", "batch_size"]
    print("| squared MMD | " + " | ".join(shown) + " |\n" + "|---" * (len(shown) + 1) + "|")
    for trial in tuner.oracle.get_best_trials(options.trials):
        values = [trial.hyperparameters.values[name] for name in shown]
        cells = [f"{value:.2g}" if isinstance(value, float) else str(value) for value in values]
        print(f"| {trial.score:.4f} | " + " | ".join(cells) + " |")
    best = tuner.get_best_models()[0]
    best.save(folder / "best.keras")
    print(f"best.evaluate: {best.evaluate(held, verbose=0, return_dict=True)['mmd']:.4f}")
    print(f"Wrote best.keras and the trials to {folder}")


if __name__ == "__main__":
    main()

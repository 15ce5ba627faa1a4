"""A discriminator that judges every step, and predicts the next one.

    python examples/sequence_prediction.py out/prediction

The error of the prediction is an auxiliary loss of both networks: the discriminator learns how real
sequences go on, and the generator to make sequences that go on like that. Writes a picture and
prints the error of the prediction against that of repeating the last step.
"""

import argparse
from pathlib import Path

import keras
import numpy as np

import keras_rgan as kr
from keras_rgan.callbacks.sample_grid import draw_samples


def main() -> None:
    """Train, and compare the predictions."""
    parser = argparse.ArgumentParser(description="A discriminator that predicts")
    parser.add_argument("folder", nargs="?", default="out/prediction", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(0)
    sines = kr.datasets.make_sines(4000, num_features=3)
    train, holdout = sines[:-500], sines[-500:]

    discriminator = kr.networks.RecurrentDiscriminator(
        48, bidirectional=False, per_step=True, next_step_prediction=True, seed=1
    )
    gan = kr.RecurrentGAN(discriminator=discriminator, seed=0)
    gan.compile(prediction_weight=1.0)
    gan.fit(train, batch_size=64, epochs=8, validation_data=holdout, verbose=2)

    draw_samples(holdout, gan.generate(8, seed=0)).savefig(folder / "samples.png", dpi=100)
    scaled = gan.scaler(holdout)
    predicted = keras.ops.convert_to_numpy(discriminator(scaled)["prediction"])
    scaled = keras.ops.convert_to_numpy(scaled)
    print(f"next step, mean squared error: {np.mean((predicted - scaled[:, 1:]) ** 2):.5f}")
    print(f"repeating the last step:       {np.mean(np.diff(scaled, axis=1) ** 2):.5f}")
    print(f"Picture in {folder}")


if __name__ == "__main__":
    main()

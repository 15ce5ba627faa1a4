"""The textbook's recurrent GAN: Elman cells, the minimax game, Adam(1e-4, beta_1=0.5), 50 epochs.

    python examples/elman.py out/elman

Both networks are plain recurrent networks, h_t = f(W x_t + U h_{t-1} + b), y_t = g(V h_t + c). Writes
a picture and prints the discrepancy from real sines before and after, for the minimax loss of the
first GAN and for its non-saturating variant.
"""

import argparse
from pathlib import Path

import keras
import numpy as np

import keras_rgan as kr
from keras_rgan.callbacks.sample_grid import draw_samples


def train(loss: str, sines: np.ndarray) -> kr.RecurrentGAN:
    """Train both networks with Adam, and print how far the samples are from the data."""
    cell = kr.layers.ElmanCell(units=48, output_units=48, output_activation="tanh")
    gan = kr.RecurrentGAN(
        kr.networks.RecurrentGenerator(sines.shape[-1], 48, cell=cell, seed=1),
        kr.networks.RecurrentDiscriminator(48, cell=cell, seed=2),
        seed=0,
    )
    gan.compile(
        loss=loss,
        generator_optimizer=keras.optimizers.Adam(1e-4, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(1e-4, beta_1=0.5),
    )
    gan.adapt(sines)
    before = gan.evaluate(sines[:500], batch_size=500, return_dict=True, verbose=0)
    gan.fit(sines, batch_size=64, epochs=50, verbose=2)
    after = gan.evaluate(sines[:500], batch_size=500, return_dict=True, verbose=0)
    print(f"{loss}: squared MMD {before['mmd']:.4f} untrained, {after['mmd']:.4f} trained")
    return gan


def main() -> None:
    """Train with both losses."""
    parser = argparse.ArgumentParser(description="Elman networks in the minimax game")
    parser.add_argument("folder", nargs="?", default="out/elman", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(0)
    sines = kr.datasets.make_sines(2000, length=16, num_features=2)
    for loss in ("minimax", "non_saturating"):
        gan = train(loss, sines)
        draw_samples(sines, gan.generate(8, seed=0)).savefig(folder / f"{loss}.png", dpi=100)
    print(f"Pictures in {folder}")


if __name__ == "__main__":
    main()

"""Any Keras model can be the generator and the discriminator: a dense GAN on images.

    python examples/dense_images.py out/images

The founding example's networks, 128-256-512-tanh against 512-256-128-1, with noise drawn as
0.9 + 0.1 N(0, 1) in the shape (10, 10), on the 8 x 8 digits that come with scikit-learn. Noise so
close to a constant makes a generator that is close to one, and training collapses: the batch
normalization at the generator's input gives the noise a spread that counts. Writes a picture and
prints how sure a classifier of real digits is of the generated ones, and which digits they are.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

import keras_rgan as kr
from keras_rgan.callbacks.sample_grid import draw_samples


def networks() -> tuple[keras.Model, keras.Model]:
    """Return the two dense networks."""
    generator = keras.Sequential(
        [
            keras.Input((10, 10)),
            keras.layers.Flatten(),
            keras.layers.BatchNormalization(),
            *(keras.layers.Dense(n, activation="relu") for n in (128, 256, 512)),
            keras.layers.Dense(64, activation="tanh"),
            keras.layers.Reshape((8, 8, 1)),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Flatten(),
            *(keras.layers.Dense(n, activation="relu") for n in (512, 256, 128)),
            keras.layers.Dense(1),
        ]
    )
    return generator, discriminator


def main() -> None:
    """Train, draw and classify."""
    parser = argparse.ArgumentParser(description="A dense GAN on images")
    parser.add_argument("folder", nargs="?", default="out/images", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(0)
    images, labels = load_digits(return_X_y=True)
    digits = images.reshape(-1, 8, 8, 1).astype("float32")

    gan = kr.RecurrentGAN(*networks(), noise_mean=0.9, noise_scale=0.1, seed=0)
    gan.compile()
    gan.fit(digits, batch_size=64, epochs=150, verbose=2)

    generated = gan.generate(1000, seed=0)
    draw_samples(digits, generated).savefig(folder / "digits.png", dpi=100)
    classifier = LogisticRegression(max_iter=1000).fit(images / 16.0, labels)
    for name, samples in (("real", images), ("generated", generated.reshape(-1, 64))):
        chances = classifier.predict_proba(np.clip(samples / 16.0, 0.0, 1.0))
        shares = np.bincount(chances.argmax(axis=1), minlength=10) / len(samples)
        print(f"{name:10} sure of {np.mean(chances.max(axis=1) > 0.9):4.0%}; digits 0 to 9:", end="")
        print("".join(f"{share:5.0%}" for share in shares))
    print(f"Picture in {folder}")


if __name__ == "__main__":
    main()

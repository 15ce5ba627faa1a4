"""Sequences on request: digits, row by row, of the class that is asked for.

    python examples/digits_on_request.py out/digits --minutes 3

Trains one model on scikit-learn's 1,797 digits, 8 rows of 8 pixels each, with the digit as a condition;
then asks for a hundred of each, draws some, and prints how many of them a classifier of real digits
takes for what was asked.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.svm import SVC

import keras_rgan as kr


def main() -> None:
    """Train, generate on request, ask a classifier and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", default="out/digits", type=Path)
    parser.add_argument("--minutes", default=3.0, type=float, help="training time")
    options = parser.parse_args()
    images, labels = load_digits(return_X_y=True)
    rows = images.reshape(-1, 8, 8).astype("float32")
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    gan.fit(
        (rows, {"digit": labels}),
        batch_size=64,
        verbose=0,
        callbacks=[kr.callbacks.TimeBudget(options.minutes)],
    )
    asked = np.repeat(np.arange(10), 100)
    made = gan.generate(conditions={"digit": asked}, seed=0)

    classifier = SVC().fit(images, labels)
    recognized = classifier.predict(made.reshape(-1, 64)) == asked
    print("digit       " + "".join(f"{d:6d}" for d in range(10)) + "   all")
    shares = [*recognized.reshape(10, 100).mean(axis=1), recognized.mean()]
    print("recognized  " + "".join(f"{share:6.0%}" for share in shares))

    figure = Figure(figsize=(10, 5), layout="constrained")
    halves = figure.subfigures(1, 2, squeeze=False)[0]
    sets = (("real", rows, labels), ("generated on request", made, asked))
    for half, (title, source, classes) in zip(halves, sets, strict=True):
        half.suptitle(title)
        for digit, axes in enumerate(half.subplots(10, 10)):
            for axis, image in zip(axes, source[classes == digit], strict=False):
                axis.imshow(image, cmap="gray_r", vmin=0, vmax=16)
                axis.set_axis_off()
    options.folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.folder / "digits.png", dpi=80)
    print(f"Digits are in {options.folder / 'digits.png'}")


if __name__ == "__main__":
    main()

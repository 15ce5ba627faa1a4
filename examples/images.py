"""Images as sequences of rows, of the class that is asked for.

    python examples/images.py out/images_of_classes
    python examples/images.py out/mnist --data mnist.npz

Trains one model on scikit-learn's digits, 8 rows of 8 pixels each, with the digit as a condition: two
minutes of one core. Then a classifier that saw nothing but generated images is tested on real ones,
beside one that saw real ones. Of each class it is counted which share of the test images lies among
the generated ones, beside the share among the real ones that were trained on. `--data` takes the file
of MNIST that `keras.datasets.mnist` loads, or any `.npz` of `x_train`, `y_train`, `x_test` and
`y_test`.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import keras_rgan as kr

MOST = 10_000
"""So many images, at the most, a classifier learns from, and is asked about."""


def images_of(path: Path | None) -> list[np.ndarray]:
    """Return images to train on and to test on, and the classes of either."""
    if path is None:
        images, classes = load_digits(return_X_y=True)
        images = images.reshape(-1, 8, 8).astype("float32")
        return train_test_split(images, classes, test_size=0.3, random_state=0, stratify=classes)
    with np.load(path) as file:
        x, x_test, y, y_test = (file[name] for name in ("x_train", "x_test", "y_train", "y_test"))
    return [x.astype("float32"), x_test.astype("float32"), y, y_test]


def recall(real: np.ndarray, made: np.ndarray) -> float:
    """Return which share of real images lies among those that were made."""
    return kr.metrics.precision_recall(real, made)["recall"] if min(len(real), len(made)) > 5 else 0.0


def main() -> None:
    """Train, generate on request, train a classifier on that and draw."""
    parser = argparse.ArgumentParser(description="Images as sequences of rows")
    parser.add_argument("folder", nargs="?", default="out/images_of_classes", type=Path)
    parser.add_argument("--data", type=Path, help="an .npz file in the form of MNIST's")
    parser.add_argument("--minutes", default=12.0, type=float, help="training time at the most")
    options = parser.parse_args()
    x, x_test, y, y_test = images_of(options.data)
    names = np.unique(y)
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    gan.fit(
        (x, {"class": y}),
        batch_size=64,
        verbose=0,
        callbacks=[kr.callbacks.TimeBudget(options.minutes)],
    )
    asked = np.random.default_rng(0).permutation(np.repeat(names, min(len(x), MOST) // len(names)))
    made = gan.generate(conditions={"class": asked}, seed=0)

    print(f"images                 {len(x)} to train on, {len(x_test)} to test on")
    real, test = [(images[:MOST], classes[:MOST]) for images, classes in ((x, y), (x_test, y_test))]
    score = kr.metrics.classification_score((made, asked), test, real)
    print(f"trained on real        {score['real']:.3f} of the test images recognized")
    print(f"trained on generated   {score['generated']:.3f}")
    right = kr.metrics.classification_score(real, (made, asked))["generated"]
    print(f"generated, by real     {right:.3f} of the images are what was asked for")
    print("class                  " + "".join(f"{name!s:>6}" for name in names))
    for title, source, classes in (("real", x, y), ("generated", made, asked)):
        shares = [recall(x_test[y_test == n], source[classes == n]) for n in names]
        print(f"among {title:17}" + "".join(f"{share:6.0%}" for share in shares))

    figure = Figure(figsize=(10, 0.5 * len(names)), layout="constrained")
    halves = figure.subfigures(1, 2, squeeze=False)[0]
    for half, (title, source, classes) in zip(
        halves, (("real", x, y), ("generated on request", made, asked)), strict=True
    ):
        half.suptitle(title)
        for name, axes in zip(names, half.subplots(len(names), 10), strict=True):
            for axis, image in zip(axes, source[classes == name], strict=False):
                axis.imshow(image, cmap="gray_r", vmin=0, vmax=x.max())
                axis.set_axis_off()
    options.folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.folder / "images.png", dpi=80)
    print(f"Images are in {options.folder / 'images.png'}")


if __name__ == "__main__":
    main()

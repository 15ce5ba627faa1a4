"""Images of which a part is hidden, filled: rows, columns, a patch, the lower half, single pixels.

    python examples/image_completion.py out/image_completion

Trains one model on 70 % of scikit-learn's digits, 8 rows of 8 pixels each, with `completion=True`: two
minutes of one core. Hides parts of the others, fills each in fifty ways, and prints the root of the
mean squared error of their mean in grey levels of 16, beside the training image that is nearest in
what is shown and the mean image; and how often the truth lies within the middle 80 % of the fillings.
Draws some.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import keras_rgan as kr

KINDS = ("rows", "columns", "patch", "lower half", "pixels")


def hidden(kind: str, count: int, size: int, random: np.random.Generator) -> np.ndarray:
    """Return which pixels of so many images are hidden, `(count, size, size)`."""
    mask = np.zeros((count, size, size), bool)
    third, half = max(size * 3 // 8, 1), size // 2
    for image in mask:
        first, left = random.integers(size - third + 1), random.integers(size - half + 1)
        if kind == "rows":
            image[first : first + third] = True
        elif kind == "columns":
            image[:, first : first + third] = True
        elif kind == "patch":
            top = random.integers(size - half + 1)
            image[top : top + half, left : left + half] = True
        elif kind == "lower half":
            image[half:] = True
        else:
            image[:] = random.random((size, size)) < 0.5
    return mask


def nearest(images: np.ndarray, shown: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return for each image the one that is nearest in the pixels that are known."""
    flat = images.reshape(len(images), -1)
    chosen = [
        np.square((flat - row.ravel())[:, there.ravel()]).sum(axis=1).argmin()
        for row, there in zip(shown, known, strict=True)
    ]
    return images[chosen]


def main() -> None:
    """Train, hide, fill, compare and draw."""
    parser = argparse.ArgumentParser(description="Images of which a part is hidden")
    parser.add_argument("folder", nargs="?", default="out/image_completion", type=Path)
    parser.add_argument("--minutes", default=12.0, type=float, help="training time at the most")
    options = parser.parse_args()
    images = load_digits().images.astype("float32")
    train, test = train_test_split(images, test_size=0.3, random_state=0)
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(completion=True, seed=0)
    gan.compile()
    budget = kr.callbacks.TimeBudget(options.minutes)
    gan.fit(train, batch_size=64, verbose=0, callbacks=[budget])

    random = np.random.default_rng(0)
    mean = np.broadcast_to(train.mean(axis=0), test.shape)
    figure = Figure(figsize=(8, 1.0 * len(KINDS)), layout="constrained")
    grid = figure.subplots(len(KINDS), 8)
    print(f"{'hidden':12}{'filled':>9}{'nearest':>9}{'mean':>9}{'within 80 %':>13}")
    for kind, axes in zip(KINDS, grid, strict=True):
        mask = hidden(kind, len(test), test.shape[1], random)
        draws = gan.impute(np.where(mask, np.nan, test), num_samples=50, seed=0)
        fills = (draws.mean(axis=1), nearest(train, test, ~mask), mean)
        errors = [np.sqrt(np.square(fill - test)[mask].mean()) for fill in fills]
        low, high = np.quantile(draws, [0.1, 0.9], axis=1)
        within = ((test >= low) & (test <= high))[mask].mean()
        print(f"{kind:12}" + "".join(f"{error:9.2f}" for error in errors) + f"{within:13.0%}")
        shown = np.where(mask[0], np.nan, test[0])
        parts = {"shown": shown, "truth": test[0], "mean": fills[0][0], "nearest": fills[1][0]}
        parts |= {f"filling {i + 1}": draws[0, i] for i in range(4)}
        for axis, (title, image) in zip(axes, parts.items(), strict=True):
            axis.set_title(title if kind == KINDS[0] else "", fontsize=8)
            axis.imshow(image, cmap="gray_r", vmin=0, vmax=images.max())
            axis.set_facecolor("tab:red")
            axis.set_xticks([])
            axis.set_yticks([])
        axes[0].set_ylabel(kind, fontsize=8)
    options.folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.folder / "completion.png", dpi=120)
    print(f"Images are in {options.folder / 'completion.png'}")


if __name__ == "__main__":
    main()

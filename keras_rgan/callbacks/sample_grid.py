"""Pictures of samples while training goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_rgan.callbacks.image_board import ImageBoard
from keras_rgan.callbacks.notebook import Notebook
from keras_rgan.data.pad_sequences import pad_sequences
from keras_rgan.utils import checks
from keras_rgan.utils.drawing import plain, strip

NAMES_HAVE_NO_CURVE = (
    "Ids of tokens are names, which have no curve: print(gan.generate_text(3)) in a "
    "keras.callbacks.LambdaCallback."
)


class SampleGrid(keras.callbacks.Callback):
    """Writes a picture of generated samples beside real ones, every few epochs.

    The noise is the same in every picture, so that they show how the same samples grow. Sequences
    are drawn as lines, a row a feature, by the names of a table's columns; vectors as lines over their
    features; images as images.

    Args:
        directory: Where the pictures go, as `epoch_0001.png` and so on; made where it is missing. None
            for no files.
        every: Epochs from one picture to the next.
        num_samples: How many samples of each kind are drawn.
        num_features: The most features that are drawn.
        real: Real samples to draw; by default some of those that `fit` was given.
        seed: Seed of the noise.
        tensorboard: A folder of logs of TensorBoard, as `keras.callbacks.TensorBoard` takes it, to
            whose images the pictures go as the run `samples`; on every backend.
        display: Whether to show the picture in a notebook, where each takes the place of the one
            before.

    Raises:
        ValueError: If a number is not a positive integer, or the pictures go nowhere.
        ImportError: If matplotlib, or what a picture is to be shown by, is not installed.

    Example:
        >>> import pathlib, tempfile, keras_rgan as kr
        >>> gan = kr.RecurrentGAN(seed=0)
        >>> gan.compile()
        >>> out = tempfile.mkdtemp()
        >>> windows = kr.datasets.make_sines(32, length=8, num_features=2)
        >>> _ = gan.fit(windows, callbacks=[kr.callbacks.SampleGrid(out)], epochs=1, verbose=0)
        >>> [path.name for path in pathlib.Path(out).iterdir()]
        ['epoch_0001.png']
    """

    def __init__(
        self,
        directory: Any = None,
        every: int = 1,
        num_samples: int = 8,
        num_features: int = 6,
        real: Any = None,
        seed: int = 0,
        tensorboard: Any = None,
        display: bool = False,
    ) -> None:
        super().__init__()
        try:
            import matplotlib.figure  # noqa: F401
        except ImportError as error:
            raise ImportError(
                "SampleGrid draws with matplotlib: pip install 'keras_rgan[viz]'"
            ) from error
        if directory is None and tensorboard is None and not display:
            raise ValueError(
                "Expected a place for the pictures: SampleGrid('out/'), "
                "SampleGrid(tensorboard='logs/') or SampleGrid(display=True). Received: none"
            )
        self.directory = None if directory is None else Path(directory)
        self.board = None if tensorboard is None else ImageBoard(tensorboard)
        self.notebook = Notebook() if display else None
        self.every = checks.positive_int("every", every)
        self.num_samples = checks.positive_int("num_samples", num_samples)
        self.num_features = checks.positive_int("num_features", num_features)
        self.real = real
        self.seed = checks.non_negative_int("seed", seed)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Draw, where the epoch is one of every few."""
        if (epoch + 1) % self.every:
            return
        real = self.model.examples if self.real is None else self.real
        generated = self.model.generate(self.num_samples, seed=self.seed)
        names = self.model.column_names
        figure = draw_samples(real, generated, self.num_samples, self.num_features, names)
        figure.suptitle(f"epoch {epoch + 1}")
        if self.directory is not None:
            self.directory.mkdir(parents=True, exist_ok=True)
            figure.savefig(self.directory / f"epoch_{epoch + 1:04d}.png", dpi=100)
        if self.board is not None:
            self.board.add("samples", figure, epoch)
        if self.notebook is not None:
            self.notebook.show(figure)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Finish the file of TensorBoard."""
        if self.board is not None:
            self.board.close()


def draw_samples(
    real: Any,
    generated: Any,
    num_samples: int = 8,
    num_features: int = 6,
    names: list[str] | None = None,
) -> Any:
    """Return a matplotlib figure of real samples on the left and generated ones on the right.

    Args:
        real: Real samples; None where there are none.
        generated: Generated samples, of the same shape but for their number; or a list of sequences.
        num_samples: The most samples of each kind that are drawn.
        num_features: The most features that are drawn.
        names: The features' names.
    """
    from matplotlib.figure import Figure

    given = {"real": real, "generated": generated}
    sets = {k: _spread(_array(v), num_samples) for k, v in given.items() if v is not None}
    generated = sets["generated"]
    if len({v.ndim for v in sets.values()}) > 1:
        raise ValueError(
            "Expected real and generated samples of one rank, to draw them alike. Received: shapes "
            f"{ {name: v.shape for name, v in sets.items()} }. {NAMES_HAVE_NO_CURVE}"
        )
    if generated.ndim == 5:
        return _draw_images({k: [strip(v)] for k, v in sets.items()}, wide=8.0)
    if generated.ndim >= 4:
        return _draw_images({k: [strip(image[None]) for image in v] for k, v in sets.items()})
    if generated.ndim == 2:
        sets = {k: v[..., None] for k, v in sets.items()}
    rows = min(num_features, generated.shape[-1]) if generated.ndim == 3 else 1
    figure = Figure(figsize=(4 * len(sets), 1.6 * rows + 0.8), layout="constrained")
    axes = figure.subplots(rows, len(sets), sharex=True, sharey="row", squeeze=False)
    for column, (name, samples) in enumerate(sets.items()):
        axes[0][column].set_title(name)
        axes[-1][column].set_xlabel("feature" if generated.ndim == 2 else "step")
        for row in range(rows):
            _draw_lines(axes[row][column], samples[:, :, row])
            if column == 0 and generated.ndim == 3:
                axes[row][0].set_ylabel(plain(names[row]) if names else f"feature {row}")
    return figure


def _array(samples: Any) -> np.ndarray:
    """Return samples as one array; those of different lengths end in NaN, which is not drawn."""
    if not isinstance(samples, list | tuple):
        return np.asarray(samples)
    if samples and all(np.ndim(sample) == 1 for sample in samples):
        raise ValueError(
            "Expected samples (time, features), to draw a curve of each feature. Received: a list of "
            f"{len(samples)} of shapes such as {np.shape(samples[0])}. {NAMES_HAVE_NO_CURVE}"
        )
    return ended_in_nan(samples)


def ended_in_nan(samples: Any) -> np.ndarray:
    """Return sequences of different lengths as one array, NaN behind their ends."""
    padded, lengths = pad_sequences(samples)
    counting = np.arange(padded.shape[1])[:, None] < lengths[:, None, None]
    return np.where(counting, padded, np.nan)


def _spread(samples: np.ndarray, count: int) -> np.ndarray:
    return samples[np.linspace(0, len(samples) - 1, min(count, len(samples))).astype(int)]


def _draw_lines(axis: Any, series: np.ndarray) -> None:
    """Draw a line of each of some series, with a point where a value stands alone among gaps."""
    there = np.pad(~np.isnan(series.astype("float64")), [(0, 0), (1, 1)])
    alone = there[:, 1:-1] & ~there[:, :-2] & ~there[:, 2:]
    for line, points in zip(axis.plot(series.T, linewidth=1.0, alpha=0.8), alone, strict=True):
        if points.any():
            line.set(marker=".", markevery=np.flatnonzero(points).tolist())


def _draw_images(sets: dict[str, list[np.ndarray]], wide: float = 1.2) -> Any:
    from matplotlib.figure import Figure

    columns = max(len(images) for images in sets.values())
    figure = Figure(figsize=(wide * columns, (wide + 0.2) * len(sets)), layout="constrained")
    axes = figure.subplots(len(sets), columns, squeeze=False)
    for row, (name, images) in zip(axes, sets.items(), strict=True):
        row[0].set_title(name, loc="left")
        for axis, image in zip(row, images, strict=False):
            axis.imshow(image, cmap="gray")
        for axis in row:
            axis.axis("off")
    return figure

"""Videos: two handwritten digits at a time, which move and bounce, of the classes that are asked for.

    python examples/video.py out/video

Trains on clips of 12 frames of 20 by 20 pixels, for 12 minutes of one core at the most, and makes clips
of 12 and of 36 frames. A second network that has never seen a generated clip, the reader, learns on
real ones to say which digits are in a frame and where. Prints what it finds in generated clips, beside
what it finds in real ones, and in real ones whose frames were shuffled:

    right       share of digits of the classes that were asked for; of two 0.18 by guessing
    sure        the reader's mean probability of the class that it names
    kept        share of frames in which a digit has the class that it has in most of its clip
    speed       pixels a frame, and how much of it changes from frame to frame
    bounces     reversals of a direction, a digit and 10 frames
    Fréchet     distance of the reader's features of frames from those of real digits held out

Writes a film, real clips above generated ones, and some frames of it. `--digits 1` for one at a time.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
from matplotlib.animation import PillowWriter
from matplotlib.figure import Figure

import keras_rgan as kr

CLASSES = 10
DIGIT = 8


def make_reader(size: int) -> keras.Model:
    """Return a network from frames to logits of each class at each place, and to features."""
    inputs = keras.Input((size, size, 1))
    x = keras.layers.Conv2D(64, DIGIT, activation="relu")(inputs)
    x = keras.layers.Conv2D(64, 1, activation="relu")(x)
    logits = keras.layers.Reshape((-1,))(keras.layers.Conv2D(CLASSES, 3, padding="same")(x))
    features = keras.layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, {"logits": logits, "features": features})


def train_reader(clips: np.ndarray, classes: np.ndarray, places: np.ndarray) -> keras.Model:
    """Train a reader on real clips."""
    count, length, num_digits = places.shape[:3]
    size = clips.shape[2]
    corners, rows = size - DIGIT + 1, np.arange(count * length)
    row, column = np.moveaxis(np.rint(places).astype(int).reshape(-1, num_digits, 2), -1, 0)
    cells = (row * corners + column) * CLASSES + np.repeat(classes, length, axis=0)
    targets = np.zeros((len(rows), corners * corners * CLASSES), "float32")
    for i in range(num_digits):
        targets[rows, cells[:, i]] += 1.0 / num_digits
    reader = make_reader(size)
    logits = keras.Model(reader.input, reader.output["logits"])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    logits.compile(keras.optimizers.Adam(2e-3), loss=loss)
    logits.fit(clips.reshape(-1, size, size, 1), targets, batch_size=64, epochs=3, verbose=0)
    return reader


def read(reader: keras.Model, clips: np.ndarray, num_digits: int) -> dict[str, np.ndarray]:
    """Return what a reader finds in clips, of each digit: places, and probabilities of classes.

    Digits are found one after another, each where the reader is surest, at least two pixels from those
    before; then followed from frame to frame, each time the nearest ones.
    """
    count, length, size = clips.shape[:3]
    parts = [reader.predict_on_batch(clip) for clip in clips]
    output = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    corners = size - DIGIT + 1
    logits = output["logits"].reshape(-1, corners, corners, CLASSES).astype("float64")
    grid = np.stack(np.meshgrid(np.arange(corners), np.arange(corners), indexing="ij"), axis=-1)
    mass = np.exp(logits - logits.max(axis=(1, 2, 3), keepdims=True))
    places, chances = [], []
    for _ in range(num_digits):
        peak = mass.sum(axis=-1).reshape(len(mass), -1).argmax(axis=1)
        peak = np.stack([peak // corners, peak % corners], axis=-1)
        near = (np.abs(grid - peak[:, None, None]) < 2).all(axis=-1)[..., None] * mass
        total = np.maximum(near.sum(axis=(1, 2, 3)), 1e-300)
        places.append((near.sum(axis=-1)[..., None] * grid).sum(axis=(1, 2)) / total[:, None])
        chances.append(near.sum(axis=(1, 2)) / total[:, None])
        mass = mass - near
    found = np.stack(places, axis=1).reshape(count, length, num_digits, 2)
    said = np.stack(chances, axis=1).reshape(count, length, num_digits, CLASSES)
    if num_digits == 2:
        for t in range(1, length):
            before, now = found[:, t - 1], found[:, t]
            steps = [np.square(now[:, order] - before).sum(axis=(1, 2)) for order in ([0, 1], [1, 0])]
            swap = steps[1] < steps[0]
            found[swap, t], said[swap, t] = found[swap, t][:, ::-1], said[swap, t][:, ::-1]
    return {"places": found, "chances": said, "features": output["features"]}


def describe(found: dict[str, np.ndarray], classes: np.ndarray, real: np.ndarray) -> dict[str, float]:
    """Return the figures of what was found in clips of digits of some classes."""
    places, chances = found["places"], found["chances"]
    named = chances.sum(axis=1).argmax(axis=-1)
    counts = [np.eye(CLASSES)[x].sum(axis=1) for x in (named, classes)]
    moves = np.diff(places, axis=1)
    speeds = np.linalg.norm(moves, axis=-1)
    # Where it turns: moves of half a pixel at the least, one way and then the other
    way = np.sign(np.where(np.abs(moves) > 0.25, moves, 0.0))
    bounces = (way[:, 1:] * way[:, :-1] < 0).sum(axis=(1, 3)).mean() / (places.shape[1] - 1) * 10
    return {
        "right": float(np.minimum(*counts).sum() / classes.size),
        "sure": float(chances.max(axis=-1).mean()),
        "kept": float((chances.argmax(axis=-1) == named[:, None]).mean()),
        "speed": float(np.median(speeds)),
        "changes": float(np.median(np.abs(np.diff(moves, axis=1)).sum(axis=-1))),
        "bounces": float(bounces),
        "Fréchet": kr.metrics.frechet_distance(real, found["features"]),
    }


def write_film(path: Path, real: np.ndarray, made: np.ndarray) -> None:
    """Write clips as a film, real ones above generated ones."""
    figure = Figure(figsize=(1.0 * len(real), 2.3), dpi=80)
    axes = figure.subplots(2, len(real), squeeze=False)
    images = []
    for row, clips, name in ((axes[0], real, "real"), (axes[1], made, "made")):
        row[0].set_ylabel(name)
        for axis, clip in zip(row, clips, strict=True):
            images.append((axis.imshow(clip[0, ..., 0], cmap="gray", vmin=0, vmax=1), clip))
            axis.set_xticks([])
            axis.set_yticks([])
    figure.tight_layout(pad=0.4)
    writer = PillowWriter(fps=8)
    with writer.saving(figure, str(path), dpi=80):
        for t in range(real.shape[1]):
            for image, clip in images:
                image.set_data(clip[t, ..., 0])
            writer.grab_frame()


def write_strip(path: Path, real: np.ndarray, made: np.ndarray) -> None:
    """Write every frame of some clips side by side, real ones above generated ones."""
    rows = [np.concatenate(list(np.pad(c[..., 0], ((0, 0), (1, 1), (1, 1)), constant_values=0.5)), 1)
            for c in (*real, *made)]  # fmt: skip
    figure = Figure(figsize=(0.5 * real.shape[1], 0.5 * len(rows) + 0.3), layout="constrained")
    axis = figure.subplots()
    axis.imshow(np.concatenate(rows), cmap="gray", vmin=0, vmax=1)
    axis.set_xticks([])
    height = rows[0].shape[0]
    axis.set_yticks([height * len(real) / 2, height * (len(real) + len(made) / 2)], ["real", "made"])
    axis.set_xlabel("frame after frame")
    figure.savefig(path, dpi=110)


def main() -> None:
    """Train, make clips, read them and write a film."""
    parser = argparse.ArgumentParser(description="Videos of moving digits")
    parser.add_argument("folder", nargs="?", default="out/video", type=Path)
    parser.add_argument("--digits", default=2, type=int, choices=(1, 2), help="digits at a time")
    parser.add_argument("--minutes", default=12.0, type=float, help="training time at the most")
    parser.add_argument("--clips", default=8000, type=int, help="clips to train on")
    options = parser.parse_args()
    keras.utils.set_random_seed(0)

    def clips_of(part: str, count: int, length: int = 12, seed: int = 0) -> tuple[np.ndarray, ...]:
        return kr.datasets.make_moving_digits(
            count, length, num_digits=options.digits, part=part, seed=seed
        )

    def asked(classes: np.ndarray) -> dict[str, np.ndarray]:
        return {f"digit {i + 1}": column for i, column in enumerate(classes.T)}

    train, classes, places = clips_of("train", options.clips)
    gan = kr.RecurrentGAN(
        generator={"num_objects": options.digits, "background": False, "condition_dim": 32},
        discriminator={"condition_dim": 32},
        seed=0,
    )
    gan.compile()
    budget = kr.callbacks.TimeBudget(options.minutes, clock=time.process_time)
    sequences = train, asked(classes)
    gan.fit(sequences, batch_size=16, epochs=1000, callbacks=[budget], verbose=0)
    print(f"{int(gan.optimizer.iterations):,} updates")

    few = slice(None, max(len(train) // 4, 1))
    reader = train_reader(train[few], classes[few], places[few])
    count = max(len(train) // 16, 16)
    table: dict[str, dict[str, float]] = {}
    films = {}
    for length in (12, 36):
        held_out = clips_of("test", count, length, seed=1)
        real = read(reader, held_out[0], options.digits)["features"]
        again = clips_of("train", count, length, seed=2)
        made = gan.generate(conditions=asked(again[1]), length=length, seed=0)
        order = np.random.default_rng(0).permuted(
            np.tile(np.arange(length), (count, 1)), axis=1
        )[..., None, None, None]  # fmt: skip
        shuffled = np.take_along_axis(again[0], order, axis=1)
        for name, clips in (("made", made), ("real", again[0]), ("shuffled", shuffled)):
            found = read(reader, clips, options.digits)
            table[f"{name}, {length} frames"] = describe(found, again[1], real)
        films[length] = again[0], made
    print(f"{'':22}" + "".join(f"{name:>9}" for name in next(iter(table.values()))))
    for name, figures in table.items():
        print(f"{name:22}" + "".join(f"{figure:9.3f}" for figure in figures.values()))
    options.folder.mkdir(parents=True, exist_ok=True)
    write_film(options.folder / "video.gif", films[36][0][:8], films[36][1][:8])
    write_strip(options.folder / "video.png", films[12][0][:4], films[12][1][:8])
    print(f"Clips are in {options.folder / 'video.gif'} and {options.folder / 'video.png'}")


if __name__ == "__main__":
    main()

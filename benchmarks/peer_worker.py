"""Train one library on windows, in an environment that has it: the part of `peers.py` that runs there.

    python peer_worker.py PEER WINDOWS.npy FOLDER MINUTES

Writes FOLDER/samples_M.npy, as many sequences as there are windows in their units, after M minutes of
training, for ever longer M up to MINUTES; and prints a line of JSON with the sequences that training
consumed a second, and those generated a second. The time to generate and write is not counted as
training. Every library trains with its own defaults and batches of 64, if it has batches at all
(DoppelGANger's default is 1,024), but for what the functions below name.
"""

import builtins
import contextlib
import functools
import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

if sys.argv[1:2] == ["tsgm"]:  # all that its environment has
    os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

BATCH_SIZE = 64
CHECKPOINTS = (0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0)
WARM_UP_SECONDS = 10.0


class Done(Exception):  # noqa: N818
    """The minutes are over."""


class Clock:
    """Counts training time, and takes samples where it reaches a checkpoint."""

    def __init__(self, folder: Path, minutes: float, count: int) -> None:
        self.folder, self.count = folder, count
        self.checkpoints = [m for m in CHECKPOINTS if m < minutes] + [minutes]
        self.seconds, self.last = 0.0, time.perf_counter()
        self.sequences, self.counted = 0, 0.0
        self.rate = 0.0  # where it is measured apart
        self.generated: list[float] = []

    def start(self) -> None:
        """Note that training begins: imports and the preparation of data do not count."""
        self.last = time.perf_counter()

    def tick(self, sequences: int, sample: Callable[[int], np.ndarray] | None) -> None:
        """Note that a step has used so many sequences, and sample if it is time.

        Raises:
            Done: After the last sample.
        """
        now = time.perf_counter()
        if self.seconds > WARM_UP_SECONDS:  # the first steps compile
            self.sequences += sequences
            self.counted += now - self.last
        self.seconds += now - self.last
        if sample is not None and self.seconds >= 60.0 * self.checkpoints[0]:
            self.write(sample)
        self.last = time.perf_counter()

    def write(self, sample: Callable[[int], np.ndarray]) -> None:
        """Write the sample of the next checkpoint."""
        begin = time.perf_counter()
        made = np.asarray(sample(self.count), "float32")
        self.generated.append(self.count / (time.perf_counter() - begin))
        np.save(self.folder / f"samples_{self.checkpoints.pop(0):g}.npy", made)
        if not self.checkpoints:
            raise Done

    def summary(self) -> dict[str, float]:
        """Return the rates."""
        return {
            "trained": self.rate or self.sequences / max(self.counted, 1e-9),
            "generated": max(self.generated, default=0.0),  # the first may compile
        }


def scaled(windows: np.ndarray, low: float) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """Return windows within low … 1, and the way back."""
    minimum, maximum = windows.min(axis=(0, 1)), windows.max(axis=(0, 1))
    factor = (1.0 - low) / (maximum - minimum)
    return (windows - minimum) * factor + low, lambda made: (made - low) / factor + minimum


def keras_rgan(windows: np.ndarray, clock: Clock) -> None:
    """Ours, with defaults."""
    import keras

    import keras_rgan as kr

    class Tick(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            clock.tick(BATCH_SIZE, self.model.generate)

    gan = kr.RecurrentGAN(seed=0)
    gan.compile(keep_best=False)
    clock.start()
    gan.fit(windows, batch_size=BATCH_SIZE, epochs=10**6, verbose=0, callbacks=[Tick()])


def tsgm(windows: np.ndarray, clock: Clock) -> None:
    """The LSTM GAN of tsgm, with a latent of 64 entries and rates of 3e-4."""
    import keras
    import tensorflow as tf
    from tsgm.models.architectures import zoo
    from tsgm.models.cgan import GAN

    class Tick(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            clock.tick(BATCH_SIZE, lambda count: back(np.asarray(self.model.generate(count))))

    data, back = scaled(windows, -1.0)
    latent_dim = 64
    parts = zoo["cgan_lstm_n"](
        seq_len=windows.shape[1], feat_dim=windows.shape[2], latent_dim=latent_dim, output_dim=0
    ).get()
    gan = GAN(parts["discriminator"], parts["generator"], latent_dim)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(3e-4),
        g_optimizer=keras.optimizers.Adam(3e-4),
        loss_fn=keras.losses.BinaryCrossentropy(),
    )
    batches = tf.data.Dataset.from_tensor_slices(data.astype("float32"))
    batches = batches.shuffle(len(data)).batch(BATCH_SIZE)
    clock.start()
    gan.fit(batches, epochs=10**6, verbose=0, callbacks=[Tick()])


def dgan(windows: np.ndarray, clock: Clock) -> None:
    """DoppelGANger, of gretel-synthetics."""
    from gretel_synthetics.timeseries_dgan.config import DGANConfig
    from gretel_synthetics.timeseries_dgan.dgan import DGAN

    length = windows.shape[1]
    config = DGANConfig(
        max_sequence_len=length, sample_len=1, batch_size=BATCH_SIZE, epochs=10**6, cuda=False
    )
    model = DGAN(config)

    def sample(count: int) -> np.ndarray:
        made = model.generate_numpy(count)[1]
        model._set_mode(True)  # generating leaves the networks in evaluation mode
        return made

    clock.start()
    model.train_numpy(windows, progress_callback=lambda _: clock.tick(BATCH_SIZE, sample))


def echo(windows: np.ndarray, clock: Clock, make: Callable[[], Any], method: str) -> None:
    """Train a model of deepecho, which has no batches: a step takes all sequences.

    How many it consumes a second is measured first, on as many as others have in a batch. A value that
    it calls missing is drawn again, with its sequence.
    """

    def train(windows: np.ndarray, at_step: Callable[[Any], None]) -> None:
        model = make()
        step = getattr(model, method)

        def timed(*args: Any, **kwargs: Any) -> Any:
            result = step(*args, **kwargs)
            at_step(model)
            return result

        setattr(model, method, timed)
        sequences = [{"context": [], "data": window.T.tolist()} for window in windows]
        model.fit_sequences(sequences, [], ["continuous"] * windows.shape[2])

    def draw(model: Any) -> np.ndarray:
        for _ in range(100):
            made = np.array(model.sample_sequence([], windows.shape[1]), "float32").T
            if np.isfinite(made).all():
                break
        return made

    times: list[float] = []

    def count(model: Any) -> None:
        times.append(time.perf_counter())
        if times[-1] > times[0] + 3 * WARM_UP_SECONDS:
            raise Done

    with contextlib.suppress(Done):
        train(windows[:BATCH_SIZE], count)
    warm = [t for t in times if t > times[0] + WARM_UP_SECONDS]
    if len(warm) > 1:
        clock.rate = BATCH_SIZE * (len(warm) - 1) / (warm[-1] - warm[0])

    times.clear()

    def tick(model: Any) -> None:
        times.append(time.perf_counter())
        if len(times) == 1:
            clock.start()
        else:
            clock.tick(len(windows), lambda n: np.stack([draw(model) for _ in range(n)]))

    train(windows, tick)


def basic_gan(windows: np.ndarray, clock: Clock) -> None:
    """The GAN of deepecho."""
    from deepecho import BasicGANModel

    make = functools.partial(BasicGANModel, epochs=10**6, cuda=False, verbose=False)
    echo(windows, clock, make, "_generator_step")


def par(windows: np.ndarray, clock: Clock) -> None:
    """The autoregressive model of deepecho."""
    from deepecho import PARModel

    # A step's loss comes after its forward pass: the samples are of the step before.
    make = functools.partial(PARModel, epochs=10**6, cuda=False, verbose=False)
    echo(windows, clock, make, "_compute_loss")


def timegan(windows: np.ndarray, clock: Clock) -> None:
    """TimeGAN, of fg-data-synthetic, once ydata-synthetic, with the rate and latent of its example.

    Both packages fail at import, for want of the name that is supplied here. It samples at the end
    only, as its three phases have as many steps each and follow one another.
    """
    builtins.warn = warnings.warn  # type: ignore[attr-defined]
    from data_synthetic.synthesizers import ModelParameters
    from data_synthetic.synthesizers.timeseries.timegan.model import TimeGAN

    data, back = scaled(windows, 0.0)

    def train(steps: int, at_draw: Callable[[], None]) -> Any:
        model = TimeGAN(ModelParameters(batch_size=BATCH_SIZE, lr=5e-4, latent_dim=24, gamma=1))
        model.seq_len, model.n_seq = windows.shape[1:]
        model.num_cols = list(range(model.n_seq))
        draw = model.get_batch_data

        def drawn(*args: Any, **kwargs: Any) -> Any:
            at_draw()
            return draw(*args, **kwargs)

        model.get_batch_data = drawn
        model.train(data, steps)
        return model

    times: list[float] = []
    tried = 20  # steps of each phase, to learn how many fill the minutes
    train(tried, lambda: times.append(time.perf_counter()))
    pauses = np.diff(times)
    # A step draws one batch in the first and second phase and three in the last; the first ones trace.
    phases = pauses[:tried], pauses[tried : 2 * tried], pauses[2 * tried :]
    step = sum(n * np.median(p[len(p) // 2 :]) for n, p in zip((1, 1, 3), phases, strict=True))
    clock.start()
    minutes = clock.checkpoints[-1]
    model = train(max(int(60.0 * minutes / step), 1), lambda: clock.tick(BATCH_SIZE, None))
    clock.checkpoints = [round(clock.seconds / 60.0, 1)]
    clock.write(lambda count: back(np.stack([frame.to_numpy() for frame in model.sample(count)])))


PEERS = {f.__name__: f for f in (keras_rgan, tsgm, dgan, basic_gan, par, timegan)}


def main() -> None:
    """Train, and print the rates."""
    name, windows, folder, minutes = sys.argv[1:]
    data = np.load(windows)
    clock = Clock(Path(folder), float(minutes), len(data))
    with contextlib.suppress(Done):
        PEERS[name](data, clock)
    print(json.dumps(clock.summary()))


if __name__ == "__main__":
    main()

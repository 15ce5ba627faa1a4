"""How much memory each call leaves behind, beside what Keras itself leaves of the same.

    python benchmarks/memory.py
    python benchmarks/memory.py --backend torch
    python benchmarks/memory.py --rows "new model" --models 200

Each row runs in processes of its own, one for ours and one for Keras's. After some calls to warm up,
the resident memory is read behind each further one, once garbage is collected and free memory given
back to the system; the figure is the slope of a line through the later half, in MB a call. Rows:

- new model: made, compiled, trained for two steps and dropped. "narrow" has a GRU of 4 units in each
  network, "wide" of 48, beside a GAN with a `train_step` written by hand and networks of the same
  layers of Keras; "default" has the networks of `RecurrentGAN()`, beside the same networks in that
  GAN. With "cleared", `keras.utils.clear_session()` is called between models.
- loaded model: a file is loaded and asked for samples once, or for a stream of three parts; of Keras a
  file of its GAN's generator is loaded and `predict` called. Then it is dropped.
- the others are calls on one model, which stays.
"""

import argparse
import ctypes
import gc
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from speed import Case, child, data, ours, stock

NARROW, WIDE = Case(32, 24, 6, 4), Case(32, 24, 6, 48)
Action = Callable[[], Any]


def resident() -> float:
    """Return the resident memory of this process in MB, without garbage and what is free."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def default_ours() -> Any:
    """Return a compiled model with default networks."""
    import keras_rgan as kr

    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    return gan


def default_stock() -> Any:
    """Return a GAN that is written by hand, with default networks."""
    import keras
    import stock_gan

    import keras_rgan as kr

    made = kr.RecurrentGAN(seed=0)
    made.build((None, WIDE.steps, WIDE.features))
    inputs = {name: keras.Input(shape) for name, shape in (("latent", (32,)), ("noise", (24, 8)))}
    generator = keras.Model(list(inputs.values()), made.generator(inputs))
    gan = stock_gan.make(generator, made.discriminator, 0.0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-4),
        g_optimizer=keras.optimizers.Adam(1e-4),
        loss_fn=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    return gan


def new_model(make: Action, clear: bool) -> Action:
    """Return what makes a model, trains it and drops it."""
    import keras

    samples = data(WIDE, 2)

    def action() -> None:
        make().fit(samples, batch_size=WIDE.batch, epochs=1, verbose=0)
        if clear:
            gc.collect()
            keras.utils.clear_session()

    return action


def trained(make: Action) -> Any:
    """Return a model that is trained a little."""
    gan = make()
    gan.fit(data(WIDE, 2), batch_size=WIDE.batch, epochs=1, verbose=0)
    return gan


def part_of(gan: Any) -> Action:
    """Return a prediction of a GAN that is written by hand."""
    import numpy as np

    noise = [np.zeros((10, *x.shape[1:]), "float32") for x in gan.generator.inputs]
    return lambda: gan.generator.predict(noise, verbose=0)


def stream(gan: Any) -> None:
    """Take three parts of a stream."""
    for _ in itertools.islice(gan.stream(steps=24), 3):
        pass


def loaded(use: Callable[[Any], Any]) -> Action:
    """Return what loads a model of ours, uses it and drops it."""
    import keras

    path = Path(tempfile.mkdtemp()) / "gan.keras"
    trained(default_ours).save(path)
    return lambda: use(keras.models.load_model(path))


def loaded_stock() -> Action:
    """Return what loads a generator of Keras's layers, predicts with it and drops it."""
    import keras
    import numpy as np

    path = Path(tempfile.mkdtemp()) / "generator.keras"
    generator = stock(WIDE, False).generator
    generator.save(path)
    noise = [np.zeros((10, *x.shape[1:]), "float32") for x in generator.inputs]
    return lambda: keras.models.load_model(path).predict(noise, verbose=0)


def score() -> Action:
    """Return a score whose judge is trained for a few steps."""
    import keras_rgan as kr

    samples = data(WIDE, 2)
    return lambda: kr.metrics.discriminative_score(samples, samples[::-1], steps=3, repeats=1)


def of_one(make: Action, call: Callable[[Any], Any]) -> Action:
    """Return a call on a model that stays."""
    gan = trained(make)
    return lambda: call(gan)


def refit(gan: Any) -> None:
    """Train on."""
    gan.fit(data(WIDE, 2), batch_size=WIDE.batch, epochs=1, verbose=0)


ROWS: dict[str, tuple[bool, Callable[[], Action], Callable[[], Action] | None]] = {
    f"new model, {size}{', cleared' * clear}": (
        True,
        lambda mine=mine, clear=clear: new_model(mine, clear),  # type: ignore[misc]
        lambda other=other, clear=clear: new_model(other, clear),  # type: ignore[misc]
    )
    for size, mine, other in (
        ("narrow", lambda: ours(NARROW, False), lambda: stock(NARROW, False)),
        ("wide", lambda: ours(WIDE, False), lambda: stock(WIDE, False)),
        ("default", default_ours, default_stock),
    )
    for clear in (False, True)
}
ROWS |= {
    "loaded model, generate": (True, lambda: loaded(lambda gan: gan.generate(10)), loaded_stock),
    "loaded model, stream": (True, lambda: loaded(stream), loaded_stock),
    "score": (True, score, None),
    "generate": (
        False,
        lambda: of_one(default_ours, lambda gan: gan.generate(10)),
        lambda: part_of(trained(default_stock)),
    ),
    "stream": (False, lambda: of_one(default_ours, stream), None),
    "fit": (False, lambda: of_one(default_ours, refit), lambda: of_one(default_stock, refit)),
    "evaluate": (
        False,
        lambda: of_one(default_ours, lambda gan: gan.evaluate(data(WIDE, 2), verbose=0)),
        None,
    ),
}
"""Whether each call makes a model; ours; Keras's, where it has the like."""


def work(name: str, side: str, calls: int) -> None:
    """Print the slope of one side of a row."""
    import numpy as np

    _, mine, other = ROWS[name]
    make = mine if side == "ours" else other
    assert make is not None
    action = make()
    for _ in range(max(calls // 4, 3)):
        action()
    read = []
    for _ in range(calls):
        action()
        read.append(resident())
    later = read[len(read) // 2 :]
    print(json.dumps(float(np.polyfit(range(len(later)), later, 1)[0])))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="MB that each call leaves behind.")
    parser.add_argument("--backend", default="tensorflow", choices=["tensorflow", "jax", "torch"])
    parser.add_argument("--rows", nargs="+", default=[""], help="how the names of rows begin")
    parser.add_argument("--models", type=int, default=40, help="calls that each make a model")
    parser.add_argument("--calls", type=int, default=200, help="calls on one model")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        name, side = options.worker
        work(name, side, options.calls)
        return
    environment = {**os.environ, "KERAS_BACKEND": options.backend}
    print("| each | calls | ours, MB | Keras, MB |\n|---|---|---|---|")
    for name, (makes, _, other) in ROWS.items():
        if not name.startswith(tuple(options.rows)):
            continue
        calls = options.models if makes else options.calls
        cells = []
        for side in ("ours", "Keras") if other else ("ours",):
            arguments = [__file__, "--worker", name, side, "--calls", str(calls)]
            cells.append(f"{float(child(arguments, environment)):.2f}")
        print(f"| {name} | {calls} | {' | '.join([*cells, '—'][:2])} |", flush=True)


if __name__ == "__main__":
    main()

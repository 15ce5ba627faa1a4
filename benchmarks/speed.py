"""How long a step of `fit` takes, beside a GAN written by hand the way Keras's tutorials write one.

    python benchmarks/speed.py
    python benchmarks/speed.py --cases 1 --losses penalty --rounds 5
    python benchmarks/speed.py --backend torch
    python benchmarks/speed.py --growth
    python benchmarks/speed.py --generate 1000000

Contenders take turns, each in a process of its own, for several rounds; the table has medians and the
median of the rounds' ratios:

- stock: a subclass of `keras.Model` with a `train_step`, and networks of `keras.layers`;
- ours: `RecurrentGAN` with the same networks, optimizers, losses and batches. With "penalty" the stock
  one computes the WGAN-GP paper's gradient penalty, ours R1 and R2 without derivatives;
- limit: what the multiplications of such a step would take at the rate at which this machine multiplies
  matrices of the recurrence's shapes, measured in the same round.

Also the largest memory of each process, the seconds to the first step (from the start of the process,
imports included), and what importing keras_rgan adds to importing Keras. Stock on torch and JAX is
written for these as Keras's guides do.

`--growth` times ours alone, with batch, steps, features and units varied one by one, prints a table and
draws OUT/growth_BACKEND.png. `--generate` makes sequences of 24 steps of 6 features with
`generate_batches`, and prints how much memory a tenth of them and all of them took at most.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

STARTED = time.perf_counter()


class Case(NamedTuple):
    """Sizes of a benchmark."""

    batch: int
    steps: int
    features: int
    units: int

    def __str__(self) -> str:
        return f"batch {self.batch}, {self.steps} steps, {self.features} features, {self.units} units"


CASES = [Case(64, 24, 28, 24), Case(128, 24, 6, 64), Case(64, 128, 16, 128), Case(32, 1024, 8, 64)]
GROWTH = {
    "batch": [16, 32, 64, 128, 256],
    "steps": [16, 32, 64, 128, 256, 512, 1024],
    "features": [4, 8, 16, 32, 64],
    "units": [16, 32, 64, 128, 256],
}
MIDDLE = Case(64, 32, 8, 64)
"""The sizes that `GROWTH` does not vary."""

NOISE_DIM = 8
LATENT_DIM = 32


def second_derivative_options() -> dict[str, Any]:
    """Return what recurrent layers must be told where cuDNN, which differentiates once, would run."""
    import keras

    if keras.backend.backend() != "torch":
        return {}
    import torch

    return {"use_cudnn": False} if torch.cuda.is_available() else {}


def data(case: Case, num_batches: int) -> Any:
    """Return smooth random sequences, `(samples, time, features)`."""
    import numpy as np

    rng = np.random.default_rng(0)
    steps = rng.normal(size=(num_batches * case.batch, case.steps, case.features))
    return np.tanh(0.2 * np.cumsum(steps, axis=1)).astype("float32")


def stock(case: Case, penalty: bool) -> Any:
    """Return a compiled GAN that is written by hand."""
    import keras
    import stock_gan

    latent, noise = keras.Input((LATENT_DIM,)), keras.Input((case.steps, NOISE_DIM))
    repeated = keras.layers.RepeatVector(case.steps)(latent)
    start = keras.layers.Dense(case.units, activation="tanh")(latent)
    x = keras.layers.Concatenate()([repeated, noise])
    x = keras.layers.GRU(case.units, return_sequences=True)(x, initial_state=start)
    x = keras.layers.Concatenate()([x, noise])
    generator = keras.Model([latent, noise], keras.layers.Dense(case.features)(x))
    sequence = keras.Input((case.steps, case.features))
    options = second_derivative_options() if penalty else {}
    x = keras.layers.GRU(case.units, **options)(sequence)
    discriminator = keras.Model(sequence, keras.layers.Dense(1)(x))
    gan = stock_gan.make(generator, discriminator, 10.0 if penalty else 0.0)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(1e-4, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(1e-4, beta_1=0.5),
        loss_fn=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    return gan


DERIVATIVE_FREE = ("approximate_r1", "approximate_r2")


def ours(
    case: Case, penalty: bool, penalties: Sequence[str] = DERIVATIVE_FREE, cell: str = "gru"
) -> Any:
    """Return a compiled `RecurrentGAN` with networks of the same layers."""
    import keras

    import keras_rgan as kr

    gan = kr.RecurrentGAN(
        kr.networks.RecurrentGenerator(
            case.features, case.units, cell=cell, latent_dim=LATENT_DIM, noise_dim=NOISE_DIM
        ),
        kr.networks.RecurrentDiscriminator(case.units, cell=cell, bidirectional=False, pooling="last"),
        scaler=None,
    )
    gan.compile(
        keep_best=False,
        loss="non_saturating",
        penalties=list(penalties) if penalty else None,
        generator_optimizer=keras.optimizers.Adam(1e-4, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(1e-4, beta_1=0.5),
        ema=None,
    )
    return gan


def measure(make: Any, case: Case, penalty: bool, seconds: float) -> dict[str, float]:
    """Train for some seconds; return milliseconds a step, seconds to the first and memory."""
    import keras

    gan = make(case, penalty)
    samples = data(case, 50)

    class First(keras.callbacks.Callback):
        seconds = 0.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.seconds = self.seconds or time.perf_counter() - STARTED

    first = First()
    options = {"batch_size": case.batch, "verbose": 0}
    few = samples[: 10 * case.batch]
    gan.fit(few, epochs=1, callbacks=[first], **options)
    begin = time.perf_counter()
    gan.fit(few, epochs=1, **options)
    epochs = max(1, round(0.2 * seconds / (time.perf_counter() - begin)))
    begin = time.perf_counter()
    gan.fit(samples, epochs=epochs, **options)
    return {
        "step": 1e3 * (time.perf_counter() - begin) / (50 * epochs),
        "first": first.seconds,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


def operations(case: Case, penalty: bool) -> float:
    """Return the floating-point operations of the matrix products of a step.

    A backward pass multiplies twice as much as the forward pass, half of it for the gradients of
    weights. The discriminator's step: one pass of the generator, two of the discriminator with
    gradients; the generator's: one of it with gradients, one of the discriminator with those of inputs.
    """
    samples = case.batch * case.steps

    def gru(width: int) -> float:
        return 2.0 * samples * 3 * case.units * (width + case.units)

    generator = gru(LATENT_DIM + NOISE_DIM) + 2.0 * samples * (case.units + NOISE_DIM) * case.features
    discriminator = gru(case.features)
    noised = 2 * 3 * discriminator if penalty else 0.0
    return 4 * generator + 8 * discriminator + noised


def product_rate(rows: int, inner: int, columns: int, seconds: float, dtype: str = "float32") -> float:
    """Return the operations a second of many small products, one behind the other.

    The products do not wait for one another, nor much for Python.
    """
    import keras
    from keras import ops

    left = keras.random.normal((rows, inner), dtype=dtype)
    right = keras.random.normal((inner, columns), dtype=dtype)
    count = 200
    product: Callable[[], Any]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        @tf.function
        def product() -> Any:
            total = tf.zeros((), dtype)
            for i in range(count):
                total += tf.matmul(left + float(i), right)[0, 0]
            return total
    elif keras.backend.backend() == "jax":
        import jax

        def add(i: Any, total: Any) -> Any:
            return total + (left + i) @ right

        start = ops.zeros((rows, columns), dtype)
        product = jax.jit(lambda: jax.lax.fori_loop(0, count, add, start))
    else:
        product = _torch_products(left, right, count)
    ops.convert_to_numpy(product())
    times: list[float] = []
    until = time.perf_counter() + seconds
    while not times or time.perf_counter() < until:
        begin = time.perf_counter()
        ops.convert_to_numpy(product())
        times.append(time.perf_counter() - begin)
    return 2.0 * rows * inner * columns * count / min(times)


def _torch_products(left: Any, right: Any, count: int) -> Callable[[], Any]:
    """Return a function that multiplies so often; on a GPU a recorded graph, without launches."""
    import torch

    def product() -> Any:
        return [torch.matmul(left, right) for _ in range(count)][-1]

    if left.device.type != "cuda":
        return product
    product()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        last = product()

    def replay() -> Any:
        graph.replay()
        return last

    return replay


def limit(case: Case, penalty: bool, seconds: float) -> dict[str, float]:
    """Return the milliseconds that a step's products would take at this machine's rate."""
    shape = case.batch, case.units + case.features, 3 * case.units
    rate = product_rate(*shape, 0.2 * seconds)
    return {"step": 1e3 * operations(case, penalty) / rate, "rate": rate / 1e9}


def work(name: str, case: Case, penalty: bool, seconds: float) -> None:
    """Print one contender's measurements."""
    if name == "limit":
        result = limit(case, penalty, seconds)
    else:
        result = measure({"stock": stock, "ours": ours}[name], case, penalty, seconds)
    print(json.dumps(result))


def child(arguments: list[str], environment: dict[str, str]) -> str:
    """Return the last line that a process of its own prints."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout.strip().splitlines()[-1]


def import_seconds(environment: dict[str, str]) -> dict[str, float]:
    """Return the median seconds that imports take, in turn."""
    code = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
    times: dict[str, list[float]] = {"keras": [], "keras, keras_rgan": []}
    for _ in range(5):
        for modules, found in times.items():
            found.append(float(child(["-c", code.format(modules)], environment)))
    return {modules: statistics.median(found) for modules, found in times.items()}


def grow(rounds: int, seconds: float, environment: dict[str, str], picture: Path) -> None:
    """Print and draw how a step's time grows with each size."""
    from matplotlib.figure import Figure

    cases = {(name, n): MIDDLE._replace(**{name: n}) for name, found in GROWTH.items() for n in found}
    times: dict[Case, list[float]] = {case: [] for case in cases.values()}
    for _ in range(rounds):
        for case, found in times.items():
            arguments = [__file__, "--worker", "ours", "--case", *map(str, case), "--losses", "penalty"]
            result = json.loads(child([*arguments, "--seconds", str(seconds)], environment))
            found.append(result["step"])
    medians = {key: statistics.median(times[case]) for key, case in cases.items()}
    print(f"\n| {MIDDLE}, but for | |\n|---|---|")
    figure = Figure(figsize=(12, 3), layout="constrained")
    for axis, (name, sizes) in zip(figure.subplots(1, len(GROWTH)), GROWTH.items(), strict=True):
        milliseconds = [medians[name, n] for n in sizes]
        cells = ", ".join(f"{n}: {ms:.1f}" for n, ms in zip(sizes, milliseconds, strict=True))
        print(f"| {name} | {cells} ms |")
        axis.loglog(sizes, milliseconds, "o-")
        axis.loglog(
            sizes, [milliseconds[-1] * n / sizes[-1] for n in sizes], ":", label="in proportion"
        )
        axis.set(xlabel=name, xticks=sizes, xticklabels=map(str, sizes))
        axis.minorticks_off()
        axis.legend(frameon=False)
    figure.axes[0].set_ylabel("a step of fit, ms")
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=80)


def generate(count: int) -> None:
    """Print the memory and the rate of generating so many sequences, batch by batch."""
    import keras_rgan as kr

    gan = kr.RecurrentGAN(seed=0)
    gan.adapt(data(Case(64, 24, 6, 0), 10))
    begin, made = time.perf_counter(), 0
    print("| generated | most memory, MiB |\n|---|---|")
    for batch in gan.generate_batches(count, batch_size=1000, seed=0):
        made += len(batch)
        if made in (count // 10, count):
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
            print(f"| {made} | {memory:.0f} |", flush=True)
    print(f"\n{made / (time.perf_counter() - begin):.0f} sequences a second")


def main() -> None:
    """Let the contenders take turns and print the table."""
    parser = argparse.ArgumentParser(description="Milliseconds a step of fit.")
    parser.add_argument("--cases", type=int, nargs="+", default=[1, 2, 3, 4], choices=[1, 2, 3, 4])
    parser.add_argument(
        "--losses", nargs="+", default=["plain", "penalty"], choices=["plain", "penalty"]
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15.0, help="of training in each round")
    parser.add_argument("--backend", default="tensorflow", choices=["tensorflow", "jax", "torch"])
    parser.add_argument("--growth", action="store_true", help="how the time grows with each size")
    parser.add_argument("--generate", type=int, metavar="COUNT", help="memory of generating so many")
    parser.add_argument("--out", type=Path, default=Path("out/speed"))
    parser.add_argument("--case", type=int, nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--worker", choices=["stock", "ours", "limit"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        case = Case(*options.case)
        work(options.worker, case, options.losses == ["penalty"], options.seconds)
        return
    environment = {**os.environ, "KERAS_BACKEND": options.backend}
    if options.generate:
        os.environ["KERAS_BACKEND"] = options.backend
        generate(options.generate)
        return
    if options.growth:
        picture = options.out / f"growth_{options.backend}.png"
        grow(options.rounds, options.seconds, environment, picture)
        return
    print("| case | loss | stock, ms | ours, ms | stock / ours | limit, ms | ours, share of limit |")
    print("|---" * 7 + "|")
    memory: dict[str, list[float]] = {}
    first: dict[str, list[float]] = {}
    for number in options.cases:
        for loss in options.losses:
            rounds = []
            for _ in range(options.rounds):
                found = {}
                for name in ("stock", "ours", "limit"):
                    arguments = [__file__, "--worker", name, "--case", *map(str, CASES[number - 1])]
                    arguments += ["--losses", loss, "--seconds", str(options.seconds)]
                    found[name] = json.loads(child(arguments, environment))
                rounds.append(found)
            stock_ms, our_ms, limit_ms = (
                statistics.median(r[name]["step"] for r in rounds)
                for name in ("stock", "ours", "limit")
            )
            ratio = statistics.median(r["stock"]["step"] / r["ours"]["step"] for r in rounds)
            share = statistics.median(r["limit"]["step"] / r["ours"]["step"] for r in rounds)
            print(
                f"| {CASES[number - 1]} | {loss} | {stock_ms:.1f} | {our_ms:.1f} | {ratio:.2f} | "
                f"{limit_ms:.2f} | {share:.0%} |",
                flush=True,
            )
            for name in ("stock", "ours"):
                key = f"{name}, case {number}, {loss}"
                memory[key] = [r[name]["memory"] for r in rounds]
                first[key] = [r[name]["first"] for r in rounds]
    print("\n| contender | memory, MiB | first step after, s |\n|---|---|---|")
    for key, values in memory.items():
        print(f"| {key} | {statistics.median(values):.0f} | {statistics.median(first[key]):.1f} |")
    seconds = import_seconds(environment)
    print("\n| import | s |\n|---|---|")
    for modules, value in seconds.items():
        print(f"| {modules} | {value:.2f} |")


if __name__ == "__main__":
    main()

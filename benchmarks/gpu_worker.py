"""Measures jobs of one part on the backend of KERAS_BACKEND: the part of `gpu.py` that has Keras.

Every line that begins with {"job" is a message for `gpu.py`: that a job begins, what it has found so
far, or why it failed.
"""

import argparse
import contextlib
import gc
import json
import statistics
import time
import unittest.mock
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import speed
from gpu_jobs import PENALTIES, Job, cases, jobs

import keras_rgan as kr
from keras_rgan.backend import internals

UPDATES = 8000
"""Of the default recipe on energy, as in `quality.py`."""

LOOKS = 10
GOAL = 0.05


class Report:
    """Prints what one job has found so far, anew with every addition."""

    def __init__(self, number: int) -> None:
        self.number, self.result = number, dict[str, Any]()
        self.say(begins=True)

    def say(self, **message: Any) -> None:
        """Print a message."""
        print(json.dumps({"job": self.number, **message}), flush=True)

    def add(self, **found: Any) -> None:
        """Add to the result."""
        self.result.update(found)
        self.say(result=self.result)


def energy_windows(count: int | None = None) -> np.ndarray:
    """Return windows of energy, over and over if more are asked for than there are."""
    windows = kr.data.sliding_windows(kr.datasets.load_energy()[0], 24)
    return windows if count is None else np.resize(windows, (count, *windows.shape[1:]))


def default_recipe(windows: np.ndarray) -> kr.RecurrentGAN:
    """Return the model that a user has who chooses nothing."""
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    gan.adapt(windows)
    return gan


def milliseconds(gan: Any, samples: np.ndarray, batch: int, steps: int) -> float:
    """Return the milliseconds a step of `fit` over about so many steps."""
    most = len(samples) // batch
    rows, epochs = min(steps, most) * batch, max(1, round(steps / most))
    begin = time.perf_counter()
    gan.fit(samples[:rows], batch_size=batch, epochs=epochs, verbose=0)
    return 1e3 * (time.perf_counter() - begin) / (epochs * rows // batch)


def warm_up(gan: Any, samples: np.ndarray, batch: int, seconds: float) -> tuple[float, int]:
    """Return the seconds to the end of the first two steps, and how many take about `seconds`."""
    begin = time.perf_counter()
    gan.fit(samples[: 2 * batch], batch_size=batch, epochs=1, verbose=0)
    first, steps = time.perf_counter() - begin, 2
    while True:
        spent = 1e-3 * steps * milliseconds(gan, samples, batch, steps)
        if spent > 0.2 * seconds or steps > 5000:
            return first, max(2, round(steps * seconds / spent))
        steps *= 4


def take_turns(
    makers: dict[str, Callable[[], Any]],
    samples: np.ndarray,
    job: Job,
    report: Report,
    options: argparse.Namespace,
) -> None:
    """Report milliseconds a step of each contender, in turn, and the median of the rounds' ratios."""
    batch = job.case.batch
    running: dict[str, tuple[Any, int]] = {}
    times: dict[str, list[float]] = {}
    firsts: dict[str, float] = {}
    for name, make in makers.items():
        try:
            gan = make()
            firsts[name], steps = warm_up(gan, samples, batch, options.seconds)
        except Exception as error:
            report.add(**{name: {"error": described(error)}})
        else:
            running[name], times[name] = (gan, steps), []
    for _ in range(options.rounds):
        for name, (gan, steps) in running.items():
            times[name].append(milliseconds(gan, samples, batch, steps))
        for name, (_, steps) in running.items():
            found = {"ms": statistics.median(times[name]), "all": times[name], "steps": steps}
            report.add(**{name: {**found, "first": firsts[name]}})
        if {"stock", "ours"} <= set(times):
            ratios = [s / o for s, o in zip(times["stock"], times["ours"], strict=True)]
            report.add(ratio=statistics.median(ratios))
    if not running:
        raise RuntimeError(f"no contender ran: {json.dumps(report.result)}")


def recipe(job: Job, report: Report, options: argparse.Namespace) -> None:
    """Time the default recipe on energy, and the stock loop with the generator's width and WGAN-GP."""
    samples = energy_windows(50 * job.case.batch)
    makers = {"stock": lambda: speed.stock(job.case, True), "ours": lambda: default_recipe(samples)}
    take_turns(makers, samples, job, report, options)


def turns(job: Job, report: Report, options: argparse.Namespace) -> None:
    """Time a case of `speed.py`."""
    penalty = job.loss == "penalty"
    makers = {
        "stock": lambda: speed.stock(job.case, penalty),
        "ours": lambda: speed.ours(job.case, penalty),
    }
    report.add(operations=speed.operations(job.case, penalty))
    take_turns(makers, speed.data(job.case, 50), job, report, options)


@contextlib.contextmanager
def loops(way: str) -> Iterator[None]:
    """Have backends run recurrent layers in a way of `gpu_jobs.WAYS`, as far as that is global."""
    if way != "own":
        yield
    elif keras.backend.backend() == "torch":
        import torch

        before = torch.backends.cudnn.enabled
        torch.backends.cudnn.enabled = False
        try:
            yield
        finally:
            torch.backends.cudnn.enabled = before
    else:
        import jax

        with unittest.mock.patch.object(jax, "default_backend", return_value="cpu"):
            yield


def layers(job: Job, report: Report, options: argparse.Namespace) -> None:
    """Time ours alone, with recurrent layers that run in one of several ways."""

    def make() -> Any:
        gan = speed.ours(job.case, job.loss != "none", PENALTIES[job.loss], job.cell)
        gan.build((None, job.case.steps, job.case.features))
        if job.way != "auto":
            for network in (gan.generator, gan.discriminator):
                for layer in internals.layers_of(network):
                    if hasattr(layer, "use_cudnn"):
                        layer.use_cudnn = False if job.way == "loop" else "auto"
        return gan

    with loops(job.way):
        take_turns({"ours": make}, speed.data(job.case, 50), job, report, options)


def batch(job: Job, report: Report, options: argparse.Namespace) -> None:
    """Time the default recipe on energy with batches of a size."""
    samples = energy_windows(max(20 * job.case.batch, 2000))
    take_turns({"ours": lambda: default_recipe(samples)}, samples, job, report, options)
    report.add(sequences=1e3 * job.case.batch / report.result["ours"]["ms"])


def rates(job: Job, report: Report, options: argparse.Namespace) -> None:
    """Measure how many operations a second products take: large square ones, and those of the cases."""
    dtype = keras.config.dtype_policy().compute_dtype
    size = 512 if options.quick else 8192
    left, right = (keras.random.normal((size, size), dtype=dtype) for _ in range(2))
    times = []
    for _ in range(6):
        begin = time.perf_counter()
        for _ in range(10):
            product = keras.ops.matmul(left, right)
        keras.ops.convert_to_numpy(product[:1, :1])
        times.append((time.perf_counter() - begin) / 10)
    report.add(peak=2.0 * size**3 / min(times[1:]))
    of_cases = {}
    for case in cases(options.quick):
        shape = case.batch, case.units + case.features, 3 * case.units
        of_cases[str(case)] = speed.product_rate(*shape, 0.3 * options.seconds, dtype)
        report.add(cases=of_cases)


class Looks(keras.callbacks.Callback):
    """Scores what the model generates every so many updates, and keeps a clock of training alone."""

    def __init__(
        self, windows: np.ndarray, every: int, report: Report, options: argparse.Namespace
    ) -> None:
        super().__init__()
        self.windows, self.every, self.report, self.options = windows, every, report, options
        self.start, self.looking, self.updates = time.monotonic(), 0.0, 0
        self.found: list[dict[str, float]] = []

    def clock(self) -> float:
        """Return the seconds of training so far."""
        return time.monotonic() - self.start - self.looking

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Count, and look if it is time."""
        self.updates += 1
        if self.updates % self.every == 0:
            self.look()

    def look(self) -> None:
        """Score; the protocol's judge is asked where a hasty one sees little."""
        seconds, begin = self.clock(), time.monotonic()
        self.model.calibrate(self.windows, num_samples=100 if self.options.quick else None)
        made = self.model.generate(len(self.windows), seed=0)
        steps = 10 if self.options.quick else 400
        score = kr.metrics.discriminative_score
        hasty = score(self.windows, made, judge="timegan", steps=steps, repeats=1).mean
        found = {"seconds": seconds, "updates": self.updates, "hasty": hasty}
        if hasty <= GOAL:
            found["score"] = score(self.windows, made, judge="timegan", steps=5 * steps, repeats=2).mean
        self.found.append(found)
        self.report.add(looks=self.found)
        if found.get("score", 1.0) <= GOAL and "seconds" not in self.report.result:
            self.report.add(seconds=seconds, updates=self.updates)
        self.looking += time.monotonic() - begin


def energy(job: Job, report: Report, options: argparse.Namespace) -> None:
    """Train the default recipe on energy, as `quality.py` does, until its score is 0.05."""
    windows = energy_windows(400 if options.quick else None)
    updates = 20 if options.quick else UPDATES
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    looks = Looks(windows, updates // (2 if options.quick else LOOKS), report, options)
    # Half of the time for training, so that its learning rates fall within the limit on any machine.
    minutes = options.limit / 60.0 / 2.0
    budget = kr.callbacks.TimeBudget(minutes, updates=updates, clock=looks.clock)
    gan.fit(windows, batch_size=job.case.batch, epochs=10**6, verbose=0, callbacks=[looks, budget])
    report.add(trained=looks.clock(), all_updates=looks.updates)
    if looks.updates % looks.every:
        looks.look()


def described(error: Exception) -> str:
    """Return an error in one line."""
    return f"{type(error).__name__}: {error}"[:400]


MEASURES: dict[str, Callable[[Job, Report, argparse.Namespace], None]] = {
    "rates": rates,
    "recipe": recipe,
    "turns": turns,
    "layers": layers,
    "batch": batch,
    "energy": energy,
}


def main() -> None:
    """Measure the jobs of the command line."""
    parser = argparse.ArgumentParser(description=Path(__file__).name)
    parser.add_argument("part")
    parser.add_argument("--jobs", type=int, nargs="+", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--limit", type=float, required=True)
    options = parser.parse_args()
    every = jobs(options.part, options.quick)
    for number in options.jobs:
        keras.backend.clear_session()
        keras.utils.set_random_seed(0)
        keras.config.set_dtype_policy(every[number].dtype)
        report = Report(number)
        try:
            MEASURES[every[number].kind](every[number], report, options)
        except Exception as error:
            report.say(error=described(error))
        else:
            report.say(done=True)
        gc.collect()


if __name__ == "__main__":
    main()

"""What data parallel training costs: a step on one process and on several, and the bytes between them.

    python benchmarks/scaling.py --workers 2
    python benchmarks/scaling.py --workers 2 --bandwidth 10 --latency 50

Starts `MultiWorkerMirroredStrategy` on so many processes of this machine, over loopback, each with a
core and a batch of its own, and times steps of `fit` with the default networks. Prints the bytes that a
worker sends in a step (a ring all-reduce of the gradients of both networks), and what a model of the
cost expects of 8 and 64 devices: the step as measured, the bytes over the bandwidth, and for every
all-reduce (gradients, and the numbers that `fit` shows) the latency of each hop of the ring.
"""

import argparse
import concurrent.futures
import json
import os
import socket
import statistics
import time
from typing import Any

from speed import child

BATCH, LENGTH = 64, 24
"""Of each worker."""


def work(features: int, epochs: int) -> None:
    """Train for some epochs of 50 steps; print milliseconds a step and the numbers of weights."""
    import tensorflow as tf

    several = "TF_CONFIG" in os.environ
    strategy = tf.distribute.MultiWorkerMirroredStrategy() if several else tf.distribute.get_strategy()
    import keras

    import keras_rgan as kr

    count = strategy.num_replicas_in_sync
    data = kr.datasets.make_sines(50 * BATCH * count, LENGTH, features, seed=0)
    with strategy.scope():
        gan = kr.RecurrentGAN(seed=0)
        gan.compile(keep_best=False)
    options: dict[str, Any] = {"batch_size": BATCH * count, "verbose": 0}
    gan.fit(data, epochs=1, **options)

    class Times(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.times: list[float] = []
            self.begin = 0.0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.begin = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.times.append((time.perf_counter() - self.begin) / 50)

    times = Times()
    gan.fit(data, epochs=epochs, callbacks=[times], **options)
    result = {
        "step": 1e3 * statistics.median(times.times),
        "weights": [network.count_params() for network in (gan.generator, gan.discriminator)],
        "logs": len(gan.history.history),
    }
    print(json.dumps(result))


def measure(workers: int, features: int, epochs: int) -> dict[str, Any]:
    """Return what the slowest of so many workers measured."""
    sockets = [socket.socket() for _ in range(workers)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{s.getsockname()[1]}" for s in sockets]
    for s in sockets:
        s.close()

    def run(index: int) -> dict[str, Any]:
        environment = {
            **os.environ,
            "KERAS_BACKEND": "tensorflow",
            "TF_NUM_INTRAOP_THREADS": "1",
            "TF_NUM_INTEROP_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }
        if workers > 1:
            task = {"type": "worker", "index": index}
            cluster = {"cluster": {"worker": addresses}, "task": task}
            environment["TF_CONFIG"] = json.dumps(cluster)
        command = [__file__, "--worker", str(index), "--features", str(features)]
        command += ["--epochs", str(epochs)]
        return json.loads(child(command, environment))

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        return max(pool.map(run, range(workers)), key=lambda found: found["step"])


def sent(weights: list[int], devices: int) -> float:
    """Return how many bytes a device sends in a step, in a ring that shares float32 gradients."""
    return 4.0 * sum(weights) * 2 * (devices - 1) / devices


def hops(found: dict[str, Any], devices: int) -> int:
    """Return how many times a step waits for a neighbour in the ring."""
    # Of each number that is shown Keras takes the mean over the workers.
    return (len(found["weights"]) + found["logs"]) * 2 * (devices - 1)


def exchange(found: dict[str, Any], devices: int, bandwidth: float, latency: float) -> float:
    """Return the milliseconds that the all-reduces of a step take.

    Args:
        found: What `measure` returned.
        devices: How many take part.
        bandwidth: Gigabits a second between two.
        latency: Microseconds of a hop.
    """
    seconds = 8.0 * sent(found["weights"], devices) / (bandwidth * 1e9)
    return 1e3 * seconds + hops(found, devices) * latency * 1e-3


def main() -> None:
    """Measure, and print the model's table."""
    parser = argparse.ArgumentParser(description="What data parallel training costs.")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--features", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10, help="of 50 steps, in each round")
    parser.add_argument("--bandwidth", type=float, default=10.0, help="gigabits a second")
    parser.add_argument("--latency", type=float, default=20.0, help="microseconds of a hop")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker is not None:
        if hasattr(os, "sched_setaffinity"):
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, {cores[options.worker % len(cores)]})
        work(options.features, options.epochs)
        return
    one, several = [], []
    for _ in range(options.rounds):
        one.append(measure(1, options.features, options.epochs))
        several.append(measure(options.workers, options.features, options.epochs))
    weights = one[0]["weights"]
    alone, shared = (statistics.median(f["step"] for f in found) for found in (one, several))
    print(f"weights: generator {weights[0]}, discriminator {weights[1]}")
    kilobytes = sent(weights, options.workers) / 1024.0
    print(f"a worker of {options.workers} sends {kilobytes:.0f} KiB a step\n")
    print(f"| workers | step of {BATCH} samples each, ms | samples a second | efficiency |")
    print("|---|---|---|---|")
    for count, step in ((1, alone), (options.workers, shared)):
        print(f"| {count} | {step:.1f} | {1e3 * BATCH * count / step:.0f} | {alone / step:.0%} |")
    waited = 1e3 * (shared - alone) / hops(one[0], options.workers)
    print(f"\nHere, over loopback, a hop takes {waited:.0f} µs.")
    print(f"\n| devices at {options.bandwidth:g} Gbit/s and {options.latency:g} µs | exchange, ms | "
          "expected efficiency |\n|---|---|---|")  # fmt: skip
    for count in (8, 64):
        cost = exchange(one[0], count, options.bandwidth, options.latency)
        print(f"| {count} | {cost:.2f} | {alone / (alone + cost):.0%} |")


if __name__ == "__main__":
    main()

"""Does the game hold a solution that it is given?

    python benchmarks/hold.py
    python benchmarks/hold.py --loss relativistic --penalty 4 --optimizer sgd --rate 0.1 --warm-up 100

The generator begins as the linear process of the data (`LinearProcess`), which on a process that is
linear is the law itself, up to what can be told of so many samples. Then it is trained. A judge and the
correlations show how far it has come from the truth after so many updates, samples against fresh ones
of the law (`benchmarks/processes.py`). What holds ends where it began. Prints a row a look.
"""

import argparse
import time
from typing import Any

import keras
import numpy as np
from processes import PROCESSES
from quality import choose_environment

import keras_rgan as kr


@keras.saving.register_keras_serializable(package="keras_rgan_benchmarks")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that is 0 for some updates, then rises to what it stays at.

    Args:
        rate: What it stays at.
        still: For how many updates it is 0.
        rise: Over how many it rises.
    """

    def __init__(self, rate: float, still: int, rise: int) -> None:
        self.rate, self.still, self.rise = rate, still, rise

    def __call__(self, step: Any) -> Any:
        """Return the rate of an update."""
        share = (keras.ops.cast(step, "float32") - self.still) / max(self.rise, 1)
        return self.rate * keras.ops.clip(share, 0.0, 1.0)

    def get_config(self) -> dict[str, float]:
        """Return the constructor's arguments."""
        return {"rate": self.rate, "still": self.still, "rise": self.rise}


def make(options: argparse.Namespace, length: int) -> kr.RecurrentGAN:
    """Return a model that begins as the process, to be trained in a way."""
    gan = kr.RecurrentGAN({"linear_process": length}, seed=options.seed)
    rate = WarmUp(options.rate, options.warm_up, options.rise)
    optimizers = {
        "adam": lambda: keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.99),
        "sgd": lambda: keras.optimizers.SGD(rate),
    }
    penalties: Any = "auto"
    if options.penalty:
        kinds = (kr.penalties.ApproximateR1Penalty, kr.penalties.ApproximateR2Penalty)
        penalties = [kind(options.penalty) for kind in kinds]
    gan.compile(
        loss=options.loss, penalties=penalties, generator_optimizer=optimizers[options.optimizer]()
    )
    return gan


def main() -> None:
    """Train, and look on the way."""
    parser = argparse.ArgumentParser(description="Does the game hold a solution that it is given?")
    parser.add_argument("--process", choices=list(PROCESSES), default="VAR of 30")
    parser.add_argument("--looks", type=int, nargs="+", default=[0, 300, 700, 1500, 2500])
    parser.add_argument("--loss", default="auto")
    parser.add_argument("--penalty", type=float, help="weight of R1 and R2; by default as the recipe")
    parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam", help="the generator's")
    parser.add_argument("--rate", type=float, default=1e-3, help="its rate")
    parser.add_argument("--warm-up", type=int, default=0, help="updates of the judge alone")
    parser.add_argument("--rise", type=int, default=1, help="updates over which the rate rises")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--backend", choices=["tensorflow", "jax", "torch"])
    options = parser.parse_args()
    choose_environment(options.backend)
    keras.utils.set_random_seed(options.seed)
    process = PROCESSES[options.process]
    train, real = (
        process.draw(np.random.default_rng([options.seed, i]), n).astype("float32")
        for i, n in enumerate((process.samples, 4_000))
    )
    gan, done, start = make(options, train.shape[1]), 0, time.process_time()
    gan.adapt(train)
    print("| updates | strict, 32 units | correlational | own statistic | seconds |")
    print("|---|---|---|---|---|")
    for look in options.looks:
        for first in range(done, look, len(train) // options.batch_size):
            count = min(look - first, len(train) // options.batch_size) * options.batch_size
            chosen = np.random.default_rng([options.seed, first]).permutation(len(train))[:count]
            gan.fit(train[chosen], batch_size=options.batch_size, epochs=1, verbose=0, shuffle=False)
        done, made = look, gan.generate(len(real), seed=1)
        strict = kr.metrics.discriminative_score(
            real, made, judge="strict", units=32, steps=600, repeats=1, seed=5
        )
        across = kr.metrics.correlational_score(real, made) if real.shape[-1] > 1 else 0.0
        own = process.statistic(made.astype("float64")) / process.statistic(real.astype("float64"))
        seconds = time.process_time() - start
        print(
            f"| {done} | {strict.mean:.3f} | {across:.3f} | {own - 1:+.1%} | {seconds:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

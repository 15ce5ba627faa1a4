"""Does the default recipe learn? Validation MMD on the benchmark's sines, before and after.

    KERAS_BACKEND=tensorflow python benchmarks/learning.py --minutes 5

Trains on 8,000 sines of 24 steps and 5 features with nothing tuned, and once more with a generator
that is not updated, as a control. Prints the squared MMD on 2,000 held-out sines untrained, as
training goes on, and between two real sets.
"""

import argparse
import time
from typing import Any

import keras

import keras_rgan as kr

NOISE = 0.0003
"""Estimates are unbiased, so that equal sets are around 0 by about this much, below it too."""


def ratio(before: float, after: float) -> float:
    """Return by how much a discrepancy fell; one below the noise counts as the noise."""
    return before / max(after, NOISE)


class Watch(keras.callbacks.Callback):
    """Prints the discrepancy after each epoch, and stops when the time is up."""

    def __init__(self, seconds: float, untrained: float) -> None:
        super().__init__()
        self.end, self.start, self.untrained = time.monotonic() + seconds, time.monotonic(), untrained

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Look at the clock."""
        if time.monotonic() > self.end:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Print a line."""
        mmd = (logs or {})["val_mmd"]
        seconds = time.monotonic() - self.start
        print(
            f"{seconds:6.0f} s  epoch {epoch + 1:3}  {mmd:.5f}  1 / {ratio(self.untrained, mmd):.0f}",
            flush=True,
        )


def run(minutes: float, **recipe: Any) -> tuple[float, float]:
    """Return the discrepancy before and after training with `recipe`."""
    sines = kr.datasets.make_sines()
    train, holdout = sines[:-2000], sines[-2000:]
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(seed=0)
    gan.compile(keep_best=False, **recipe)
    gan.adapt(train)

    def score() -> float:
        return gan.evaluate(holdout, batch_size=500, return_dict=True, verbose=0)["mmd"]

    before = score()
    print(f"untrained {before:.5f}", flush=True)
    options: dict[str, Any] = {"batch_size": 64, "validation_batch_size": 500, "verbose": 0}
    watch = Watch(60 * minutes, before)
    gan.fit(train, epochs=10_000, validation_data=holdout, callbacks=[watch], **options)
    return before, score()


def main() -> None:
    """Run the recipe and the control."""
    parser = argparse.ArgumentParser(description="Does the default recipe learn?")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--control-minutes", type=float, default=1.0)
    options = parser.parse_args()
    results = {}
    print(f"backend {keras.backend.backend()}\n\ndefault recipe")
    results["default recipe"] = run(options.minutes)
    print("\ncontrol: frozen generator")
    results["frozen generator"] = run(options.control_minutes, generator_optimizer=None)
    metric = kr.metrics.MaximumMeanDiscrepancy()
    sets = [kr.datasets.make_sines(2000, seed=s) for s in (1, 2)]
    for start in range(0, 2000, 500):
        metric.update_state(*(2.0 * x[start : start + 500] - 1.0 for x in sets))
    print(f"\n{'':18}{'before':>10}{'after':>10}{'ratio':>8}")
    for name, (before, after) in results.items():
        print(f"{name:18}{before:10.5f}{after:10.5f}{ratio(before, after):8.1f}")
    print(f"{'two real sets':18}{'':10}{float(metric.result()):10.5f}")


if __name__ == "__main__":
    main()

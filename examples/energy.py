"""Learns the bundled energy series for a few minutes and shows what came out.

    python examples/energy.py out/demo --minutes 4

Writes `samples.npz` (real and generated windows), `samples.png` (both side by side), `energy.keras`
(the model, which can be trained further) and prints a table of scores.
"""

import argparse
from pathlib import Path

import keras
import numpy as np

import keras_rgan as kr
from keras_rgan.callbacks.sample_grid import draw_samples


def scores(real: np.ndarray, other: np.ndarray, scaler: kr.layers.SequenceScaler) -> dict[str, float]:
    """Compare two sets of windows."""
    mmd = kr.metrics.MaximumMeanDiscrepancy()
    for start in range(0, min(len(real), len(other)), 500):
        part = slice(start, start + 500)
        mmd.update_state(scaler(real[part]), scaler(other[part]))
    return {
        "squared MMD": float(mmd.result()),
        "marginal Wasserstein distance": kr.metrics.marginal_wasserstein_distance(real, other),
        "correlational score": kr.metrics.correlational_score(real, other),
        "autocorrelation difference": kr.metrics.autocorrelation_difference(real, other),
        "roughness, ideally 1": kr.metrics.roughness(real, other),
        "coverage, ideally 1": kr.metrics.precision_recall(real, other)["coverage"],
    }


def main() -> None:
    """Train, generate, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", default="out/demo", type=Path)
    parser.add_argument("--minutes", default=4.0, type=float, help="training time")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)

    keras.utils.set_random_seed(0)
    series, names = kr.datasets.load_energy()
    windows = kr.data.sliding_windows(series, 24)
    print(f"{len(windows)} windows of {windows.shape[1]} steps and {windows.shape[2]} features")

    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    gan.adapt(windows)
    order = np.random.default_rng(0).permutation(len(windows))
    real, more_real = windows[order[:2000]], windows[order[2000:4000]]
    table = {"untrained": scores(real, gan.generate(2000, seed=0), gan.scaler)}
    gan.fit(windows, batch_size=64, callbacks=[kr.callbacks.TimeBudget(options.minutes)])
    generated = gan.generate(2000, seed=0)
    table["generated"] = scores(real, generated, gan.scaler)
    table["real"] = scores(real, more_real, gan.scaler)

    gan.save(options.folder / "energy.keras")
    np.savez_compressed(options.folder / "samples.npz", real=real, generated=generated, names=names)
    draw_samples(real, generated, names=names).savefig(options.folder / "samples.png", dpi=100)

    print(f"\n{'2000 windows against 2000 real ones':36}" + "".join(f"{k:>12}" for k in table))
    for row in table["real"]:
        print(f"{row:36}" + "".join(f"{column[row]:12.4f}" for column in table.values()))
    print(
        f"\nWritten to {options.folder}: " + ", ".join(sorted(p.name for p in options.folder.iterdir()))
    )


if __name__ == "__main__":
    main()

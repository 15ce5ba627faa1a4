"""Marked events that set off others: a Hawkes process of two marks, whose law is known.

    python examples/events.py out/events --minutes 10

Trains on 4,000 windows of 20 events each (as many as `--num-events` says, or with `--horizon 10` of so
long a time), generates as many, and holds them against the law by the time-rescaling theorem, beside
fresh events of the process, a Poisson process of the same rates and a Gaussian copula of the sequences.
Draws events, waiting times, and shares of rescaled waiting times over those they should have.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure

import keras_rgan as kr

PROCESS = kr.baselines.HawkesProcess([0.4, 0.3], [[0.4, 0.2], [0.3, 0.3]], decay=2.0)

Events = tuple[list[np.ndarray], list[np.ndarray]]


def draw(axes: np.ndarray, sets: dict[str, Events], horizon: float | None) -> None:
    """Draw some sequences of each set, waiting times, and how rescaled ones are distributed."""
    for axis, (name, (times, marks)) in zip(axes[0], sets.items(), strict=False):
        for row, (t, m) in enumerate(zip(times[:12], marks[:12], strict=True)):
            axis.scatter(t, np.full(len(t), row), c=m, s=12, cmap="coolwarm", vmin=0, vmax=1)
        axis.set(title=name, xlabel="time", yticks=[], xlim=(0, horizon or 20.0))
    shares = np.linspace(0.0, 1.0, 200)
    bins = np.geomspace(1e-3, 20.0, 40)
    for name, (times, marks) in sets.items():
        waits = np.concatenate([np.diff(t, prepend=0.0) for t in times])
        axes[1, 0].hist(np.maximum(waits, bins[0]), bins, histtype="step", label=name, density=False)
        rescaled = PROCESS.rescale(times, marks, horizon)[-1]
        axes[1, 1].plot(shares, np.quantile(-np.expm1(-rescaled), shares) - shares, label=name)
    axes[1, 0].set(xscale="log", xlabel="waiting time (those below 0.001 at the left)")
    axes[1, 1].set(xlabel="share of rescaled waiting times", ylabel="above what it should be")
    axes[1, 0].legend(fontsize="small")
    axes[1, 2].set_axis_off()


def main() -> None:
    """Train, generate, hold against the law, and draw."""
    parser = argparse.ArgumentParser(description="Marked events that set off others")
    parser.add_argument("folder", nargs="?", default="out/events", type=Path)
    parser.add_argument("--minutes", default=10.0, type=float, help="training time at the most")
    parser.add_argument("--num-events", default=20, type=int, help="events of a window")
    parser.add_argument("--horizon", type=float, help="how long a window lasts, in place of that")
    options = parser.parse_args()
    horizon = options.horizon
    cut = {"horizon": horizon} if horizon else {"num_events": options.num_events}
    real, fresh = (PROCESS.generate(4000, seed=seed, **cut) for seed in (0, 1))
    rates = np.bincount(np.concatenate(real[1])) / sum(horizon or t[-1] for t in real[0])
    sequences = kr.data.events_to_sequences(*real, num_marks=2, horizon=horizon)
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(seed=0)
    gan.compile()
    budget = kr.callbacks.TimeBudget(options.minutes)
    gan.fit(sequences, batch_size=64, verbose=0, callbacks=[budget])
    copula = kr.baselines.GaussianCopula().fit(sequences)
    sets: dict[str, Events] = {
        "fresh": fresh,
        "generated": kr.data.sequences_to_events(gan.generate(4000, seed=0), horizon),
        "Poisson": kr.baselines.HawkesProcess(rates).generate(4000, seed=2, **cut),
        "copula": kr.data.sequences_to_events(copula.generate(4000, seed=0), horizon),
    }

    table = {
        name: {
            **kr.metrics.hawkes_goodness_of_fit(*events, PROCESS, horizon),
            "mean waiting time": np.mean(np.concatenate([np.diff(t, prepend=0.0) for t in events[0]])),
            "share of mark 1": np.concatenate(events[1]).mean(),
        }
        for name, events in sets.items()
    }
    print(f"kept what was best, after {int(gan.optimizer.iterations)} updates")
    print(f"The law: a branching ratio of {PROCESS.branching_ratio:.2f}; ideals 0, 0, 0, 1")
    print(f"{'':20}" + "".join(f"{name:>12}" for name in table))
    for name in table["fresh"]:
        print(f"{name:20}" + "".join(f"{scores[name]:12.3f}" for scores in table.values()))

    figure = Figure(figsize=(12, 7), layout="constrained")
    draw(figure.subplots(2, 3), sets, horizon)
    options.folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.folder / "events.png", dpi=80)
    gan.save(options.folder / "events.keras")
    print(f"Events and waiting times are in {options.folder / 'events.png'}")


if __name__ == "__main__":
    main()

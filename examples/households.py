"""A population that the model draws by itself: kinds of homes, their sizes, and their days.

    python examples/households.py out/households --minutes 4

Trains one model on 4,000 made-up homes: a kind (flat, house, farm), a floor area that depends on the
kind, and the power drawn in each hour of a day, which depends on both. The model then draws kind and
area first, and a day given these; prints how they compare, and draws both populations.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure

import keras_rgan as kr

KINDS = np.array(["farm", "flat", "house"])


def homes(num_samples: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Make days, `(homes, 24, 1)`, and what is known of each home."""
    random = np.random.default_rng(seed)
    kind = random.choice(KINDS, num_samples, p=[0.1, 0.6, 0.3])
    typical = np.select([kind == "farm", kind == "house"], [220.0, 130.0], 65.0)
    area = typical * np.exp(0.2 * random.normal(size=num_samples))
    hour = np.arange(24.0)
    peak = np.select([kind == "farm", kind == "house"], [6.0, 18.0], 20.0)
    peak += 0.7 * random.normal(size=num_samples)
    away = np.minimum(*np.abs([hour - peak[:, None], hour - peak[:, None] - 24.0]))
    away = np.minimum(away, np.abs(hour - peak[:, None] + 24.0))
    power = area[:, None] / 100.0 * (0.3 + np.exp(-0.5 * (away / 2.5) ** 2))
    power *= np.exp(0.1 * random.normal(size=power.shape))
    return power[..., None].astype("float32"), {"kind": kind, "area": area.astype("float32")}


def main() -> None:
    """Train, draw a population, compare and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", default="out/households", type=Path)
    parser.add_argument("--minutes", default=4.0, type=float, help="training time")
    options = parser.parse_args()
    data = homes(4000, 0)
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(attributes="generated", seed=0)
    gan.compile()
    budget = kr.callbacks.TimeBudget(options.minutes)
    gan.fit(data, batch_size=64, verbose=0, callbacks=[budget])
    sets = {
        "real": data,
        "generated": (gan.generate(4000, seed=0), gan.sample_conditions(4000, seed=0)),
    }

    print(f"{'':11}" + "".join(f"{kind + ':':>8} share  area  peak" for kind in KINDS))
    for name, (power, known) in sets.items():
        cells = []
        for kind in KINDS:
            chosen = known["kind"] == kind
            area, hour = known["area"][chosen].mean(), np.median(power[chosen, :, 0].argmax(axis=1))
            cells.append(f"{chosen.mean():14.1%} {area:5.0f} {hour:5.0f}")
        print(f"{name:11}" + "".join(cells))

    figure = Figure(figsize=(10, 6), layout="constrained")
    for column, (name, (power, known)) in zip(figure.subplots(2, 2).T, sets.items(), strict=True):
        for kind in KINDS:
            chosen = known["kind"] == kind
            area, total = known["area"][chosen][:300], power[chosen, :, 0].sum(axis=1)[:300]
            column[0].scatter(area, total, s=4, label=f"{kind}, {chosen.mean():.0%}")
            column[1].plot(power[chosen, :, 0].mean(axis=0), label=kind)
        column[0].set(title=name, xlabel="floor area", ylabel="energy of a day", ylim=(0, 100))
        column[1].set(xlabel="hour", ylabel="mean power", ylim=(0, 4))
        column[0].legend()
    options.folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.folder / "households.png", dpi=80)
    print(f"Homes are in {options.folder / 'households.png'}")


if __name__ == "__main__":
    main()

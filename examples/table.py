"""A table in, a table out: a house's log with outages, filled, and days that never were.

    python examples/table.py out/table --minutes 3

Writes `log.csv`: every 10 minutes the time, the living room's temperature and humidity, the temperature
outside and the energy that appliances took, with hours in which nothing was logged. Reads it, brings it
to hours, trains on days (windows of 24 hours), writes the log without gaps as `filled.csv` and 500
generated days as `days.parquet`, both in the columns, types and on the grid of times of the log, and
draws some days.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import keras_rgan as kr

COLUMNS = {"T2": "room", "RH_2": "humidity", "T_out": "outside", "Appliances": "energy"}


def write_log(path: Path) -> None:
    """Write the bundled energy series as a log with outages of 3 to 9 hours."""
    series, names = kr.datasets.load_energy()
    log = pd.DataFrame({"time": pd.date_range("2016-01-11 17:00", periods=len(series), freq="10min")})
    for name, column in COLUMNS.items():
        log[column] = series[:, names.index(name)].round(2)
    log["energy"] = log["energy"].astype("int64")
    random = np.random.default_rng(0)
    kept = np.ones(len(log), bool)
    for start in random.integers(144, len(log) - 144, 40):
        kept[start : start + 6 * random.integers(3, 10)] = False
    log[kept].to_csv(path, index=False)


def main() -> None:
    """Write, read, train, fill, generate, write and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", default="out/table", type=Path)
    parser.add_argument("--minutes", default=3.0, type=float, help="training time")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write_log(options.folder / "log.csv")
    log = pd.read_csv(options.folder / "log.csv", parse_dates=["time"])
    print(log.head(3), "\n")

    table = kr.data.from_frame(log, time="time", length=24, resample="1h", missing=True)
    keras.utils.set_random_seed(0)
    gan = kr.RecurrentGAN(completion=True, seed=0)
    gan.compile()
    budget = kr.callbacks.TimeBudget(options.minutes)
    gan.fit(table, batch_size=64, verbose=0, callbacks=[budget])

    days = kr.data.from_frame(log, time="time", length=24, stride=24, resample="1h", missing=True)
    filled = days.to_frame(gan.impute(days, seed=0), as_data=True)
    filled.to_csv(options.folder / "filled.csv", index=False)
    generated = table.to_frame(gan.generate(500, seed=0))
    generated.to_parquet(options.folder / "days.parquet")
    print(generated.head(3), "\n")
    hours = log.set_index("time").resample("1h").mean()
    found = pd.concat([hours.describe(), generated[list(COLUMNS.values())].describe()], axis=1)
    print(found.loc[["mean", "std", "min", "max"]].round(2), "\n")

    figure = Figure(figsize=(11, 8), layout="constrained")
    gaps = days.to_frame()
    start = max(int(np.flatnonzero(gaps["room"].isna())[0]) - 24, 0)
    for i, (name, axes) in enumerate(zip(COLUMNS.values(), figure.subplots(4, 3), strict=True)):
        part = slice(start, start + 96)
        axes[0].plot(filled[name][part].to_numpy(), color="tab:orange", label="filled")
        axes[0].plot(gaps[name][part].to_numpy(), color="tab:blue", label="logged")
        axes[0].set_ylabel(name)
        whole = table.sequences[~np.isnan(table.sequences).any(axis=(1, 2))]
        axes[1].plot(whole[:: len(whole) // 13, :, i].T, linewidth=0.8)
        axes[2].plot(generated[name].to_numpy().reshape(500, 24)[:14].T, linewidth=0.8)
        axes[2].set_ylim(axes[1].get_ylim())
        if i == 0:
            axes[0].legend(fontsize="small")
            for axis, title in zip(
                axes, ("an outage, hour by hour", "logged", "generated"), strict=True
            ):
                axis.set_title(title)
    figure.savefig(options.folder / "days.png", dpi=80)
    print(f"The log, the tables and a picture of some days are in {options.folder}")


if __name__ == "__main__":
    main()

"""How long tables take to be read and written, beside what pandas itself takes for the like.

    python benchmarks/tables.py
    python benchmarks/tables.py --rows 20000 200000 --steps 24

A table of so many rows has hours of houses with two features of numbers and one of categories. Beside
`from_frame` stands a groupby of pandas whose parts are stacked; beside `to_frame` a frame that is made
of the arrays. Each is timed in turn, several times; medians, and the median of the ratios.
"""

import argparse
import functools
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import keras_rgan as kr


def make(rows: int, steps: int) -> pd.DataFrame:
    """Return a table of hours of houses, `steps` of each."""
    random = np.random.default_rng(0)
    houses = rows // steps
    hours = pd.date_range("2024-01-01", periods=steps, freq="h")
    return pd.DataFrame(
        {
            "house": np.repeat([f"h{i}" for i in range(houses)], steps),
            "hour": np.tile(hours, houses),
            "load": random.normal(size=houses * steps),
            "degrees": random.normal(20.0, 5.0, houses * steps).round(1),
            "sky": random.choice(["rain", "snow", "sun"], houses * steps),
        }
    )


def read_by_pandas(frame: pd.DataFrame) -> np.ndarray:
    """Return whole sequences by a groupby, and a reshape of its parts."""
    codes = pd.get_dummies(frame["sky"], dtype="float64")
    wide = pd.concat([frame[["house", "load", "degrees"]], codes], axis=1)
    return np.stack(
        [part.to_numpy() for _, part in wide.set_index("house").groupby(level=0, sort=False)]
    )


def write_by_pandas(frame: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    """Return a frame of sequences as they stand in an array."""
    houses, steps, _ = values.shape
    flat = values.reshape(houses * steps, -1)
    names = np.array(["rain", "snow", "sun"], dtype=object)
    hours = frame["hour"].to_numpy()[:steps]
    made = pd.DataFrame(
        {
            "house": np.repeat([f"generated_{i}" for i in range(houses)], steps),
            "hour": np.tile(hours, houses),
            "load": flat[:, 0],
            "degrees": flat[:, 1].round(1),
            "sky": names[flat[:, 2:].argmax(axis=1)],
        }
    )
    return made.astype(frame.dtypes.to_dict())


def seconds(action: Callable[[], Any]) -> float:
    """Return how long an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def compare(name: str, ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int) -> None:
    """Print medians of both, timed in turn, and the median of their ratios."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    mine, other = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{name:34s} ours {mine:8.3f} s   pandas {other:8.3f} s   ratio {ratio:6.2f}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for rows in options.rows:
        measure(make(rows, options.steps), options.rounds)


def measure(frame: pd.DataFrame, rounds: int) -> None:
    """Print what a table takes."""

    def read(**options: Any) -> Any:
        return kr.data.from_frame(frame, id="house", time="hour", **options)

    table = read()
    values = np.asarray(table.sequences)
    print(f"{len(frame):,} rows, {len(values):,} sequences")
    compare("from_frame", read, lambda: read_by_pandas(frame), rounds)
    compare("to_frame of the data", table.to_frame, lambda: write_by_pandas(frame, values), rounds)
    compare(
        "to_frame of generated",
        lambda: table.to_frame(values),
        lambda: write_by_pandas(frame, values),
        rounds,
    )
    for name, options in (("windows of 12", {"length": 12}), ("every 2 hours", {"resample": "2h"})):
        print(f"{name:34s} ours {seconds(functools.partial(read, **options)):8.3f} s")


if __name__ == "__main__":
    main()

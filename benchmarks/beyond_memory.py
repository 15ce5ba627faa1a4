"""Training on data larger than memory: peak memory, and steps a second beside an array's.

    python benchmarks/beyond_memory.py --gigabytes 5 --folder /tmp/series
    python benchmarks/beyond_memory.py --gigabytes 0.2 --folder /tmp/series --seconds 20

Writes Parquet files of so many gigabytes into the folder, random walks of 28 features in 1,000 series a
file, unless they are there. Then two processes train the default model in turn, for some rounds: on all
of them with `kr.data.ParquetWindows`, and on an array of the first 20,000 windows. Prints for both the
steps a second, the largest memory, and for the files how long the model took to adapt to all of it.
"""

import argparse
import json
import os
import resource
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from speed import child

FEATURES = [f"x{i}" for i in range(28)]
ARRAY = "array.npy"
LENGTH, BATCH = 24, 64
SERIES, STEPS = 1000, 1000
"""Of a file: about 105 MiB."""


def write(folder: Path, gigabytes: float) -> None:
    """Write files until they take as much as wanted."""
    import pyarrow
    from pyarrow import parquet

    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    while sum(f.stat().st_size for f in folder.glob("*.parquet")) < gigabytes * 1e9:
        path = folder / f"{number:05d}.parquet"
        if not path.exists():
            rng = np.random.default_rng(number)
            walks = np.cumsum(rng.standard_normal((SERIES, STEPS, len(FEATURES)), "float32"), axis=1)
            rows = walks.reshape(-1, len(FEATURES))
            columns: dict[str, Any] = {"series": np.repeat(np.arange(SERIES), STEPS)}
            columns |= {name: rows[:, i] for i, name in enumerate(FEATURES)}
            part = path.with_suffix(".part")
            parquet.write_table(pyarrow.table(columns), part, row_group_size=100_000)
            part.rename(path)
        number += 1


def files(folder: Path) -> Any:
    """Return the windows of all files."""
    import keras_rgan as kr

    return kr.data.ParquetWindows(
        sorted(folder.glob("*.parquet")), FEATURES, LENGTH, BATCH, id="series", max_rows=500_000
    )


def work(kind: str, folder: Path, seconds: float) -> None:
    """Train on one of the two, and print what was measured."""
    import keras

    import keras_rgan as kr

    gan = kr.RecurrentGAN(seed=0)
    gan.compile(keep_best=False)
    data: Any
    options: dict[str, Any] = {}
    if kind == "array":
        data, options["batch_size"] = np.load(folder / ARRAY), BATCH
    else:
        data = files(folder)
    begin = time.perf_counter()
    gan.adapt(data)
    adapted = time.perf_counter() - begin

    class Count(keras.callbacks.Callback):
        """Counts steps after the first hundred, and stops."""

        steps, begin, end = 0, 0.0, 0.0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.steps += 1
            self.end = time.perf_counter()
            if self.steps == 100:
                self.begin = self.end
            if self.steps > 100 and self.end - self.begin > seconds:
                self.model.stop_training = True

    count = Count()
    gan.fit(data, epochs=1000, verbose=0, callbacks=[count], **options)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    rate = (count.steps - 100) / (count.end - count.begin)
    windows = len(data) * BATCH if kind == "parquet" else len(data)
    print(json.dumps({"rate": rate, "memory": memory, "adapted": adapted, "windows": windows}))


def main() -> None:
    """Write what is missing, measure in turn and print the table."""
    parser = argparse.ArgumentParser(description="Training on data larger than memory.")
    parser.add_argument("--gigabytes", type=float, default=5.0)
    parser.add_argument("--folder", type=Path, default=Path("out/beyond_memory"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=30.0, help="of training in each round")
    parser.add_argument("--worker", choices=["array", "parquet"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.folder, options.seconds)
        return
    write(options.folder, options.gigabytes)
    if not (options.folder / ARRAY).exists():
        data = files(options.folder)
        np.save(options.folder / ARRAY, np.concatenate([data[i] for i in range(20_000 // BATCH)]))
    size = sum(f.stat().st_size for f in options.folder.glob("*.parquet"))
    print(f"{len(list(options.folder.glob('*.parquet')))} files, {size / 1e9:.2f} GB\n", flush=True)
    rounds: list[dict[str, dict[str, float]]] = []
    for _ in range(options.rounds):
        found = {}
        for kind in ("array", "parquet"):
            command = [__file__, "--worker", kind, "--folder", str(options.folder)]
            command += ["--seconds", str(options.seconds)]
            found[kind] = json.loads(child(command, {**os.environ}))
        rounds.append(found)
    print("| | windows | steps a second | largest memory, MiB | adapting, s |\n|---|---|---|---|---|")
    for kind in ("array", "parquet"):
        rate, memory, adapted, windows = (
            statistics.median(r[kind][name] for r in rounds)
            for name in ("rate", "memory", "adapted", "windows")
        )
        print(f"| {kind} | {windows:.0f} | {rate:.1f} | {memory:.0f} | {adapted:.1f} |")
    ratio = statistics.median(r["parquet"]["rate"] / r["array"]["rate"] for r in rounds)
    print(f"\nFrom files as fast as from an array: {ratio:.0%}")


if __name__ == "__main__":
    main()

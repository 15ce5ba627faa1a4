"""What judges see of planted faults, and how long they take, beside the floor of fresh real data.

    KERAS_BACKEND=torch OMP_NUM_THREADS=1 python benchmarks/judges.py
    KERAS_BACKEND=torch OMP_NUM_THREADS=1 python benchmarks/judges.py --judges quick --data VAR energy

Each fault of `benchmarks/planted_faults.py` is planted into real sequences, 5,000 of 24 steps and 6
features (`--count`), at some strengths; each judge is trained once, on a core. Results are lines of
JSON in `--out`, and a call goes on where an earlier one ended. Prints a table: by how much each judge
is more often right than by chance, at 0.5 always.
"""

from __future__ import annotations

import argparse
import json
import time
import zlib
from pathlib import Path
from typing import Any

import keras
import numpy as np
from planted_faults import DATA, FAULTS

import keras_rgan as kr

FLOOR = "nothing (floor)"


def planted(data: str, fault: str, strength: float, count: int, seed: int) -> Any:
    """Return real and generated sequences."""
    name = f"{data}, {fault}, {strength}"
    random = np.random.default_rng([seed, zlib.crc32(name.encode())])
    real, made = DATA[data](random, count)
    return (real, made) if fault == FLOOR else FAULTS[fault](random, real, made, strength)


def asked(judge: str, case: dict[str, Any]) -> dict[str, Any]:
    """Return what a judge says of a case, and in how many seconds of processor time."""
    real, made = planted(**case)
    start = time.process_time()
    score = kr.metrics.discriminative_score(real, made, judge=judge, repeats=1, seed=case["seed"])
    seconds = time.process_time() - start
    return {"score": round(score.mean, 4), "seconds": round(seconds, 1)}


def cases(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what is to be asked about."""
    found = []
    for data in options.data:
        for fault in options.faults:
            for strength in [1.0] if fault == FLOOR else options.strengths:
                for seed in options.seeds:
                    case = {"data": data, "fault": fault, "strength": strength}
                    found.append({**case, "count": options.count, "seed": seed})
    return found


def read(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a file, if it is there."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def table(lines: list[dict[str, Any]], judges: list[str]) -> str:
    """Return scores as Markdown: a row for each fault and strength, a column for each kind of data."""
    kinds = [k for k in DATA if any(line["data"] == k for line in lines)]
    rows = [f"| planted | strength | {' | '.join(kinds)} |", "|---|---|" + "---|" * len(kinds)]
    for fault in [FLOOR, *FAULTS]:
        for strength in sorted({x["strength"] for x in lines if x["fault"] == fault}, reverse=True):
            cells = []
            for kind in kinds:
                said = []
                for judge in judges:
                    same = {"data": kind, "fault": fault, "strength": strength, "judge": judge}
                    scores = [x["score"] for x in lines if same.items() <= x.items()]
                    said.append(f"{np.mean(scores):.3f}" if scores else "-")
                cells.append(" / ".join(said) if set(said) != {"-"} else "")
            rows.append(f"| {fault} | {strength:g} | {' | '.join(cells)} |")
    taken = []
    for judge in judges:
        seconds = [line["seconds"] for line in lines if line["judge"] == judge]
        taken.append(f"{judge} {np.median(seconds):.0f} s" if seconds else f"{judge} not run")
    return "\n".join([*rows, "", f"Each cell: {' / '.join(judges)}. Median: {', '.join(taken)}."])


def main() -> None:
    """Ask what was not asked yet, and print the table."""
    parser = argparse.ArgumentParser(description="What judges see of planted faults.")
    parser.add_argument("--judges", nargs="+", default=["quick", "strict", "timegan"])
    parser.add_argument("--data", nargs="+", choices=list(DATA), default=list(DATA))
    every = [FLOOR, *FAULTS]
    parser.add_argument("--faults", nargs="+", choices=every, default=every)
    parser.add_argument("--strengths", nargs="+", type=float, default=[0.5, 0.25])
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/judges"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / f"{options.count}.jsonl"
    known = {
        json.dumps({k: x[k] for k in sorted(x) if k not in ("score", "seconds")}) for x in read(path)
    }
    for judge in options.judges:
        for case in cases(options):
            asks = {"backend": keras.backend.backend(), "judge": judge, **case}
            if json.dumps(dict(sorted(asks.items()))) in known:
                continue
            answer = {**asks, **asked(judge, case)}
            with path.open("a") as file:
                file.write(json.dumps(answer) + "\n")
            print(answer, flush=True)
    print(table([x for x in read(path) if x["judge"] in options.judges], options.judges))


if __name__ == "__main__":
    main()

"""What keras_rgan costs on a GPU: on a machine with torch or JAX, no TensorFlow and no network.

    benchmarks/gpu.sh --fetch                    with a network, once: wheels into benchmarks/wheels
    benchmarks/gpu.sh --minutes 9                all parts, on every backend that sees a GPU
    benchmarks/gpu.sh --parts speed cudnn --backends torch
    benchmarks/gpu.sh --quick --cpu              all of it in small, without a GPU
    benchmarks/gpu.sh --summary                  only write OUT/summary.md anew

Keras and what it needs come from benchmarks/wheels, into a temporary folder, where the machine lacks
them; its own packages stay as they are. The parts, in this order:

- speed: the cases of `speed.py` and the default recipe on energy, in float32 and mixed_bfloat16, beside
  the stock loop, in turn, and beside the rates at which the card multiplies matrices;
- cudnn: the same networks with recurrent layers run by cuDNN, by Keras's loop and by the backend's own,
  without penalties, with those without derivatives and with exact ones, whose second derivative cuDNN
  lacks;
- batch: steps a second of the default recipe by batch, 64 to 4,096;
- tests: those whose outcome depends on the device;
- energy: seconds of training until the discriminative score of the default recipe on energy is 0.05.

Every part has a share of the minutes, every job in it a limit, and what was found is written at once: a
run that is cut off leaves OUT/PART.json of what it measured, and OUT/summary.md of all that lies there.
OUT is the option --out, or the variable OUT, or out/gpu.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import gpu_machine as machine
import gpu_summary
from gpu_jobs import PARTS, jobs
from gpu_processes import run_jobs, run_tests

WEIGHTS = {"speed": 4.0, "cudnn": 3.0, "batch": 2.0, "tests": 1.5, "energy": 2.0}
"""Shares of the time; what a part leaves goes to those after it."""

LEAST = 15.0
"""Seconds with which a part is begun."""

ROOM = 5.0
"""Seconds that are kept for writing."""


def parse() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fetch", action="store_true", help="only download the wheels")
    parser.add_argument("--summary", action="store_true", help="only write the summary of OUT anew")
    parser.add_argument("--minutes", type=float, help="for everything; 9, with --quick 6")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--backends", nargs="+", choices=list(machine.PROBES), default=["torch", "jax"])
    parser.add_argument("--rounds", type=int, help="of contenders in turn; 3, with --quick 1")
    parser.add_argument("--seconds", type=float, help="of each turn; 0.7, with --quick 0.1")
    parser.add_argument("--job-seconds", type=float, default=75.0, help="the most for one job")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that all of it runs")
    parser.add_argument("--cpu", action="store_true", help="run on the processor")
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("OUT", "out/gpu")))
    parser.add_argument("--wheels", type=Path, default=machine.WHEELS)
    options = parser.parse_args()
    defaults = (6.0, 1, 0.1) if options.quick else (9.0, 3, 0.7)
    for name, value in zip(("minutes", "rounds", "seconds"), defaults, strict=True):
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


class Results:
    """Writes what is found into OUT, as it comes."""

    def __init__(self, out: Path, card: str) -> None:
        self.out, self.card = out, card

    def put(self, part: str, backend: str, found: dict[str, Any]) -> None:
        """Write what is known so far of a part on a backend, beside other backends of the card."""
        path = self.out / f"{part}.json"
        whole = json.loads(path.read_text()) if path.exists() else {}
        if whole.get("card") != self.card:
            whole = {"card": self.card, "backends": {}}
        whole["backends"][backend] = found
        write(path, json.dumps(whole, indent=1))

    def summarise(self) -> None:
        """Write the summary of all that lies in OUT."""
        write(self.out / "summary.md", gpu_summary.summary(self.out))


def write(path: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    beside = path.with_suffix(".part")
    beside.write_text(text)
    beside.replace(path)


def plan(parts: list[str], backends: list[str]) -> list[tuple[str, str, float]]:
    """Return what is run in order: a part, a backend, and its share."""
    order = []
    for part in (part for part in PARTS if part in parts):
        for i, backend in enumerate(backends):
            # Training to a score is worth little if cut short: the first backend has most of the time.
            weight = WEIGHTS[part] * (0.5 if part == "energy" and i else 1.0)
            order.append((part, backend, weight))
    return order


def faster_first(out: Path, backends: list[str]) -> list[str]:
    """Return the backends, that first on which the default recipe took the least time a step."""

    def time_of(backend: str) -> float:
        path = out / "speed.json"
        found = json.loads(path.read_text())["backends"] if path.exists() else {}
        times = [
            job["result"]["ours"].get("ms", float("inf"))
            for job in found.get(backend, {}).get("jobs", [])
            if job["kind"] == "recipe" and "ours" in job.get("result", {})
        ]
        return min(times, default=float("inf"))

    return sorted(backends, key=time_of)


def able(found: dict[str, Any], options: argparse.Namespace) -> list[str]:
    """Return the backends to measure, and say why others are not."""
    backends = []
    for backend, about in found["backends"].items():
        if not about["installed"]:
            print(f"{backend} is not installed")
        elif "error" in about:
            print(f"{backend} does not run:\n{about['error']}")
        elif not (about["sees_gpu"] or options.cpu):
            print(f"{backend} sees no GPU (--cpu measures on the processor)")
        else:
            backends.append(backend)
    return backends


def measure(options: argparse.Namespace, site: Path, begin: float) -> None:
    """Find out what is there and run the parts."""
    found = machine.describe(site, options.wheels, options.backends, options.cpu)
    found["options"] = {k: str(v) for k, v in vars(options).items()}
    write(options.out / "machine.json", json.dumps(found, indent=1))
    print(json.dumps(found, indent=1))
    backends = able(found, options)
    if not backends:
        raise SystemExit("No backend to measure.")
    results = Results(options.out, found["card"]["name"])
    end = begin + 60.0 * options.minutes - ROOM
    order = plan(options.parts, backends)
    total, left = sum(weight for *_, weight in order), end - time.monotonic()
    print(f"\n{left:.0f} s are left for:")
    for part, backend, weight in order:
        count = "" if part == "tests" else f", {len(jobs(part, options.quick))} jobs"
        print(f"  {part}, {backend}: {left * weight / total:.0f} s or what others leave{count}")
    for i, (part, backend, weight) in enumerate(order):
        if part == "energy":
            backend = faster_first(options.out, backends)[
                [b for p, b, _ in order if p == part].index(backend)
            ]
        left = end - time.monotonic()
        limit = left * weight / sum(w for *_, w in order[i:])
        if limit < LEAST:
            print(f"{part}, {backend}: no time left")
            continue
        print(f"\n{part}, {backend}, at most {limit:.0f} s", flush=True)
        settings = machine.environment(backend, site, options.cpu, options.quick)
        run = run_tests if part == "tests" else run_jobs
        for state in run(part, settings, limit, options):
            results.put(part, backend, state)
        results.summarise()
    print(f"\n{(options.out / 'summary.md').read_text()}")


def main() -> None:
    """Fetch, summarise or measure."""
    begin = time.monotonic()
    options = parse()
    if options.fetch:
        machine.fetch(options.wheels)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    if options.summary:
        write(options.out / "summary.md", gpu_summary.summary(options.out))
        return
    with tempfile.TemporaryDirectory() as site:
        measure(options, Path(site), begin)


if __name__ == "__main__":
    main()

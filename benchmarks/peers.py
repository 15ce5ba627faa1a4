"""Other libraries for synthetic sequences beside this one, on windows of the stocks.

    python benchmarks/peers.py --stocks stock.csv.gz --minutes 20
    python benchmarks/peers.py --stocks stock.csv.gz --minutes 1 --peers keras_rgan tsgm

Every peer gets a virtual environment of its own, in OUT/environments, with its own package from the
index, and trains there on all windows of 24 steps, with its defaults but for what `peer_worker.py`
names. Prints a Markdown table of real sequences consumed a second in training, sequences generated a
second, the best discriminative score of the samples taken on the way, and the minutes of training after
which it was 0.05 or less. Scores are `keras_rgan.metrics.discriminative_score` for all. A peer that
cannot be installed or run is reported with its error. What is finished is not run again for as many
minutes.
"""

import argparse
import functools
import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import numpy as np
from quality import load, run_once

TORCH = "torch==2.13.0"
REQUIREMENTS = {
    "keras_rgan": [],
    "tsgm": ["tsgm==0.1.0", "pandas<3", "tensorflow", "tensorflow-probability", "tf-keras"],
    "dgan": ["gretel-synthetics==0.22.0", TORCH, "numpy<2", "pandas<2", "category-encoders==2.2.2"],
    "basic_gan": ["deepecho==0.8.1", TORCH],
    "par": ["deepecho==0.8.1", TORCH],
    "timegan": ["fg-data-synthetic==2.1.0"],  # what ydata-synthetic points to
}
WITHOUT_DEPENDENCIES = ("dgan",)
"""Peers whose own list cannot be met on every Python: the parts used here need what is listed above."""

GOAL = 0.05


def call(command: list[str], log: Path, seconds: float | None = None) -> str:
    """Run a command, keep what it prints, and return it; or raise with its last words."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"was not done after {seconds:.0f} s") from error
    log.write_text(done.stdout + done.stderr)
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if line.strip()][-1:] or ["no message"]
        raise RuntimeError(f"{last[0].strip()} (see {log})")
    return done.stdout


def interpreter(name: str, out: Path) -> str:
    """Return the Python of a peer's environment, which is made if it is not there."""
    requirements = REQUIREMENTS[name]
    if not requirements:
        return sys.executable
    folder = out / "environments" / requirements[0].partition("==")[0]
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet"]
        if name in WITHOUT_DEPENDENCIES:
            call([*install, "--no-deps", requirements[0]], folder / "install.txt")
            requirements = requirements[1:]
        call([*install, *requirements], folder / "install.txt")
        ready.touch()
    return str(python)


def run(name: str, windows: np.ndarray, minutes: float, out: Path) -> dict[str, Any]:
    """Train a peer and score its samples."""
    import keras_rgan as kr

    folder = (out / name).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("samples_*.npy"):
        old.unlink()
    np.save(folder / "windows.npy", windows)
    worker = Path(__file__).with_name("peer_worker.py")
    arguments = [str(worker), name, str(folder / "windows.npy"), str(folder), f"{minutes:g}"]
    seconds = 600.0 + 240.0 * minutes  # to import, to learn the pace and to sample
    printed = call([interpreter(name, out), *arguments], folder / "log.txt", seconds)
    found: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    scores = {}
    for path in folder.glob("samples_*.npy"):
        made = np.load(path)
        fine = np.isfinite(made).all()
        score = (
            kr.metrics.discriminative_score(windows, made, judge="timegan", repeats=3).mean
            if fine
            else 0.5
        )
        scores[float(path.stem.partition("_")[2])] = score
    if not scores:
        raise RuntimeError(f"no samples were written (see {folder / 'log.txt'})")
    return {**found, "scores": dict(sorted(scores.items()))}


def table(results: dict[str, dict[str, Any]]) -> str:
    """Return the results as Markdown."""
    lines = [
        "| library | trained, sequences/s | generated, sequences/s | best score "
        f"| {GOAL} after, minutes |",
        "|---" * 5 + "|",
    ]
    for name, found in results.items():
        if "error" in found:
            lines.append(f"| {name} | does not run: {found['error']} | | | |")
            continue
        scores = found["scores"]
        reached = [float(m) for m, score in scores.items() if score <= GOAL]
        lines.append(
            f"| {name} | {found['trained']:.0f} | {found['generated']:.0f} | "
            f"{min(scores.values()):.3f} | {min(reached) if reached else 'never'} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description="Other libraries on the same windows.")
    parser.add_argument("--stocks", required=True, help="file of the stocks benchmark")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--peers", nargs="+", choices=list(REQUIREMENTS), default=list(REQUIREMENTS))
    parser.add_argument("--out", type=Path, default=Path("out/peers"))
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    windows = load("stocks", options.stocks).real
    results = {}
    for name in options.peers:
        path = options.out / name / "result.json"
        try:
            run_once(
                path,
                options.minutes,
                functools.partial(run, name, windows, options.minutes, options.out),
            )
            results[name] = json.loads(path.read_text())
        except RuntimeError as error:  # is tried again the next time
            results[name] = {"error": str(error).replace("|", "/")}
    print(table(results))


if __name__ == "__main__":
    main()

"""Runs what `gpu.py` measures in processes of their own, each job and each part with a time limit."""

import argparse
import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gpu_jobs import jobs

HERE = Path(__file__).resolve().parent
BEGINNING = 90.0
"""Seconds that a process has until its first job begins."""

# What may differ between devices: recurrent layers and their derivatives, precision, a training step.
TESTS = (
    "test_own_loop",
    "test_gru",
    "test_lstm",
    "test_min_gru",
    "test_linear_recurrence",
    "test_verbs",
    "test_penalties",
    "test_precision",
    "test_recurrent_generator",
    "test_continuation",
    "test_recurrent_gan",
)
OUTCOMES = ("passed", "failed", "error", "skipped")
OUTCOME = re.compile(
    rf"\b({'|'.join(OUTCOMES).upper()}) +(tests/\S+)|(tests/\S+) ({'|'.join(OUTCOMES).upper()})\b"
)


class Process:
    """A command whose lines are read with a limit of time."""

    def __init__(self, command: list[str], settings: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            env=settings,
            cwd=HERE.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.others: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip())
        self.lines.put(None)

    def line(self, until: float) -> str | None:
        """Return the next line, or None at the end.

        Raises:
            TimeoutError: If there is none before `until`.
        """
        try:
            return self.lines.get(timeout=max(until - time.monotonic(), 0.01))
        except queue.Empty:
            raise TimeoutError from None

    def stop(self) -> None:
        """End it and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def said(self) -> str:
        """Return the end of what it said beside its messages."""
        return "\n".join(self.others)[-1500:]


def run_jobs(
    part: str, settings: dict[str, str], limit: float, options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """Run the jobs of a part and yield what is known, whenever there is more.

    A job that takes too long or ends its process is noted and left out, and the others go on in a new
    one.
    """
    begin = time.monotonic()
    end = begin + limit
    every = jobs(part, options.quick)
    entries = [{"name": str(job), **job._asdict(), "case": list(job.case)} for job in every]
    state: dict[str, Any] = {"limit": round(limit, 1), "jobs": entries}
    pending = list(range(len(every)))
    while pending and time.monotonic() + 5.0 < end:
        before = len(pending)
        command = [sys.executable, str(HERE / "gpu_worker.py"), part, "--jobs", *map(str, pending)]
        command += ["--seconds", str(options.seconds), "--rounds", str(options.rounds)]
        command += ["--limit", str(end - time.monotonic())] + ["--quick"] * options.quick
        process = Process(command, settings)
        try:
            for number in _follow(process, end, options, part):
                if "begins" in number:
                    state.setdefault("start", round(time.monotonic() - begin, 1))
                    continue
                entry = entries[number.pop("job")]
                entry.update(number)
                if number.keys() & {"done", "error"}:
                    pending.remove(entries.index(entry))
                    _tell(entry, time.monotonic() - begin)
                yield {**state, "spent": round(time.monotonic() - begin, 1)}
        finally:
            process.stop()
        if len(pending) == before:
            state["error"] = process.said()
            print(state["error"])
            break
    for i in pending:
        entries[i].setdefault("error", "not reached")
    yield {**state, "spent": round(time.monotonic() - begin, 1)}


def _follow(
    process: Process, end: float, options: argparse.Namespace, part: str
) -> Iterator[dict[str, Any]]:
    """Yield a worker's messages, and one of its own for the job in which it stopped."""
    current, until = None, time.monotonic() + BEGINNING
    most = float("inf") if part == "energy" else options.job_seconds
    while True:
        try:
            line = process.line(min(until, end))
        except TimeoutError:
            if current is not None:
                cause = "the part's time was up" if time.monotonic() >= end else f"over {most:.0f} s"
                yield {"job": current, "error": cause}
            else:
                process.others.append("no job began in time")
            return
        if line is None:
            if current is not None:
                yield {"job": current, "error": f"the process ended: {process.said()[-400:]}"}
            return
        if not line.startswith('{"job"'):
            process.others.append(line)
            continue
        message = json.loads(line)
        if "begins" in message:
            current, until = message["job"], time.monotonic() + most
        elif message.keys() & {"done", "error"}:
            current, until = None, time.monotonic() + BEGINNING
        yield message


def _tell(entry: dict[str, Any], seconds: float) -> None:
    result = entry.get("result", {})
    words = [f"{k} {v['ms']:.2f} ms" for k, v in result.items() if isinstance(v, dict) and "ms" in v]
    words += [f"{k}: {v['error']}" for k, v in result.items() if isinstance(v, dict) and "error" in v]
    words += [f"ERROR {entry['error']}"] if "error" in entry else []
    print(f"{seconds:5.0f} s  {entry['name']}: {', '.join(words) or 'done'}", flush=True)


def run_tests(
    part: str, settings: dict[str, str], limit: float, options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """Run the tests of `TESTS` and yield how many passed, whenever there are more."""
    begin = time.monotonic()
    names = TESTS[:2] if options.quick else TESTS
    files = [
        str(path) for name in names for path in sorted((HERE.parent / "tests").rglob(f"{name}.py"))
    ]
    workers = min(max(len(os.sched_getaffinity(0)) // 2, 1), 6)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-vv",
        "--tb=short",
        "--color=no",
        "-p",
        "no:cacheprovider",
    ]
    command += ["--continue-on-collection-errors", "--numprocesses", str(workers), *files]
    outcomes: dict[str, set[str]] = {outcome: set() for outcome in OUTCOMES}
    state: dict[str, Any] = {"limit": round(limit, 1), "files": [Path(f).name for f in files]}
    process = Process(command, {**settings, "OMP_NUM_THREADS": "1"})

    def known(ended: str) -> dict[str, Any]:
        counts = {outcome: len(tests) for outcome, tests in outcomes.items()}
        failed = sorted(outcomes["failed"] | outcomes["error"])
        tail = "\n".join(process.others)[-12_000:] if failed or not any(counts.values()) else ""
        spent = round(time.monotonic() - begin, 1)
        return {**state, **counts, "failures": failed, "ended": ended, "spent": spent, "tail": tail}

    try:
        while (line := process.line(begin + limit)) is not None:
            process.others.append(line)
            if match := OUTCOME.search(line):
                outcome, test = match.group(1) or match.group(4), match.group(2) or match.group(3)
                outcomes[outcome.lower()].add(test)
                yield known("running")
        ended = "all of them" if any(outcomes.values()) else "no tests ran"
    except TimeoutError:
        ended = "cut off by its limit"
    finally:
        process.stop()
    state = known(ended)
    print(", ".join(f"{state[outcome]} {outcome}" for outcome in OUTCOMES), f"({ended})")
    print("\n".join(state["failures"]))
    yield state

"""The tables of what `gpu.py` measured, as Markdown."""

import functools
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from gpu_jobs import PARTS, PENALTIES, WAYS
from speed import Case

BLANK = ""


def summary(out: Path) -> str:
    """Return the tables of all parts whose results lie in a folder."""
    lines = ["# On a GPU", ""]
    path = out / "machine.json"
    if path.exists():
        lines += [_machine(json.loads(path.read_text())), ""]
    for part in PARTS:
        path = out / f"{part}.json"
        if path.exists():
            found = json.loads(path.read_text())
            lines += [f"## {part}, on {found['card']}", ""]
            for backend, state in found["backends"].items():
                lines += [f"### {backend}", "", *TABLES[part](state), ""]
    return "\n".join(lines)


def _machine(found: dict[str, Any]) -> str:
    card, backends = found["card"], []
    for name, about in found["backends"].items():
        if about.get("installed") and "version" in about:
            device = about.get("device", "nothing") if about["sees_gpu"] else "no GPU"
            backends.append(f"{name} {about['version']} sees {device}")
    return (
        f"{card['name']}, driver {card.get('driver_version', BLANK)}, {found['cores']} cores of "
        f"{found['processor']}, Python {found['python']}; {'; '.join(backends) or 'no backend'}."
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    found = [f"| {' | '.join(row)} |" for row in rows]
    return [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *found] if found else []


def _ms(job: dict[str, Any], name: str = "ours") -> float | None:
    return job.get("result", {}).get(name, {}).get("ms")


def _cell(value: float | None, form: str = "{:.2f}") -> str:
    return BLANK if value is None else form.format(value)


def _over(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a / b


def _notes(state: dict[str, Any]) -> list[str]:
    """Return what was not measured, and why."""
    lines, late = [], 0
    for job in state.get("jobs", []):
        reasons = {k: v["error"] for k, v in job.get("result", {}).items() if _failed(v)}
        if job.get("error") == "not reached":
            late += 1
        elif "error" in job:
            reasons["job"] = job["error"]
        lines += [f"- {job['name']}: {who}: {why}" for who, why in reasons.items()]
    if late:
        lines.append(
            f"- {late} of {len(state['jobs'])} jobs were not reached in {state['limit']:.0f} s"
        )
    return ["", *lines] if lines else []


def _failed(value: Any) -> bool:
    return isinstance(value, dict) and "error" in value


def _rate_of(case: str, rates: dict[str, Any]) -> float | None:
    return rates.get("cases", {}).get(case)


def _speed(state: dict[str, Any]) -> list[str]:
    rates = {
        job["dtype"]: job["result"]
        for job in state["jobs"]
        if job["kind"] == "rates" and "result" in job
    }

    def share(job: dict[str, Any], rate: Callable[[dict[str, Any]], float | None]) -> str:
        """Return which share of a rate ours reaches."""
        ms, operations = _ms(job), job.get("result", {}).get("operations")
        found = rate(rates[job["dtype"]]) if job["dtype"] in rates else None
        if ms is None or operations is None or found is None:
            return BLANK
        return f"{operations / (1e-3 * ms * found):.2%}"

    rows = []
    for job in state["jobs"]:
        stock, ours = _ms(job, "stock"), _ms(job)
        if job["kind"] == "rates" or (stock is None and ours is None):
            continue
        case = str(Case(*job["case"]))
        of_case = functools.partial(_rate_of, case)
        rows.append(
            [
                "default recipe on energy" if job["kind"] == "recipe" else case,
                "its own" if job["kind"] == "recipe" else job["loss"],
                job["dtype"].replace("mixed_", ""),
                _cell(stock),
                _cell(ours),
                _cell(job["result"].get("ratio")),
                _cell(job["result"].get("ours", {}).get("first"), "{:.1f}"),
                share(job, of_case),
                share(job, lambda rate: rate.get("peak")),
            ]
        )
    heads = ["case", "loss", "type", "stock, ms", "ours, ms", "stock / ours", "two steps after, s"]
    lines = _table([*heads, "share of its products' rate", "share of peak"], rows)
    for dtype, rate in rates.items():
        peak = f"{rate['peak'] / 1e12:.3g}" if "peak" in rate else BLANK
        found = ", ".join(f"{c} {r / 1e12:.3g}" for c, r in rate.get("cases", {}).items())
        lines += ["", f"Products in {dtype}, TFLOP/s: large square ones {peak}; {found}."]
    return [*lines, *_notes(state)]


def _cudnn(state: dict[str, Any]) -> list[str]:
    times: dict[tuple[str, str, str], dict[str, float | None]] = {}
    for job in state["jobs"]:
        key = str(Case(*job["case"])), job["cell"], job["way"]
        times.setdefault(key, {})[job["loss"]] = _ms(job)
    rows = []
    for key, found in times.items():
        if all(ms is None for ms in found.values()):
            continue
        cells = [_cell(found.get(loss)) for loss in PENALTIES]
        gain = _over(found.get("exact"), found.get("without derivatives"))
        rows.append([*key, *cells, _cell(gain)])
    heads = ["case", "cell", "way", *(f"penalties: {loss}, ms" for loss in PENALTIES)]
    ways = [f"- {way}: {meaning}" for way, meaning in WAYS.items()]
    table = _table([*heads, "exact / without derivatives"], rows)
    return [*table, "", *ways, *_notes(state)]


def _batch(state: dict[str, Any]) -> list[str]:
    jobs = sorted(
        (job for job in state["jobs"] if _ms(job)), key=lambda job: (job["dtype"], job["case"][0])
    )
    rows = []
    for job in jobs:
        ms = _ms(job) or 0.0
        cells = [str(job["case"][0]), job["dtype"].replace("mixed_", ""), f"{ms:.2f}"]
        rows.append([*cells, f"{1e3 / ms:.1f}", f"{1e3 * job['case'][0] / ms:,.0f}"])
    heads = ["batch", "type", "a step, ms", "steps/s", "sequences/s"]
    return [*_table(heads, rows), *_notes(state)]


def _tests(state: dict[str, Any]) -> list[str]:
    counts = ", ".join(f"{state[name]} {name}" for name in ("passed", "failed", "error", "skipped"))
    ended = f"{counts}; {state['ended']}, after {state['spent']:.0f} s."
    return [ended, "", *(f"- {test}" for test in state["failures"])]


def _energy(state: dict[str, Any]) -> list[str]:
    lines = []
    for job in state["jobs"]:
        result = job.get("result", {})
        if "seconds" in result:
            lines.append(f"0.05 after {result['seconds']:.1f} s and {result['updates']} updates.")
        elif result:
            lines.append("0.05 was not reached.")
        if "trained" in result:
            lines.append(
                f"In all {result['trained']:.1f} s of training, {result['all_updates']} updates."
            )
        rows = [
            [
                _cell(look["seconds"], "{:.1f}"),
                str(look["updates"]),
                _cell(look["hasty"], "{:.3f}"),
                _cell(look.get("score"), "{:.3f}"),
            ]
            for look in result.get("looks", [])
        ]
        heads = ["trained, s", "updates", "a hasty judge's score", "discriminative score"]
        lines += ["", *_table(heads, rows)]
    return [*lines, *_notes(state)]


TABLES: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "speed": _speed,
    "cudnn": _cudnn,
    "batch": _batch,
    "tests": _tests,
    "energy": _energy,
}

"""What `gpu.py` measures, job by job, the most telling first: a run may end anywhere."""

from typing import NamedTuple

from speed import CASES, Case

PARTS = ("speed", "cudnn", "batch", "tests", "energy")
"""In the order in which they are run."""

ENERGY = Case(64, 24, 28, 128)
"""The default recipe's sizes on energy: batch, steps, features, units of the generator."""

TYPES = ("float32", "mixed_bfloat16")
QUICK_CASES = [Case(8, 20, 3, 8), Case(8, 24, 2, 4)]
PENALTIES = {
    "none": (),
    "without derivatives": ("approximate_r1", "approximate_r2"),
    "exact": ("r1", "r2"),
}
WAYS = {
    "auto": "as by default: cuDNN where Keras calls it, but for a discriminator with exact penalties",
    "loop": "use_cudnn=False: Keras's loop",
    "own": "torch's own loop with cuDNN switched off; on JAX the scan with a backward pass by hand",
}


class Job(NamedTuple):
    """One thing to measure, in a process that measures several."""

    kind: str
    """The function of `gpu_worker.py`."""
    case: Case
    dtype: str
    loss: str = "plain"
    """Of `turns` "plain" or "penalty", of `layers` a name in `PENALTIES`."""
    cell: str = "gru"
    way: str = "auto"

    def __str__(self) -> str:
        of = {
            "rates": "rates of matrix products",
            "recipe": "default recipe on energy",
            "turns": f"{self.case}, {self.loss}",
            "layers": f"{self.case}, {self.cell}, penalties: {self.loss}, {self.way}",
            "batch": f"default recipe on energy, batch {self.case.batch}",
            "energy": "energy to a discriminative score of 0.05",
        }
        return f"{of[self.kind]}, {self.dtype}"


def jobs(part: str, quick: bool) -> list[Job]:
    """Return the jobs of a part."""
    return {"speed": _speed, "cudnn": _cudnn, "batch": _batch, "energy": _energy}[part](quick)


def cases(quick: bool) -> list[Case]:
    """Return the cases of `speed.py`, or small ones."""
    return QUICK_CASES if quick else CASES


def _energy_case(quick: bool, batch: int = 64) -> Case:
    return ENERGY._replace(batch=16 if quick else batch)


def _speed(quick: bool) -> list[Job]:
    found = []
    for dtype in TYPES:
        found += [Job("rates", ENERGY, dtype), Job("recipe", _energy_case(quick), dtype)]
        for loss in ("plain", "penalty"):
            found += [Job("turns", case, dtype, loss) for case in cases(quick)]
    return found


def _cudnn(quick: bool) -> list[Job]:
    first, *others = cases(quick)[:1] if quick else (CASES[1], CASES[2])
    found = [
        Job("layers", first, "float32", loss, cell, way)
        for cell, ways in (("gru", WAYS), ("lstm", ("auto", "loop")), ("min_gru", ("auto",)))
        for way in ways
        for loss in PENALTIES
    ]
    found += [
        Job("layers", case, "float32", loss, cell, way)
        for case in others
        for way in ("auto", "own")
        for cell in ("gru", "lstm", "min_gru")
        for loss in PENALTIES
        if way == "auto" or cell != "min_gru"
    ]
    return found


def _batch(quick: bool) -> list[Job]:
    sizes = (8, 32) if quick else (64, 4096, 512, 128, 1024, 256, 2048)
    return [Job("batch", ENERGY._replace(batch=n), dtype) for dtype in TYPES for n in sizes]


def _energy(quick: bool) -> list[Job]:
    return [Job("energy", ENERGY._replace(batch=64), "float32")]

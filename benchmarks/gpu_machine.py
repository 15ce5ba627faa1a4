"""What `gpu.py` finds on a machine, and what it brings along: wheels, into a folder of their own."""

import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WHEELS = Path(__file__).resolve().parent / "wheels"
LARGEST = 64 * 2**20
"""Bytes that the wheels may take in all."""

PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = (*(f"manylinux_2_{n}_x86_64" for n in (28, 27, 24, 17)), "manylinux2014_x86_64")

# The least version where it matters. What a backend itself brings (NumPy, SciPy) is not among them.
NEEDED = {
    "absl-py": "0",
    "certifi": "0",
    "charset-normalizer": "0",
    "execnet": "2.1",
    "grpcio": "0",
    "h5py": "0",
    "idna": "0",
    "iniconfig": "2",
    "keras": "3.15",
    "keras-tuner": "1.4.8",
    "kt-legacy": "0",
    "markdown-it-py": "0",
    "mdurl": "0",
    "ml-dtypes": "0",
    "namex": "0",
    "optree": "0",
    "packaging": "24",
    "pluggy": "1.6",
    "protobuf": "0",
    "pygments": "2.15",
    "pytest": "8",
    "pytest-xdist": "3.5",
    "requests": "0",
    "rich": "0",
    "six": "0",
    "typing-extensions": "4.12",
    "urllib3": "0",
}

# Prints what a backend sees, as JSON; run where it is installed.
PROBES = {
    "torch": """
import json, torch
seen = torch.cuda.is_available()
found = {"version": torch.__version__, "sees_gpu": seen, "cuda": torch.version.cuda}
if seen:
    found["device"] = torch.cuda.get_device_name(0)
    found["capability"] = torch.cuda.get_device_capability(0)
    found["cudnn"] = torch.backends.cudnn.version()
    found["float32_products"] = torch.get_float32_matmul_precision()
    found["cudnn_tf32"] = torch.backends.cudnn.allow_tf32
print(json.dumps(found))
""",
    "jax": """
import json, jax, jaxlib
found = {"version": jax.__version__, "jaxlib": jaxlib.__version__}
found["sees_gpu"] = jax.default_backend() == "gpu"
found["device"] = str(jax.devices()[0].device_kind)
found["float32_products"] = str(jax.config.jax_default_matmul_precision)
print(json.dumps(found))
""",
}
IMPORT = """
import json, keras, keras_rgan
print(json.dumps({"keras": keras.__version__, "keras_rgan": keras_rgan.__version__}))
"""


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with, to be compared."""
    return tuple(int(n) for n in re.findall(r"\d+", version.split("+")[0])[:3])


def fetch(folder: Path) -> None:
    """Download the wheels for every Python of `PYTHONS`."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [name if least == "0" else f"{name}>={least}" for name, least in NEEDED.items()]
    platforms = [word for name in PLATFORMS for word in ("--platform", name)]
    for version in PYTHONS:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        command += ["--only-binary=:all:", "--implementation", "cp", "--python-version", version]
        subprocess.run([*map(str, command), *platforms, *wanted], check=True)
    size = sum(path.stat().st_size for path in folder.glob("*.whl"))
    print(f"{len(list(folder.glob('*.whl')))} wheels, {size / 2**20:.1f} MiB, in {folder}")
    if size > LARGEST:
        raise SystemExit(f"More than {LARGEST // 2**20} MiB: remove what an earlier fetch left there.")


def missing() -> list[str]:
    """Return what is needed and not installed, or not in a version that will do."""
    found = []
    for name, least in NEEDED.items():
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            version = "-1"
        if version == "-1" or numbers(version) < numbers(least):
            found.append(name)
    return found


def install(site: Path, wheels: Path) -> dict[str, Any]:
    """Unpack what is missing from the wheels into a folder; the machine's packages stay as they are."""
    wanted = missing()
    if not wanted:
        return {"from_wheels": []}
    options = ["--no-index", "--no-deps", "--no-compile", "--no-cache-dir", "--quiet"]
    command = [sys.executable, "-m", "pip", "install", *options, "--disable-pip-version-check"]
    command += ["--find-links", str(wheels), "--target", str(site)]
    settings = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    failed = {}
    done = subprocess.run(
        [*command, *wanted], env=settings, capture_output=True, text=True, check=False
    )
    if done.returncode:  # one by one, so that a package that nothing here asks for does not stop all
        for name in wanted:
            one = subprocess.run([*command, name], env=settings, capture_output=True, text=True)
            if one.returncode:
                failed[name] = one.stderr.strip()[-300:]
    return {"from_wheels": [name for name in wanted if name not in failed], "not_installed": failed}


def environment(backend: str, site: Path, cpu: bool, quick: bool) -> dict[str, str]:
    """Return the environment of a process on a backend."""
    paths = [str(site), str(ROOT), os.environ.get("PYTHONPATH", "")]
    settings = {
        "KERAS_BACKEND": backend,
        "KERAS_HOME": str(site / "keras_home"),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Backends take turns on the card; JAX would keep most of its memory.
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    }
    if cpu:
        settings |= {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    if cpu and quick:
        fast = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
        settings |= {"XLA_FLAGS": fast, "OMP_NUM_THREADS": "1"}
    return {**os.environ, **settings}


def _last_line(command: list[str], settings: dict[str, str], seconds: float) -> str:
    """Return the last line that a command prints, or raise what went wrong."""
    done = subprocess.run(
        command, env=settings, capture_output=True, text=True, timeout=seconds, check=False
    )
    if done.returncode or not done.stdout.strip():
        raise RuntimeError(done.stderr.strip()[-600:] or "it printed nothing")
    return done.stdout.strip().splitlines()[-1]


def probe(backend: str, site: Path, cpu: bool, seconds: float = 120.0) -> dict[str, Any]:
    """Return what a backend says of itself, and whether Keras and this package run on it."""
    if importlib.util.find_spec(backend) is None:
        return {"installed": False}
    found: dict[str, Any] = {"installed": True}
    for code in (PROBES[backend], IMPORT):
        try:
            settings = environment(backend, site, cpu, quick=False)
            found |= json.loads(_last_line([sys.executable, "-c", code], settings, seconds))
        except (RuntimeError, OSError, ValueError, subprocess.TimeoutExpired) as error:
            return {**found, "error": str(error)}
    return found


def card() -> dict[str, str]:
    """Return what the driver says of the first GPU."""
    fields = [
        "name",
        "driver_version",
        "memory.total",
        "clocks.max.sm",
        "clocks.max.mem",
        "power.limit",
    ]
    command = ["nvidia-smi", f"--query-gpu={','.join(fields)}", "--format=csv,noheader"]
    try:
        line = _last_line(command, dict(os.environ), 30.0)
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        return {"name": "none", "error": str(error)[-300:]}
    return dict(zip(fields, (word.strip() for word in line.split(",")), strict=False))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")), "unknown")


def describe(site: Path, wheels: Path, backends: list[str], cpu: bool) -> dict[str, Any]:
    """Return all that is known of the machine, after installing what is missing."""
    installed = install(site, wheels)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    numpy = importlib.util.find_spec("numpy") and importlib.metadata.version("numpy")
    return {
        "card": {"name": "none, by choice"} if cpu else card(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": numpy,
        **installed,
        "backends": {backend: probe(backend, site, cpu) for backend in backends},
    }

import collections
import gc
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# On JAX, reuse within a run what an earlier test has compiled already; tests' own processes too.
os.environ.setdefault(
    "JAX_COMPILATION_CACHE_DIR", str(Path(tempfile.gettempdir()) / f"keras_rgan_jax_{os.getuid()}")
)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "0")

import keras
import pytest

from keras_rgan.sequences.statistics import mixture_law, process_choice, process_statistics
from keras_rgan.training import course


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture
def cut_short(monkeypatch):
    """Code that trains runs through, and comes to nothing: two batches of one epoch, hardly judged."""
    for module, name, value in (
        (course, "JUDGED", 100),
        (process_choice, "JUDGED", 200),
        (process_statistics, "MAX_NUMBERS", 200_000),
        (mixture_law, "MAX_PIECES", 500),
    ):
        monkeypatch.setattr(module, name, value)
    keras.config.set_max_epochs(1)
    keras.config.set_max_steps_per_epoch(2)
    yield
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On JAX, which compiles each case anew, leave all but the first case of a test to `-m slow`."""
    if keras.backend.backend() != "jax":
        return
    cases = collections.Counter()
    for item in items:
        if not item.get_closest_marker("slow"):
            test = item.nodeid.partition("[")[0]
            cases[test] += 1
            if cases[test] > 1:
                item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Leave what libraries hold for good to itself: looking through it takes seconds each time."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    return f"keras {keras.__version__} on {keras.backend.backend()}"
